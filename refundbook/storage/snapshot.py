"""What is known of a workbook that refundbook wrote itself: enough to check and enter what is new without reading the rest.

It is kept in the cache for the file's very bytes, and is a copy of what stands in them. Where anything about it is not as it must be, the
workbook is read instead.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from refundbook.base.a1 import Range
from refundbook.base.access import Access
from refundbook.base.dates import Clock
from refundbook.base.errors import BadValue, UnreadableWorkbook
from refundbook.base.identifiers import canonical
from refundbook.base.schema import SHEETS, Issuer, Settings
from refundbook.base.version import __version__
from refundbook.record.records import Log, Records
from refundbook.record.tracker import TrackerRow
from refundbook.storage.cache_file import Cache, CacheMiss
from refundbook.storage.commit import SHEET_NAMES, BaseFile
from refundbook.storage.snapshot_index import Encoded, Index
from refundbook.storage.tracker_sheet import TrackerState
from refundbook.system.pieces import Source
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.elision import ElidedPart, fits

VERSION = f"{__version__} 3"
"""Who wrote a cache: another refundbook may have other rules. Count the last number up when what is kept, or a rule, changes within a version."""

_ABOUT, _ROWS, _OPEN = "about", "tracker", "open"


class Snapshot:
    """A workbook of which only some cases are in memory: `records` hold those that `fetch` was asked for."""

    def __init__(self, cache: Cache, source: Source, digest: str, today: date | datetime | None) -> None:
        """Raises CacheMiss where nothing is known of the file with this digest, whose bytes are those of `source`."""
        if cache.digest() != digest:
            raise CacheMiss("it is of other bytes")
        self._cache = cache
        self._fetched: set[str] = set()
        try:
            about = json.loads(cache.read([_ABOUT])[_ABOUT])
            settings = _settings(about["settings"])
            clock = Clock.for_settings(settings, today)
            if clock.now < datetime.fromisoformat(about["checked"]):
                raise CacheMiss("what was in the past then may be in the future now")
            self.ground = _ground(cache, source, about)
            self.shown = _shown(cache, about["tracker"])
            self.next_entry = int(about["next_entry"])
            self._index = Index(cache, about["index"])
            logs = [_log(sheet.name, about["letters"], settings.issuers) for sheet in SHEETS]
            for log in logs:
                log.access = self.ground.regions[log.sheet.name].access
        except (KeyError, TypeError, ValueError, BadValue, UnreadableWorkbook) as error:
            raise CacheMiss("it holds something else than it should") from error
        self.records = Records(logs[0], logs[1], logs[2], settings, clock)

    def fetch(self, keys: Collection[str]) -> None:
        """Have all rows of these cases, and of those whose numbers look alike, in `records`. Raises CacheMiss."""
        new = {one: None for key in keys for one in (key, *self._index.look_alikes(key)) if one not in self._fetched}
        self._fetched.update(new)
        added = [(key, log, at) for key in new for log, at in self._load(key)]
        # What key a number has may depend on the others that are loaded with it.
        if any(log.keys[at] != key for key, log, at in added):
            raise CacheMiss("a row is of another case")

    def has(self, key: str) -> bool:
        """Whether all rows of a case are in `records`."""
        return key in self._fetched

    def _load(self, key: str) -> Iterator[tuple[Log, int]]:
        for log, positions in zip(self.records.logs, self._index.case_positions(key), strict=True):
            for row, values in self._index.rows(log.sheet, positions):
                yield log, log.add(values, row)

    def fetch_rows(self, case_rows: Collection[int]) -> None:
        """Have the cases in these rows of the Cases sheet in `records`. Raises CacheMiss."""
        wanted = set(case_rows)
        for row, values in self._case_rows() if wanted else ():
            if row in wanted:
                self.fetch([canonical(str(values["number"]), self.records.settings.issuers)])
                wanted.discard(row)
                if not wanted:
                    return

    def latest_rows(self) -> Iterator[int]:
        """The rows of all cases on the Cases sheet, last first."""
        return (row for row, _ in self._case_rows())

    def _case_rows(self) -> Iterator[tuple[int, dict[str, object]]]:
        for at in range(self._index.sizes[0] - 1, -1, -1):
            yield from self._index.rows(SHEETS[0], [at])

    @property
    def count(self) -> int:
        """How many cases there are."""
        return self._index.sizes[0]

    def added(self, log: Log, positions: Iterable[int]) -> None:
        """Take note of new entries, which stand at these positions of a log of `records` and come last on their sheet. Raises CacheMiss."""
        for at in positions:
            self._index.added(log, at)

    def saved(self, digest: str, stamp: tuple[int, ...], ground: BaseFile, shown: TrackerState | None) -> None:
        """Keep what is known of the file that was just written, with the entries that were `added`."""
        self.ground, self.shown = ground, shown
        blobs, index = self._index.changes()
        about = _about(self.records, ground, shown, self.next_entry, index)
        self._cache.write(digest, {**blobs, **_blobs(about, ground, shown)}, anew=False, stamp=stamp)


def remember(
    cache: Cache,
    digest: str,
    stamp: tuple[int, ...],
    index: Encoded,
    records: Records,
    ground: BaseFile,
    shown: TrackerState | None,
    next_entry: int,
) -> None:
    """Keep what is known of a whole workbook that was just written and breaks no rule, with the `index` of its records."""
    blobs, about_index = index
    about = _about(records, ground, shown, next_entry, about_index)
    cache.write(digest, {**blobs, **_blobs(about, ground, shown)}, anew=True, stamp=stamp)


def _about(
    records: Records, ground: BaseFile, shown: TrackerState | None, next_entry: int, index: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "checked": records.clock.now.isoformat(),
        "settings": {**records.settings._asdict(), "lists": dict(records.settings.lists)},
        "next_entry": next_entry,
        "index": index,
        "letters": {log.sheet.name: log.letters for log in records.logs},
        "regions": [_plain_region(ground.regions[sheet]) for sheet in SHEET_NAMES],
        "windows": {part: [w.header_row, w.first_kept, w.size, w.crc, w.packed] for part, w in ground.windows.items()},
        "mentions": sorted(ground.mentions or ()),
        "tracker": shown and shown._replace(open_rows=(), rows=())._asdict(),
    }


def _blobs(about: Mapping[str, Any], ground: BaseFile, shown: TrackerState | None) -> dict[str, bytes]:
    blobs = {_ABOUT: json.dumps(about).encode()}
    blobs.update({f"window {part}": window.xml for part, window in ground.windows.items()})
    if shown is not None and not shown.is_live:
        blobs[_OPEN] = array("I", shown.open_rows).tobytes()
        blobs[_ROWS] = json.dumps(shown.rows, default=lambda day: day.isoformat()).encode()
    return blobs


def _ground(cache: Cache, source: Source, about: Mapping[str, Any]) -> BaseFile:
    package = Package(source)
    layout = Layout(package)
    xml = cache.read(f"window {part}" for part in about["windows"])
    windows = {}
    for part, (header_row, first_kept, size, crc, packed) in about["windows"].items():
        place = None if packed is None else (packed[0], packed[1])
        window = ElidedPart(part, xml[f"window {part}"], header_row, first_kept, size, crc, place)
        if not fits(window, package.archive, package.member(part)):
            raise CacheMiss("a part of the workbook is not what it was")
        windows[part] = window
    regions = {region.sheet: region for region in (_region(layout, plain) for plain in about["regions"])}
    return BaseFile(package, layout, regions, windows, frozenset(about["mentions"]))


def _plain_region(region: AppendTarget) -> list[Any]:
    return [
        region.sheet,
        region.header_row,
        region.first_column,
        region.width,
        region.last_used,
        region.last_row,
        region.table and region.table.part,
        sorted(region.formulas),
        region.uncovered,
        [str(cells) for cells in region.merged],
        region.access,
    ]


def _region(layout: Layout, plain: Sequence[Any]) -> AppendTarget:
    name, header_row, first_column, width, last_used, last_row, part, formulas, uncovered, merged, access = plain
    entry = layout.sheet(name)
    table = next((table for table in layout.tables(entry) if table.part == part), None) if entry and part else None
    if entry is None or (part is not None and (table is None or table.last_row != last_row)):
        raise CacheMiss("a sheet or a Table is not where it was")
    cells = frozenset((row, column) for row, column in formulas)
    ranges = tuple(Range.parse(text) for text in merged)
    place = name, header_row, first_column, width, last_used, last_row
    return AppendTarget(*place, table, cells, tuple(uncovered), ranges, access=Access(*access))


def _settings(plain: dict[str, Any]) -> Settings:
    issuers = tuple(Issuer(name, tuple(patterns), differ) for name, patterns, differ in plain["issuers"])
    lists = {name: tuple(values) for name, values in plain["lists"].items()}
    return Settings(**{**plain, "issuers": issuers, "lists": lists})


def _shown(cache: Cache, plain: dict[str, Any] | None) -> TrackerState | None:
    if plain is None:
        return None
    shown = TrackerState(**{**plain, "columns": tuple(plain["columns"]), "open_rows": (), "rows": ()})
    if shown.is_live:
        return shown
    blobs = cache.read([_ROWS, _OPEN])
    open_rows = array("I")
    open_rows.frombytes(blobs[_OPEN])
    rows = tuple((row, _tracker_row(values)) for row, values in json.loads(blobs[_ROWS]))
    return shown._replace(open_rows=open_rows, rows=rows)


def _tracker_row(plain: Sequence[Any]) -> TrackerRow:
    number, opened, summary, reply, resolution = plain
    day = datetime.fromisoformat(opened) if opened and "T" in opened else opened and date.fromisoformat(opened)
    return number, day, summary, reply, resolution


def _log(sheet: str, letters: Mapping[str, Mapping[str, str]], issuers: tuple[Issuer, ...]) -> Log:
    of = next(s for s in SHEETS if s.name == sheet)
    return Log(of, issuers, dict(letters[sheet]), columns={column.name: [] for column in of.columns})
