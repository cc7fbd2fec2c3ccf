"""The options of `refundbook import`."""

from __future__ import annotations

from pathlib import Path

from refundbook.base.named_tuple import NamedTuple


class How(NamedTuple):
    """The options of an import, as they are given."""

    map_file: Path | None
    sheet: str | None
    yes: bool
    set_status: tuple[str, ...]
    as_of: str | None
    skip_refused: Path | None
    update: bool
    dry_run: bool
    as_json: bool
