"""The blank workbook that new ones are made from."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def template_bytes() -> bytes:
    """The blank workbook."""
    packaged = _PACKAGE / "templates" / "tracker.xlsx"
    in_repository = _PACKAGE.parent / "templates" / "tracker.xlsx"
    return (packaged if packaged.exists() else in_repository).read_bytes()
