"""The rules on the workbook's structure: its sheets and their headers. What they find stops all other rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from refundbook.base.a1 import column_letters
from refundbook.base.findings import Finding
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SHEETS, Sheet
from refundbook.record.rules.declare import RULES, Scope, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


if TYPE_CHECKING:

    class HeaderRow(Protocol):
        """A sheet's header cells: `headers[i]` stands in sheet column `first_column + i` of the row `header_row`."""

        @property
        def header_row(self) -> int: ...
        @property
        def first_column(self) -> int: ...
        @property
        def headers(self) -> tuple[str, ...]: ...


class Flaw(NamedTuple):
    """What a rule on structure yields: a `Finding` but for its code. `cell` is `""` where a whole sheet is meant."""

    sheet: str
    cell: str
    value: str
    message: str
    hint: str


def check_structure(sheet_names: Sequence[str], grids: Mapping[str, HeaderRow]) -> list[Finding]:
    """What is wrong with the workbook's structure: `sheet_names` are all its sheets, `grids` the pillar sheets that were found, by name."""
    return [
        Finding(rule.code, rule.severity, *flaw)
        for rule in RULES.values()
        if rule.scope is Scope.STRUCTURE
        for flaw in rule.find(sheet_names, grids)
    ]


@error("RB001", scope=Scope.STRUCTURE)
def missing_sheet(sheet_names: Sequence[str], grids: Mapping[str, HeaderRow]) -> Iterator[Flaw]:
    """A sheet is missing.

    Cases, Communications and Resolutions hold the records, and refundbook finds each by its sheet's name. A sheet that
    was renamed is named back by a double click on its tab. One that was deleted comes back from a copy of the workbook,
    or from a new one that `refundbook init` makes.

        RB001 Resolutions: sheet Resolutions=Results
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    others = [name for name in sheet_names if name not in grids]
    for sheet in SHEETS:
        if sheet.name in grids:
            continue
        near = _nearest(sheet.name, others)
        found = f'the nearest name found is "{near}"' if near else f"found: {', '.join(sheet_names) or 'none'}"
        hint = f'If "{near}" is that sheet, rename it' if near else "Name the sheet with these rows"
        message = f"The sheet {sheet.name} is missing ({found})."
        yield Flaw(sheet.name, "", near, message, f"{hint} to {sheet.name}.")


@error("RB002", scope=Scope.STRUCTURE)
def missing_column(sheet_names: Sequence[str], grids: Mapping[str, HeaderRow]) -> Iterator[Flaw]:
    """A column is missing.

    Columns may stand in any order, among any columns of your own, but each keeps its header as the template has it:
    that is how it is found. Correct the header's spelling, or, where the column was deleted, insert one and give it the
    header. It may stay empty unless it is a required one. Columns that are newer than a workbook may be missing from it;
    what an entry has for one of them is refused until `refundbook upgrade` adds it.

        RB002 Cases!C1: cell Cases!C1="Opened on" ; case number=GTB-123456 opened=2023-12-31
        RB002 Communications!B1: cell Communications!B1="Case number"
        RB002 Cases!C1: cell Cases!C1="#"
        RB002 Cases!C1: cell Cases!C1=""
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for sheet, grid in _found(grids):
        own = [header for header in grid.headers if header and header not in _headers(sheet)]
        missing = [c.header for c in sheet.columns if not c.optional and c.header not in grid.headers]
        # Each header found stands for one column: one that is alike for the first that it is like, one in the place of
        # a column for what is left.
        found = {header: near for header in missing if (near := _take(_nearest(header, own), own))}
        blank = [at for at, header in enumerate(grid.headers) if not header]
        for header in missing:
            near, at = found.get(header, ""), _place(sheet, grid, header)
            what = f'the nearest header found is "{near}"'
            if not near and at is not None and (near := _take(grid.headers[at], own)):
                what = f'"{near}" stands in its place'
            if not near and at in blank:
                blank.remove(at)
                message = f"The column {header} is missing (what stands in its place has no header)."
                yield _at_header(sheet, grid, at, "", message, f"If that is its column, type {header} there.")
                continue
            message = f"The column {header} is missing" + (f" ({what})." if near else ".")
            hint = f'If "{near}" is that column, correct its header' if near else "Insert a column and set its header"
            yield _at_header(
                sheet, grid, grid.headers.index(near) if near else 0, near, message, f"{hint} to {header}."
            )


def _take(header: str, own: list[str]) -> str:
    """A header that is among those not taken yet, which it is from now on; `""` for any other."""
    if header not in own:
        return ""
    own.remove(header)
    return header


def _place(sheet: Sheet, grid: HeaderRow, header: str) -> int | None:
    """Where a missing column would stand, if no other of ours does: beside the one that stands beside it in the
    template, or where the template has it.
    """
    ours = _headers(sheet)
    at = ours.index(header)
    places = [at]
    if at + 1 < len(ours) and ours[at + 1] in grid.headers:
        places.insert(0, grid.headers.index(ours[at + 1]) - 1)
    if at and ours[at - 1] in grid.headers:
        places.insert(0, grid.headers.index(ours[at - 1]) + 1)
    return next((k for k in places if 0 <= k < len(grid.headers) and grid.headers[k] not in ours), None)


@error("RB003", scope=Scope.STRUCTURE)
def header_twice(sheet_names: Sequence[str], grids: Mapping[str, HeaderRow]) -> Iterator[Flaw]:
    """A header stands twice.

    Of two columns with the same header it cannot be known which one counts, so neither is used. Rename the one that is
    yours, or delete it after moving what it holds.

        RB003 Cases!P1: without table Cases ; cell Cases!P1="Order Number"
        Okay: without table Cases ; cell Cases!P1="Order Number (old)"
    """
    for sheet, grid in _found(grids):
        for i, header in enumerate(grid.headers):
            first = grid.headers.index(header)
            if header and first < i:
                message = f'The header "{header}" stands twice: also in {_address(grid, first)}.'
                hint = "Rename the one that is yours, or delete it after moving what it holds."
                yield _at_header(sheet, grid, i, header, message, hint)


def _found(grids: Mapping[str, HeaderRow]) -> Iterator[tuple[Sheet, HeaderRow]]:
    return ((sheet, grids[sheet.name]) for sheet in SHEETS if sheet.name in grids)


def _headers(sheet: Sheet) -> list[str]:
    return [column.header for column in sheet.columns]


def _at_header(sheet: Sheet, grid: HeaderRow, at: int, value: str, message: str, hint: str) -> Flaw:
    return Flaw(sheet.name, _address(grid, at), value, message, hint)


def _address(grid: HeaderRow, at: int) -> str:
    return f"{column_letters(grid.first_column + at)}{grid.header_row}"


def _nearest(name: str, found: Iterable[str]) -> str:
    """The name in `found` most like `name`, upper and lower case and outer blanks aside; `""` when none is like it."""
    from difflib import get_close_matches

    folded = {text.strip().casefold(): text for text in found}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else ""
