"""Exports, read back by others: the same rows, sums and types whatever the target, all or nothing, with the rules as
constraints.

`REFUNDBOOK_LONG_TESTS=1` kills the writing of every target.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import refundbook
from refundbook import CannotWrite, InvalidWorkbook, UsageError, load_all
from refundbook.views.export_fields import TABLES
from tests.support import postgres
from tests.support.books import filled
from tests.support.command import environment, run
from tests.support.gallery import build
from tests.support.samples import TODAY, sample_at

pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")

pytestmark = pytest.mark.slow

Rows = list[dict[str, Any]]


def _end(status: str, day: int, logged: int) -> dict[str, Any]:
    ended = {} if status == "Reopened" else {"date": date(2023, 10, day)}
    return {"number": "X-2", "status": status, **ended, "logged_at": datetime(2023, 10, logged, 10, 0)}


ENDS = [_end("Reopened", 0, 5), _end("Full Refund", 6, 6), _end("Denied", 3, 3)]
"""On a sheet that somebody sorted: they are in the order of Logged At."""


@pytest.fixture(autouse=True)
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with three workbooks: one of them is empty, one has columns of its own."""
    monkeypatch.chdir(tmp_path)
    sample_at(tmp_path / "a.xlsx")
    cases = [
        {
            "number": f"X-{n}",
            "opened": date(2023, 10, 1),
            "amount": 0.1,
            "currency": "EUR",
            "Seller": "@Nine",
            "Rank": n,
        }
        for n in range(1, 11)
    ]
    messages = [{"number": "x-1", "date": datetime(2023, 10, 2, 9, 30), "with_": "Support", "summary": "Hä 🙂"}]
    filled(tmp_path / "b.xlsx", cases, messages, ENDS)
    refundbook.create(tmp_path / "empty.xlsx")
    return tmp_path


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    if not postgres.IS_THERE:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as address:
        yield address


def books(*names: str) -> refundbook.Books:
    return load_all(list(names) or "*.xlsx", today=TODAY)


def in_parquet(target: str) -> Mapping[str, Rows]:
    import pyarrow.parquet as pq

    return {name: pq.read_table(f"{target}/{name}.parquet").to_pylist() for name in TABLES}


def in_polars(target: str) -> Mapping[str, Rows]:
    polars = pytest.importorskip("polars")
    return {name: polars.scan_parquet(f"{target}/{name}.parquet").collect().to_dicts() for name in TABLES}


def in_duckdb(target: str) -> Mapping[str, Rows]:
    with duckdb.connect(target, read_only=True) as connection:
        return {name: _dicts(connection.execute(f"SELECT * FROM {name} ORDER BY book, row")) for name in TABLES}


def in_sqlite(target: str) -> Mapping[str, Rows]:
    with closing(sqlite3.connect(target)) as connection:
        found = {name: _dicts(connection.execute(f"SELECT * FROM {name} ORDER BY book, row")) for name in TABLES}
    return _typed(found)


def in_csv(target: str) -> Mapping[str, Rows]:
    found = {}
    for name in TABLES:
        with Path(target, f"{name}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        found[name] = [{column: text.removeprefix("'") or None for column, text in row.items()} for row in rows]
    return _typed(found)


def in_json(target: str) -> Mapping[str, Rows]:
    found: dict[str, Rows] = {name: [] for name in TABLES}
    for line in Path(target).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row.pop("table")].append(row)
    return _typed(found)


def in_postgres(address: str) -> Mapping[str, Rows]:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(address) as connection:
        return {name: _dicts(connection.execute(f"SELECT * FROM {name} ORDER BY book, row")) for name in TABLES}


