"""The blank workbook that new ones are made from, and those of earlier releases."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def template_bytes() -> bytes:
    """The blank workbook."""
    return (_templates() / "tracker.xlsx").read_bytes()


def released() -> list[bytes]:
    """The blank workbooks of earlier releases, the oldest first."""
    return [path.read_bytes() for path in sorted((_templates() / "released").iterdir())]


def _templates() -> Path:
    packaged = _PACKAGE / "templates"
    return packaged if packaged.exists() else _PACKAGE.parent / "templates"
