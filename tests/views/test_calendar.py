"""The calendar of what is due, read back by a parser that is not the one that wrote it."""

from __future__ import annotations

import builtins
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject

from refundbook.base.errors import CannotWrite, UsageError
from refundbook.base.settings import Settings
from refundbook.record.promises import deadlines
from refundbook.record.records import Records
from refundbook.views.calendar import calendar, write_calendar
from tests.support.books import Row
from tests.support.memory import records_of

NUMBER = "GTB-789012"


def november(day: int, hour: int | None = None) -> date:
    return date(2023, 11, day) if hour is None else datetime(2023, 11, day, hour)


def promised(**more: object) -> Row:
    return {
        "number": NUMBER, "date": november(1), "with_": "Support", "direction": "Received", "summary": "x", "promise": "Refund", **more
    }  # fmt: skip


def events(records: Records) -> list[Any]:
    """The events of the calendar, as vobject reads them."""
    return list(vobject.readOne(calendar(records, "Refunds").decode()).contents.get("vevent", []))


def one(records: Records) -> Any:
    (event,) = events(records)
    return event


def case(**more: object) -> Row:
    return {"number": NUMBER, "opened": november(5), **more}


def test_every_open_deadline_with_a_date_is_an_event() -> None:
    """Compared with the list by hand, however far ahead they lie."""
    cases = [
        case(number="A-1", opened=november(1), respond_by=november(30)),
        case(number="A-2", opened=november(1)),
        case(number="A-3", opened=november(1)),
    ]
    messages = [
        promised(number="A-1", entry=1, due=november(2), agent="Maya"),
        promised(number="A-1", entry=2, due=date(2024, 5, 1), direction="Sent", with_="Buyer"),
        promised(number="A-1", entry=3),
        promised(number="A-3", entry=4, due=november(2)),
    ]
    ends = [{"number": "A-3", "status": "Denied", "date": november(4)}]
    found = {(event.summary.value, event.dtstart.value, event.dtend.value) for event in events(records_of(cases, messages, ends))}  # fmt: skip
    assert found == {
        ("A-1 Support (Maya): Refund", november(2), november(3)),
        ("A-2 Support: No reply since 2023-11-01", november(3), november(4)),
        ("A-1 You: Answer the gateway", november(30), date(2023, 12, 1)),
        ("A-1 You to Buyer: Refund", date(2024, 5, 1), date(2024, 5, 2)),
    }


def test_an_event_is_what_all_calendars_ask_for() -> None:
    data = calendar(records_of([case()], [promised(entry=3, due=november(9), agent="Maya")]), "Refunds: tracker")
    read = vobject.readOne(data.decode())
    assert (read.version.value, read.method.value) == ("2.0", "PUBLISH")
    assert read.prodid.value
    assert read.contents["x-wr-calname"][0].value == "Refunds: tracker"
    event = read.vevent
    assert event.dtstamp.value == event.last_modified.value == datetime(2023, 11, 5, 23, 59, 59, tzinfo=UTC)
    assert event.description.value == (
        "Case GTB-789012: their promise.\nSupport (Maya): Refund\nWhen it is kept: refundbook keep 3"
    )
    assert event.transp.value == "TRANSPARENT"
    assert event.valarm.action.value == "DISPLAY"
    assert event.valarm.trigger.value == timedelta(hours=-15)
    assert re.fullmatch(r"[0-9a-f-]{36}@refundbook", event.uid.value)


def test_lines_end_with_crlf_and_are_folded() -> None:
    """RFC 5545, 3.1: no line is longer than 75 octets."""
    data = calendar(records_of([case()], [promised(entry=1, due=november(9), promise="山田 " * 60)]), "Refunds")
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line or len(line) > 75 for line in lines)
    assert vobject.readOne(data.decode()).vevent.summary.value.endswith("山田 " * 59 + "山田")


def test_an_hour_is_an_instant_where_the_workbook_names_its_zone() -> None:
    messages = [promised(due=november(9, 14))]
    berlin = one(records_of([case()], messages, settings=Settings(time_zone="Europe/Berlin")))
    assert berlin.dtend.value == datetime(2023, 11, 9, 13, tzinfo=UTC)
    assert berlin.dtend.value - berlin.dtstart.value == timedelta(minutes=30)
    assert berlin.dtstamp.value == datetime(2023, 11, 5, 22, 59, 59, tzinfo=UTC)
    assert berlin.valarm.trigger.value == timedelta(days=-1)


def test_an_hour_is_what_the_clock_on_the_wall_says_where_it_does_not() -> None:
    floating = one(records_of([case()], [promised(due=november(9, 14))]))
    assert floating.dtend.value == datetime(2023, 11, 9, 14)
    assert floating.dtend.value.tzinfo is None


# Importing again


def uids(records: Records) -> list[str]:
    return [event.uid.value for event in events(records)]


