"""The history of a workbook as a notebook has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from refundbook.base.html import ROWS, escape, fragment, more, table
from refundbook.record.history.verify import Claim, Problem, read_claim
from refundbook.record.history.words import Event, change_data, events
from refundbook.storage.history_reader import told_lines, verified

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pandas as pd


_OF_EVENT = ("line", "at", "kind", "command", "by")
COLUMNS = (*_OF_EVENT, "pillar", "case", "entry", "what", "column", "before", "after")
"""The columns of a history as a DataFrame."""


class History:
    """What was done to the workbook at `path`, newest first: by commands, and by hand. Iterate it for its events."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.events: tuple[Event, ...] = tuple(events(told_lines(path))[::-1])

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"<History of {self._path.name!r}: {len(self)} lines>"

    @property
    def head(self) -> str:
        """The newest line's number and SHA-256, to be kept elsewhere; `""` where there is none."""
        found = verified(self._path).head
        return f"{found.header['line']} {found.hash}" if found else ""

    def verify(self, head: str = "") -> tuple[Problem, ...]:
        """What is wrong with the history as it stands on the disk, and, where a `head` was kept, with that. Raises
        ValueError for a text that is no head.
        """
        claim: Claim | None = read_claim(head) if head else None
        if head and claim is None:
            raise ValueError("A head is a line's number and its SHA-256, or the SHA-256 alone.")
        return verified(self._path, claim).problems

    def to_frame(self) -> pd.DataFrame:
        """One row a cell that was changed: line, at, kind, command, by, pillar, case, entry, what, column, before,
        after.
        """
        import pandas as pd

        return pd.DataFrame(list(self.to_rows()), columns=list(COLUMNS))

    def to_rows(self) -> Iterator[dict[str, object]]:
        """The rows of `to_frame`."""
        for event in self.events:
            of_all = {name: getattr(event, name) for name in _OF_EVENT}
            for data in map(change_data, event.changes):
                of_change = {key: value for key, value in data.items() if key != "cells"}
                yield from ({**of_all, **of_change, **cell} for cell in data["cells"])

    def _repr_html_(self) -> str:
        shown = [[escape(e.title), "<br>".join(map(escape, e.told[:ROWS]))] for e in self.events[:ROWS]]
        return fragment(table(("When, and who", "What"), shown) if shown else "<p>No history yet.</p>", more(len(self)))
