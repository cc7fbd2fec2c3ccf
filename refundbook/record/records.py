"""The three logs in memory: columns of typed values with the addresses that they stand at, and what a case's rows add
up to.

Plain data for the rules and the views. A row is meant by its position in its log (0 is the first); `Log.rows` has its
row number on the sheet.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

from refundbook.base.access import Access
from refundbook.base.clock import Clock
from refundbook.base.currencies import code_of
from refundbook.base.dates import stamp
from refundbook.base.identifiers import canonical, canonical_forms
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.own_columns import own_name
from refundbook.base.schema import FINAL_STATUSES, Column, Sheet
from refundbook.base.settings import Issuer, Settings
from refundbook.base.values import to_text
from refundbook.record.case_keys import CaseKeys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Feature = TypeVar("Feature", bound=Hashable)


Positions = Mapping[str, Sequence[int]]
"""Sheet name to the positions in its log that a rule is to look at, ascending and each once."""

_WORTH_ANOTHER = 5_000
"""Rows that it pays to look at on two processors."""


class LeftOut(NamedTuple):
    """A row right below a Table that is meant as an entry and cannot be one: its case number, what is wrong, and what
    to do.
    """

    number: str
    why: str
    hint: str


class Original(NamedTuple):
    """What stood in a cell before it was corrected in memory."""

    value: object
    is_formula: bool
    error: str | None


class Log:
    """One pillar's rows. `columns` maps a column's name to its values, `extra` a user's own header to theirs; all run
    parallel to `rows`.

    A value is a str, Decimal, int, date or datetime where the cell holds what its column is for, None where it is
    blank, and else what stands there (a text in a date column, say), for the rules to find. `keys` are the case numbers
    in canonical form, `""` for none. `uncovered` are row numbers below the Table that hold something; they are not
    entries. `joined` are the rows of entries that stand right below the Table, and `left_out` those there that are
    meant as entries and cannot be. `letters` and `own_letters` are the columns' letters on the sheet, by name and by a
    user's own header; an optional column that the workbook lacks has none, and holds None in every row. `access` is
    what speaks against writing to it. `turned` are values by position and name that are no texts, in columns of
    identifiers: a spreadsheet took a number for something else. `merged` are the merged ranges over entries, by
    position and name of the first value there. `own` says how people's own columns are filled in, by header: of those
    that entries were made for. `beside` are headers that stand right of the Table, with their cells. `own_formulas` are
    formulas in people's own columns, by position and header. `formula_texts` are those of `formulas`, where known.
    `originals` are by position and name what stood in cells that were corrected in memory since it was read or written.
    """

    def __init__(
        self,
        sheet: Sheet,
        issuers: tuple[Issuer, ...],
        letters: dict[str, str],
        *,
        columns: dict[str, list[object]] | None = None,
        uncovered: tuple[int, ...] = (),
    ) -> None:
        self.sheet = sheet
        self.issuers = issuers
        self.letters = letters
        self.rows: list[int] = []
        self.columns: dict[str, list[object]] = {} if columns is None else columns
        self.extra: dict[str, list[object]] = {}
        self.keys: list[str] = []
        self.by_case: dict[str, list[int]] = {}
        self.numeric: set[int] = set()
        self.turned: dict[tuple[int, str], object] = {}
        self.formulas: set[tuple[int, str]] = set()
        self.formula_texts: dict[tuple[int, str], str] = {}
        self.errors: dict[tuple[int, str], str] = {}
        self.uncovered = uncovered
        self.joined: tuple[int, ...] = ()
        self.left_out: Mapping[int, LeftOut] = {}
        self.own_letters: dict[str, str] = {}
        self.own: dict[str, Column] = {}
        self.beside: Mapping[str, str] = {}
        self.own_formulas: set[tuple[int, str]] = set()
        self.originals: dict[tuple[int, str], Original] = {}
        self.merged: dict[tuple[int, str], str] = {}
        self._lookups: dict[Callable[[Log, int], Any], dict[Any, list[int]]] = {}
        self.case_keys: CaseKeys | None = None
        self.access = Access()

    def find_keys(self, known: dict[object, str]) -> None:
        """Find each row's case number in canonical form. `known` are those by case number, to which those here are
        added.
        """
        numbers = self["number"]
        # In the order of the rows, in which they lie in memory: in another, looking at each takes a third longer.
        new = [number for number in dict.fromkeys(numbers) if number not in known]
        texts = [number for number in new if isinstance(number, str)]
        known.update(dict.fromkeys(new, "") if len(texts) < len(new) else {})
        known.update(canonical_forms(texts, self.issuers))
        self.keys = list(map(known.__getitem__, numbers))
        by_case: defaultdict[str, list[int]] = defaultdict(list)
        for i, key in enumerate(self.keys):
            by_case[key].append(i)
        self.by_case = dict(by_case)

    @property
    def joined_positions(self) -> range:
        """The positions of the entries that stand right below the Table, one after another."""
        first = bisect_left(self.rows, self.joined[0]) if self.joined else 0
        return range(first, first + len(self.joined))

    def __getitem__(self, name: str) -> list[object]:
        found = self.columns.get(name)
        # The name of a column of one's own is its header, perhaps with a blank behind it.
        return self.extra[name.rstrip(" ")] if found is None else found

    def __len__(self) -> int:
        return len(self.rows)

    def address(self, position: int, name: str) -> str:
        """Where a value stands on the sheet, such as `C14`."""
        return f"{self.letters_of(name)}{self.rows[position]}"

    def letters_of(self, name: str) -> str:
        """The letters of a column, ours or people's own, by its name; `""` for one that the workbook lacks."""
        return self.letters.get(name) or self.own_letters.get(name.rstrip(" "), "")

    def column(self, name: str) -> Column:
        """A column, ours or people's own, by its name."""
        return self.own[name.rstrip(" ")] if name not in self.columns else self.sheet[name]

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """People's own columns, as far as `own` has them."""
        return tuple(self.own.values()) if self.own else ()

    def lacks(self, name: str) -> str:
        """A sentence that the workbook has no such column, and the way out; `""` where it has it."""
        if name in self.letters or name not in self.columns:
            return ""
        return f"{self.sheet.name} has no column {self.sheet[name].header}: `refundbook upgrade` adds it."

    def lookup(self, feature: Callable[[Log, int], Feature | None]) -> Mapping[Feature, Sequence[int]]:
        """The positions of rows by what `feature(log, position)` gives for each, in order; where it gives None, the row
        is left out.

        Built at the first call and kept up to date from then on, so that checking one entry does not read the whole
        log. `feature` must be a module's function (it is the lookup's name) and look at nothing but its row.
        """
        if feature not in self._lookups:
            index = self._lookups[feature] = {}
            for i in range(len(self.rows)):
                if (value := feature(self, i)) is not None:
                    index.setdefault(value, []).append(i)
        return self._lookups[feature]

    def _look_up_again(self, position: int) -> None:
        for feature, index in self._lookups.items():
            if (value := feature(self, position)) is not None:
                insort(index.setdefault(value, []), position)

    def _drop_from_lookups(self, position: int) -> None:
        for feature, index in self._lookups.items():
            if (value := feature(self, position)) is not None:
                index[value].remove(position)
                if not index[value]:
                    del index[value]

    def currency(self, position: int) -> str:
        """The code of the currency that stands in a row; `""` where none does."""
        return code_of(self["currency"][position])

    def rows_of(self, keys: Mapping[str, object]) -> Sequence[int]:
        """The positions of the rows of cases, given by their keys, in order."""
        if self.by_case.keys() <= keys.keys():
            return range(len(self))
        return sorted(chain.from_iterable(self.by_case.get(key, ()) for key in keys))

    def add(self, values: Mapping[str, object], row: int) -> int:
        """Take in a new last entry, which will stand in `row`; return its position."""
        position = len(self.rows)
        self.rows.append(row)
        for name, column in self.columns.items():
            column.append(values.get(name))
        for header, own in self.extra.items():
            own.append(values.get(own_name(self.sheet, header)))
        key = self.key_of(values.get("number"))
        self.keys.append(key)
        self.by_case.setdefault(key, []).append(position)
        self._look_up_again(position)
        if self.case_keys:
            self.case_keys.placed(self, position)
        return position

    def key_of(self, number: object) -> str:
        """The key of a case number that stands, or would stand, in one of the workbook's logs; `""` for none."""
        if not isinstance(number, str):
            return ""
        return self.case_keys.of(number) if self.case_keys else canonical(number, self.issuers)

    def rekey(self, position: int, key: str) -> None:
        """Let a row be of another case."""
        self._drop_from_lookups(position)
        self._move(position, key)
        self._look_up_again(position)

    def remove_last(self) -> None:
        """Undo the newest `add`."""
        self._drop_from_lookups(len(self.rows) - 1)
        self.rows.pop()
        number = self["number"][-1]
        for column in (*self.columns.values(), *self.extra.values()):
            column.pop()
        key = self.keys.pop()
        self.by_case[key].pop()
        if not self.by_case[key]:
            del self.by_case[key]
        if self.case_keys:
            self.case_keys.removed(self, number)

    def forget_lookups(self) -> None:
        """Have every `lookup` built anew: positions are others now."""
        self._lookups.clear()

    def replace(self, position: int, name: str, value: object) -> Callable[[], None]:
        """Put `value` in place of the one that stands there. What is returned undoes it, with all that was known of the
        cell.
        """
        old, formulas, errors, numeric = self[name][position], set(self.formulas), dict(self.errors), set(self.numeric)
        turned, originals, own_formulas = dict(self.turned), dict(self.originals), set(self.own_formulas)
        own = (position, "" if name in self.columns else name.rstrip(" "))
        is_formula = (position, name) in self.formulas or own in self.own_formulas
        self.originals.setdefault((position, name), Original(old, is_formula, self.errors.get((position, name))))

        def undo() -> None:
            self._put(position, name, old)
            self.originals, self.own_formulas = originals, own_formulas
            self.formulas, self.errors, self.numeric, self.turned = formulas, errors, numeric, turned

        self._put(position, name, value)
        self.formulas.discard((position, name))
        self.own_formulas.discard(own)
        self.errors.pop((position, name), None)
        if name == "number":
            self.numeric.discard(position)
        self.turned.pop((position, name), None)
        return undo

    def _put(self, position: int, name: str, value: object) -> None:
        before = self["number"][position]
        self._drop_from_lookups(position)
        self[name][position] = value
        if name == "number":
            self._move(position, self.key_of(value))
        self._look_up_again(position)
        if self.case_keys and name in ("number", "issuer"):
            self.case_keys.removed(self, before)
            self.case_keys.placed(self, position)

    def _move(self, position: int, key: str) -> None:
        old = self.keys[position]
        self.keys[position] = key
        self.by_case[old].remove(position)
        if not self.by_case[old]:
            del self.by_case[old]
        self.by_case[key] = sorted([*self.by_case.get(key, ()), position])


