"""Payment card numbers in free text, by their length and check digit (ISO/IEC 7812-1)."""

from __future__ import annotations

import re

_MAYBE_CARD = r"[0-9](?:[ \u00a0-]?[0-9]){12}"


_DIGIT_GROUPS = r"(?<!\w)(?<![0-9][.,])[0-9]+(?:[ \u00a0-][0-9]+)*(?!\w|\.[0-9])"


# First digits and lengths as the networks publish them (ISO/IEC 7812): Visa; Mastercard; American Express; Discover;
# JCB; Diners Club; UnionPay.
_CARD = (
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|3(?:0[0-5]\d|095|[689]\d\d)\d{10,15}"
    r"|62\d{14,17}"
)


def may_hold_card_number(text: str) -> bool:
    """Whether enough digits for a payment card number stand together in `text`: quick to say no, also to many lines at
    once.
    """
    return re.search(_MAYBE_CARD, text) is not None


def find_card_number(text: str) -> str | None:
    """The first 6 and last 4 digits of what looks like a full payment card number in `text`, the others as `*`; None
    where there is none.

    Such a number has 13 to 19 digits, singly separated by spaces or dashes if at all, a network's first digits and
    length, and the right check digit (Luhn; ISO/IEC 7812-1, annex B). It begins and ends where groups of digits do, so
    that no part of a longer number is taken for one.
    """
    if not may_hold_card_number(text):
        return None
    for run in re.finditer(_DIGIT_GROUPS, text):
        groups: list[str] = re.findall("[0-9]+", run[0])
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > 19:
                    break
                if re.fullmatch(_CARD, digits) and _passes_luhn(digits):
                    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
    return None


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(int(d) for d in digits[-1::-2]) + sum(doubled)) % 10 == 0
