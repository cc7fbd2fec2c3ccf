"""Every rule on dates names the slip that would fit the case: day and month swapped, a two-digit year, the 1904 date
system, in both directions.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from refundbook.base.clock import Clock
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.base.settings import Settings
from refundbook.record.records import Log, Records
from refundbook.record.rules import check

NUMBER = "GTB-789012"
MID, END = date(2023, 6, 30), date(2023, 12, 31)
GAP = timedelta(1462)
Row = dict[str, Any]


def records_of(today: date, case: Row, messages: list[Row], ends: list[Row]) -> Records:
    logs = []
    rows: list[tuple[Sheet, list[Row]]] = [(CASES, [case]), (COMMUNICATIONS, messages), (RESOLUTIONS, ends)]
    for sheet, own in rows:
        letters = {column.name: chr(65 + n) for n, column in enumerate(sheet.columns)}
        log = Log(sheet, Settings().issuers, letters, columns={column.name: [] for column in sheet.columns})
        for n, values in enumerate(own):
            log.add({"number": NUMBER, **values}, 2 + n)
        logs.append(log)
    return Records(logs[0], logs[1], logs[2], Settings(), Clock.for_settings(Settings(), today))


def message(day: object, **more: object) -> Row:
    return {"date": day, "with_": "Support", "summary": "Hello", "promise": "Refund", **more}


def end(day: object, **more: object) -> Row:
    return {"status": "Denied", "date": day, **more}


LATE = date(2023, 6, 10)
TOO_LATE = {"day and month": date(2023, 10, 6), "two-digit year": date(2123, 6, 10), "1904": LATE + GAP}
EARLY = date(2023, 11, 2)
TOO_EARLY = {"day and month": date(2023, 2, 11), "two-digit year": date(1923, 11, 2), "1904": EARLY - GAP}
OPENED, SAID = date(2023, 10, 20), date(2023, 10, 25)


def late(wrong: object) -> dict[str, Records]:
    """By rule, what breaks it with a date that is too late."""
    before = {"opened": date(2023, 6, 1)}
    return {
        "RB203": records_of(MID, {"opened": wrong}, [message(date(2023, 6, 12))], []),
        "RB203 alone": records_of(MID, {"opened": wrong}, [], []),
        "RB204": records_of(MID, before, [message(wrong)], []),
        "RB205": records_of(MID, before, [], [end(wrong)]),
        "RB213": records_of(MID, before, [message(date(2023, 6, 2), kept_on=wrong)], []),
        "RB214": records_of(MID, {**before, "answered_on": wrong}, [], []),
        "RB208": records_of(END, before, [message(wrong, logged_at=datetime(2023, 6, 12, 9))], []),
        "RB354": records_of(END, before, [message(wrong)], [end(date(2023, 6, 20))]),
        "RB206": records_of(END, before, [message(wrong, due=date(2023, 6, 15))], []),
        "RB207": records_of(END, before, [message(wrong, kept_on=date(2023, 6, 15))], []),
        "RB302": records_of(END, {"opened": wrong}, [message(date(2023, 6, 12))], []),
        "RB303": records_of(END, {"opened": wrong}, [], [end(date(2023, 6, 12))]),
    }


def early(wrong: object) -> dict[str, Records]:
    """By rule, what breaks it with a date that is too early."""
    return {
        "RB206": records_of(END, {"opened": OPENED}, [message(SAID, due=wrong)], []),
        "RB207": records_of(END, {"opened": OPENED}, [message(SAID, kept_on=wrong)], []),
        "RB208": records_of(END, {"opened": OPENED}, [message(SAID, logged_at=wrong)], []),
        "RB215": records_of(END, {"opened": OPENED, "answered_on": wrong}, [], []),
        "RB302": records_of(END, {"opened": OPENED}, [message(wrong)], []),
        "RB303": records_of(END, {"opened": OPENED}, [], [end(wrong)]),
        "RB354": records_of(END, {"opened": OPENED}, [message(date(2023, 11, 1))], [end(wrong)]),
        "RB254": records_of(END, {"opened": wrong, "logged_at": EARLY}, [], []),
    }


SILENT = {("RB208", "two-digit year"), ("RB208", "1904")}
"""While what is logged lies in the future, only the rule about that speaks."""


@pytest.mark.parametrize(("rule", "jump"), [pair for pair in product(late(MID), TOO_LATE) if pair not in SILENT])
def test_a_date_that_is_too_late_is_explained(rule: str, jump: str) -> None:
    hints = [finding.hint for finding in check(late(TOO_LATE[jump])[rule]) if finding.code == rule[:5]]
    assert any(str(LATE) in hint for hint in hints), hints
    assert ("1904" in "".join(hints)) == (jump == "1904")


@pytest.mark.parametrize("jump", TOO_EARLY)
@pytest.mark.parametrize("rule", early(EARLY))
def test_a_date_that_is_too_early_is_explained(rule: str, jump: str) -> None:
    hints = [finding.hint for finding in check(early(TOO_EARLY[jump])[rule]) if finding.code == rule]
    assert any(str(EARLY) in hint for hint in hints), hints
    assert ("1904" in "".join(hints)) == (jump == "1904")


@pytest.mark.parametrize(
    ("how", "jump"), [*(("text", jump) for jump in TOO_EARLY), ("number", "day and month"), ("number", "1904")]
)
def test_so_is_one_that_stands_as_a_text_or_a_number(how: str, jump: str) -> None:
    wrong = TOO_EARLY[jump]
    stands = str(wrong) if how == "text" else float((wrong - date(1899, 12, 30)).days)
    records = records_of(END, {"opened": OPENED}, [message(stands)], [])
    (hint,) = [finding.hint for finding in check(records) if finding.code == "RB102"]
    assert str(EARLY) in hint
    assert ("1904" in hint) == (jump == "1904")


def test_a_date_before_2000_is_explained() -> None:
    records = records_of(END, {"opened": OPENED, "respond_by": date(1923, 11, 2)}, [], [])
    assert ["2023-11-02" in finding.hint for finding in check(records) if finding.code == "RB153"] == [True]


@pytest.mark.parametrize("days", [0, 100, 400, 1000])
def test_a_sheet_pasted_from_the_1904_system_is_told_in_every_row(days: int) -> None:
    """All dates of it are 1,462 days too late, also those that say when other dates can be."""
    day = MID - timedelta(days)
    records = records_of(
        MID, {"opened": day + GAP, "logged_at": day + GAP}, [message(day + GAP, logged_at=day + GAP)], [end(day + GAP)]
    )
    hints = {finding.code: finding.hint for finding in check(records) if finding.code in ("RB203", "RB204", "RB205")}
    assert len(hints) == 3
    assert all(f"1904) to the other, it would be {day}" in hint for hint in hints.values()), hints


def test_tomorrow_is_no_date_of_another_system() -> None:
    records = records_of(MID, {"opened": MID + timedelta(1)}, [], [])
    assert ["1904" in finding.hint for finding in check(records)] == [False]
