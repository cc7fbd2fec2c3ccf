"""Says what a line of the history tells."""

from __future__ import annotations

from refundbook.base.text import one_line
from refundbook.cli.common import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.history.words import Event

_BEGUN = 10
"""Rows of what was there in the beginning that are shown."""


def say_event(event: Event) -> None:
    """Print when it was and what, and below it each change."""
    told = event.told
    say(one_line(event.title) + (":" if told else ""))
    shown = told[:_BEGUN] if event.kind == "begin" else told
    for line in shown:
        say(f"    {one_line(line)}")
    if len(shown) < len(told):
        say(f"    … {len(told) - len(shown):,} more: --json lists them.")
