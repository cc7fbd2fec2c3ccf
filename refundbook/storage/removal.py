"""An entry that is taken out of the records: what becomes of its cells in the file, and what the history says of it."""

from __future__ import annotations

from refundbook.base.a1 import column_number
from refundbook.base.own_columns import own_name
from refundbook.record.history.cells import row_before
from refundbook.record.records import Log
from refundbook.record.taking_out import take_out
from refundbook.storage.changes import Removed


def taken_out(log: Log, position: int) -> Removed:
    """Take an entry out of its log. Its row becomes a blank one, which the next entry fills; formulas in people's own
    columns stay there.
    """
    own = {own_name(log.sheet, header): header for header in log.extra}
    filled = [
        name
        for name in (*log.letters, *own)
        if log[name][position] is not None or (position, name) in log.errors or (position, name) in log.formulas
    ]
    letters = [log.letters_of(name) for name in filled if (position, own.get(name, "")) not in log.own_formulas]
    removed = Removed(
        log.sheet, log.rows[position], log.keys[position], tuple(map(column_number, letters)), row_before(log, position)
    )
    take_out(log, position)
    return removed
