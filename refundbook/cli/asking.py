"""Questions at a terminal: each answer is read at once, and a bad one is asked again with its reason; what was answered
before stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import click

from refundbook.base.clock import Clock
from refundbook.base.errors import BadValue, RefundbookError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.relaxed_dates import in_full, relaxed_date
from refundbook.base.schema import Column, Kind
from refundbook.base.settings import Settings
from refundbook.base.text import one_line
from refundbook.base.values import reader, to_text
from refundbook.cli.common import complain, today, width
from refundbook.render.text import wrapped

Check = Callable[[str], str]
"""Gives an answer as it is taken. Raises RefundbookError where it is not."""

_DATES = "as 2023-10-26, Oct 26, friday, today or 3 days ago"
_FORMS = {
    Kind.DATE: _DATES,
    Kind.MOMENT: f"{_DATES}, with a time as 2023-10-26 14:30 or 14:30",
    Kind.MONEY: "as 49.90 or 49,90 EUR",
    Kind.NUMBER: "as 12 or 0.5",
}
_SPANS = "as 48 hrs, 3 days, friday or 2023-10-26"


class Asker(NamedTuple):
    """Asks, and reads as a workbook with this clock and these settings does."""

    clock: Clock
    settings: Settings

    @classmethod
    def of(cls, book: Path) -> Asker:
        """For the workbook at a path, as far as it can be read."""
        from refundbook.book import load

        settings = Settings()
        with suppress(RefundbookError):  # what is wrong is said where the entry is made
            settings = load(book, strict=False, today=today()).settings
        return cls(Clock.for_settings(settings, today()), settings)

    def value(self, column: Column, *, default: str = "", start: date | None = None, is_optional: bool = False) -> str:
        """An answer for a column, as an option would have it; `""` where an optional one is left blank."""

        def check(said: str) -> str:
            return self._read(column, said, start)

        return self.text(
            column.header,
            check,
            default=default,
            is_optional=is_optional,
            forms=_forms(column),
            choices=self.listed(column),
        )

    def listed(self, column: Column) -> Sequence[str]:
        """What a column may hold, or what the workbook proposes for it."""
        if column.choices or not column.suggestions:
            return column.choices
        if column.suggestions == "Issuers":
            return [issuer.name for issuer in self.settings.issuers]
        return self.settings.lists[column.suggestions]

    def text(
        self,
        label: str,
        check: Check,
        *,
        default: str = "",
        is_optional: bool = False,
        forms: str = "",
        choices: Sequence[str] = (),
    ) -> str:
        """An answer that passes the `check`. Of `choices` one may be named by its number."""
        hint = "  ".join(f"{n} {one_line(choice)}" for n, choice in enumerate(choices, 1)) or (
            f"({forms})" if forms else ""
        )
        for line in wrapped(hint, width() - 2) if hint else ():
            click.echo(f"  {line}", err=True)
        shown = f" [{one_line(default)}]" if default else " (Enter to leave it blank)" if is_optional else ""
        while True:
            said: str = click.prompt(f"{label}{shown}", default=default, show_default=False, err=True)
            said = said.strip()
            if choices and said.isdecimal() and 1 <= int(said) <= len(choices):
                said = choices[int(said) - 1]
            if not said and is_optional:
                return ""
            try:
                if not said:
                    raise BadValue(f"{label} cannot be blank.")
                return check(said)
            except (_AskAgain, RefundbookError) as error:
                if str(error):
                    complain(str(error))

    def _read(self, column: Column, said: str, start: date | None) -> str:
        try:
            reader(column, self.clock)(said, start)
        except BadValue:
            meant = self._meant(column, said)
            if meant is None:
                raise
            if not click.confirm(f"  {in_full(meant)}?", default=True, err=True):
                raise _AskAgain from None
            return to_text(meant)
        return said

    def _meant(self, column: Column, said: str) -> date | None:
        """What is said of a date in a way that is to be confirmed."""
        if not column.is_date:
            return None
        is_due = column.name in ("due", "respond_by")
        return relaxed_date(said, self.clock, is_due=is_due, with_time=column.kind is Kind.MOMENT)


class _AskAgain(Exception):
    """The answer was not what was meant."""


def _forms(column: Column) -> str:
    return _SPANS if column.counts_from else _FORMS.get(column.kind, "")


def moment_of(answers: Mapping[str, str], column: Column, others: Sequence[Column], asker: Asker) -> date | None:
    """What spans of a column count from, as it was answered."""
    start = next((other for other in others if other.name == column.counts_from), None)
    said = answers.get(column.counts_from, "")
    found = reader(start, asker.clock)(said, None) if start is not None and said else None
    return found if isinstance(found, date) else None
