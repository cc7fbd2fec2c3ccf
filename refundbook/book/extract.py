"""What is kept of one workbook among many: its small typed tables, and what is said of it; the workbook is let go."""

from __future__ import annotations

from refundbook.base.clock import Clock
from refundbook.base.findings import Report
from refundbook.base.named_tuple import NamedTuple
from refundbook.insights.insights import Insights
from refundbook.insights.joined import InsightsOfOne
from refundbook.record.promises import Deadline, deadlines
from refundbook.record.shared_numbers import NumberedBook
from refundbook.record.tracker import TrackerRow, tracker_rows
from refundbook.views import frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book.book import Book
    from refundbook.views.frames import Placed


class Extract(NamedTuple):
    """Plain data, which goes from process to process: the three tables by sheet name, the Tracker, all that the rules
    find, the deadlines that run, and what the log adds up to.
    """

    tables: dict[str, Placed]
    tracker: tuple[TrackerRow, ...]
    report: Report
    deadlines: tuple[Deadline, ...]
    insights: Insights
    numbered: NumberedBook
    clock: Clock
    time_zone: str


def extract(book: Book) -> Extract:
    """What is kept of a workbook. Raises InvalidWorkbook where its structure does not allow to read the records."""
    records = book.records
    return Extract(
        frames.placed_frames(records),
        tuple(tracker_rows(records)),
        book.check(),
        tuple(d for d in deadlines(records) if not d.settled),
        InsightsOfOne(records, book.path.name),
        NumberedBook.of("", records),
        records.clock,
        records.settings.time_zone,
    )
