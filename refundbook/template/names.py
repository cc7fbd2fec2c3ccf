"""The defined names through which validations, formats and formulas reach another sheet.

A data validation or conditional format may not hold a structured reference or, in older files, another sheet's range; a
defined name for a table's column may stand in both and grows with the table.
"""

from __future__ import annotations

from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.base.settings import ISSUER_HEADERS, LIST_HEADERS

RESPONSE_TARGET = "ResponseTarget"


def column(sheet: Sheet, name: str) -> str:
    """The structured reference of a pillar's column, such as `Cases[Case Number]` (ECMA-376 Part 1, 18.17.2.5)."""
    return f"{sheet.name}[{sheet[name].header}]"


def log(sheet: Sheet, name: str) -> str:
    """A pillar's column with its header. Over two rows or more an array is an array: over one, LibreOffice takes it for
    its first value.
    """
    return f"{sheet.name}[[#Headers],[#Data],[{sheet[name].header}]]"


def head(sheet: Sheet, name: str) -> str:
    """The cell of a column's header."""
    return f"{sheet.name}[[#Headers],[{sheet[name].header}]]"


def words(text: str) -> str:
    """The text without the blanks around it, no-break spaces and line breaks among them; `""` where there is nothing
    else.
    """
    return f'TRIM(CLEAN(SUBSTITUTE({text}&"",_xlfn.UNICHAR(160)," ")))'


def list_name(key: str) -> str:
    """The defined name of a Settings list: `Reasons` gives `ReasonsList`, since a table has the plain name."""
    return f"{key}List"


CASE_NUMBERS = "CaseNumbers"
RESOLUTION_CASES = "ResolutionNumbers"
MESSAGE_CASES = "MessageNumbers"

DEFINED_NAMES = {
    CASE_NUMBERS: column(CASES, "number"),
    MESSAGE_CASES: column(COMMUNICATIONS, "number"),
    RESOLUTION_CASES: column(RESOLUTIONS, "number"),
    list_name("Issuers"): f"Issuers[{ISSUER_HEADERS[0]}]",
    **{list_name(key): f"{key}[{heading}]" for key, heading in LIST_HEADERS.items()},
}
