"""Whether a formula is still the one that somebody typed.

Excel writes other addresses into a formula when rows are sorted or a column is put in, and each program has its own
ways with blanks, numbers and columns of Tables. None of that is anybody's edit of the formula: what is compared is what
is left of it without.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
    | (?P<place>                                             # cells of this or another sheet, a column of a Table
        (?:'(?:[^']|'')+'!|[\w.]+!)? (?: \$?[A-Z]{1,3}\$?[0-9]{1,7} (?::\$?[A-Z]{1,3}\$?[0-9]{1,7})? (?![\w(.])
        | [\w.]* \[ (?:[^\[\]]|\[[^\[\]]*\])* \] ))
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[+-]?[0-9]+)?)
    | (?P<truth>(?:TRUE|FALSE)\b(?:\(\))?)
    | (?P<name>(?:_xlfn\.|_xlws\.)*[^\W\d][\w.]*)
    | (?P<blank>\s+)
    | (?P<rest>'+)                                           # each looked at once: it may be a name that never ends
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_same_formula(one: str, other: str) -> bool:
    """Whether two texts of formulas differ in nothing that a person typed: the addresses in them may."""
    return one == other or _skeleton(one) == _skeleton(other)


def _skeleton(text: str) -> str:
    return _TOKEN.sub(_bare, text)


def _bare(token: re.Match[str]) -> str:
    text = token[0]
    match token.lastgroup:
        case "text" | "rest":
            return text
        case "place":
            return "#"
        case "number":
            return f"{float(text):.15g}"
        case "blank":
            return ""
        case "truth":
            return text[:-2].upper() if text.endswith("()") else text.upper()
    return text.upper().replace("_XLFN.", "").replace("_XLWS.", "")
