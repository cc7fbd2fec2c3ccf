"""What is known of a workbook that refundbook wrote itself: enough to check and enter what is new without reading the
rest.

It is kept in the cache for the file's very bytes, and is a copy of what stands in them. Where anything about it is not
as it must be, the workbook is read instead.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from refundbook.base.a1 import Range
from refundbook.base.access import Access
from refundbook.base.clock import Clock, Today
from refundbook.base.errors import BadValue, UnreadableWorkbook
from refundbook.base.identifiers import canonical, normal
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, SHEETS, Kind, Sheet
from refundbook.base.settings import ADDRESS_LINES, Issuer, Settings
from refundbook.base.version import __version__
from refundbook.record.records import Log, Records
from refundbook.storage import snapshot_names as names
from refundbook.storage.cache_file import Cache, CacheMiss
from refundbook.storage.changes import SHEET_NAMES, Changes, Removed
from refundbook.storage.commit import BaseFile
from refundbook.storage.snapshot_index import Encoded, Index
from refundbook.storage.snapshot_marks import has_unknown_formula
from refundbook.storage.snapshot_tracker import encoded_tracker, known_tracker, plain_tracker
from refundbook.storage.tracker_state import TrackerState
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.elision import ElidedPart, fits
from refundbook.xlsx.writing.hidden_rows import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from refundbook.system.pieces import Source


VERSION = f"{__version__} 10"
"""Who wrote a cache: another refundbook may have other rules. Count the last number up when what is kept, a rule or a
column changes within a version.
"""

OwnHeaders = Mapping[str, tuple[str, Kind | None]]
"""People's own columns by header: their letters, and what their cells hold (`kind_of_values`)."""

_ABOUT, _ELIDED = "about", "elided"


class _Known(NamedTuple):
    """A row that is in memory as the index has it: where it is in the workbook's log, the key of its case, and of a
    case what it has in common with others.
    """

    at: int
    key: str
    linked: names.Linked | None


