"""Writes refundbook/book/entry_fields.py, the types of what entries are made of, from the schema: `python
docs/make_entry_fields.py`. A test fails when the module is stale.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from refundbook.base.schema import COMMUNICATIONS, RESOLUTIONS, SHEETS, Column, Kind, Sheet

MODULE = Path(__file__).parents[1] / "refundbook" / "book" / "entry_fields.py"

BEGINNING = '''"""The types of what an entry is made of: the parameters of `Book.append_case` and its like.

Made by docs/make_entry_fields.py from the schema. Change that, not this module.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict

Text = str | int
"""A text; a whole number is taken for its digits."""
Day = str | date
"""A date, or date and time (datetime, pandas.Timestamp), or a text that says one: `2023-10-26`, `yesterday`."""
Amount = str | int | float | Decimal
"""An amount: `49.90`, `$20`, Decimal("49.90")."""
Whole = str | int
'''

NAMED = {COMMUNICATIONS["with_"].name: "With", RESOLUTIONS["status"].name: "Status", "direction": "Direction"}
GIVEN = {
    "case": ("number", "opened"),
    "communication": ("number", "date", "with_", "summary"),
    "resolution": ("number", "status"),
}
"""The parameters that stand for themselves."""


def page() -> str:
    """The module."""
    closed = [column for sheet in SHEETS for column in sheet.columns if column.choices]
    lists = [
        f"{NAMED[c.name]} = Literal[\n    {', '.join(map(_quoted, c.choices))}\n]"
        if len(c.choices) > 2
        else f"{NAMED[c.name]} = Literal[{', '.join(map(_quoted, c.choices))}]"
        for c in closed
    ]
    return "\n".join([BEGINNING, *lists, "", *map(_fields, SHEETS)])


def _quoted(word: str) -> str:
    return f'"{word}"'


def _fields(sheet: Sheet) -> str:
    columns = [column for column in sheet.columns if column.name not in GIVEN[sheet.pillar]]
    lines = [f"    {column.name}: {_type(column)} | None" for column in columns]
    return "\n".join(
        [
            "",
            f"class {sheet.pillar.capitalize()}Fields(TypedDict, total=False):",
            f'    """The columns of {sheet.name} that an entry may leave blank, by parameter name."""',
            "",
            *lines,
            "",
        ]
    )


def _type(column: Column) -> str:
    if column.choices:
        return NAMED[column.name]
    if column.is_date:
        return "Day"
    return {Kind.MONEY: "Amount", Kind.WHOLE: "Whole"}.get(column.kind, "Text")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    MODULE.write_text(page(), encoding="utf-8")
