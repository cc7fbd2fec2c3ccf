"""`python -m tests.support.wider WORKBOOK NUMBER`: a whole round with a schema that has an optional column more on
every sheet, in the middle of each.

As a later version may have it: the column is the schema's before any other module reads it, so that all that is derived
from the schema has it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from refundbook.base import schema

NAME, HEADER = "shelf", "Shelf"


def widen() -> None:
    """Give every sheet the column, as its third."""
    column = schema.Column(NAME, HEADER, schema.Kind.DATE, "A day of the test's own.", 12, optional=True)
    for sheet in schema.SHEETS:
        wider = schema.Sheet(sheet.name, sheet.pillar, sheet.help, (*sheet.columns[:2], column, *sheet.columns[2:]))
        sheet.__dict__.update(wider.__dict__)


if __name__ == "__main__":
    widen()
    from tests.support.rounds import whole_round

    whole_round(Path(sys.argv[1]), sys.argv[2], dict.fromkeys((sheet.name for sheet in schema.SHEETS), HEADER))