def _dicts(cursor: Any) -> Rows:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _typed(found: Mapping[str, Rows]) -> Mapping[str, Rows]:
    """What is a text where there are only texts, as what it means."""
    kinds: dict[str, Callable[[Any], Any]] = {
        "decimal128(19, 4)": Decimal, "date32[day]": date.fromisoformat, "timestamp[us]": datetime.fromisoformat,
        "int64": int, "double": float,
    }  # fmt: skip
    schemas = {name: pa.schema([]) for name in TABLES}
    import pyarrow.parquet as pq

    schemas = {name: pq.read_schema(f"all/{name}.parquet") for name in TABLES}
    return {
        name: [
            {c: None if v is None else kinds.get(str(schemas[name].field(c).type), str)(v) for c, v in row.items()}
            for row in rows
        ]
        for name, rows in found.items()
    }


TARGETS = {
    "all/": in_parquet,
    "polars/": in_polars,
    "all.duckdb": in_duckdb,
    "all.sqlite": in_sqlite,
    "all.csv": in_csv,
    "all.jsonl": in_json,
}


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_holds_the_same_rows_and_sums(target: str) -> None:
    every = books()
    every.export("all/")
    done = every.export(target)
    found, expected = TARGETS[target](target), in_parquet("all")
    assert found == expected
    assert (
        dict(done.rows)
        == {name: len(rows) for name, rows in found.items()}
        == {"cases": 12, "communications": 8, "resolutions": 5}
    )
    cases = found["cases"]
    assert sum(row["amount_requested"] for row in cases if row["book"] == "b.xlsx") == Decimal("1.0000")
    assert sum(row["amount_requested"] for row in cases) == every.cases["Amount Requested"].sum()
    message = next(row for row in found["communications"] if row["book"] == "b.xlsx")
    assert (message["case_key"], message["case_number"], message["summary"]) == ("x-1", "x-1", "Hä 🙂")
    assert (message["date"], message["case_opened"], message["row"]) == (
        datetime(2023, 10, 2, 9, 30),
        date(2023, 10, 1),
        2,
    )
    chain = [
        (r["place"], r["follows_place"], r["follows_status"]) for r in found["resolutions"] if r["book"] == "b.xlsx"
    ]
    assert sorted((r["row"], r["place"]) for r in found["resolutions"] if r["book"] == "b.xlsx") == [
        (2, 2),
        (3, 3),
        (4, 1),
    ]
    assert sorted(chain) == [(1, None, None), (2, 1, "Denied"), (3, 2, "Reopened")]
    assert {row["as_of"] for row in cases} == {datetime(2023, 11, 5, 23, 59, 59)}
    own = [(row["seller"], row["rank"]) for row in cases if row["book"] == "b.xlsx"]
    assert own == [("@Nine", float(n)) for n in range(1, 11)]


def test_postgresql_holds_the_same_and_replaces_workbook_by_workbook(database: str) -> None:
    every = books()
    every.export("all/")
    every.export(database)
    assert in_postgres(database) == in_parquet("all")
    with refundbook.load("a.xlsx", today=TODAY) as book:
        book.append_case("GTB-700000", opened="2023-11-01", amount="3", currency="USD")
    books("a.xlsx").export(database)
    found = in_postgres(database)["cases"]
    assert [row["case_number"] for row in found if row["book"] == "a.xlsx"][-1] == "GTB-700000"
    assert len([row for row in found if row["book"] == "b.xlsx"]) == 10
    # A column that held numbers, and now holds texts
    filled(Path("b.xlsx"), [{"number": "X-1", "opened": date(2023, 10, 1), "Rank": "first"}], [], [])
    books("b.xlsx").export(database)
    assert [row["rank"] for row in in_postgres(database)["cases"] if row["book"] == "b.xlsx"] == ["first"]
    every.export(database)
    assert in_postgres(database)["cases"][-1]["rank"] == "10"


