"""Finds the changes that can be of a case by the bytes of their lines, so that of a long history only these are read.

Nothing of the case is missed: JSON has a text in one form only (ASCII, see `chain`), in which whatever is written
otherwise than a case number is compared, upper and lower case and blanks aside, has a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from refundbook.base.schema import SHEETS
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.words import about_names, names_of_case

Mentions = Callable[[bytes], object]
"""Whether a change, in canonical JSON, can be one that is asked for."""


def mentions(keys: Collection[str]) -> Mentions:
    """Whether a change can be of one of the cases with these keys. (A number that a cell holds as one has no quotation
    marks; a formula or an error is no case's.)
    """
    headers = b"|".join(sorted({re.escape(sheet["number"].header).encode("ascii") for sheet in SHEETS}))
    texts = b"|".join(re.escape(key).replace(r"\ ", " +").encode("ascii", "ignore") for key in sorted(keys))
    return re.compile(rb'"(?:%s)":(?:"[^"\\]*\\|"? *(?:%s) *[",}])' % (headers, texts), re.IGNORECASE).search


def of_case(
    read: Callable[[Mentions], list[Line]], key: str, key_of: Callable[[str], str]
) -> tuple[list[Line], Mentions, Callable[[Change], bool]]:
    """The lines with the changes of the case with this key, also under the numbers that it had before, or got later;
    which those can be, and whether one is. `read` reads all lines, of the changes those that can be.
    """
    keys = {key}
    while True:
        may_be = mentions(keys)
        lines = read(may_be)
        names = names_of_case(lines, key, key_of)
        if names <= keys:
            return lines, may_be, about_names(names, key_of)
        keys |= names
