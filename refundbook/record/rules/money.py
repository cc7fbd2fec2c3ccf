"""Warnings about amounts and their currencies: what older versions let in, and what people type into cells."""

from __future__ import annotations

from decimal import Decimal

from refundbook.base.amounts import allowed_decimals, has_too_many_decimals, said_decimals
from refundbook.base.currencies import is_code
from refundbook.base.schema import Kind
from refundbook.record.rules.declare import Hit, Scope, warning
from refundbook.record.rules.scan import Cell, each_cell, of_kind
from refundbook.record.rules.wording import shown


def _has_decimals(value: object) -> bool:
    """Whether an amount has decimals, of which some currency has too few."""
    return isinstance(value, Decimal) and value.is_finite() and value != value.to_integral_value()


@warning("RB161", scope=Scope.CASE)
@each_cell(of_kind(Kind.MONEY), suspect=_has_decimals)
def more_decimals_than_the_currency(cell: Cell) -> Hit | None:
    """An amount has more decimals than its currency.

    ISO 4217 says how many decimals a currency has: most have two, the yen and some others none, the Kuwaiti dinar and some
    others three. An amount with more is a slip: `1.234` is how one thousand two hundred and thirty-four is written in half
    of Europe, and a figure with many decimals comes of a formula. Compare it with the statement. A refund without a
    currency is in its case's. (An entry with such an amount is refused.)

        RB161 Cases!J2: case number=GTB-123456 opened=2023-12-31 amount=1.234 currency=EUR
        RB161 Resolutions!D2: case number=GTB-123456 opened=2023-12-31 currency=JPY ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 amount=12.5 method=Card
        RB161 Cases!J2: case number=GTB-123456 opened=2023-12-31 amount=0.12345
        Okay: case number=GTB-123456 opened=2023-12-31 amount=1.234 currency=KWD
        Okay: case number=GTB-123456 opened=2023-12-31 amount=1000 currency=JPY
    """
    amount, currency = cell.value, cell.records.currency(cell.log, cell.position)
    if not isinstance(amount, Decimal) or not has_too_many_decimals(amount, currency):
        return None
    amount_shown = shown(cell.log, *cell.at, currency)
    message = f"{amount_shown} has {said_decimals(amount)}, and {allowed_decimals(currency)}."
    return cell.hit(message, "Compare it with the statement, and correct it.")


def _is_no_code(value: object) -> bool:
    # The formulas take plain blanks away.
    return value is not None and not (isinstance(value, str) and is_code(value.strip(" ")))


@warning("RB162", scope=Scope.CELL)
@each_cell(lambda column: column.name == "currency", suspect=_is_no_code)
def uncertain_currency(cell: Cell) -> Hit:
    """It is not certain which currency is meant.

    A currency is three letters, such as USD (ISO 4217), with nothing around them: the formulas of the Insights sheet count
    an amount where they find just these. Full-width letters and blanks that cannot be seen come of copying; they are
    read as what they mean, and should be typed again. The same is said of an entry whose amount has a sign that
    several currencies have, such as `$20`, while Currency is blank.

        RB162 Cases!K2: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=US$
        RB162 Cases!K2: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=ＵＳＤ
        Okay: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=usd
    """
    code = cell.log.currency(cell.position)
    if is_code(code):
        return cell.hit(f"{cell} is read as {code}, and formulas do not read it so.", f"Type {code}.")
    return cell.hit(f"{cell} is no currency code.", "Type its three letters, such as USD.")
