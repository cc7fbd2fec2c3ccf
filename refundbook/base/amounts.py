"""Amounts of money: read as people write them where that can mean one thing, and put into words in one form.

An amount in words has a point, no separators, and the decimals of its currency (`49.90`, in JPY `1000`), so that it is
read back as the same amount everywhere. CSV and the pages for people have the same form; in JSON an amount is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Integral

from refundbook.base.currencies import MOST_DECIMALS, USUAL_DECIMALS, currencies_of, decimals_of, is_code
from refundbook.base.errors import BadValue
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import in_plain_digits, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


MAX_DIGITS = 15
"""The digits that Excel keeps of a number."""


class Around(NamedTuple):
    """What is known of an amount's currency besides what stands in it: the one given with it, its case's, and those
    that the workbook lists.
    """

    given: str = ""
    of_case: str = ""
    listed: Sequence[str] = ()


class Amount(NamedTuple):
    """An amount as it was read. `mark` is the sign or code beside it, `currency` what that means; `unsure` says why it
    does not tell.
    """

    figure: Decimal
    mark: str = ""
    currency: str = ""
    unsure: str = ""


def decimals_in(amount: Decimal) -> int:
    """How many decimals an amount has, without zeros at its end."""
    return len(f"{amount:f}".partition(".")[2].rstrip("0"))


def has_too_many_decimals(amount: Decimal, currency: str) -> bool:
    """Whether an amount has more decimals than its currency, or, where there is none (`""`), than any."""
    most = _most_decimals(currency)
    return most is not None and decimals_in(amount) > most


def _most_decimals(currency: str) -> int | None:
    return decimals_of(currency) if currency else MOST_DECIMALS


def amount_text(amount: Decimal, currency: str = "") -> str:
    """An amount as it is shown everywhere: with its currency's decimals (two where that is not known), and never
    rounded.
    """
    if not amount.is_finite():
        return str(amount)
    usual = decimals_of(currency)
    return f"{amount:.{max(USUAL_DECIMALS if usual is None else usual, decimals_in(amount))}f}"


def money_text(amounts: Mapping[str, Decimal]) -> str:
    """Amounts by currency, such as `49.90 USD, 20.00 EUR`; they are never added up."""
    return ", ".join(f"{amount_text(amount, currency)} {currency}".strip() for currency, amount in amounts.items())


NOTHING = Around()


def read_number(header: str, value: object) -> float:
    """A number of any kind, as a cell holds it: a text may have a minus, separators and decimals as an amount has, and
    a percent sign.

    Raises BadValue, whose message begins with `header`, where it is none, can mean two, or has more digits than Excel
    keeps.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, Integral)):
        _refuse_number(header, value)
    text = _plain(value) if isinstance(value, str) else f"{Decimal(str(value)):f}"
    parts = re.fullmatch(_NUMBER, text)
    by_mark = {m: found for m in ".," if parts and (found := _reading(parts["number"].strip(), m)) is not None}
    if parts is None or not by_mark or len(text) > _LONGEST:
        _refuse_number(header, value)
    figures = sorted({Decimal(found) for found in by_mark.values()}, reverse=True)
    if len(figures) > 1:
        raise BadValue(
            f"{header} {quoted(value)} can mean {figures[0]:f} or {figures[1]:f}: write it without a separator between "
            "thousands, and with a point before decimals."
        )
    figure = _checked(header, value, next(iter(by_mark.values())))
    return float(figure.scaleb(-2 if parts["percent"] else 0)) * (-1 if parts["minus"] else 1)


def read_amount(header: str, value: object, around: Around = NOTHING, *, decimal: str = "") -> Amount:
    """The amount that a text or a number means. `decimal` is the decimal mark where it is known, `.` or `,`.

    Text may have a currency's sign or code beside the figure, blanks, points, commas or apostrophes between thousands,
    and a point or a comma before the decimals. Raises BadValue, whose message begins with `header`, where it is no
    amount, can mean two, is negative, contradicts its currency, or has more decimals than that.
    """
    if isinstance(value, str):
        return _from_text(header, value, around, decimal)
    figure = _from_number(header, value)
    currency = around.given or around.of_case
    _refuse_decimals(header, value, figure, currency)
    return Amount(figure)


# Numbers

_TRUTH: tuple[type, ...] = (bool,)


def _from_number(header: str, value: object) -> Decimal:
    if isinstance(value, float):
        value = Decimal(repr(float(value)))  # its shortest text, 49.9, rather than 49.89999999999999857891
    if isinstance(value, Integral) and not isinstance(value, _TRUTH):
        try:
            value = Decimal(str(value))
        except ValueError:  # an int of more than 4,300 digits
            _refuse(header, value)
    if not isinstance(value, Decimal) or not value.is_finite():
        _refuse(header, value)
    if abs(value.adjusted()) > MAX_DIGITS:
        _refuse_digits(header, value)
    if value.is_signed():
        _refuse_negative(header, value)
    return _checked(header, value, f"{value:f}")


