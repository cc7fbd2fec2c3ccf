"""The rules on records in memory: any value whatever, a few rows as among all, and only as much reading as a few rows
need.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.clock import Clock
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.record.nearest import digits_of, look_of, nearest_case
from refundbook.record.records import Records
from refundbook.record.rules import RULES, check
from refundbook.record.rules.rows import entry_of
from tests.support.any_records import NUMBERS, PLAUSIBLE, any_records, records_of
from tests.support.gallery import TODAY, addresses

pytestmark = pytest.mark.slow


@given(any_records(junk=True))
def test_no_value_whatever_stops_the_rules(records: Records) -> None:
    for finding in check(records):
        assert finding.code in RULES
        assert finding.message
        assert str(finding)


@given(any_records(junk=False))
def test_a_row_is_judged_alone_as_it_is_among_all(records: Records) -> None:
    alone = [
        finding for log in records.logs for i in range(len(log)) for finding in check(records, {log.sheet.name: [i]})
    ]
    assert sorted(map(str, alone)) == sorted(map(str, check(records)))


@given(any_records(junk=False), st.data())
def test_lookups_are_the_same_kept_up_to_date_as_built_anew(records: Records, data: st.DataObject) -> None:
    features = {CASES.name: (look_of, digits_of), COMMUNICATIONS.name: (entry_of,), RESOLUTIONS.name: (look_of,)}
    check(records)
    for log in records.logs:
        for feature in features[log.sheet.name]:
            log.lookup(feature)
        log.add({"number": data.draw(NUMBERS), "entry": 1}, len(log) + 2)
        for name in ("number", "entry") if "entry" in log.columns else ("number",):
            log.replace(data.draw(st.integers(0, len(log) - 1)), name, data.draw(PLAUSIBLE[name]))
        if data.draw(st.booleans()):
            log.remove_last()
        for feature in features[log.sheet.name]:
            kept: dict[object, list[int]] = {value: list(at) for value, at in log.lookup(feature).items()}
            anew: dict[object, list[int]] = {}
            for i in range(len(log)):
                if (value := feature(log, i)) is not None:
                    anew.setdefault(value, []).append(i)
            assert kept == anew


class _Counting(list[object]):
    """A column that counts how many of its values are read."""

    reads = 0

    def __getitem__(self, at: Any) -> Any:
        _Counting.reads += 1
        return super().__getitem__(at)

    def __iter__(self) -> Iterator[object]:
        _Counting.reads += len(self)
        return super().__iter__()


def test_checking_one_case_reads_its_rows_only() -> None:
    def reads(size: int) -> int:
        numbers = [f"GTB-{100_000 + n}" for n in range(size)]
        records = records_of(
            [{"number": number, "opened": TODAY} for number in numbers],
            [
                {"number": number, "date": TODAY, "with_": "Support", "summary": "Hello", "entry": n}
                for n, number in enumerate(numbers, 1)
            ],
            [{"number": number, "status": "Denied", "date": TODAY} for number in numbers],
        )
        about = records.about(["gtb-100003"])
        check(records, about)
        for log in records.logs:
            log.columns = {name: _Counting(values) for name, values in log.columns.items()}
        _Counting.reads = 0
        assert check(records, about) == []
        return _Counting.reads

    assert reads(10) == reads(1000)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gtb789001", "GTB-789001"),
        ("GTB-00789001", "GTB-789001"),
        ("GTB-78900l", "GTB-789001"),
        ("GTВ-789001", "GTB-789001"),
        ("GTB-798001", "GTB-789001"),
        ("GBT-789001", "GTB-789001"),
        ("GTB-78901", "GTB-789001"),
        ("GTB-7890001", "GTB-789001"),
        ("GTB-7889001", "GTB-789001"),
        ("GTB-786001", "GTB-789001"),
        ("GTV-789001", "GTB-789001"),
        ("TB-789001", "GTB-789001"),
        ("789001", "GTB-789001"),
        ("#789001", "GTB-789001"),
        ("pp-r-k10-9", "PP-R-KLO-9"),
        ("dp_1abcd", "dp_1AbCd"),
        ("GTB-789002", None),
        ("GTB-789000", None),
        ("GTB-789004", None),
        ("GTB-789101", "GTB-789001"),
        ("GTB-781001", None),
        ("GTB-7890017", None),
        ("PP-789001", None),
        ("gtb-9", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_case_is_the_only_one_that_a_likely_slip_leads_to(typed: str, meant: str | None) -> None:
    numbers = ["GTB-789001", "PP-R-KLO-9", "dp_1AbCd"]
    records = records_of([{"number": number, "opened": TODAY} for number in numbers])
    near = nearest_case(records, records.key_of(typed))
    assert (None if near is None else numbers[near]) == meant


def test_no_case_is_near_where_several_are_and_none_of_them_looks_like_it() -> None:
    numbers = ["GTB-789012", "GTB-798102", "GTB-450001", "PP-450001"]
    records = records_of([{"number": number, "opened": TODAY} for number in numbers])
    for typed in ("GTB-798012", "450001"):
        assert nearest_case(records, records.key_of(typed)) is None
    assert nearest_case(records, "gtb789012") == 0


@pytest.mark.parametrize("digits", [1, 2, 4, 6])
@pytest.mark.parametrize("prefix", ["GTB-", "", "A"])
def test_the_next_number_of_a_series_is_never_taken_for_the_last_one(prefix: str, digits: int) -> None:
    for count in (1, 8, 9, 10):
        records = records_of([{"number": f"{prefix}{n:0{digits}}", "opened": TODAY} for n in range(1, count + 1)])
        assert nearest_case(records, records.key_of(f"{prefix}{count + 1:0{digits}}")) is None


def test_many_unknown_numbers_are_all_reported() -> None:
    records = records_of(
        communications=[{"number": f"N{n}", "date": TODAY, "with_": "Buyer", "summary": "x"} for n in range(500)]
    )
    assert [finding.cell for finding in check(records)] == [f"B{row}" for row in range(2, 502)]


def test_rows_without_a_case_number_are_not_one_case() -> None:
    records = records_of(
        [{"opened": TODAY}, {"opened": TODAY}], [{"date": TODAY, "with_": "Buyer", "summary": "x"}] * 2
    )
    assert addresses(check(records)) == (
        "RB101 Cases!A2",
        "RB101 Cases!A3",
        "RB101 Communications!B2",
        "RB101 Communications!B3",
    )


def test_a_truth_value_is_no_entry_number() -> None:
    number = "GTB-100000"
    message = {"entry": True, "number": number, "date": TODAY, "with_": "Buyer", "summary": "x"}
    assert addresses(check(records_of([{"number": number, "opened": TODAY}], [message]))) == (
        "RB106 Communications!A2",
    )


@given(st.timedeltas(timedelta(hours=-100), timedelta(hours=100)))
def test_hours_are_counted_only_where_both_ends_have_a_time_of_day(past_target: timedelta) -> None:
    now = datetime.combine(TODAY, time(12))
    sent = (now - timedelta(hours=48) - past_target).replace(microsecond=0)
    records = records_of(
        [{"number": "GTB-100000", "opened": date(2023, 12, 1)}],
        [
            {"number": "GTB-100000", "date": date(2023, 12, 1), "with_": "Support", "summary": "Hello"},
            {"number": "GTB-100000", "date": sent, "with_": "Support", "direction": "Sent", "summary": "Photos"},
        ],
    )
    records.clock = Clock(now, None, None)
    waited = now - sent if sent.time() != time() else timedelta(days=(now.date() - sent.date()).days)
    assert ("RB353" in {finding.code for finding in check(records)}) == (waited > timedelta(hours=48))


def test_text_too_long_for_a_cell_is_refused_by_its_utf16_units() -> None:
    for text, is_too_long in (
        ("😀" * 16_384, True),
        ("😀" * 16_383 + "x", False),
        ("é" * 32_768, True),
        ("é" * 32_767, False),
    ):
        records = records_of(cases=[{"number": "GTB-1", "opened": TODAY, "notes": text}])
        assert [f.code for f in check(records)] == (["RB107"] if is_too_long else [])
