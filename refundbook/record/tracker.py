"""The Tracker: what its five columns say of a case, and those of the sheet to their right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from refundbook.base.dates import day_of
from refundbook.base.live_bounds import MORE_CASES
from refundbook.base.schema import FINAL_STATUSES, OPEN_STATUSES, TRACKER_WORKING_HEADERS
from refundbook.base.values import to_text
from refundbook.record import facts
from refundbook.record.records import Log, Records

TrackerRow = tuple[str, date | None, str, str, str]

MOVING_HEADERS = (TRACKER_WORKING_HEADERS[1], TRACKER_WORKING_HEADERS[4])
"""The columns of the Tracker sheet that say something else the next day."""

STEADY_HEADERS = tuple(header for header in TRACKER_WORKING_HEADERS if header not in MOVING_HEADERS)
SheetRow = tuple[str, date | None, str, str, str, str, Decimal | None, str, str]
"""A row of the Tracker sheet as far as only an entry changes it: the five columns, then those of `STEADY_HEADERS`."""

BLANK: SheetRow = ("", None, "", "", "", "", None, "", "")


def tracker_rows(records: Records, positions: Sequence[int] | None = None) -> Iterator[TrackerRow]:
    """One row a case, in the order of the Cases sheet: number, date opened, summary of messages, last support reply,
    resolution.
    """
    cases = records.cases
    for i in range(len(cases)) if positions is None else positions:
        key = cases.keys[i]
        opened = cases["opened"][i]
        yield (
            to_text(cases["number"][i]),
            opened if isinstance(opened, date) else None,
            summary(records, key),
            last_reply(records, key),
            resolution(records, key),
        )


def sheet_rows(records: Records, positions: Sequence[int]) -> Iterator[SheetRow]:
    """One row for each of the cases at these positions."""
    cases = records.cases
    for i, row in zip(positions, tracker_rows(records, positions), strict=True):
        currency = to_text(cases["currency"][i])
        yield *row, facts.status(records, cases.keys[i]), _asked(records, i), currency, _at(cases, i)


def _asked(records: Records, case: int) -> Decimal | None:
    return next(iter(facts.asked(records, case).values()), None)


def _at(cases: Log, case: int) -> str:
    return f"row {cases.rows[case]}"


def summary(records: Records, key: str) -> str:
    """The case's log entries in date order, joined by a space."""
    summaries = records.communications["summary"]
    return " ".join(to_text(summaries[i]) for i in records.messages(key) if summaries[i] is not None)


def last_reply(records: Records, key: str) -> str:
    """Day and agent of the newest message received from support, such as `2023-10-28 (Agent: Maya)`."""
    newest = records.last_support_reply(key)
    if newest is None:
        return ""
    log = records.communications
    agent = to_text(log["agent"][newest])
    return _day(log["date"][newest]) + (f" (Agent: {agent})" if agent else "")


def resolution(records: Records, key: str) -> str:
    """The newest resolution entry: when, then its outcome (its status where it has none, unless that says no more).

    When is the date of a final status. A case that is open never reads as ended: else it is `Reopened` or `Pending`,
    whatever date the entry has.
    """
    newest = records.newest_resolution(key)
    if newest is None:
        return OPEN_STATUSES[0]
    log = records.resolutions
    outcome, status = to_text(log["outcome"][newest]), to_text(log["status"][newest])
    day = _day(log["date"][newest]) if status in FINAL_STATUSES else ""
    when = status if status in OPEN_STATUSES else day or OPEN_STATUSES[0]
    return when if not outcome and status == when else f"{when} - {outcome or status}"


def _day(moment: object) -> str:
    return day_of(moment).isoformat() if isinstance(moment, date) else ""


NOT_LIVE = "not live: plain values"
"""How the row above the headers begins."""


PLAIN_NOTICE = "Plain values:"
"""How the mark below the rows begins."""


def is_mark(text: object) -> bool:
    """Whether a text below the Tracker's rows is refundbook's own, and so no case."""
    return isinstance(text, str) and (text.startswith(PLAIN_NOTICE) or text.endswith(MORE_CASES))