def _checked(header: str, value: object, plain: str) -> Decimal:
    """The amount whose digits, with a point, are `plain`."""
    whole, _, decimals = plain.partition(".")
    if len(whole.lstrip("0") + decimals) > MAX_DIGITS:
        _refuse_digits(header, value)
    return Decimal(plain)


# Text

_SIMPLE = r"[0-9]+(?:\.[0-9]{1,2})?"
"""Most amounts, which are to be read fast."""

_LONGEST = 100
_DIGIT_OR_MARK = r"(?:[0-9]|(?<![A-Za-z])[.,](?=[0-9]))"
_PARTS = rf"(?P<before>(?:(?!{_DIGIT_OR_MARK}).)*)(?P<number>{_DIGIT_OR_MARK}[0-9.,' ]*)(?P<after>[^0-9]*)"
_NUMBER = r"(?P<minus>[-\u2212]?)\+?\s*(?P<number>[0-9.,][0-9.,' ]*)(?P<percent>%?)"
_NO_CENTS = r"(?<=[0-9])([.,])[-\u2013\u2014]{1,2}(?![0-9])"  # 49,- and 49.–: what stands before it is whole
_MINUS = "[-\u2212\u2013]"
_BESIDE_SIGN = r"[-+()\u2212\u2013\s]"
_SAME = {"\u066b": ",", "\u066c": "'", "\u2019": "'", "\u02bc": "'"}
"""The Arabic decimal and thousands separators, and apostrophes, by what they are read as. (A comma before decimals that
end the figure.)
"""


def _from_text(header: str, text: str, around: Around, decimal: str) -> Amount:
    if re.fullmatch(_SIMPLE, text):
        figure = _checked(header, text, text)
        _refuse_decimals(header, text, figure, around.given or around.of_case)
        return Amount(figure)
    if len(text) > _LONGEST:
        _refuse(header, text)
    plain = _plain(text)
    parts = re.fullmatch(_PARTS, re.sub(_NO_CENTS, r"\1", plain))
    if parts is None:
        _refuse(header, text)
    before, number, after = parts["before"], parts["number"].strip(), parts["after"]
    by_mark = {mark: found for mark in decimal or ".," if (found := _reading(number, mark)) is not None}
    if not by_mark or (
        before.endswith(".") and is_code(before.strip("."))
    ):  # USD.50 may be half a dollar, Rs.50 is not
        _refuse(header, text)
    marks = [mark for part in (before, after) if (mark := re.sub(_BESIDE_SIGN, "", part).removesuffix("."))]
    meant = _meant(header, text, marks, around)
    if re.search(_MINUS, before + after) or ("(" in before and ")" in after):
        _refuse_negative(header, text)
    currency = around.given or _only(meant, around)
    figure = _figure(header, text, by_mark, currency or ("" if meant else around.of_case))
    unsure = _why_unsure(marks, meant, around) if meant and not currency else ""
    return Amount(figure, " ".join(marks), currency if meant else "", unsure)


def _plain(text: str) -> str:
    """`text` with plain digits, blanks and signs, whatever script they are of."""
    return "".join(_SAME.get(character, character) for character in in_plain_digits(text)).strip()


def _reading(number: str, mark: str) -> str | None:
    """The digits of a figure, with a point, where `mark` stands before its decimals, and one kind of sign, if any,
    between its thousands.
    """
    whole, found, decimals = number.rpartition(mark)
    if not found:
        whole, decimals = number, ""
    if not re.fullmatch("[0-9]*", decimals) or not (whole or decimals) or mark in whole:
        return None
    if (whole.isascii() and whole.isdigit()) or not whole:
        digits = whole
    else:
        between = "[,' ]" if mark == "." else "[.' ]"
        grouped = re.fullmatch(rf"[1-9][0-9]{{0,2}}({between})[0-9]{{3}}(?:\1[0-9]{{3}})*", whole)
        indian = mark == "." and re.fullmatch(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}", whole)
        if not grouped and not indian:
            return None
        digits = re.sub("[^0-9]", "", whole)
    return f"{digits or '0'}.{decimals}" if decimals else digits