def test_the_types_do_not_depend_on_what_a_workbook_holds() -> None:
    import pyarrow.parquet as pq

    books("empty.xlsx").export("empty/")
    books("a.xlsx").export("full/")
    for name in TABLES:
        assert pq.read_schema(f"empty/{name}.parquet").equals(pq.read_schema(f"full/{name}.parquet"))
    schema = pq.read_schema("empty/communications.parquet")
    types = {column: str(schema.field(column).type) for column in ("date", "kept_on", "entry", "with_", "book")}
    assert types == {
        "date": "timestamp[us]",
        "kept_on": "date32[day]",
        "entry": "int64",
        "with_": "dictionary<values=string, indices=int8, ordered=0>",
        "book": "string",
    }
    assert str(pq.read_schema("empty/cases.parquet").field("amount_requested").type) == "decimal128(19, 4)"
    books("empty.xlsx").export("empty.duckdb")
    books("a.xlsx").export("full.duckdb")
    assert _duckdb_types("empty.duckdb") == _duckdb_types("full.duckdb")


def _duckdb_types(target: str) -> Any:
    with duckdb.connect(target, read_only=True) as connection:
        return connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
        ).fetchall()


def test_money_is_exact_downstream() -> None:
    polars = pytest.importorskip("polars")
    books().export("all/")
    with duckdb.connect() as connection:
        (total,) = connection.execute(
            "SELECT sum(amount_requested) FROM 'all/cases.parquet' WHERE book = 'b.xlsx'"
        ).fetchall()[0]
    assert total == Decimal(1)
    scanned = polars.scan_parquet("all/cases.parquet").filter(polars.col("book") == "b.xlsx")
    assert scanned.select(polars.col("amount_requested").sum()).collect().item() == Decimal(1)
    frame = pd.read_parquet("all/cases.parquet", dtype_backend="pyarrow")
    assert frame.groupby("book")["amount_requested"].sum()["b.xlsx"] == Decimal(1)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_dask_sums_frames_and_exports_exactly() -> None:
    dask = pytest.importorskip("dask.dataframe")
    cases = books().cases.reset_index()
    grouped = dask.from_pandas(cases, npartitions=3).groupby("Book")["Amount Requested"].sum()
    assert grouped.compute(scheduler="synchronous")["b.xlsx"] == Decimal(1)


# The rules as constraints


AS_OF = "2023-10-31 12:00:00"
GOOD: dict[str, dict[str, Any]] = {
    "cases": {
        "book": "z", "row": 2, "case_key": "z-1", "as_of": AS_OF, "case_number": "Z-1", "date_opened": "2023-10-05",
    },
    "communications": {
        "book": "z", "row": 2, "case_key": "z-1", "as_of": AS_OF, "case_opened": "2023-10-05", "case_number": "Z-1",
        "entry": 7, "date": "2023-10-06 10:00:00", "with_": "Support", "summary": "x",
    },
    "resolutions": {
        "book": "z", "row": 2, "case_key": "z-1", "as_of": AS_OF, "case_opened": "2023-10-05", "case_number": "Z-1",
        "place": 1, "status": "Denied", "resolution_date": "2023-10-09",
    },
}  # fmt: skip

BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "RB101 a required cell empty": ("communications", {"summary": None}),
    "RB101 no text": ("communications", {"summary": ""}),
    "RB104 an amount that is negative": ("cases", {"amount_requested": "-1"}),
    "RB104 a refund that is negative": ("resolutions", {"amount": "-0.01"}),
    "RB105 not in its closed list": ("resolutions", {"status": "Done"}),
    "RB105 with somebody else": ("communications", {"with_": "Agent"}),
    "RB106 an entry that is not above 0": ("communications", {"entry": 0}),
    "RB203 opened in the future": ("cases", {"date_opened": "2023-11-01"}),
    "RB204 a message in the future": ("communications", {"date": "2023-11-01 00:00:00"}),
    "RB204 a message later on that day": ("communications", {"date": "2023-10-31 12:00:01"}),
    "RB205 resolved in the future": ("resolutions", {"resolution_date": "2023-11-01"}),
    "RB206 due before the promise": ("communications", {"due": "2023-10-05 23:00:00"}),
    "RB206 due earlier on that day": ("communications", {"due": "2023-10-06 09:59:59"}),
    "RB207 kept before it was made": ("communications", {"kept_on": "2023-10-05"}),
    "RB208 logged before the message": ("communications", {"logged_at": "2023-10-06 09:00:00"}),
    "RB208 logged before the case": ("cases", {"logged_at": "2023-10-04 09:00:00"}),
    "RB208 logged before the end": ("resolutions", {"logged_at": "2023-10-08 09:00:00"}),
    "RB209 a final status without a date": ("resolutions", {"resolution_date": None}),
    "RB210 Pending with a date": ("resolutions", {"status": "Pending"}),
    "RB212 related to itself": ("cases", {"related_case": "Z-1"}),
    "RB213 kept in the future": ("communications", {"kept_on": "2023-11-01"}),
    "RB214 answered in the future": ("cases", {"answered_on": "2023-11-01"}),
    "RB215 answered before it was opened": ("cases", {"answered_on": "2023-10-04"}),
    "RB302 message before the case": ("communications", {"date": "2023-10-04 10:00:00"}),
    "RB303 resolved before the case": ("resolutions", {"resolution_date": "2023-10-04"}),
    "RB301 of no case": ("communications", {"case_key": "z-2"}),
    "RB301 an end of no case": ("resolutions", {"case_key": "z-2"}),
}
_NEXT: dict[str, Any] = {"row": 3, "place": 2, "follows_place": 1, "follows_status": "Denied"}
_AGAIN_OPEN = {**_NEXT, "status": "Reopened", "resolution_date": None}
AGAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "RB201 case number twice": ("cases", {"row": 3}),
    "RB202 entry number twice": ("communications", {"row": 3}),
    "RB211 an end after an end": ("resolutions", {**_NEXT, "status": "Withdrawn"}),
    "RB211 Pending after an end": ("resolutions", {**_NEXT, "status": "Pending", "resolution_date": None}),
    "RB211 as if it followed another": ("resolutions", {**_AGAIN_OPEN, "follows_status": "Pending"}),
    "RB211 as if it were the first": ("resolutions", {"row": 3, "status": "Withdrawn"}),
    "RB211 as if what it follows had no status": (
        "resolutions",
        {**_NEXT, "follows_status": None, "status": "Withdrawn"},
    ),
    "RB211 as if nothing were before": ("resolutions", {"row": 3, "place": 2}),
    "RB211 a place left out": ("resolutions", {**_AGAIN_OPEN, "place": 3}),
    "RB211 a place that none has": ("resolutions", {**_AGAIN_OPEN, "place": 3, "follows_place": 2}),
}
GOES_ON = [
    _AGAIN_OPEN,
    {"row": 4, "place": 3, "follows_place": 2, "follows_status": "Reopened", "status": "Full Refund"},
]
FINE: dict[str, tuple[str, dict[str, Any]]] = {
    "due on the day, without a time": ("communications", {"due": "2023-10-06 00:00:00"}),
    "on the day on which the case was opened": (
        "communications",
        {"date": "2023-10-05 00:00:00", "kept_on": "2023-10-05"},
    ),
    "on the day of the export, without a time": ("communications", {"date": "2023-10-31 00:00:00"}),
    "Pending without a date": ("resolutions", {"status": "Pending", "resolution_date": None}),
}


def insert(execute: Callable[[str], Any], table: str, row: Mapping[str, Any]) -> None:
    given = {name: value for name, value in row.items() if value is not None}
    values = ", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in given.values())
    names = ", ".join(f'"{name}"' for name in given)
    execute(f"INSERT INTO {table} ({names}) VALUES ({values})")


def refused(execute: Callable[[str], Any], table: str, row: Mapping[str, Any], errors: type[Exception]) -> bool:
    try:
        insert(execute, table, row)
    except errors:
        return True
    return False


