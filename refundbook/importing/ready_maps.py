"""The maps that come with the package, for reports that payment processors hand out. Which one is meant by the name of
a processor is told by the headers of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from refundbook.base.errors import UsageError
from refundbook.base.schema import CASES
from refundbook.importing.column_map import ImportMap, Target, folded
from refundbook.importing.guess_map import guess
from refundbook.importing.map_file import parse
from refundbook.importing.open_table import fitted, open_unmapped
from refundbook.importing.source_table import SourceTable

_FOLDER = Path(__file__).parent / "maps"
NAMES = ("paypal", "stripe")
_MINOR_UNITS = frozenset(("transaction debit or credit", "fee debit or credit"))
"""Headers of PayPal's Dispute Detail Custom report, whose amounts have no decimals ("100 yen and $1.00 USD are both
represented as 100", developer.paypal.com/reports/dispute-detail-custom).
"""
_ROW_TYPE, _BODY = "CH", "SB"
"""What stands before the headers and before each row of a report that comes over SFTP."""


def open_ready(data: bytes, source: str, name: str, sheet: str | None = None) -> tuple[SourceTable, ImportMap]:
    """The table in a processor's report, and the map for it. Raises UsageError where it is none that is known, and what
    `read_table` raises.
    """
    table = _body(open_unmapped(data, source, sheet))
    here = {folded(header) for header in table.headers}
    maps = [_read(path) for path in sorted(_FOLDER.glob(f"{name}_*.toml"))]
    for found in maps:
        if {folded(header) for header in found.needs} <= here:
            return table, fitted(replace(found, name=name), table)
    if name == "paypal" and here & _MINOR_UNITS:
        return _of_minor_units(table)
    known = "; or ".join(", ".join(found.needs) for found in maps)
    raise UsageError(
        f"{source} is no report of {name} that is known: it would have the columns {known}. Leave out --map {name} to "
        "have its columns guessed."
    )


def _read(path: Path) -> ImportMap:
    return parse(path.read_text("utf-8"), path.name)


def _of_minor_units(table: SourceTable) -> tuple[SourceTable, ImportMap]:
    """PayPal's Dispute Detail Custom report, whose columns are told by their headers."""
    found = guess(table)
    issuer = Target(CASES.pillar, "issuer")
    return table, replace(found, constants={**found.constants, issuer: "PayPal"}, minor_units=True, name="paypal")


def _body(table: SourceTable) -> SourceTable:
    """A table without the rows that are none of its body, such as the sums at the end."""
    if table.headers[0] != _ROW_TYPE:
        return table
    kept: Sequence[int] = [k for k, row in enumerate(table.rows) if row[0] == _BODY]
    return replace(
        table,
        headers=table.headers[1:],
        rows=tuple(table.rows[k][1:] for k in kept),
        lines=tuple(table.lines[k] for k in kept),
        first_column=table.first_column + 1,
    )