def _figure(header: str, text: str, by_mark: Mapping[str, str], currency: str) -> Decimal:
    """The one figure that a text means in a currency (`""`: in any)."""
    figures = list(dict.fromkeys(Decimal(found) for found in by_mark.values()))
    if len(figures) > 1:
        # The point is what everything here writes before decimals, so it is meant where the currency has that many.
        point = by_mark["."]
        if not 0 < len(point.partition(".")[2]) <= (decimals_of(currency) or 0):
            _refuse_two(header, text, sorted(figures, reverse=True), currency)
        return _checked(header, text, point)
    figure = _checked(header, text, next(iter(by_mark.values())))
    _refuse_decimals(header, text, figure, currency)
    return figure


# The currency beside the figure


def _meant(header: str, text: str, marks: Sequence[str], around: Around) -> Sequence[str]:
    """The currencies that what stands beside a figure can mean; none where nothing does."""
    meant: list[str] = []
    for mark in marks:
        own = {around.given, around.of_case, *around.listed}
        known = currencies_of(mark) or [code for code in (mark.upper(),) if code in own]
        if not known:
            raise BadValue(
                f"{header} {quoted(text)} is not an amount: {quoted(mark)} is no currency that is known. "
                "Write the figure alone."
            )
        both = [code for code in known if not meant or code in meant]
        if not both:
            raise BadValue(f"{header} {quoted(text)} names two currencies: write the figure and one of them.")
        meant = both
    if meant and around.given and around.given not in meant:
        raise BadValue(
            f"{header} {quoted(text)} is marked {quoted(' '.join(marks))}, and Currency says {around.given}: "
            "correct the one or the other."
        )
    return meant


def _only(meant: Iterable[str], around: Around) -> str:
    """The one currency of those that a sign can mean: its only one, the case's, or the only one that the workbook
    lists; `""` if it is none of these.
    """
    found = set(meant)
    if around.of_case in found:
        return around.of_case
    candidates = found if len(found) == 1 else found & set(around.listed)
    return candidates.pop() if len(candidates) == 1 else ""


def _why_unsure(marks: Sequence[str], meant: Sequence[str], around: Around) -> str:
    several = ", ".join([code for code in around.listed if code in meant] or [*meant[:3], "…"][: len(meant)])
    return f"Currency is blank: {quoted(' '.join(marks))} beside the amount can mean {several}."


# Refusals: a figure is proposed only where it is one that was typed


def _refuse(header: str, value: object) -> NoReturn:
    raise BadValue(
        f"{header} {quoted(value)} is not an amount: write its digits, with a point before decimals, "
        "and at most a currency beside them."
    )


def _refuse_number(header: str, value: object) -> NoReturn:
    raise BadValue(f"{header} {quoted(value)} is not a number: write its digits, with a point before decimals.")


def _refuse_negative(header: str, value: object) -> NoReturn:
    raise BadValue(f"{header} {quoted(value)} is negative: amounts count up from 0, write it without the minus.")


def _refuse_digits(header: str, value: object) -> NoReturn:
    raise BadValue(f"{header} {quoted(value)} has more than the {MAX_DIGITS} digits that Excel keeps: round it.")


def _refuse_decimals(header: str, value: object, figure: Decimal, currency: str) -> None:
    if has_too_many_decimals(figure, currency):
        raise BadValue(
            f"{header} {quoted(value)} has {said_decimals(figure)}, and {allowed_decimals(currency)}: "
            "compare it with the statement, and write it with no more."
        )


def said_decimals(amount: Decimal) -> str:
    """How many decimals an amount has, in words."""
    count = decimals_in(amount)
    return f"{count} decimal" if count == 1 else f"{count} decimals"


def allowed_decimals(currency: str) -> str:
    """A clause on how many decimals an amount of a currency (`""`: of any) has: `an amount in EUR has at most 2
    decimals`.
    """
    if not currency:
        return f"no currency has more than {MOST_DECIMALS} decimals"
    most = decimals_of(currency)
    return f"an amount in {currency} has {f'at most {most}' if most else 'no'} decimals"


def _refuse_two(header: str, text: str, figures: Sequence[Decimal], currency: str) -> NoReturn:
    large, small = figures
    most = decimals_of(currency)
    meanings = f"{header} {quoted(text)} can mean {amount_text(large, currency)} or {amount_text(small, currency)}"
    if most is None:
        raise BadValue(
            f"{meanings}: write {amount_text(large)}, or {small:f} with a currency that has so many decimals."
        )
    if decimals_in(small) <= most:
        raise BadValue(f"{meanings}: write the one or the other, without a separator between thousands.")
    cut = f"{str(small).partition('.')[0]}{'.' if most else ''}{str(small).partition('.')[2][:most]}"
    raise BadValue(
        f"{meanings}, and {allowed_decimals(currency)}: write {amount_text(large, currency)} for the one, "
        f"{cut} for the other."
    )
