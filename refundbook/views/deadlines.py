"""What is due, as a list and as a table."""

from __future__ import annotations

from refundbook.base.schema import BOOK, CASES, COMMUNICATIONS
from refundbook.record.promises import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pandas as pd


class Deadlines(list[Deadline]):
    """What is due, in order: a list that is also a table."""

    def to_frame(self) -> pd.DataFrame:
        """A DataFrame, one row a deadline: texts are `string`, dates `datetime64[s]`, Entry `Int64`; a column Book
        where there are several workbooks.
        """
        import pandas as pd  # the shell shows no frame, and starts without

        columns = ["book", *_FRAME_COLUMNS] if any(deadline.book for deadline in self) else [*_FRAME_COLUMNS]
        rows = {name: [getattr(deadline, name) for deadline in self] for name in columns}
        kinds = {"by": "datetime64[s]", "made": "datetime64[s]", "entry": "Int64", "overdue": "bool"}
        frame = pd.DataFrame({name: pd.Series(rows[name], dtype=kinds.get(name, "string")) for name in columns})
        return frame.rename(columns=_FRAME_COLUMNS | {"book": BOOK})


_FRAME_COLUMNS = {
    "number": CASES["number"].header,
    "whose": "Whose",
    "entry": COMMUNICATIONS["entry"].header,
    "by": COMMUNICATIONS["due"].header,
    "made": "Made",
    "who": "Who",
    "what": "What",
    "overdue": "Overdue",
    "when": "When",
}
