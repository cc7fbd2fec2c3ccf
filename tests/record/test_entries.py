"""From what is given for an entry to its values: names, spellings, and what refundbook fills in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from refundbook.base.clock import Clock
from refundbook.base.errors import BadValue, UsageError
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Column, Kind, Sheet
from refundbook.base.settings import Issuer, Settings
from refundbook.base.values import read
from refundbook.record.column_names import column_named
from refundbook.record.entries import draft, fill, next_entry, read_value, unreadable_findings
from refundbook.record.records import Log, Records

NOW = datetime(2023, 11, 5, 14, 30, 15)


def records(settings: Settings | None = None, numbers: tuple[str, ...] = ()) -> Records:
    """Records with these cases and nothing else."""
    settings = settings or Settings()
    cases, communications, resolutions = (
        Log(
            sheet,
            settings.issuers,
            {column.name: chr(ord("A") + at) for at, column in enumerate(sheet.columns)},
            columns={column.name: [] for column in sheet.columns},
        )
        for sheet in SHEETS
    )
    made = Records(cases, communications, resolutions, settings, Clock.for_settings(settings, NOW))
    for row, number in enumerate(numbers, 2):
        made.cases.add({"number": number, "opened": date(2023, 10, 26)}, row)
    return made


# Names


@pytest.mark.parametrize("column", [pytest.param(c, id=f"{s.name} {c.name}") for s in SHEETS for c in s.columns])
def test_a_column_is_named_by_header_parameter_or_option_in_any_case(column: Column) -> None:
    sheet = next(sheet for sheet in SHEETS if column in sheet.columns)
    spellings = (column.header, column.header.upper(), f" {column.header.lower()} ", column.name, column.option[2:])
    assert [column_named(sheet, spelling) for spelling in spellings] == [column] * 5


@pytest.mark.parametrize(
    ("sheet", "name", "hint"),
    [
        (CASES, "Order Nr", 'Did you mean "Order Number"? '),
        (COMMUNICATIONS, "sumary", 'Did you mean "Summary"? '),
        (RESOLUTIONS, "zzz", ""),
    ],
)
def test_an_unknown_column_is_named_with_the_nearest_and_all_there_are(sheet: Sheet, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        column_named(sheet, name)
    headers = ", ".join(column.header for column in sheet.columns)
    assert str(caught.value) == f'{sheet.name} has no column "{name}". {hint}Its columns are: {headers}.'


# Values


def test_a_draft_has_a_value_for_every_column_each_in_its_type() -> None:
    given = {"Case Number": " 007 ", "opened": "2023-10-26", "amount": "49.90", "Currency": "usd", "respond-by": "2023-11-09 17:00", "notes": "  "}  # fmt: skip
    entry = draft(records(), CASES, given)
    assert entry.values == {
        **dict.fromkeys(column.name for column in CASES.columns),
        "number": "007",
        "opened": date(2023, 10, 26),
        "amount": Decimal("49.90"),
        "currency": "USD",
        "respond_by": datetime(2023, 11, 9, 17),
    }
    assert not entry.unreadable


def test_a_due_date_may_be_a_span_from_the_message_whatever_the_order_of_what_is_given() -> None:
    entry = draft(records(), COMMUNICATIONS, {"due": "48 hrs", "date": "2023-10-28 14:30"})
    assert entry.values["due"] == datetime(2023, 10, 30, 14, 30)
    assert draft(records(), COMMUNICATIONS, {"due": "3 days", "date": "today"}).values["due"] == date(2023, 11, 8)


def test_a_span_without_a_date_to_count_from_is_not_understood() -> None:
    entry = draft(records(), COMMUNICATIONS, {"due": "48 hrs"})
    assert list(entry.unreadable) == ["due"]


def test_of_a_date_that_cannot_be_read_only_that_is_said_not_what_counts_from_it() -> None:
    entry = draft(records(), COMMUNICATIONS, {"date": "someday", "due": "48 hrs"})
    assert list(entry.unreadable) == ["date"]
    assert entry.values["date"] is None


def test_every_value_that_cannot_be_read_is_a_finding_at_its_cell() -> None:
    known = records()
    entry = draft(
        known,
        COMMUNICATIONS,
        {"date": "someday", "with": "Agent", "summary": "a\x07", "entry": "0", "number": "GTB-1"},
    )
    position = known.communications.add(entry.values, 12)
    found = unreadable_findings(known.communications, position, entry)
    assert sorted((finding.code, finding.where) for finding in found) == [
        ("RB102", "Communications!C12"),
        ("RB105", "Communications!D12"),
        ("RB106", "Communications!A12"),
        ("RB107", "Communications!H12"),
    ]
    assert all(finding.message.startswith(("Date", "With", "Summary", "Entry")) for finding in found)


@pytest.mark.parametrize("kind", [Kind.IDENTIFIER, Kind.TEXT, Kind.LONG_TEXT, Kind.MONEY, Kind.DATE, Kind.WHOLE])
def test_a_field_given_twice_is_refused(kind: Kind) -> None:
    sheet, column = next((s, c) for s in SHEETS for c in s.columns if c.kind is kind)
    with pytest.raises(UsageError, match=f'^{sheet.name}: "{column.header}" is given twice'):
        draft(records(), sheet, {column.header: "1", column.header.upper(): "1"})


# Case numbers as they stand on the Cases sheet


@pytest.mark.parametrize("typed", ["gtb-789012", " GTB–789012 ", "GTB-789012\u200b", "GTB-789012"])
@pytest.mark.parametrize(("sheet", "name"), [(COMMUNICATIONS, "number"), (RESOLUTIONS, "number"), (CASES, "related")])
def test_a_reference_to_a_case_is_spelled_as_on_the_cases_sheet(sheet: Sheet, name: str, typed: str) -> None:
    assert draft(records(numbers=("GTB-789012",)), sheet, {name: typed}).values[name] == "GTB-789012"


def test_a_case_keeps_its_own_spelling_and_so_does_a_reference_to_none() -> None:
    known = records(numbers=("GTB-789012",))
    assert draft(known, CASES, {"number": "gtb-789012"}).values["number"] == "gtb-789012"
    assert draft(known, COMMUNICATIONS, {"number": "gtb-789013"}).values["number"] == "gtb-789013"
    assert read_value(known, CASES["order"], "gtb-789012", {}) == "gtb-789012"


def test_numbers_of_an_issuer_that_tells_cases_apart_are_not_mixed_up() -> None:
    known = records(numbers=("dp_1AbC", "dp_1aBc"))
    assert draft(known, RESOLUTIONS, {"number": "dp_1aBc"}).values["number"] == "dp_1aBc"


# What refundbook fills in


def filled(sheet: Sheet, given: dict[str, object], user: str = "ana", settings: Settings | None = None) -> dict[str, object]:  # fmt: skip
    known = records(settings)
    entry = draft(known, sheet, given)
    fill(known, entry, user, 12)
    return {column.name: entry.values[column.name] for column in sheet.columns if column.filled}


def test_what_was_not_given_is_filled_in() -> None:
    logged = {"logged_at": NOW, "logged_by": "ana"}
    assert filled(CASES, {"number": "gtb-123456"}) == {"issuer": "GTBuy", **logged}
    assert filled(COMMUNICATIONS, {}) == {"entry": 12, "direction": "Received", **logged}
    assert filled(RESOLUTIONS, {}) == logged


def test_what_was_given_stays() -> None:
    assert filled(CASES, {"number": "GTB-123456", "issuer": "PayPal", "logged_at": "2023-11-01", "logged_by": "Zoë"}) == {"issuer": "PayPal", "logged_at": date(2023, 11, 1), "logged_by": "Zoë"}  # fmt: skip
    assert filled(COMMUNICATIONS, {"entry": "3", "direction": "sent"})["entry"] == 3
    assert filled(COMMUNICATIONS, {"entry": "3", "direction": "sent"})["direction"] == "Sent"


def test_what_could_not_be_read_is_not_filled_over() -> None:
    known = records()
    entry = draft(known, COMMUNICATIONS, {"direction": "upward", "entry": "x"})
    fill(known, entry, "ana", 12)
    assert (entry.values["direction"], entry.values["entry"]) == (None, None)


@pytest.mark.parametrize("user", ["", " ", "\t"])
def test_a_user_without_a_name_is_nobody(user: str) -> None:
    assert filled(CASES, {}, user)["logged_by"] is None


def test_the_issuer_is_the_first_whose_pattern_fits_and_none_where_none_does() -> None:
    settings = Settings(issuers=(Issuer("Anybody"), Issuer("Shop", ("S-##",)), Issuer("Bank", ("S-*", "B-*"))))
    assert [filled(CASES, {"number": n}, settings=settings)["issuer"] for n in ("S-12", "S-123", "s-12", "X-1", None)] == ["Shop", "Bank", "Shop", None, None]  # fmt: skip


def test_logged_at_is_now_in_the_workbooks_time_zone_and_midnight_is_the_day() -> None:
    known = records()
    known.clock = Clock(datetime(2023, 11, 5), None, None)
    entry = draft(known, CASES, {})
    fill(known, entry, "ana", 1)
    assert entry.values["logged_at"] == date(2023, 11, 5)


def test_the_next_entry_number_is_one_above_the_greatest() -> None:
    log = records().communications
    assert next_entry(log) == 1
    for row, number in enumerate((3, 41, None, "7", 5), 2):
        log.add({"entry": number}, row)
    assert next_entry(log) == 42


def test_a_value_is_read_as_its_column_reads_it() -> None:
    known = records()
    assert read_value(known, CASES["amount"], "12.50", {}) == read(CASES["amount"], "12.50", known.clock)
    with pytest.raises(BadValue, match=r"^Amount Requested"):
        read_value(known, CASES["amount"], "1,250", {})