class Snapshot:
    """A workbook of which only some cases are in memory: `records` hold those that `fetch` was asked for."""

    def __init__(self, cache: Cache, source: Source, today: Today) -> None:
        """The cache's digest, which has been asked for, must be that of the bytes of `source`. Raises CacheMiss where
        the cache does not hold what it should.
        """
        self._cache = cache
        self._fetched: set[str] = set()
        self._known: dict[tuple[str, int], _Known] = {}
        try:
            about = json.loads(cache.read([_ABOUT])[_ABOUT])
            settings = _settings(about["settings"])
            clock = Clock.for_settings(settings, today)
            if clock.now < datetime.fromisoformat(about["checked"]):
                raise CacheMiss("what was in the past then may be in the future now")
            self.base = _base(cache, source, about)
            self.tracker = known_tracker(cache, about["tracker"])
            self.next_entry = int(about["next_entry"])
            own = {sheet.name: _own(about["own"][sheet.name]) for sheet in SHEETS}
            self.kinds_of_own = {sheet: {header: kind for header, (_, kind) in own[sheet].items()} for sheet in own}
            self._index = Index(cache, about["index"], own)
            logs = [_log(sheet, about["letters"][sheet.name], settings.issuers, own[sheet.name]) for sheet in SHEETS]
            for log in logs:
                log.access = self.base.targets[log.sheet.name].access
        except (KeyError, TypeError, ValueError, BadValue, UnreadableWorkbook) as error:
            raise CacheMiss(
                f"the cache holds something else than it should ({type(error).__name__}: {error})"
            ) from error
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

    def keys_ending(self, end: str) -> list[str]:
        """The keys of the cases that end so: in four characters or more, case-folded. Raises CacheMiss."""
        self._refuse_renamed()
        return [key for key in self._index.names.keys(names.end(end)) if key.casefold().endswith(end)]

    def fetch_around(self, number: str) -> None:
        """Have the case with this number in `records`, with all that it has something in common with: those that name
        it as related or that it names, with its order, with its payment. Raises CacheMiss.
        """
        self._refuse_renamed()
        log, known = self.records.cases, self._index.names
        self.fetch([self.records.key_of(number)])
        key = self.records.key_of(number)
        at = self.records.case(key)
        if at is None:
            return
        related, order, payment = (log[name][at] for name in ("related", "order", "payment"))
        others = {*known.keys(names.related_to(key))}
        others |= {log.key_of(related)} if isinstance(related, str) else set()
        others.update(known.keys(names.of_order(order, log)) if isinstance(order, str) else ())
        others.update(known.keys(names.of_payment(payment, log)) if isinstance(payment, str) else ())
        self.fetch(sorted(others))

    def fetch_entry(self, number: int) -> None:
        """Have the case in `records` that the message with this entry number is of. Raises CacheMiss."""
        at = self._index.entry(number)
        if at is None:
            raise CacheMiss("there is no such entry")
        ((_, values),) = self._index.rows(COMMUNICATIONS, [at])
        self.fetch([canonical(str(values["number"]), self.records.settings.issuers)])

    def _load(self, key: str) -> Iterator[tuple[Log, int]]:
        for log, positions in zip(self.records.logs, self._index.case_positions(key), strict=True):
            for at, (row, values) in zip(positions, self._index.rows(log.sheet, positions), strict=True):
                position = log.add(values, row)
                self._index.mark(log, position, at)
                self._known[log.sheet.name, row] = _Known(at, key, _linked(log, position))
                yield log, position

    def _refuse_renamed(self) -> None:
        """Raise CacheMiss where a case has other names than the index knows."""
        log = self.records.cases
        for position, row in enumerate(log.rows):
            known = self._known.get((log.sheet.name, row))
            if known is None or known[1:] != (log.keys[position], names.linked(log, position)):
                raise CacheMiss("a case is not known by its names yet")

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

    def ends_without(self, removed: Sequence[Removed]) -> dict[str, int]:
        """The rows that the sheets' data end with once these entries are taken out. Raises CacheMiss unless they are
        the last of their sheets.
        """
        ends = {}
        for sheet in dict.fromkeys(one.sheet for one in removed):
            rows = sorted(one.row for one in removed if one.sheet is sheet)
            target, left = self.base.targets[sheet.name], self._index.sizes[SHEETS.index(sheet)] - len(rows)
            places = [self._known[sheet.name, row].at for row in rows]
            are_last = rows[-1] == target.last_used and places == list(range(left, left + len(rows)))
            if not are_last or not left or target.table is None or self._has_merged(sheet.name):
                raise CacheMiss("what is taken out is not the last of its sheet")
            ((ends[sheet.name], _),) = self._index.rows(sheet, [left - 1])
        return ends

    def _has_merged(self, sheet: str) -> bool:
        return b"mergeCell" in self.base.elided[self.base.part(sheet)].xml

    def refuse_others(self, changes: Changes) -> None:
        """See that what was corrected in `records` makes none but the corrected rows, and no row that is not there, one
        of another case (of some issuers, numbers that differ by upper and lower case are those of several), and that
        all of what the history says of them is known. Raises CacheMiss.
        """
        for log in self.records.logs:
            corrected = changes.corrected(log.sheet.name)
            for position, row in enumerate(log.rows):
                is_new = (log.sheet.name, position, "number") in changes.amended
                known = self._known.get((log.sheet.name, row))
                if known is not None and known.key != log.keys[position] and not is_new:
                    raise CacheMiss("a row is of another case, because another one is")
                if position in corrected and has_unknown_formula(log, position):
                    raise CacheMiss("the history is to have a formula that was filled down")
                if is_new and log.sheet is CASES:
                    group = canonical(str(log["number"][position]), log.issuers)
                    naming = self._index.names.keys(names.related_to(group))
                    if group != log.keys[position] and not self._fetched.issuperset(naming):
                        raise CacheMiss("other cases may name this one by its new number")

    def index_with(self, changes: Changes) -> Encoded:
        """What of the index is another one with what was changed in `records`: new entries come last on their sheets.
        Raises CacheMiss.
        """
        for removed in sorted(changes.removed, key=lambda one: one.row, reverse=True):
            known = self._known.pop((removed.sheet.name, removed.row))
            self._index.removed(removed.sheet, removed.key)
            if known.linked is not None:
                self._index.names.removed(self._names(known), known.key)
        for log in self.records.logs:
            sheet, new = log.sheet.name, changes.added[log.sheet.name]
            for position in new:
                at = self._index.added(log, position)
                self._known[sheet, log.rows[position]] = _Known(at, log.keys[position], _linked(log, position))
            for position in changes.corrected(sheet):
                self._replaced(log, position)
            if any(self._known[sheet, row].key != key for row, key in zip(log.rows, log.keys, strict=True)):
                raise CacheMiss("a row is of another case")
        return self._index.changes()

    def _replaced(self, log: Log, position: int) -> None:
        row, key = log.rows[position], log.keys[position]
        known, now = self._known[log.sheet.name, row], _linked(log, position)
        self._index.replaced(log, position, known.at)
        if known.key != key:
            self._index.moved(log.sheet, known.at, known.key, key)
        if known.linked is not None and now is not None and (known.key, known.linked) != (key, now):
            related = self._related(log, known.key, known.linked)
            self._index.names.removed(self._names(known), known.key)
            if known.linked.related != now.related:
                related = (names.related_to(log.key_of(now.related)),) if isinstance(now.related, str) else ()
            self._index.names.added((names.end(key), *names.own_names(log, now), *related), key)
        self._known[log.sheet.name, row] = _Known(known.at, key, now)

    def _names(self, known: _Known) -> tuple[str, ...]:
        """The names that the index has for a case."""
        log, linked = self.records.cases, known.linked
        assert linked is not None
        return names.end(known.key), *names.own_names(log, linked), *self._related(log, known.key, linked)

    def _related(self, log: Log, key: str, values: names.Linked) -> tuple[str, ...]:
        """The name that a case has for the one that it names as related: how upper and lower case count in that
        depends on the other case, which need not be in `records`.
        """
        if not isinstance(values.related, str):
            return ()
        may_be = (names.related_to(form(values.related)) for form in (lambda n: canonical(n, log.issuers), normal))
        return tuple(name for name in dict.fromkeys(may_be) if key in self._index.names.keys(name))


