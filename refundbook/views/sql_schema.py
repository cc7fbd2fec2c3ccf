"""The exported tables in SQL, with the rules that SQL can hold as constraints: each case once in its workbook, nothing
of a case that is not there, nothing but Reopened after an end, dates in their order and none in the future, closed
lists closed, amounts not negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS, Kind, Sheet
from refundbook.views.export_fields import Field, snake_case


class Dialect(StrEnum):
    """Whose SQL it is."""

    POSTGRESQL = "PostgreSQL"
    DUCKDB = "DuckDB"
    SQLITE = "SQLite"


_NUMBERS = {Kind.DATE: "date", Kind.MOMENT: "timestamp", Kind.MONEY: "decimal(19, 4)", Kind.WHOLE: "bigint"}
_TYPES = {
    Dialect.POSTGRESQL: {**_NUMBERS, Kind.NUMBER: "double precision"},
    Dialect.DUCKDB: {**_NUMBERS, Kind.NUMBER: "double"},
    Dialect.SQLITE: {Kind.WHOLE: "integer", Kind.NUMBER: "real"},
}

_AFTER = {
    CASES: (("logged_at", "opened"), ("answered_on", "opened")),
    COMMUNICATIONS: (("due", "date"), ("kept_on", "date"), ("logged_at", "date")),
    RESOLUTIONS: (("logged_at", "date"),),
}
"""Of two dates of a row, by the names of their columns: the first is not before the second."""
_HAPPENED = {
    CASES: ("opened", "answered_on"),
    COMMUNICATIONS: ("date", "kept_on"),
    RESOLUTIONS: ("date",),
}
"""The dates, by the names of their columns, that are not in the future: not after the moment of the check."""


def quoted_name(name: str) -> str:
    """A name in SQL, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(field: Field, dialect: Dialect) -> str:
    """The type of a column. SQLite has amounts and dates as texts (`49.9000`, `2023-10-26`)."""
    return _TYPES[dialect].get(field.kind, "text")


def create_table(sheet: Sheet, fields: Sequence[Field], dialect: Dialect) -> str:
    """The statement that makes a pillar's table, where it is not there yet."""
    columns = [
        f"{quoted_name(field.name)} {sql_type(field, dialect)}{' NOT NULL' if field.is_required else ''}"
        for field in fields
    ]
    lines = ",\n  ".join([*columns, *_constraints(sheet, fields, dialect)])
    return f"CREATE TABLE IF NOT EXISTS {quoted_name(sheet.name.lower())} (\n  {lines}\n)"


def _constraints(sheet: Sheet, fields: Sequence[Field], dialect: Dialect) -> Iterator[str]:
    yield 'PRIMARY KEY ("book", "row")'
    if sheet is CASES:
        yield 'UNIQUE ("book", "case_key")'
        yield 'UNIQUE ("book", "case_key", "date_opened")'
    else:
        yield 'FOREIGN KEY ("book", "case_key", "case_opened") REFERENCES "cases" ("book", "case_key", "date_opened")'
    if sheet is COMMUNICATIONS:
        yield 'UNIQUE ("book", "entry")'
    if sheet is RESOLUTIONS:
        yield from _order_of_ends(dialect)
    yield from (f"CHECK ({check})" for check in _checks(sheet, fields, dialect))


def _order_of_ends(dialect: Dialect) -> Iterator[str]:
    """A case's resolutions are a chain: each says the place and the status of the one before, which is there."""
    yield 'UNIQUE ("book", "case_key", "place")'
    yield 'UNIQUE ("book", "case_key", "place", "status")'
    # SQLite looks at each row as it comes in, and rows are in the order of the sheet.
    when = " DEFERRABLE INITIALLY DEFERRED" if dialect is Dialect.SQLITE else ""
    yield (
        'FOREIGN KEY ("book", "case_key", "follows_place", "follows_status") '
        f'REFERENCES "resolutions" ("book", "case_key", "place", "status"){when}'
    )


def _checks(sheet: Sheet, fields: Sequence[Field], dialect: Dialect) -> Iterator[str]:
    for field in fields:
        name = quoted_name(field.name)
        if field.choices:
            yield f"{name} IN ({', '.join(map(_text, field.choices))})"
        elif field.column and field.kind is Kind.MONEY:
            yield f"CAST({name} AS real) >= 0" if dialect is Dialect.SQLITE else f"{name} >= 0"
        elif field.is_required and field.kind not in (Kind.DATE, Kind.MOMENT, Kind.WHOLE):
            yield f"{name} <> ''"
    for later, earlier in _AFTER[sheet]:
        yield _not_before(_name(sheet, later), _name(sheet, earlier), dialect)
    for name in _HAPPENED[sheet]:
        yield _not_before('"as_of"', _name(sheet, name), dialect)
    if sheet is COMMUNICATIONS:
        yield '"entry" > 0'
    if sheet is CASES:
        yield '"related_case" <> "case_number"'
    else:
        yield _not_before(_name(sheet, "date"), '"case_opened"', dialect)
    if sheet is RESOLUTIONS:
        final = ", ".join(map(_text, FINAL_STATUSES))
        yield f'"status" NOT IN ({final}) OR "resolution_date" IS NOT NULL'
        yield f'"status" <> {_text(OPEN_STATUSES[0])} OR "resolution_date" IS NULL'
        yield f'"follows_status" NOT IN ({final}) OR "status" = {_text(OPEN_STATUSES[1])}'
        yield '("place" = 1) = ("follows_status" IS NULL)'
        yield '"place" = coalesce("follows_place", 0) + 1'


def _name(sheet: Sheet, column: str) -> str:
    return quoted_name(snake_case(sheet[column].header))


def _not_before(later: str, earlier: str, dialect: Dialect) -> str:
    """By day, and on one day by time where both have one: midnight is none."""
    day, other = _day(later, dialect), _day(earlier, dialect)
    timeless = f"{_is_midnight(later, dialect)} OR {_is_midnight(earlier, dialect)}"
    return f"{day} > {other} OR ({day} = {other} AND ({timeless} OR {later} >= {earlier}))"


def _day(name: str, dialect: Dialect) -> str:
    return f"substr({name}, 1, 10)" if dialect is Dialect.SQLITE else f"CAST({name} AS date)"


def _is_midnight(name: str, dialect: Dialect) -> str:
    if dialect is Dialect.SQLITE:
        return f"substr({name}, 11) IN ('', ' 00:00:00')"
    return f"CAST({name} AS timestamp) = CAST(CAST({name} AS date) AS timestamp)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