def test_the_same_deadline_keeps_its_uid_whatever_else_changes() -> None:
    before = records_of([case(number="gtb-789012 ")], [promised(entry=3, due=november(9))])
    after = records_of(
        [case(number="A-0", respond_by=november(6)), case()],
        [promised(number="A-0", entry=1, due=november(6)), promised(entry=3, due=november(20, 9), promise="All of it", agent="David")],
        today=date(2023, 11, 6),
    )  # fmt: skip
    assert uids(before)[0] == uids(after)[-1]
    assert len(set(uids(after))) == 3


def test_a_newer_file_updates_the_event() -> None:
    older, newer = (
        one(records_of([case()], [promised(entry=3, due=november(day))], today=today))
        for day, today in ((9, november(5)), (12, november(6)))
    )
    assert older.uid.value == newer.uid.value
    assert int(older.sequence.value) < int(newer.sequence.value) < 2**31
    assert older.last_modified.value < newer.last_modified.value
    assert (older.dtstart.value, newer.dtstart.value) == (november(9), november(12))


def test_the_same_workbook_on_the_same_day_is_the_same_file() -> None:
    first, second = (calendar(records_of([case()], [promised(entry=3, due=november(9))]), "R") for _ in range(2))
    assert first == second


def test_what_is_settled_early_says_so_and_rings_no_bell() -> None:
    """Left out of a later file, the event would stay in the calendar as it was."""
    kept = one(records_of([case()], [promised(entry=3, due=november(9), kept_on=november(4))]))
    assert kept.summary.value == "Done: GTB-789012 Support: Refund"
    assert "valarm" not in kept.contents
    assert events(records_of([case()], [promised(entry=3, due=november(4), kept_on=november(4))])) == []


def test_what_is_late_rings_no_bell() -> None:
    assert "valarm" not in one(records_of([case()], [promised(due=november(4))])).contents


def test_entries_without_a_number_have_uids_of_their_own() -> None:
    messages = [promised(due=november(9)), promised(due=november(9)), promised(due=november(9), promise="Reply")]
    found = uids(records_of([case()], messages))
    assert len(set(found)) == 3
    assert found == uids(records_of([case()], messages, today=november(6)))


def test_a_day_at_the_end_of_time_is_never() -> None:
    records = records_of([case()], [promised(due=date.max), promised(due=datetime(9999, 12, 31, 23))])
    assert len(deadlines(records)) == 2
    assert events(records) == []


# Hostile texts


@pytest.mark.parametrize("text", ["x\r\nEND:VCALENDAR\r\nBEGIN:VEVENT", "x\nUID:1", "a;b,c\\n:d", "\x1b[31m\x00", "x\rATTACH:y"])  # fmt: skip
def test_a_text_cannot_become_a_line_of_the_file(text: str) -> None:
    data = calendar(records_of([case(number=f"A{text}")], [promised(number=f"A{text}", promise=text, due=november(9))]), f"R{text}")  # fmt: skip
    names = [line.partition(b":")[0].partition(b";")[0] for line in data.replace(b"\r\n ", b"").split(b"\r\n")]
    plain = calendar(records_of([case()], [promised(due=november(9))]), "R")
    assert names == [line.partition(b":")[0].partition(b";")[0] for line in plain.replace(b"\r\n ", b"").split(b"\r\n")]
    assert len(vobject.readOne(data.decode()).contents["vevent"]) == 1


def test_a_case_number_is_a_part_of_no_other() -> None:
    """The UID is made from what cannot be confused: entry 11 of A is not entry 1 of A1."""
    first = uids(records_of([case(number="A")], [promised(number="A", entry=11, due=november(9))]))
    assert first != uids(records_of([case(number="A1")], [promised(number="A1", entry=1, due=november(9))]))


# The file


def test_a_calendar_takes_the_place_of_an_older_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "refunds.ics"
    for data in (b"BEGIN:VCALENDAR one", b"BEGIN:VCALENDAR two"):
        write_calendar(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_a_calendar_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.ics").write_bytes(b"")
    (tmp_path / "link.ics").symlink_to("real.ics")
    write_calendar(tmp_path / "link.ics", b"BEGIN:VCALENDAR")
    assert (tmp_path / "link.ics").is_symlink()
    assert (tmp_path / "real.ics").read_bytes() == b"BEGIN:VCALENDAR"


def test_what_is_no_calendar_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(b"PK the only record of the money")
    with pytest.raises(
        UsageError, match=r"is no calendar and is left as it is\. Name another file, such as refunds\.ics"
    ):
        write_calendar(path, b"BEGIN:VCALENDAR")
    assert path.read_bytes() == b"PK the only record of the money"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot be written: the folder does not exist"):
        write_calendar(tmp_path / "no" / "refunds.ics", b"BEGIN:VCALENDAR")


def test_without_the_package_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "icalendar":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=re.escape('pip install "refundbook[calendar]"')):
        calendar(records_of(), "Refunds")