def hold_the_rules(execute: Callable[[str], Any], errors: type[Exception]) -> None:
    """Try every bad row, and some good ones, in a database where a failed statement fails alone."""
    insert(execute, "cases", GOOD["cases"])
    for what, (table, change) in BAD.items():
        other = {"book": "y"} if table == "cases" else {}
        assert refused(execute, table, {**GOOD[table], **other, **change}, errors), what
    for table, change in FINE.values():
        insert(execute, table, {**GOOD[table], **change})
        execute(f"DELETE FROM {table} WHERE book = 'z'")
    for table in ("communications", "resolutions"):
        insert(execute, table, GOOD[table])
    for what, (table, change) in AGAIN.items():
        assert refused(execute, table, {**GOOD[table], **change}, errors), what
    for change in GOES_ON:
        insert(execute, "resolutions", {**GOOD["resolutions"], **change})


def test_duckdb_refuses_what_the_rules_refuse() -> None:
    books("empty.xlsx").export("e.duckdb")
    with duckdb.connect("e.duckdb") as connection:
        hold_the_rules(connection.execute, duckdb.Error)


def test_sqlite_refuses_what_the_rules_refuse() -> None:
    books("empty.xlsx").export("e.sqlite")
    with closing(sqlite3.connect("e.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        hold_the_rules(connection.execute, sqlite3.Error)


def test_postgresql_refuses_what_the_rules_refuse(database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    books("empty.xlsx").export(database)
    with psycopg.connect(database, autocommit=True) as connection:
        hold_the_rules(connection.execute, psycopg.Error)
        for table in reversed(TABLES):
            connection.execute(f"DELETE FROM {table} WHERE book = 'z'")


# All or nothing


def contents(target: Path) -> Any:
    if target.is_dir():
        return {file.name: file.read_bytes() for file in target.iterdir()}
    return target.read_bytes()


STOPS = {
    "all/": "refundbook.system.room.Room.create",
    "all.csv": "refundbook.system.room.Room.create",
    "all.jsonl": "refundbook.system.atomic_file.write_new",
    "all.sqlite": "refundbook.system.atomic_file.write_new",
    "all.duckdb": "refundbook.system.atomic_file.write_new",
}


@pytest.mark.parametrize("target", STOPS if os.environ.get("REFUNDBOOK_LONG_TESTS") else ["all/", "all.duckdb"])
def test_killed_in_the_middle_the_old_export_is_whole(target: str, shops: Path) -> None:
    books("a.xlsx").export(target)
    before = contents(shops / target)
    module, _, name = STOPS[target].rpartition(".")
    owner, _, inner = module.rpartition(".") if name == "create" else (module, "", "")
    script = (
        f"import os, importlib, refundbook; owner = importlib.import_module({owner!r})\n"
        f"owner = getattr(owner, {inner!r}) if {inner!r} else owner\n"
        f"whole = getattr(owner, {name!r}); calls = []\n"
        "def until(*args, **options):\n"
        "    calls.append(1)\n"
        f"    return os._exit(9) if len(calls) == {2 if inner else 1} else whole(*args, **options)\n"
        f"setattr(owner, {name!r}, until)\n"
        f"refundbook.load_all('*.xlsx').export({target!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **environment()}, check=False)
    assert done.returncode == 9
    assert contents(shops / target) == before
    books().export(target)
    assert contents(shops / target) != before


def test_postgresql_holds_all_of_it_or_what_it_held(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    books("a.xlsx").export(database)
    before = in_postgres(database)
    from adbc_driver_postgresql import dbapi

    whole = dbapi.Cursor.adbc_ingest

    def until(cursor: Any, name: str, *args: Any, **options: Any) -> Any:
        if name == "resolutions":
            raise dbapi.OperationalError("the server closed the connection", status_code=0)
        return whole(cursor, name, *args, **options)

    monkeypatch.setattr(dbapi.Cursor, "adbc_ingest", until)
    Path("a.xlsx").unlink()
    build(Path("a.xlsx"), "case number=N-1 opened=2023-10-01 ; resolution number=N-1 status=Pending")
    with pytest.raises(CannotWrite, match="holds what it held before"):
        books("a.xlsx").export(database)
    assert in_postgres(database) == before


@pytest.mark.parametrize("target", ["all/", "all.csv", "all.jsonl", "all.sqlite", "all.duckdb"])
def test_what_is_no_export_is_left_as_it_is(target: str, shops: Path) -> None:
    at = shops / target
    if target in ("all/", "all.csv"):
        at.mkdir()
        (at / "mine.txt").write_text("mine")
    elif target == "all.sqlite":
        with closing(sqlite3.connect(at)) as connection:
            connection.execute("CREATE TABLE mine (x)")
    elif target == "all.duckdb":
        with duckdb.connect(str(at)) as connection:
            connection.execute("CREATE TABLE mine (x int)")
    else:
        at.write_text("mine")
    before = contents(at)
    with pytest.raises(UsageError, match="left as it is"):
        books().export(target)
    assert contents(at) == before


@pytest.mark.parametrize("target", ["x.xlsx", "mysql://ana:s3cret@host/db", "", "x.parquet.zip"])
def test_what_is_no_target_is_said_before_anything_is_read(target: str) -> None:
    ran = run("export", target, book=Path("none.xlsx"))
    assert (ran.code, ran.out) == (2, "")
    assert "is no target of an export" in ran.err
    assert "s3cret" not in ran.err


def test_a_workbook_with_errors_is_left_out_and_said(shops: Path) -> None:
    build(shops / "bad.xlsx", "case number=Z-1 opened=2023-10-01 ; case number=Z-1 opened=2023-10-01")
    done = books().export("all/")
    assert done.books == ("a.xlsx", "b.xlsx", "empty.xlsx")
    assert isinstance(done.failed["bad.xlsx"], InvalidWorkbook)
    with pytest.raises(InvalidWorkbook):
        refundbook.load("bad.xlsx", strict=False, today=TODAY).export("all/")
    ran = run("-b", "*.xlsx", "export", "all/", "--json")
    assert ran.code == 1
    assert list(ran.json["failed"]) == ["bad.xlsx"]
    assert ran.json["rows"]["cases"] == 12


def test_an_amount_that_does_not_fit_is_said(shops: Path) -> None:
    filled(shops / "c.xlsx", [{"number": "C-1", "opened": date(2023, 10, 1), "amount": 33.333333}], [], [])
    done = refundbook.load("c.xlsx", today=TODAY).export("all/")
    assert done.rounded == ("c.xlsx: Amount Requested 33.333333 in Cases, row 2, became 33.3333",)


def test_no_password_is_in_an_error_or_a_debug_line() -> None:
    address = "postgresql://ana:s3c%40ret@127.0.0.1:9/shops?connect_timeout=2"
    ran = run("--debug", "export", address, book=Path("a.xlsx"))
    assert ran.code == 3
    assert "…@127.0.0.1:9/shops" in ran.err
    assert "s3c" not in ran.err + ran.out
    with pytest.raises(CannotWrite) as refused:
        books("a.xlsx").export(address)
    assert refused.value.__cause__ is None
    assert "s3c" not in str(refused.value)


def test_an_own_column_takes_no_name_of_ours(shops: Path) -> None:
    row = {
        "number": "C-1",
        "opened": date(2023, 10, 1),
        "Case Key": "k",
        "case key": "l",
        "2nd": "m",
        "Größe": "n",
        "With": "o",
    }
    filled(shops / "c.xlsx", [row], [], [])
    refundbook.load("c.xlsx", today=TODAY).export("all/")
    (found,) = in_parquet("all")["cases"]
    assert found["case_key"] == "c-1"
    assert {found[name] for name in ("case_key_own", "_2nd", "größe", "with_")} == {"k", "m", "n", "o"}
