"""Writes docs/export.md, whose tables come from the schema: `python docs/make_export.py`. A test fails when the page is
stale.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from refundbook.base.schema import Sheet
from refundbook.views.arrow_tables import arrow_type
from refundbook.views.export_fields import TABLES, Field, fields

PAGE = Path(__file__).with_name("export.md")

INTRODUCTION = """\
# Export

<!-- Made by docs/make_export.py. Change that, not this page. -->

`refundbook export TARGET` writes the three logs as three tables, `cases`, `communications` and `resolutions`, of one workbook or of many
(`refundbook -b "shops/*.xlsx" export …`); from Python `book.export(target)` and `refundbook.load_all("shops/*.xlsx").export(target)`. It needs `pip install "refundbook[sql]"`.

| Target | What is made |
|---|---|
| `shops/` | a folder with `cases.parquet`, `communications.parquet`, `resolutions.parquet` |
| `shops.duckdb` | a DuckDB file |
| `shops.sqlite` | a SQLite file: amounts and dates are texts (`49.9000`, `2023-10-26`, `2023-10-28 09:30:00`), because SQLite has no decimals: its `sum` is not promised to be exact |
| `postgresql://user@host/database` | tables in the first schema of the search path |
| `shops.csv` | a folder with `cases.csv` and so on, in UTF-8; what looks like a formula has an apostrophe in front |
| `shops.jsonl` | a line a row, an object whose first key says the `table`; amounts and dates are texts |

A file or folder is made in a place of its own and takes the place of the older export in one step; whatever happens meanwhile, the older one is whole. What is
no export is left as it is. In PostgreSQL all is one transaction, and a workbook's rows take the place of its older ones: other workbooks' rows stay. A workbook with errors is left out and named, as one
that cannot be read is. A password in an address is shown in no message.

## The schema

It is the same for every workbook, whatever stands in it, also for an empty one; in Arrow, and so in Parquet:

- amounts are `decimal128(19, 4)`: every program sums them exactly. One with more decimals is rounded half to even, and named;
- dates are `date32`, moments `timestamp[us]` without a zone, as they stand in the workbook; the zone is in `time_zone` (blank: the computer's own). Midnight is no time of day: a
  moment without a time is at midnight;
- closed lists are dictionaries, all other texts `string`;
- your own columns come last, by their headers in snake_case (`Sold By` is `sold_by`; one that has a name of ours gets `_own`), each of one kind over all workbooks: `double` where it holds only
  numbers, `timestamp[us]` where only dates, else `string`. What stands beside the Table is in no table.

In Parquet each column's metadata has the `header` as it stands on the sheet. A blank is null.

DuckDB, SQLite and PostgreSQL hold the rules that SQL can hold as constraints: a case once in its workbook (RB201), an entry number once (RB202), nothing of a case that is not there (RB301),
required cells filled (RB101), amounts not negative (RB104), closed lists closed (RB105), entries above 0 (RB106), dates in their order (RB206 to RB208, RB215, RB302, RB303), a final status with a date and Pending
without (RB209, RB210), after an end nothing but Reopened (RB211), no case related to itself (RB212), and nothing in the future (RB203 to RB205, RB213, RB214): not after `as_of`, the moment at which the
workbook was checked, because a constraint cannot ask the clock. A row that comes in later says its own `as_of`. That a date is a date and an amount a number (RB102, RB103) is held by the types, in SQLite, where both are
texts, by nothing. Only the program sees what is wrong with a sheet's structure (RB0xx) and text that Excel cannot hold (RB107). Warnings refuse nothing, and so do not become constraints.
"""

_ADDED = {
    "book": "The workbook: its path from the current folder, with `/`.",
    "row": "Its row on the sheet.",
    "case_key": "The case number in the form in which numbers are compared: join the tables by `book` and this.",
    "time_zone": "The workbook's time zone, such as `Europe/Berlin`.",
    "as_of": "When the workbook was read and checked: nothing in it was in the future then. In its time zone.",
    "case_opened": "The Date Opened of its case.",
    "place": "Which one of its case's resolutions it is, from 1, in the order in which they were logged; the highest says how the case stands.",
    "follows_place": "The place of the one that it follows.",
    "follows_status": "The status of the one that it follows.",
}


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([INTRODUCTION, *(_table(name, sheet) for name, sheet in TABLES.items())])


def _table(name: str, sheet: Sheet) -> str:
    lines = [f"| `{field.name}` | {field.header} | {_type(field)} | {_help(field)} |" for field in fields(sheet)]
    return "\n".join([f"## {name}", "", "| Column | Header | Type | |", "|---|---|---|---|", *lines, ""])


def _type(field: Field) -> str:
    kind = "dictionary" if field.choices else str(arrow_type(field)).replace("[day]", "")
    return f"`{kind}`{', not null' if field.is_required else ''}"


def _help(field: Field) -> str:
    return field.column.help if field.column else _ADDED[field.name]


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    PAGE.write_text(page(), encoding="utf-8")
