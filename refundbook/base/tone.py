"""What a piece of text tells at a glance. A terminal shows it as a colour, a page too; the words say it in any case."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """Its values are the names of classes in HTML."""

    PLAIN = "plain"
    TITLE = "title"
    GOOD = "good"
    SOON = "soon"
    BAD = "bad"
