"""`--set "HEADER=VALUE"`: what an entry has for people's own columns, and for ours by their headers."""

from __future__ import annotations

from collections.abc import Sequence

from refundbook.base.errors import UsageError
from refundbook.base.text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


OPTION = "--set"
METAVAR = "HEADER=VALUE"
HELP = 'A column by its header, your own ones among them, such as --set "Seller=Shop Nine". May be given several times.'


def parsed(said: str) -> tuple[str, str]:
    """The header and the value that are said. Raises UsageError."""
    header, sign, value = said.partition("=")
    if not sign or not header.strip():
        raise UsageError(f'{quoted(said)} names no column and value: write HEADER=VALUE, such as "Seller=Shop Nine".')
    return header.strip(), value.strip()


def put(given: dict[str, Any], said: Sequence[str]) -> None:
    """Put what is said by headers to what is given by the names of options. Raises UsageError."""
    for header, value in map(parsed, said):
        if header in given:
            raise UsageError(f"{quoted(header)} is given twice.")
        given[header] = value
