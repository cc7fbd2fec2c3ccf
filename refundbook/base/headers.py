"""Headers as people write them: a line break (Alt+Enter), doubled, outer and other blanks, and what is not seen make no
other header.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# A character that XML cannot hold, or that a Table's part writes so: the line break of a header is `_x000a_` there
# (ECMA-376 Part 1, 22.9.2.19).
_ESCAPE = "_x([0-9A-Fa-f]{4})_"
_UNSEEN = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"


def plain_header(value: object) -> str:
    """A header on one line, with single blanks."""
    text = str(value)
    if "_x" in text:
        text = re.sub(_ESCAPE, lambda match: chr(int(match[1], 16)), text)
    return " ".join((text if text.isascii() else re.sub(_UNSEEN, "", text)).split())


def headers_of(cells: Sequence[object], expected: Collection[str]) -> tuple[str, ...]:
    """The headers in a row of cells: those that are `expected` as these are written, unless another cell holds exactly
    that; others as they stand.
    """
    exact = [_as_text(value).strip() for value in cells]
    sought = set(expected).difference(exact)
    return tuple(alike if (alike := plain_header(text)) in sought else text for text in exact)


def _as_text(value: object) -> str:
    """A header that is a number, such as a year, as a cell shows it."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
