"""The Settings sheet: read wherever its tables stand; what cannot be used is pointed out, and the default applies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

import refundbook
from refundbook.base.findings import Severity
from refundbook.base.settings import (
    DAY_FIRST_VALUES,
    ISSUER_HEADERS,
    LIST_HEADERS,
    SETTING_HEADERS,
    SETTING_LINES,
    Issuer,
    Settings,
)
from refundbook.record.rules.settings import UNUSABLE
from refundbook.storage.settings_sheet import read_settings
from tests.support.books import blank
from tests.support.samples import load

Rows = list[list[object]]
LABELS = {line.name: line.label for line in SETTING_LINES}
DEFAULT = Settings()


def lines(*pairs: tuple[str, object]) -> Rows:
    return [list(SETTING_HEADERS), *([label, value, "help"] for label, value in pairs)]


def beside(left: Sequence[Sequence[object]], right: Sequence[Sequence[object]]) -> Rows:
    """Two tables side by side, a blank column between them."""
    width = max(len(row) for row in left)
    height = max(len(left), len(right))
    padded = [[*row, *[""] * (width + 1 - len(row))] for row in (*left, *[()] * (height - len(left)))]
    return [[*row, *more] for row, more in zip(padded, (*right, *[()] * (height - len(right))), strict=True)]


def test_an_empty_sheet_gives_the_defaults() -> None:
    nothing: tuple[Rows, ...] = ([], [[]], [["", ""]], [["Anything", 5.0, None]])
    for rows in nothing:
        assert read_settings(rows) == (DEFAULT, [])


def test_the_templates_sheet_says_what_the_defaults_are(tmp_path: Path) -> None:
    book = load(blank(tmp_path / "t.xlsx"))
    assert book.settings == DEFAULT
    assert not book.check().findings


def test_each_line_is_read() -> None:
    rows = lines(
        (LABELS["time_zone"], "Asia/Shanghai"), (LABELS["day_first"], "Day first"), (LABELS["response_target"], 24.0)
    )
    settings, findings = read_settings(rows)
    assert (settings.time_zone, settings.day_first, settings.response_target) == ("Asia/Shanghai", True, 24.0)
    assert not findings


@pytest.mark.parametrize("value", DAY_FIRST_VALUES)
def test_the_reading_of_dates_in_digits_is_one_of_three(value: str) -> None:
    for text in (value, value.upper(), f" {value} "):
        assert read_settings(lines((LABELS["day_first"], text)))[0].day_first is DAY_FIRST_VALUES[value]


@pytest.mark.parametrize("value", [72, 72.0, "72", " 72 ", "72.0"])
def test_a_target_is_a_number_of_hours(value: object) -> None:
    assert read_settings(lines((LABELS["response_target"], value)))[0].response_target == 72.0


@pytest.mark.parametrize("blank", ["", " ", None])
@pytest.mark.parametrize("name", LABELS)
def test_a_blank_line_means_the_default(name: str, blank: object) -> None:
    settings, findings = read_settings(lines((LABELS[name], "" if blank is None else blank)))
    assert getattr(settings, name) == getattr(DEFAULT, name)
    assert not findings


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("time_zone", "Mars/Olympus", '"Mars/Olympus"'),
        ("time_zone", "Europe", '"Europe"'),
        ("time_zone", "../etc/passwd", '"../etc/passwd"'),
        ("time_zone", 1.0, '"1"'),
        ("day_first", "yes", '"yes"'),
        ("day_first", True, '"True"'),
        ("response_target", "48 hours", '"48 hours"'),
        ("response_target", "48,5", '"48,5"'),
        ("response_target", 0.0, '"0"'),
        ("response_target", -1.0, '"-1"'),
        ("response_target", "nan", '"nan"'),
        ("response_target", "inf", '"inf"'),
        ("response_target", datetime(1900, 1, 1), '"1900-01-01 00:00:00"'),
    ],
)
def test_what_cannot_be_used_is_pointed_out_and_the_default_applies(name: str, value: object, shown: str) -> None:
    settings, (finding,) = read_settings([[], *lines(("A line of my own", "x"), (LABELS[name], value))])
    assert settings == DEFAULT
    assert (finding.code, finding.severity, finding.where) == (UNUSABLE, Severity.WARNING, "Settings!B4")
    accepts = next(line.accepts for line in SETTING_LINES if line.name == name)
    assert finding.message == f"{LABELS[name]} is {shown}; it must be {accepts}."
    assert finding.hint == "Until then the default applies."


def test_lines_may_be_moved_about_and_tables_stand_anywhere() -> None:
    first = lines((LABELS["response_target"], 24.0), ("Mine", 1.0), (LABELS["time_zone"].upper(), "Europe/Berlin"))
    second = [[" reasons for a refund "], ["Reason"], ["Late"], ["Lost"], [""], ["not of the list"]]
    third = [list(ISSUER_HEADERS), ["Shop", "S-##, s:##", "Yes"], ["Bank", "", ""]]
    settings, findings = read_settings([[], ["", *[]], *beside(beside(second, first), third)])
    assert settings.response_target == 24.0
    assert settings.time_zone == "Europe/Berlin"
    assert settings.lists["Reasons"] == ("Late", "Lost")
    assert settings.lists["Channels"] == DEFAULT.lists["Channels"]
    assert settings.issuers == (Issuer("Shop", ("S-##", "s:##"), True), Issuer("Bank"))
    assert not findings


@pytest.mark.parametrize("spelling", ["Reason", " Reason ", "REASON"])
def test_a_header_is_known_by_its_word(spelling: str) -> None:
    assert read_settings([[spelling], ["Late"]])[0].lists["Reasons"] == ("Late",)


@pytest.mark.parametrize("name", LIST_HEADERS)
def test_each_list_is_read_down_to_its_first_blank_and_an_empty_one_means_the_default(name: str) -> None:
    header = LIST_HEADERS[name]
    assert read_settings([[header], [" a "], [7.0], [" "], ["b"]])[0].lists == {**DEFAULT.lists, name: ("a", "7")}
    assert read_settings([[header], [""], ["a"]])[0].lists == DEFAULT.lists


@pytest.mark.parametrize(
    ("value", "differ"), [("Yes", True), ("yes", True), (True, True), ("No", False), ("", False), (False, False)]
)
def test_whether_upper_and_lower_case_differ(value: object, differ: bool) -> None:
    assert read_settings([list(ISSUER_HEADERS), ["Shop", "S-*", value]])[0].issuers == (
        Issuer("Shop", ("S-*",), differ),
    )


def test_rows_may_be_shorter_than_the_tables() -> None:
    assert read_settings([list(SETTING_HEADERS), [LABELS["time_zone"]], []]) == (DEFAULT, [])
    assert read_settings([list(ISSUER_HEADERS), ["Shop"]])[0].issuers == (Issuer("Shop"),)


# What the settings do


def with_settings(path: Path, *pairs: tuple[str, object]) -> Path:
    """The template with lines of its Settings sheet filled in, as a person does."""
    blank(path)
    book = openpyxl.load_workbook(path)
    page = book["Settings"]
    for label, value in pairs:
        (cell,) = (cell for row in page.iter_rows() for cell in row if cell.value == label)
        page.cell(cell.row, cell.column + 1).value = value  # type: ignore[assignment]
    book.save(path)
    return path


def test_dates_in_digits_are_read_as_the_settings_say(tmp_path: Path) -> None:
    for value, opened in (("Day first", date(2023, 4, 3)), ("Month first", date(2023, 3, 4))):
        book = load(with_settings(tmp_path / "t.xlsx", (LABELS["day_first"], value)))
        assert book.append_case("GTB-1", opened="03/04/2023").values["opened"] == opened


def test_the_time_zone_decides_what_day_it_is_and_converts_times(tmp_path: Path) -> None:
    path = with_settings(tmp_path / "t.xlsx", (LABELS["time_zone"], "Asia/Shanghai"))
    noon_in_london = datetime.fromisoformat("2023-11-05T17:00:00+00:00")
    book = refundbook.load(path, today=noon_in_london, user="ana")
    assert book.append_case("GTB-1", opened="today").values["opened"] == date(2023, 11, 6)
    message = book.append_communication("GTB-1", date="2023-11-05T16:30:00Z", with_="Support", summary="Hello")
    assert message.values["date"] == datetime(2023, 11, 6, 0, 30)
    assert message.values["logged_at"] == datetime(2023, 11, 6, 1)


def test_a_setting_that_cannot_be_used_does_not_refuse_the_workbook(tmp_path: Path) -> None:
    path = with_settings(tmp_path / "t.xlsx", (LABELS["time_zone"], "Mars/Olympus"))
    with load(path) as book:
        assert [f.code for f in book.check()] == [UNUSABLE]
        book.append_case("GTB-1", opened="2023-11-01")
        assert UNUSABLE in [f.code for f in book.check()]
    assert UNUSABLE in [f.code for f in load(path).check()]
