"""How the Tracker sheet stands, kept in the cache: what of it is small beside what else is known of the workbook, and
the rows that it shows in blobs of their own.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.live_bounds import LiveBounds
from refundbook.record.tracker import SheetRow
from refundbook.storage.cache_file import Cache
from refundbook.storage.tracker_state import Shows, TrackerState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_ROWS, _OPEN = "tracker", "open"


def plain_tracker(tracker: TrackerState) -> dict[str, Any]:
    """What of a Tracker is small."""
    return tracker._replace(open_rows=(), rows=())._asdict()


def encoded_tracker(tracker: TrackerState) -> dict[str, bytes]:
    """The blobs with the rest of it."""
    if tracker.shows is Shows.ALL:
        return {}
    return {
        _OPEN: array("I", tracker.open_rows).tobytes(),
        _ROWS: json.dumps(tracker.rows, default=_plain_cell).encode(),
    }


def known_tracker(cache: Cache, plain: dict[str, Any] | None) -> TrackerState | None:
    """The Tracker that is kept in the cache. Raises CacheMiss, and what a value of another kind raises."""
    if plain is None:
        return None
    shown, rows, computed_on = plain["bounds"] or (0, (), "")
    there = {
        "columns": tuple(plain["columns"]),
        "moving": tuple(plain["moving"]),
        "shows": Shows(plain["shows"]),
        "bounds": LiveBounds(shown, tuple(rows), computed_on) if shown else None,
    }
    tracker = TrackerState(**{**plain, **there, "open_rows": (), "rows": ()})
    if tracker.shows is Shows.ALL:
        return tracker
    blobs = cache.read([_ROWS, _OPEN])
    open_rows = array("I")
    open_rows.frombytes(blobs[_OPEN])
    rows = tuple((row, _tracker_row(values)) for row, values in json.loads(blobs[_ROWS]))
    return tracker._replace(open_rows=open_rows, rows=rows)


def _plain_cell(value: date | Decimal) -> str:
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def _tracker_row(plain: Sequence[Any]) -> SheetRow:
    number, opened, summary, reply, resolution, status, amount, currency, go_to = plain
    day = datetime.fromisoformat(opened) if opened and "T" in opened else opened and date.fromisoformat(opened)
    amount = amount and Decimal(amount)
    return number, day, summary, reply, resolution, status, amount, currency, go_to
