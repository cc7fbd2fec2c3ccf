"""How the rules' messages call what stands in the workbook: values, cells, and what is to be typed in a shell."""

from __future__ import annotations

from decimal import Decimal

from refundbook.base.amounts import amount_text
from refundbook.base.cards import find_card_number
from refundbook.base.schema import Column, Kind
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.records import Log


def text_of(log: Log, position: int, name: str, currency: str = "") -> str:
    """A value as text. Of a text with a payment card's number in it only the masked number: findings are printed, mailed and kept.

    `currency` is that of an amount whose row has none.
    """
    value = log[name][position]
    column = log.sheet[name]
    if isinstance(value, Decimal) and column.kind is Kind.MONEY:
        return amount_text(value, log.currency(position) or currency)
    text = to_text(value)
    return (find_card_number(text) or text) if may_name_a_card(column) else text


def may_name_a_card(column: Column) -> bool:
    """Whether a payment card's number could stand in a column: the numbers of cases and orders are as long by nature."""
    return column.name == "payment" or (column.is_text and column.kind is not Kind.IDENTIFIER)


def shown(log: Log, position: int, name: str, currency: str = "") -> str:
    """A column's header and its value, as a message begins: `Date Opened 2024-01-02`, `Status "Refunded"`, or only the header of a blank."""
    column = log.sheet[name]
    text = text_of(log, position, name, currency)
    if not text:
        return column.header
    is_number = column.kind is Kind.IDENTIFIER and text.isprintable() and text == text.strip() and len(text) <= 60
    if isinstance(log[name][position], str) and not is_number:
        text = quoted(text)
    return f"{column.header} {text}"


def place(log: Log, position: int, name: str) -> str:
    """Where a value stands in the workbook, such as `Cases!C2`."""
    return f"{log.sheet.name}!{log.address(position, name)}"


def in_shell(text: str) -> str:
    """A text as it is typed in a shell."""
    from refundbook.system.shell import argument

    return argument(text)
