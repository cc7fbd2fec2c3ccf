"""Tables out, into whatever the target's name says: a folder of Parquet or CSV, a file, a database."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from refundbook.base.addresses import without_password
from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.views import export_files
from refundbook.views.export_fields import TABLES, fields
from refundbook.views.export_postgres import write_postgresql

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.views.frames import Placed

Write = Callable[[Path, export_files.Tables, export_files.Fields], None]

_BY_SUFFIX: dict[str, tuple[Write, str]] = {
    ".csv": (export_files.write_csv, ""),
    ".duckdb": (export_files.write_duckdb, "duckdb"),
    ".jsonl": (export_files.write_json_lines, ""),
    ".parquet": (export_files.write_parquet, ""),
    ".sqlite": (export_files.write_sqlite, ""),
}
_ADDRESS = re.compile(r"(?i)postgres(ql)?://")
FORMS = "a folder (shops/, Parquet), shops.csv (a folder), shops.jsonl, shops.duckdb, shops.sqlite or postgresql://…"


class Exported(NamedTuple):
    """What was written where: `rows` by table; `rounded` says which amounts are not as they stand in the workbook."""

    target: str
    rows: Mapping[str, int]
    rounded: tuple[str, ...]


def refuse_target(target: str) -> None:
    """Raise UsageError where a target is none, or something that it needs is not installed; before anything is read."""
    needed = ["pyarrow", "adbc_driver_postgresql" if _ADDRESS.match(target) else _file_writer(target)[1]]
    for package in filter(None, needed):
        if find_spec(package) is None:
            raise UsageError(
                f"An export to {quoted(without_password(target))} needs the package {package.replace('_', '-')}, which "
                'is not installed: pip install "refundbook[sql]".'
            )


def write_export(target: str, books: Mapping[str, tuple[Mapping[str, Placed], str, datetime]]) -> Exported:
    """Write the tables of workbooks: by name, their pillars by sheet name, their time zone, and the moment as of which
    they were checked. Raises UsageError, CannotWrite; then the target is as it was.
    """
    from refundbook.views.arrow_tables import BookTables, arrow_tables, own_kinds, rounded

    given = {name: BookTables(*book) for name, book in books.items()}
    tables = arrow_tables(given)
    of_table = {name: fields(sheet, own_kinds(given.values(), sheet)) for name, sheet in TABLES.items()}
    if _ADDRESS.match(target):
        write_postgresql(target, tables, of_table, list(books))
    else:
        _file_writer(target)[0](Path(os.path.expanduser(target)), tables, of_table)  # noqa: PTH111  (it never raises)
    said = tuple(f"{name}: {one}" for name, book in given.items() for one in rounded(book))
    return Exported(without_password(target), {name: table.num_rows for name, table in tables.items()}, said)


def _file_writer(target: str) -> tuple[Write, str]:
    if "://" in target:
        raise UsageError(f"{quoted(without_password(target))} is no target of an export. It may be {FORMS}.")
    suffix = Path(target).suffix.lower()
    if target.endswith(("/", os.sep)) or (not suffix and target.strip()):
        return export_files.write_parquet, ""
    if suffix not in _BY_SUFFIX:
        raise UsageError(f"{quoted(target)} is no target of an export. It may be {FORMS}.")
    return _BY_SUFFIX[suffix]
