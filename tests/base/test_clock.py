"""What time it is for a workbook, where the computer's own zone counts and the system does not know it for all years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base import clock
from refundbook.base.clock import local
from refundbook.base.dates import DateRefused

EAST = timezone(timedelta(hours=2))


class OfWindows(datetime):
    """A datetime that knows the computer's zone, which is UTC here, from 1970 to 3000."""

    def astimezone(self, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        if tz is None and not 1970 < self.year < 3000:
            raise OSError(22, "Invalid argument")
        return datetime.astimezone(self, UTC)


@pytest.mark.parametrize("year", [1, 100, 1600, 1900, 1969, 1970, 1971, 2023, 2999, 3000, 3001, 9000])
def test_a_moment_with_an_offset_has_a_local_time_in_every_year(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "datetime", OfWindows)
    assert local(datetime(year, 3, 1, 12, 30, tzinfo=EAST), None) == datetime(year, 3, 1, 10, 30)
    assert local(datetime(1904, 2, 29, 1, tzinfo=EAST), None) == datetime(1904, 2, 28, 23)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.integers(-1439, 1439))
def test_here_no_moment_is_more_than_a_day_from_what_it_says(moment: datetime, minutes: int) -> None:
    there = local(moment.replace(tzinfo=timezone(timedelta(minutes=minutes))), None)
    assert abs(there - moment) <= timedelta(days=3)


def test_what_no_calendar_has_is_refused() -> None:
    with pytest.raises(DateRefused):
        local(datetime(1, 1, 1, tzinfo=EAST), UTC)
