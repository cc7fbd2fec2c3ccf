"""What a mail promises with a day: offered to the person at the terminal, never entered by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refundbook.base.named_tuple import NamedTuple

_PROMISING = re.compile(
    r"(?i)\b(?:will|we'll|shall|expect|should|going to|refund|process|respond|reply|update|resolve|investigat\w+)\b"
)
_WITHIN = re.compile(
    r"(?i)\b(?:within|in|up to|take)\s+(?:the next\s+)?(?:\d+\s*(?:-|to|\u2013)\s*)?(\d{1,3})\s*"
    r"(business days?|working days?|hours?|hrs?|days?|weeks?)\b"
)
_DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]{2,8}\s+\d{4}|[A-Z][a-z]{2,8}\s+\d{1,2},?\s+\d{4}"
_BY = re.compile(rf"\b(?:by|until|before|no later than|on)\s+({_DAY})")
_LONGEST = 300


class Promise(NamedTuple):
    """A sentence that promises something, and by when: a span such as `5 days`, or a date as it is written."""

    text: str
    due: str


def promises_in(text: str) -> Iterator[Promise]:
    """The sentences of a text that promise something with a day, in its order."""
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        said = " ".join(sentence.split())
        if not said or len(said) > _LONGEST or not _PROMISING.search(said):
            continue
        if span := _WITHIN.search(said):
            unit = span[2].casefold().replace("working", "business")
            yield Promise(said, f"{span[1]} {unit}")
        elif day := _BY.search(said):
            yield Promise(said, re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", day[1]))
