"""What the cells of somebody else's column look like: dates, amounts, numbers, currencies, words of a status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from refundbook.base.amounts import read_amount
from refundbook.base.currencies import CODES
from refundbook.base.errors import BadValue
from refundbook.base.schema import Kind
from refundbook.base.values import to_text
from refundbook.importing.column_map import STATUS, Target
from refundbook.importing.status_words import known_share
from refundbook.importing.written_forms import in_english

_MOST = 0.8
"""The share of a column's cells that must be of a kind, where a few may be spoiled."""
_HANDFUL = 4
_LOOKED_AT = 2_000
_DATE = re.compile(
    r"(?i)\s*(?:\w{3,9},?\s+)?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|"
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    r"\d{1,2}(?:st|nd|rd|th)?[-/\s]+[a-z]{3,9}\.?,?[-/\s]+\d{2,4}|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})"
    r"(?:[T\s,]+(?:at\s+)?\d{1,2}:\d{2}.*)?\s*"
)
_SERIALS = range(36_526, 73_051)
"""Days from 2000 to 2100, as Excel counts them."""
_IDENTIFIER = re.compile(r"(?=[^\d]*\d)[^\s@,;]{2,60}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://\S+|www\.\S+")
_NOTHING = re.compile(
    r"(?i)\s*(?:n\s?/\s?a|none|null|nil|nan|tbd|not (?:applicable|available|set)|[-\u2013\u2014]+|\?+)\s*"
)
_OF_FIGURES = {"notes"}
"""Texts of ours in which figures alone may stand."""
_SEPARATORS = (" / ", " | ", "\n", ";", "|", ", ", " - ", "/", ",")


@dataclass(frozen=True)
class Cells:
    """The cells of a column that hold something."""

    filled: Sequence[object]

    @classmethod
    def of(cls, values: Sequence[object]) -> Cells:
        return cls([value for value in values if to_text(value).strip() and not says_nothing(value)][:_LOOKED_AT])

    @cached_property
    def texts(self) -> Sequence[str]:
        return [" ".join(to_text(value).split()) for value in self.filled]

    def __bool__(self) -> bool:
        return bool(self.filled)

    @cached_property
    def are_dates(self) -> bool:
        return self._all_but_few(map(is_date, self.filled))

    @cached_property
    def are_written_dates(self) -> bool:
        """Whether they are dates that no number of eight figures can be."""
        return self.are_dates and not self._most(bool(re.fullmatch(r"\d{8}", text)) for text in self.texts)

    @cached_property
    def are_serials(self) -> bool:
        """Whether all are whole numbers that Excel counts days by."""
        return bool(self.filled) and all(isinstance(v, (int, float)) and int(v) in _SERIALS for v in self.filled)

    @cached_property
    def are_amounts(self) -> bool:
        return self._all_but_few(map(_is_amount, self.filled))

    @cached_property
    def name_currencies(self) -> bool:
        """Whether each is an amount with a currency beside it."""
        return bool(self.filled) and all(_is_amount(v) and re.search(r"[^\d\s.,'()+-]", t) for v, t in self._both)

    @cached_property
    def are_currencies(self) -> bool:
        return self._most(text.upper() in CODES for text in self.texts)

    @cached_property
    def are_identifiers(self) -> bool:
        return self._most(
            bool(_IDENTIFIER.fullmatch(t)) and not is_date(v) and not _is_priced(t) for v, t in self._both
        )

    @cached_property
    def are_unique(self) -> bool:
        return len(set(self.texts)) == len(self.texts)

    @cached_property
    def are_addresses(self) -> bool:
        return self._most(bool(_ADDRESS.fullmatch(text)) for text in self.texts)

    @cached_property
    def are_few_words(self) -> bool:
        """Whether all are short, without figures, so that they can be words of a list."""
        return self._most(len(text) <= 40 and not re.search(r"\d{3}", text) for text in self.texts)

    @property
    def status_share(self) -> float:
        return known_share(dict.fromkeys(self.texts))

    @property
    def _both(self) -> Sequence[tuple[object, str]]:
        return list(zip(self.filled, self.texts, strict=True))

    def _all_but_few(self, fits: Iterable[bool]) -> bool:
        """Whether most are, or, of a handful, all but one: the one that is spoiled is to be listed."""
        found = list(fits)
        return sum(found) >= max(1, len(found) - 1) if len(found) <= _HANDFUL else self._most(found)

    def _most(self, fits: Iterable[bool]) -> bool:
        found = list(fits)
        return bool(found) and sum(found) >= _MOST * len(found)


def says_nothing(value: object) -> bool:
    """Whether a cell says that there is nothing to say, as `N/A` and `-` do."""
    return isinstance(value, str) and _NOTHING.fullmatch(value) is not None


def is_date(value: object) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(in_english(value)) is not None)


def _is_amount(value: object) -> bool:
    if isinstance(value, (int, float)):
        return True
    text = to_text(value)
    if not re.search(r"\d", text) or _DATE.fullmatch(text):
        return False
    try:
        read_amount("", text, decimal="")
    except BadValue:
        return re.fullmatch(r"[^\d]{0,5}\d{1,3}[.,]\d{3}[^\d]{0,5}", text) is not None
    return True


def _is_priced(text: str) -> bool:
    return re.fullmatch(r"\d+[.,]\d{1,2}", text) is not None


def fit(target: Target, cells: Cells) -> bool:
    """Whether the cells of a column can stand in a place. A column without any can stand everywhere."""
    if not cells:
        return True
    column = target.column
    if column.is_date:
        return cells.are_dates or cells.are_serials
    if column.kind is Kind.MONEY:
        return cells.are_amounts and not cells.are_serials
    if target.name == "currency":
        return cells.are_currencies
    if target == STATUS:
        return cells.are_few_words and not cells.are_dates and not cells.are_amounts
    if target.name == "number" or column.kind is Kind.IDENTIFIER:
        return not cells.are_addresses and all(len(text) <= 80 for text in cells.texts) and not cells.are_written_dates
    return not cells.are_dates and not (cells.are_amounts and target.name not in _OF_FIGURES)


def split(text: str, count: int) -> tuple[str, ...] | None:
    """A text in so many pieces, by the one sign between them that makes so many; None where it has not so many."""
    for sign in _SEPARATORS:
        pieces = tuple(piece.strip() for piece in text.split(sign))
        if len(pieces) > 1:
            return pieces if len(pieces) == count and all(pieces) else None
    return None
