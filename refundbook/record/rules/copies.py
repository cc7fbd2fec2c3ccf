"""By which names sync clients and file managers keep a second copy of a file beside it.

Some say so in words. Others, such as a number or a computer's name, could as well be a person's own choice: there what the file holds may speak against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path


class Likeness(IntEnum):
    """How much a name says that a file is a copy of another."""

    NONE = 0
    LIKELY = 1
    CERTAIN = 2


_CONFLICT = (
    # Dropbox in English, French, Spanish, Italian, Portuguese, Dutch; Box, Nextcloud, ownCloud, Syncthing, Seafile,
    # Resilio
    "confli[ct]",
    # Dropbox in German, Polish, Czech and Scandinavian languages, Indonesian; in Russian and Ukrainian
    *("konfli[kc]", "конфл[иі]кт"),
    # In Japanese, Chinese (simplified, traditional), Korean, Turkish, Finnish, Hungarian, Vietnamese
    *("競合", "冲突", "衝突", "충돌", "çakış", "ristiriita", "ütköz", "xung đột"),
    # In Swedish and Norwegian
    "motstrid",
)
_SAYS_SO = rf"[ ._(-].*(?:{'|'.join(_CONFLICT)})"
"""`(Mia's conflicted copy 2023-10-28)`, `.sync-conflict-20231028-…`, `(SFConflict …)`."""
_COPY = (
    # English; German, Dutch, Czech; French, Romanian; Spanish, Italian; Portuguese; Polish, Swedish; Danish, Norwegian;
    # Finnish; Slovak; Turkish
    *("copy", "kopie", "copie", "copia", "cópia", "kopia", "kopi", "kopio", "kópia", "kopya"),
    # Hungarian, Russian, Ukrainian, Greek, Chinese (simplified, traditional), Japanese, Korean
    *("másolat", "копия", "копія", "αντίγραφο", "副本", "複本", "コピー", "복사본"),
)
_AGAIN = r"(?: ?\(\d{1,2}\)| \d{1,2})?"
_LIKELY = (
    # Google Drive, browsers, OneDrive on the web: `tracker (1).xlsx`
    r"(?a) ?\(\d{1,2}\)",
    # iCloud Drive and Finder: `tracker 2.xlsx`; two digits might be a year
    r"(?a) (?:[2-9]|1\d)",
    # Explorer: `tracker - Copy (2).xlsx`; Finder: `tracker copy 2.xlsx`; `tracker のコピー.xlsx`
    rf"(?:(?: [-–])? |の|的| ?[-–] ?)(?:の|的)?(?:{'|'.join(_COPY)}){_AGAIN}",
    # OneDrive on a Mac: `tracker-Zoe’s MacBook Pro.xlsx`, `tracker-MacBook Pro von Zoe.xlsx`,
    # `tracker-Zoes-iMac.local.xlsx`
    r"-.*(?:\w['’]s\b|macbook|imac|mac[ -]?(?:mini|pro|studio)|\.local$).*",
)
_COMPUTER = r"(?a)-(?=[0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{0,14}"
"""OneDrive: `tracker-DESKTOP-1A2B3C.xlsx`; a Windows computer's name has 15 characters at most and is written in capitals."""
_OF = (
    "copy of",
    "kopie von",
    "kopie van",
    "copie de",
    "copia de",
    "copia di",
    "cópia de",
    "kopia av",
    "kopi av",
    "kopi af",
    "kopia",
    "копия",
    "копія",
)
_IN_FRONT = rf"(?:{'|'.join(_OF)}) (?P<name>.+)"
"""Google Drive and Google Sheets: `Copy of tracker.xlsx`."""


def likeness(name: str, path: Path) -> Likeness:
    """How much the `name` of a file says that it is a copy of `path`, which stands beside it."""
    # macOS takes accents and Japanese marks apart.
    name, stem, suffix = (unicodedata.normalize("NFC", text) for text in (name, path.stem, path.suffix))
    if name == stem + suffix or not name.endswith(suffix):
        return Likeness.NONE
    in_front = re.fullmatch(_IN_FRONT, name.casefold())
    if in_front and in_front["name"] in {(stem + suffix).casefold(), stem.casefold() + suffix.casefold()}:
        return Likeness.LIKELY
    if not name.startswith(stem):
        return Likeness.NONE
    return _of_addition(name[len(stem) : len(name) - len(suffix)])


def _of_addition(added: str) -> Likeness:
    import socket

    folded = added.casefold()
    if re.match(_SAYS_SO, folded):
        return Likeness.CERTAIN
    is_likely = (
        folded == f"-{socket.gethostname()}".casefold()
        or re.fullmatch(_COMPUTER, added)
        or any(re.fullmatch(pattern, folded) for pattern in _LIKELY)
    )
    return Likeness.LIKELY if is_likely else Likeness.NONE


CaseNumbers = Callable[[Path], frozenset[str] | None]
"""Reads the case numbers in a workbook; None where it is none, or cannot be read."""


def holds_other_cases(beside: Path, path: Path, numbers_of: CaseNumbers) -> bool:
    """Whether a file by a likely name is a workbook with cases of its own: fewer than half of them are in the one at `path`, or it has none.

    False where that cannot be told.
    """
    there = numbers_of(beside)
    if not there:
        return there is not None
    here = numbers_of(path) or frozenset()
    return bool(here) and 2 * len(there & here) < min(len(there), len(here))
