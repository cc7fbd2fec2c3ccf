"""What `refundbook log` comes to: a message that is entered in the shortest way. Imports nothing that a plain entry
does not need.
"""

from __future__ import annotations

from collections.abc import Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import COMMUNICATIONS

COMMAND = "log"
OPTIONS = {COMMUNICATIONS[name].option: name for name in ("agent", "channel", "promise", "due", "date", "evidence")}
"""The options that take a value, and the columns that they are for."""
ATTACH = "--attach"
FLAGS = {"--to": ("to", "Sent by you, not received."), "--buyer": ("buyer", "With the buyer, not with support.")}
"""Flags that say whose message it is: their parameters, and what they are for."""


class Message(NamedTuple):
    """A message as it was typed: whose it is, and what else was given by column name or header."""

    number: str
    text: str
    to: bool = False
    buyer: bool = False
    others: Mapping[str, str] = {}

    def fields(self) -> dict[str, str]:
        """It as the fields of an entry: received from support, now, unless something else is said."""
        return {
            "number": self.number,
            "date": "now",
            "with_": "Buyer" if self.buyer else "Support",
            "direction": "Sent" if self.to else "Received",
            "summary": self.text,
            **self.others,
        }
