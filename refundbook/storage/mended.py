"""What a save mends, done in the records for as long as it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from refundbook.base.errors import InvalidWorkbook
from refundbook.base.findings import Report
from refundbook.record import rules
from refundbook.record.records import Records
from refundbook.storage.changes import Changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.mending import Mending


@contextmanager
def mended(records: Records, changes: Changes, found: Sequence[Mending], name: str) -> Iterator[None]:
    """Have what is to be mended so in the records, among the changes, for a save; as it was again, if that fails.
    Raises InvalidWorkbook, of the workbook with that name, where what was mended breaks a rule.
    """
    amended = set(changes.amended)
    undo = []
    try:
        for sheet, position, column, value in (c for mending in found for c in mending.corrections):
            undo.append(records.named(sheet).replace(position, column, value))
            changes.amended.add((sheet, position, column))
        _refuse_broken(records, found, name)
        yield
    except BaseException:
        for take_back in reversed(undo):
            take_back()
        changes.amended = amended
        raise


def _refuse_broken(records: Records, found: Sequence[Mending], name: str) -> None:
    at = {(c.sheet, c.position) for mending in found for c in mending.corrections}
    keys = {log.keys[position] for log in records.logs for sheet, position in at if sheet == log.sheet.name}
    errors = rules.check(records, records.about(keys), rules.ERRORS) if keys else []
    if errors:
        raise InvalidWorkbook(Report.of(name, errors))
