"""The index: the rows of each case as the workbook holds them, without the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.lookalikes import look_alike
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Sheet
from refundbook.record.records import Records
from refundbook.storage.cache_file import VARIABLE, Cache, CacheMiss
from refundbook.storage.snapshot_index import BLOCK, Index, encoded
from tests.support.books import Row
from tests.support.memory import records_of

pytestmark = pytest.mark.slow

DIGEST = "00" * 32
TEXTS = st.text(st.sampled_from("\n\t") | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
"""What a workbook that breaks no rule can hold."""
AMOUNTS = st.decimals(0, 10**9, places=2)
DATES = st.dates(date(2000, 1, 1), date(2023, 11, 5))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2023, 11, 5)).map(lambda moment: moment.replace(microsecond=0))


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def cache() -> Cache:
    return Cache(Path("/shop/book.xlsx"), "1")


def index_of(records: Records) -> Index:
    """The index of records, written and opened anew."""
    blobs, about = encoded(records.logs)
    cache().write(DIGEST, blobs, anew=True)
    return opened(about)


def opened(about: dict[str, object]) -> Index:
    again = cache()
    again.digest()
    return Index(again, about, {sheet.name: () for sheet in SHEETS})


def many(count: int) -> list[Row]:
    return [{"number": f"GTB-{n:06}", "opened": date(2023, 10, 1)} for n in range(count)]


def rows_of(index: Index, key: str) -> list[list[tuple[int, dict[str, object]]]]:
    return [list(index.rows(sheet, at)) for sheet, at in zip(SHEETS, index.case_positions(key), strict=True)]


def expected(records: Records, key: str) -> list[list[tuple[int, dict[str, object]]]]:
    return [
        [(log.rows[at], {name: values[at] for name, values in log.columns.items()}) for at in log.by_case.get(key, ())]
        for log in records.logs
    ]


def in_full(records: Records) -> None:
    """See that the index of records knows all of their cases, and no other."""
    index = index_of(records)
    for key in records.cases.by_case:
        assert rows_of(index, key) == expected(records, key)
        alike = [other for other in records.cases.by_case if look_alike(other) == look_alike(key)]
        assert sorted(index.look_alikes(key)) == sorted(alike)
    for key in ("no-such-case", "", "GTB-"):
        assert rows_of(index, key) == [[], [], []]


@given(
    st.lists(st.tuples(DATES, st.none() | AMOUNTS, st.none() | TEXTS, st.none() | MOMENTS), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.one_of(DATES, MOMENTS), TEXTS, st.none() | DATES), max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.none() | AMOUNTS, st.none() | TEXTS), max_size=4),
)
def test_values_come_back_as_they_are(
    cases: Sequence[tuple[date, Decimal | None, str | None, datetime | None]],
    messages: Sequence[tuple[int, date, str, date | None]],
    ends: Sequence[tuple[int, Decimal | None, str | None]],
) -> None:
    number = [f"GTB-{n}" for n in range(len(cases))]
    records = records_of(
        [
            {"number": number[n], "opened": opened, "amount": amount, "notes": notes, "logged_at": logged}
            for n, (opened, amount, notes, logged) in enumerate(cases)
        ],
        [
            {"entry": k, "number": number[n % len(cases)], "date": when, "summary": text, "due": due}
            for k, (n, when, text, due) in enumerate(messages, 1)
        ],
        [
            {"number": number[n % len(cases)], "status": "Pending", "amount": amount, "outcome": text}
            for n, amount, text in ends
        ],
    )
    in_full(records)


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK])
def test_every_case_is_found_whatever_their_number(count: int) -> None:
    messages = [{"entry": n, "number": f"GTB-{(7 * n) % count:06}", "date": date(2023, 10, 2)} for n in range(count)]
    in_full(records_of(many(count), messages))


def test_numbers_that_look_alike_are_found_together() -> None:
    alike = ["GTB-0O1I", "GTB-O0I1", "GTB-00LL"]
    in_full(records_of([*many(500), *({"number": number, "opened": date(2023, 10, 1)} for number in alike)]))


def test_a_workbook_without_cases_knows_none() -> None:
    in_full(records_of())


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK - 2])
def test_what_was_added_is_found_as_if_it_had_been_there(count: int) -> None:
    records = records_of(many(count))
    index = index_of(records)
    about: dict[str, object] = {}
    for n in range(5):
        key = f"NEW-{n}"
        entries: list[tuple[Sheet, dict[str, object]]] = [
            (CASES, {"number": key, "opened": date(2023, 10, 3)}),
            (COMMUNICATIONS, {"entry": n, "number": key, "date": datetime(2023, 10, 4, 9), "summary": "Hello"}),
            (RESOLUTIONS, {"number": key, "status": "Pending", "amount": Decimal("1.50")}),
        ]
        if count:
            entries.append((COMMUNICATIONS, {"entry": 50 + n, "number": "GTB-000000", "date": date(2023, 10, 4)}))
        for sheet, values in entries:
            log = records.log(sheet)
            index.added(log, log.add(values, 2 + len(log)))
        blobs, about = index.changes()
        held = cache()
        held.digest()
        held.write(DIGEST, blobs, anew=False)
        index = opened(about)
    again = opened(about)
    for key in records.cases.by_case:
        assert rows_of(again, key) == expected(records, key)


def test_few_blobs_change_with_one_entry() -> None:
    """So that an append costs the same in a large workbook."""
    records = records_of(many(50 * BLOCK))
    index = index_of(records)
    index.added(records.cases, records.cases.add({"number": "NEW-1", "opened": date(2023, 10, 3)}, 9_999))
    blobs, _ = index.changes()
    assert len(blobs) == 3
    assert sum(map(len, blobs.values())) < 10_000
    assert index.changes()[0] == {}


@pytest.mark.parametrize("missing", ["buckets", "blocks"])
def test_what_the_cache_lost_is_not_taken_for_nothing(missing: str) -> None:
    """A case of which nothing is known would be a new one."""
    records = records_of(many(10 * BLOCK))
    blobs, about = encoded(records.logs)
    lost = {name for name in blobs if name.startswith("c") and name[1].isdigit()}
    if missing == "blocks":
        lost = set(blobs) - lost
    cache().write(DIGEST, {name: blob for name, blob in blobs.items() if name not in lost}, anew=True)
    with pytest.raises(CacheMiss):
        rows_of(opened(about), next(iter(records.cases.by_case)))


@pytest.mark.parametrize("text", ["a\x1eb", "a\x1fb", "\x1e", "\x1f"])
def test_a_block_that_does_not_part_into_as_many_values_as_there_are_is_not_read(text: str) -> None:
    records = records_of([*many(3), {"number": "GTB-9", "opened": date(2023, 10, 2), "notes": text}])
    index = index_of(records)
    with pytest.raises(CacheMiss, match="something else"):
        list(index.rows(CASES, [0]))


def test_amounts_come_back_as_they_were_written() -> None:
    amounts = [Decimal("49.90"), Decimal("49.9"), Decimal("49.900"), Decimal("0"), Decimal("0.00")]
    records = records_of([{**row, "amount": amount} for row, amount in zip(many(5), amounts, strict=True)])
    found = [values["amount"] for _, values in index_of(records).rows(CASES, range(5))]
    assert list(map(str, found)) == list(map(str, amounts))


def test_a_position_beyond_the_rows_is_not_taken_for_one() -> None:
    records = records_of(many(3))
    index = index_of(records)
    with pytest.raises(CacheMiss, match="shorter than it should be"):
        list(index.rows(CASES, [3]))