def _linked(log: Log, position: int) -> names.Linked | None:
    return names.linked(log, position) if log.sheet is CASES else None


def remember(
    cache: Cache,
    digest: str,
    stamp: tuple[int, ...],
    index: Encoded,
    records: Records,
    base: BaseFile,
    tracker: TrackerState | None,
    next_entry: int,
    kinds_of_own: Mapping[str, Mapping[str, Kind | None]],
    *,
    anew: bool,
) -> None:
    """Keep what is known of a workbook that was just written and breaks no rule: all of it (`anew`), or what of the
    `index` is another one now.
    """
    blobs, about_index = index
    about = {
        "checked": records.clock.now.isoformat(),
        "settings": _plain_settings(records.settings),
        "next_entry": next_entry,
        "index": about_index,
        "letters": {log.sheet.name: log.letters for log in records.logs},
        "own": {log.sheet.name: _plain_own(log, kinds_of_own[log.sheet.name]) for log in records.logs},
        "targets": [_plain_target(base.targets[sheet]) for sheet in SHEET_NAMES],
        "elided": [{**kept._asdict(), "xml": None} for kept in base.elided.values()],
        "mentions": sorted(base.mentions or ()),
        "tracker": tracker and plain_tracker(tracker),
    }
    known = {
        _ABOUT: json.dumps(about).encode(),
        **{f"{_ELIDED} {part}": kept.xml for part, kept in base.elided.items()},
    }
    shown = {} if tracker is None else encoded_tracker(tracker)
    cache.write(digest, {**blobs, **known, **shown}, anew=anew, stamp=stamp)


def _base(cache: Cache, source: Source, about: Mapping[str, Any]) -> BaseFile:
    package = Package(source)
    layout = Layout(package)
    xml = cache.read(f"{_ELIDED} {plain['part']}" for plain in about["elided"])
    elided = {}
    for plain in about["elided"]:
        packed = plain["packed"] and (plain["packed"][0], plain["packed"][1])
        runs = tuple(Run(*run) for run in plain["runs"])
        kept = ElidedPart(**{**plain, "xml": xml[f"{_ELIDED} {plain['part']}"], "packed": packed, "runs": runs})
        if not fits(kept, package.archive, package.member(kept.part)):
            raise CacheMiss("a part of the workbook is not what it was")
        elided[kept.part] = kept
    targets = {plain["sheet"]: _target(layout, plain) for plain in about["targets"]}
    return BaseFile(package, layout, targets, elided, frozenset(about["mentions"]))


def _plain_target(target: AppendTarget) -> dict[str, Any]:
    return {
        **target._asdict(),
        "table": target.table and target.table.part,
        "formulas": sorted(target.formulas),
        "merged": [str(cells) for cells in target.merged],
        "access": target.access._asdict(),
    }


def _target(layout: Layout, plain: Mapping[str, Any]) -> AppendTarget:
    entry, part = layout.sheet(plain["sheet"]), plain["table"]
    table = next((table for table in layout.tables(entry) if table.part == part), None) if entry and part else None
    if entry is None or (part is not None and (table is None or table.last_row != plain["last_row"])):
        raise CacheMiss("a sheet or a Table is not where it was")
    there: dict[str, Any] = {
        "table": table,
        "formulas": frozenset((row, column) for row, column in plain["formulas"]),
        "uncovered": tuple(plain["uncovered"]),
        "merged": tuple(Range.parse(text) for text in plain["merged"]),
        "access": Access(**plain["access"]),
    }
    return AppendTarget(**{**plain, **there})


def _plain_settings(settings: Settings) -> dict[str, Any]:
    issuers = [issuer._asdict() for issuer in settings.issuers]
    return {**settings._asdict(), "issuers": issuers, "lists": dict(settings.lists)}


def _settings(plain: dict[str, Any]) -> Settings:
    issuers = tuple(Issuer(**{**issuer, "patterns": tuple(issuer["patterns"])}) for issuer in plain["issuers"])
    lists = {name: tuple(values) for name, values in plain["lists"].items()}
    addresses = {name: tuple(plain.get(name, ())) for name in ADDRESS_LINES}
    return Settings(**{**plain, **addresses, "issuers": issuers, "lists": lists})


def _plain_own(log: Log, kinds: Mapping[str, Kind | None]) -> dict[str, tuple[str, str | None]]:
    return {header: (letters, kinds.get(header)) for header, letters in log.own_letters.items()}


def _own(plain: Mapping[str, Any]) -> OwnHeaders:
    return {header: (letters, kind and Kind(kind)) for header, (letters, kind) in plain.items()}


def _log(sheet: Sheet, letters: Mapping[str, str], issuers: tuple[Issuer, ...], own: OwnHeaders) -> Log:
    log = Log(sheet, issuers, dict(letters), columns={column.name: [] for column in sheet.columns})
    log.own_letters = {header: letters for header, (letters, _) in own.items()}
    log.extra = {header: [] for header in own}
    return log
