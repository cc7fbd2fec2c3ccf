"""Exports into files: Parquet, CSV, JSON Lines, DuckDB, SQLite. Each is made in a place of its own, and then takes the
place of the older one in one step.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from refundbook.base.errors import CannotWrite, UsageError
from refundbook.render.text import to_csv
from refundbook.system import atomic_file
from refundbook.system.exchange import exchanged
from refundbook.system.nofollow import real_path
from refundbook.system.refusals import reason
from refundbook.system.room import NEW, Room
from refundbook.views.export_fields import PLACE, TABLES, Field
from refundbook.views.sql_schema import Dialect, create_table, quoted_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    import pyarrow as pa

Tables = Mapping[str, "pa.Table"]
Fields = Mapping[str, list[Field]]

_APPLICATION_ID = int.from_bytes(b"rfbk")
"""By which a SQLite file is known as an export (the header's bytes 68 to 71, https://sqlite.org/fileformat.html)."""
_JSON_BEGINS = b'{"table": "'


def write_parquet(path: Path, tables: Tables, fields: Fields) -> None:
    """A folder with one Parquet file a table."""
    import pyarrow.parquet as pq

    def write(table: pa.Table) -> Callable[[IO[bytes]], object]:
        return lambda file: pq.write_table(table, file)

    _write_folder(path, ".parquet", {name: write(table) for name, table in tables.items()})


def write_csv(path: Path, tables: Tables, fields: Fields) -> None:
    """A folder with one CSV file a table, in UTF-8: what looks like a formula has an apostrophe in front."""

    def write(table: pa.Table) -> Callable[[IO[bytes]], object]:
        return lambda file: file.write(to_csv(table.column_names, list(_rows(table, plain_text))).encode())

    _write_folder(path, ".csv", {name: write(table) for name, table in tables.items()})


def write_json_lines(path: Path, tables: Tables, fields: Fields) -> None:
    """One file, a line a row, each an object whose first key says the `table`; amounts and dates are texts."""
    lines = (
        json.dumps({"table": name, **dict(zip(table.column_names, row, strict=True))}, ensure_ascii=False)
        for name, table in tables.items()
        for row in _rows(table, plain_value)
    )
    data = "".join(f"{line}\n" for line in lines).encode(errors="surrogatepass")
    _write_file(path, data, lambda there: not there or there.startswith(_JSON_BEGINS))


def write_sqlite(path: Path, tables: Tables, fields: Fields) -> None:
    """A SQLite file, with amounts and dates as texts, and the rules as constraints."""
    with TemporaryDirectory(prefix="refundbook-export-") as folder:
        made = Path(folder, "export.sqlite")
        with closing(sqlite3.connect(made)) as connection, connection:
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute("PRAGMA foreign_keys = ON")
            for name, table in tables.items():
                connection.execute(create_table(TABLES[name], fields[name], Dialect.SQLITE))
                marks = ", ".join("?" * table.num_columns)
                connection.executemany(f"INSERT INTO {quoted_name(name)} VALUES ({marks})", _rows(table, plain_value))
        mark = _APPLICATION_ID.to_bytes(4)
        _write_file(path, made.read_bytes(), lambda there: not there or there[68:72] == mark)


def write_duckdb(path: Path, tables: Tables, fields: Fields) -> None:
    """A DuckDB file, with the rules as constraints."""
    import duckdb

    with TemporaryDirectory(prefix="refundbook-export-") as folder:
        if path.exists() and not _is_duckdb_of_ours(path):
            raise _not_ours(path)
        made = Path(folder, "export.duckdb")
        with duckdb.connect(str(made)) as connection:
            for name, table in tables.items():
                connection.execute(create_table(TABLES[name], fields[name], Dialect.DUCKDB))
                connection.register("exported", table)
                for part in _parts(table):
                    connection.execute(f"INSERT INTO {quoted_name(name)} SELECT * FROM exported{part}")
                connection.unregister("exported")
        _write_file(path, made.read_bytes(), lambda there: not there or there[8:12] == b"DUCK")


def _parts(table: pa.Table) -> list[str]:
    """What of a table goes in by one statement: a row that refers to another of its table goes in after it."""
    if PLACE.name not in table.column_names:
        return [""]
    return [f" WHERE {PLACE.name} = {place}" for place in sorted(set(table[PLACE.name].to_pylist()))]


def _is_duckdb_of_ours(path: Path) -> bool:
    import duckdb

    if not path.stat().st_size:
        return True
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    except duckdb.Error:
        return False
    return {name for (name,) in found} <= TABLES.keys()


def plain_value(value: object) -> object:
    """A value where there are only texts and numbers: amounts as `49.9000`, dates as ISO 8601 has them."""
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def plain_text(value: object) -> object:
    """The same for CSV, in which an amount is no text that a formula could be."""
    return plain_value(value)


def _rows(table: pa.Table, plain: Callable[[object], object]) -> Iterator[list[Any]]:
    columns = [[plain(value) for value in column.to_pylist()] for column in table.columns]
    return map(list, zip(*columns, strict=True))


def _not_ours(path: Path) -> UsageError:
    return UsageError(f"{path} is no export of refundbook's and is left as it is. Name another target.")


def _write_file(path: Path, data: bytes, is_own: Callable[[bytes], bool]) -> None:
    try:
        if not atomic_file.write_own(path, data, is_own):
            raise _not_ours(path)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {reason(error)}.") from error


def _write_folder(path: Path, suffix: str, files: Mapping[str, Callable[[IO[bytes]], object]]) -> None:
    names = {f"{name}{suffix}" for name in TABLES}

    def is_own(there: Path) -> bool:
        return there.is_dir() and not there.is_symlink() and {file.name for file in there.iterdir()} <= names

    try:
        target = real_path(path.parent) / path.name
        if os.path.lexists(target) and not is_own(target):
            raise _not_ours(path)
        with Room(target) as room:
            room.make_folder()
            for name, write in files.items():
                with room.create(f"{NEW}/{name}{suffix}", 0o666) as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
            if not (
                target.is_dir() and is_own(target) and exchanged(room.path / NEW, target)
            ) and not room.put_over_folder(is_own):
                raise _not_ours(path)
            room.sync_place()
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {reason(error)}.") from error
