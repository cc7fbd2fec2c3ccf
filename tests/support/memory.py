"""Records in memory, without a workbook: for what looks at many small ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Clock
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.base.settings import Settings
from refundbook.record.records import Log, Records
from tests.support.books import Row
from tests.support.samples import TODAY


def records_of(
    cases: Sequence[Row] = (),
    communications: Sequence[Row] = (),
    resolutions: Sequence[Row] = (),
    *,
    today: date | datetime = TODAY,
    settings: Settings | None = None,
) -> Records:
    """The records that a workbook with these rows would have. Values are as they are read: amounts Decimal, entries
    int.
    """
    settings = settings or Settings()
    logs = (_log(CASES, cases), _log(COMMUNICATIONS, communications), _log(RESOLUTIONS, resolutions))
    return Records(*logs, settings=settings, clock=Clock.for_settings(settings, today))


def _log(sheet: Sheet, rows: Sequence[Row]) -> Log:
    letters = {column.name: column_letters(at) for at, column in enumerate(sheet.columns, 1)}
    log = Log(sheet, Settings().issuers, letters, columns={column.name: [] for column in sheet.columns})
    for number, row in enumerate(rows, 2):
        log.add(row, number)
    return log
