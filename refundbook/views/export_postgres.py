"""Exports into PostgreSQL, by ADBC's COPY: workbook by workbook replaced, all in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing

from refundbook.base.addresses import without_password, without_secrets
from refundbook.base.errors import CannotWrite
from refundbook.views.export_fields import TABLES, Field
from refundbook.views.export_files import Fields, Tables
from refundbook.views.sql_schema import Dialect, create_table, quoted_name, sql_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

_LOCK = int.from_bytes(b"refund")
"""Two exports into one database follow each other (pg_advisory_xact_lock)."""


def write_postgresql(address: str, tables: Tables, fields: Fields, books: Sequence[str]) -> None:
    """Put the rows of `books` in the place of those that the database has of them, in the tables of the first schema of
    its search path, which are made where they are not there. Raises CannotWrite, without the address's password.
    """
    from adbc_driver_postgresql import dbapi

    try:
        with closing(dbapi.connect(address)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            as_texts = {name: _prepare(cursor, name, fields[name]) for name in TABLES}
            for name in reversed(TABLES):
                cursor.executemany(f"DELETE FROM {quoted_name(name)} WHERE book = $1", [(book,) for book in books])
            for name, table in tables.items():
                if table.num_rows:
                    cursor.adbc_ingest(name, _plain(table, as_texts[name]), mode="append")
            connection.commit()
    except dbapi.Error as error:
        said = " ".join(without_secrets(str(error), address).split())
        raise CannotWrite(
            f"{without_password(address)} was not written, and holds what it held before. PostgreSQL says: {said}"
        ) from None


def _prepare(cursor: Any, name: str, fields: Sequence[Field]) -> set[str]:
    """Make the table, or the columns of people's own that it lacks. Gives those that are to hold texts: other values
    than before stand in them.
    """
    cursor.execute(create_table(TABLES[name], fields, Dialect.POSTGRESQL))
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        f"WHERE table_schema = current_schema() AND table_name = '{name}'"
    )
    there, as_texts = dict(cursor.fetchall()), set()
    for field in fields:
        column, kind = quoted_name(field.name), sql_type(field, Dialect.POSTGRESQL)
        if field.name not in there:
            cursor.execute(f"ALTER TABLE {quoted_name(name)} ADD COLUMN {column} {kind}")
        elif field.is_own and not there[field.name].startswith(kind):
            as_texts.add(field.name)
            if there[field.name] != "text":
                cursor.execute(f"ALTER TABLE {quoted_name(name)} ALTER COLUMN {column} TYPE text USING {column}::text")
    return as_texts


def _plain(table: pa.Table, as_texts: Collection[str]) -> pa.Table:
    """Without dictionaries, which COPY does not take."""
    import pyarrow as pa

    fields = [
        pa.field(
            field.name, pa.string() if field.name in as_texts or pa.types.is_dictionary(field.type) else field.type
        )
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