class Records:
    """All that the rules look at: the three logs, the settings, and what day it is."""

    def __init__(self, cases: Log, communications: Log, resolutions: Log, settings: Settings, clock: Clock) -> None:
        self.cases = cases
        self.communications = communications
        self.resolutions = resolutions
        self.settings = settings
        self.clock = clock
        self._by_sheet = {log.sheet.name: log for log in self.logs}
        self.case_keys = CaseKeys(self.logs, settings.issuers)
        for log in self.logs:
            log.case_keys = self.case_keys

    @property
    def are_worth_another(self) -> bool:
        """Whether it pays to look at all of them in a copy of the process, though it soon has in memory again whatever
        it looks at.
        """
        return sum(map(len, self.logs)) >= _WORTH_ANOTHER

    @property
    def logs(self) -> tuple[Log, Log, Log]:
        return self.cases, self.communications, self.resolutions

    def log(self, sheet: Sheet) -> Log:
        return self.named(sheet.name)

    def named(self, sheet: str) -> Log:
        return self._by_sheet[sheet]

    def everything(self) -> Positions:
        return {log.sheet.name: range(len(log)) for log in self.logs}

    def about(self, keys: Iterable[str]) -> Positions:
        """The positions of every row of the cases with these keys: all that one new entry can bear on."""
        wanted = dict.fromkeys(chain.from_iterable(map(self.case_keys.in_group_of, keys)))
        return {log.sheet.name: log.rows_of(wanted) for log in self.logs}

    def key_of(self, number: str) -> str:
        """The key of the case that a number names: `values.canonical`, unless the Issuer of a case says that upper and
        lower case differ in it.
        """
        return self.case_keys.of(number)

    def case(self, key: str) -> int | None:
        """The position of the case with this key (of the first, where it stands twice)."""
        positions = self.cases.by_case.get(key) if key else None
        return positions[0] if positions else None

    def messages(self, key: str) -> list[int]:
        """The positions of a case's messages that have a date, in date order; on the same date in the order of rows."""
        dates = self.communications["date"]
        return _in_order([i for i in self.communications.by_case.get(key, ()) if isinstance(dates[i], date)], dates)

    def resolution_history(self, key: str) -> list[int]:
        """The positions of a case's resolution entries, oldest first.

        Ordered by Logged At where every one has it, because a sheet can be sorted by anything; else in the order of
        rows.
        """
        at = list(self.resolutions.by_case.get(key, ()))
        logged = self.resolutions["logged_at"]
        return _in_order(at, logged) if len(at) > 1 and all(isinstance(logged[i], date) for i in at) else at

    def currency(self, log: Log, position: int) -> str:
        """The currency of an amount: that of its row, else that of its case; `""` where neither has one."""
        own = log.currency(position)
        case = None if own or log is self.cases else self.case(log.keys[position])
        return own if case is None else self.cases.currency(case)

    def newest_resolution(self, key: str) -> int | None:
        entries = self.resolutions.by_case.get(key, ())
        if len(entries) == 1:
            return entries[0]
        history = self.resolution_history(key)
        return history[-1] if history else None

    def final_resolution(self, key: str) -> int | None:
        """The position of the resolution that ended the case; None while it is open."""
        newest = self.newest_resolution(key)
        return newest if newest is not None and self.resolutions["status"][newest] in FINAL_STATUSES else None

    def is_received(self, position: int) -> bool:
        """Whether a message was received; one without a direction counts as received."""
        return self.communications["direction"][position] in (None, "Received")

    def support_replies(self, key: str) -> list[int]:
        """The positions of a case's messages received from support, in the order of `messages`."""
        with_ = self.communications["with_"]
        return [i for i in self.messages(key) if with_[i] == "Support" and self.is_received(i)]

    def last_support_reply(self, key: str) -> int | None:
        """The position of the newest message received from support."""
        replies = self.support_replies(key)
        return replies[-1] if replies else None

    def last_agent(self, number: str) -> str:
        """Who signed the newest message from support about a case; `""` where nobody did."""
        newest = self.last_support_reply(self.key_of(number))
        return "" if newest is None else to_text(self.communications["agent"][newest])


def _in_order(at: list[int], moments: Sequence[Any]) -> list[int]:
    """Positions, which ascend, by the moments that stand there; those of the same moment as before."""
    if len({type(moments[i]) for i in at}) == 1:
        return sorted(at, key=moments.__getitem__)
    return sorted(at, key=lambda i: stamp(moments[i]))
