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
    # In Japanese, Chinese (simplified, traditional), Korean, Turkish, Finnish, Hungarian, Vietnamese, Thai
    *("競合", "冲突", "衝突", "충돌", "çakış", "ristiriita", "ütköz", "xung đột", "ขัดแย้ง"),
    # In Swedish and Norwegian
    "motstrid",
)
_SAYS_SO = rf"[ ._(-].*(?:{'|'.join(_CONFLICT)})"
"""`(Mia's conflicted copy 2023-10-28)`, `.sync-conflict-20231028-…`, `(SFConflict …)`."""
_COPY = (
    # English; German, Dutch, Czech; French, Romanian; Spanish, Italian; Portuguese; Polish, Swedish; Danish, Norwegian;
    # Finnish; Slovak; Turkish
    *("copy", "kopie", "copie", "copia", "cópia", "kopia", "kopi", "kopio", "kópia", "kopya"),
    # Hungarian, Russian, Ukrainian, Greek, Hebrew, Arabic
    *("másolat", "копия", "копія", "αντίγραφο", "עותק", "نسخة"),
)
_EAST_ASIAN = "副本|複本|拷贝|拷貝|コピー|복사본|사본"
"""In Chinese (simplified, traditional), Japanese, Korean: no blank need stand before them."""
_ADDED = (
    # Google Drive, browsers, OneDrive on the web: `tracker (1).xlsx`
    r" ?\([0-9]{1,2}\)",
    # iCloud Drive and Finder: `tracker 2.xlsx`; two digits might be a year
    r" (?:[2-9]|1[0-9])",
    # Explorer: `tracker - Copy.xlsx`, in Russian with a long dash; Finder: `tracker copy.xlsx`
    rf" ?(?:[-–—] ?)?(?<=[ –—-])(?:{'|'.join(_COPY)})",
    rf" ?(?:[-–—] ?)?[の的의]? ?(?:{_EAST_ASIAN})",
    # GNOME's and KDE's file managers: `tracker (copy).xlsx`, `tracker (another copy).xlsx`, `tracker (3rd copy).xlsx`
    rf" \((?:another |[0-9]+\w\w )?(?:{'|'.join(_COPY)}|{_EAST_ASIAN})(?: [0-9]{{1,2}})?\)",
    # Excel after a crash: `tracker (AutoRecovered).xlsx`, `tracker (version 1).xlsx`
    r" ?[(\[](?:(?:auto)?recovered|repaired|version [0-9]{1,2})[)\]]",
    # OneDrive on a Mac: `tracker-Zoe’s MacBook Pro.xlsx`, `tracker-MacBook Pro von Zoe.xlsx`,
    # `tracker-Zoes-iMac.local.xlsx`
    r"-.*(?:\w['’]s\b|macbook|imac|iphone|ipad|mac[ -]?(?:mini|pro|studio)|\.local$).*",
)
_LIKELY = rf"(?:{'|'.join(_ADDED)}){{1,3}}"
"""Also a copy of a copy: `tracker - Copy - Copy (2).xlsx`."""
_COMPUTER = r"(?a)-(?=[0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{0,14}(?:-[0-9])?"
"""OneDrive: `tracker-DESKTOP-1A2B3C.xlsx`; a Windows computer's name has 15 characters at most and is written in capitals."""
_OF = (
    "copy of",
    "kopie von",
    "kopie van",
    "kopie souboru",
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
    "نسخة من",
)
_IN_FRONT = rf"(?:(?:{'|'.join(_OF)}) )+(?P<name>.+)|「(?P<quoted>.+)」のコピー(?P<suffix>\.\w+)"
"""Google Drive and Google Sheets: `Copy of tracker.xlsx`."""


def likeness(name: str, path: Path) -> Likeness:
    """How much the `name` of a file says that it is a copy of `path`, which stands beside it."""
    # macOS takes accents and Japanese marks apart.
    name, stem, suffix = (unicodedata.normalize("NFC", text) for text in (name, path.stem, path.suffix))
    if name == stem + suffix or not name.casefold().endswith(suffix.casefold()):
        return Likeness.NONE
    in_front = re.fullmatch(_IN_FRONT, name, re.IGNORECASE)
    if in_front:
        name = in_front["name"] or in_front["quoted"] + in_front["suffix"]
        if name.casefold() in {(stem + suffix).casefold(), stem.casefold()}:
            return Likeness.LIKELY
    if name[: len(stem)].casefold() != stem.casefold():
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
        or re.fullmatch(_LIKELY, folded)
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
