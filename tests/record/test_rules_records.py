"""The rules on records in memory: any value whatever, a few rows as among all, and only as much reading as a few rows need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.a1 import column_letters
from refundbook.base.dates import Clock
from refundbook.base.findings import Finding
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Settings, Sheet
from refundbook.record.nearest import digits_of, look_of, nearest_case
from refundbook.record.records import Log, Records
from refundbook.record.rules import ERRORS, ERRORS_OF_A_ROW, RULES, check
from refundbook.record.rules.rows import entry_of
from refundbook.storage.load import read_contents
from tests.support.gallery import TODAY, addresses, build, examples

CARD = "4111 1111 1111 1111"


def _log(sheet: Sheet, rows: list[dict[str, Any]]) -> Log:
    letters = {column.name: column_letters(at) for at, column in enumerate(sheet.columns, 1)}
    log = Log(sheet, Settings().issuers, letters, columns={column.name: [] for column in sheet.columns})
    for number, row in enumerate(rows, 2):
        log.add(row, number)
    return log


def _records(
    cases: list[dict[str, Any]] | None = None,
    communications: list[dict[str, Any]] | None = None,
    resolutions: list[dict[str, Any]] | None = None,
) -> Records:
    logs = _log(CASES, cases or []), _log(COMMUNICATIONS, communications or []), _log(RESOLUTIONS, resolutions or [])
    settings = Settings()
    return Records(*logs, settings=settings, clock=Clock.for_settings(settings, TODAY))


NUMBERS = st.sampled_from(
    ["GTB-100000", "gtb-100000 ", "GTB-1O0000", "GTB-100001", "dp_1a", "dp_1A", "du_1a", "?", None]
)
DATES = st.dates(date(2023, 12, 20), date(2024, 1, 5)) | st.datetimes(datetime(2023, 12, 28), datetime(2024, 1, 2)).map(
    lambda moment: moment.replace(microsecond=0)
)
JUNK = (
    st.none()
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.times()
    | st.timedeltas()
    | st.dates()
    | st.datetimes()
    | st.decimals(allow_nan=False)
    | st.sampled_from(
        [
            "#REF!",
            "2023-02-30",
            "03/04/2023",
            "\x00",
            "\ud800",
            CARD,
            "48 hrs",
            Decimal("-0"),
            Decimal("NaN"),
            -0.0,
            10**400,
        ]
    )
)
PLAUSIBLE = {
    "number": NUMBERS,
    "related": NUMBERS,
    "issuer": st.sampled_from(["GTBuy", "stripe ", None]),
    "with_": st.sampled_from(["Support", "Buyer"]),
    "direction": st.sampled_from(["Received", "Sent", None]),
    "status": st.sampled_from(RESOLUTIONS["status"].choices),
    "entry": st.integers(1, 4) | st.none(),
    "amount": st.decimals(0, 60, places=2) | st.none(),
    "currency": st.sampled_from(["USD", "usd", "EUR", None]),
    "summary": st.sampled_from(["Hello", "hello ", "Bye"]),
    "promise": st.sampled_from(["Refund", None]),
}


def _rows(sheet: Sheet, junk: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    def values(name: str) -> st.SearchStrategy[Any]:
        usual = PLAUSIBLE.get(name, (DATES | st.none()) if sheet[name].is_date else st.none())
        return st.one_of(usual, JUNK) if junk else usual

    return st.lists(st.fixed_dictionaries({column.name: values(column.name) for column in sheet.columns}), max_size=6)


def _any_records(junk: bool) -> st.SearchStrategy[Records]:
    return st.builds(_records, *(_rows(sheet, junk) for sheet in SHEETS))


@given(_any_records(junk=True))
def test_no_value_whatever_stops_the_rules(records: Records) -> None:
    for finding in check(records):
        assert finding.code in RULES
        assert finding.message
        assert str(finding)


@given(_any_records(junk=False))
def test_a_row_is_judged_alone_as_it_is_among_all(records: Records) -> None:
    alone = [
        finding for log in records.logs for i in range(len(log)) for finding in check(records, {log.sheet.name: [i]})
    ]
    assert sorted(map(str, alone)) == sorted(map(str, check(records)))


def _said(found: list[Finding]) -> list[tuple[str, str, str]]:
    """What is found, without the advice, which may come from other rows."""
    return [(finding.where, finding.code, finding.message) for finding in found]


def _said_of_each_row(records: Records, codes: Collection[str]) -> list[tuple[str, str, str]]:
    """What rules find in each row where there is no other."""
    found: list[Finding] = []
    for log in records.logs:
        for i, row in enumerate(log.rows):
            only = _log(log.sheet, [])
            only.add({name: values[i] for name, values in log.columns.items()}, row)
            only.formulas = {(0, name) for at, name in log.formulas if at == i}
            only.errors = {(0, name): error for (at, name), error in log.errors.items() if at == i}
            cases, messages, endings = (only if other is log else _log(other.sheet, []) for other in records.logs)
            found += check(Records(cases, messages, endings, records.settings, records.clock), codes=codes)
    return _said(found)


@given(_any_records(junk=True))
def test_a_rule_of_a_row_finds_the_same_where_there_is_no_other_row(records: Records) -> None:
    """So that of old rows it has nothing to say when a new one is entered."""
    assert _said_of_each_row(records, ERRORS_OF_A_ROW) == _said(check(records, codes=ERRORS_OF_A_ROW))


@pytest.mark.parametrize("code", [code for code in sorted(ERRORS) if RULES[code].find])
def test_the_rules_of_a_row_are_those_whose_examples_need_no_other_row(code: str, tmp_path: Path) -> None:
    needs_others = False
    for n, example in enumerate(examples(code, RULES[code].doc)):
        records = read_contents(build(tmp_path / f"{n}.xlsx", example.content).read_bytes(), "book", TODAY).records
        assert records is not None
        needs_others |= _said_of_each_row(records, {code}) != _said(check(records, codes={code}))
    assert needs_others is (code not in ERRORS_OF_A_ROW)


@given(_any_records(junk=False), st.data())
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
        records = _records(
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
    records = _records([{"number": number, "opened": TODAY} for number in numbers])
    near = nearest_case(records, records.key_of(typed))
    assert (None if near is None else numbers[near]) == meant


def test_no_case_is_near_where_several_are_and_none_of_them_looks_like_it() -> None:
    numbers = ["GTB-789012", "GTB-798102", "GTB-450001", "PP-450001"]
    records = _records([{"number": number, "opened": TODAY} for number in numbers])
    for typed in ("GTB-798012", "450001"):
        assert nearest_case(records, records.key_of(typed)) is None
    assert nearest_case(records, "gtb789012") == 0


@pytest.mark.parametrize("digits", [1, 2, 4, 6])
@pytest.mark.parametrize("prefix", ["GTB-", "", "A"])
def test_the_next_number_of_a_series_is_never_taken_for_the_last_one(prefix: str, digits: int) -> None:
    for count in (1, 8, 9, 10):
        records = _records([{"number": f"{prefix}{n:0{digits}}", "opened": TODAY} for n in range(1, count + 1)])
        assert nearest_case(records, records.key_of(f"{prefix}{count + 1:0{digits}}")) is None


def test_many_unknown_numbers_are_all_reported() -> None:
    records = _records(
        communications=[{"number": f"N{n}", "date": TODAY, "with_": "Buyer", "summary": "x"} for n in range(500)]
    )
    assert [finding.cell for finding in check(records)] == [f"B{row}" for row in range(2, 502)]


def test_rows_without_a_case_number_are_not_one_case() -> None:
    records = _records([{"opened": TODAY}, {"opened": TODAY}], [{"date": TODAY, "with_": "Buyer", "summary": "x"}] * 2)
    assert addresses(check(records)) == (
        "RB101 Cases!A2",
        "RB101 Cases!A3",
        "RB101 Communications!B2",
        "RB101 Communications!B3",
    )


def test_a_truth_value_is_no_entry_number() -> None:
    number = "GTB-100000"
    message = {"entry": True, "number": number, "date": TODAY, "with_": "Buyer", "summary": "x"}
    assert addresses(check(_records([{"number": number, "opened": TODAY}], [message]))) == ("RB106 Communications!A2",)


@given(st.timedeltas(timedelta(hours=-100), timedelta(hours=100)))
def test_hours_are_counted_only_where_both_ends_have_a_time_of_day(past_target: timedelta) -> None:
    now = datetime.combine(TODAY, time(12))
    sent = (now - timedelta(hours=48) - past_target).replace(microsecond=0)
    records = _records(
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
        records = _records(cases=[{"number": "GTB-1", "opened": TODAY, "notes": text}])
        assert [f.code for f in check(records)] == (["RB107"] if is_too_long else [])
