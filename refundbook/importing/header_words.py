"""What the header of somebody else's column says that it holds, told by its words.

Every word of a header must be known for a place to be told: `Order date` is no order, `Tracking number` no number of a
case, and a column that is placed wrongly is worse than one that is not placed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache

from refundbook.base.currencies import CODES
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS
from refundbook.importing.column_map import NUMBER, OPENED, REPLY, STATUS, SUMMARY, TRACKER_CELLS, TRACKER_MAP, Target
from refundbook.importing.header_vocabulary import DAY_FIRST, ENGLISH, LANGUAGES

_CLOSE = 0.88
_LONG_ENOUGH = 5
"""Letters of a word that may be misspelled, and how alike it must be to a known one (difflib's ratio)."""
_MOST_WORDS = 12
"""Words of a text that can be a header."""
_OF_TWO, _SHORTEST = 7, 3
"""Letters of a word that may be written of several, and of each of them."""
_SHORT_ENDS = ("id", "no", "nr")
_JOINTS = ("s", "n", "en", "es")
"""What German puts between the words of one."""
_UMLAUTS = str.maketrans({"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue"})
_HAN = re.compile("[\u3400-\u9fff]+")
_HUMP = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|"
    "(?<=[\u3400-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3400-\u9fff])"
)
_IN_BRACKETS = r"\([^()]*\)|\[[^\[\]]*\]"
_FILLER = frozenset(("filler",))


class Rule(NamedTuple):
    """A header fits where each of its words is of a class that is needed or allowed, and each that is needed is there.
    `rank` says how sure that is, from 0 to 1: the surest column takes a place.
    """

    target: Target
    rank: float
    needs: str
    allows: str = ""


def _at(pillar: str, name: str) -> Target:
    return Target(pillar, name)


_CASE, _MESSAGE, _END = CASES.pillar, COMMUNICATIONS.pillar, RESOLUTIONS.pillar
ASKED, REFUNDED = _at(_CASE, "amount"), _at(_END, "amount")
ENDED, OUTCOME_TEXT, UPDATED = _at(_END, "date"), _at(_END, "outcome"), _at("", "updated")
CURRENCY, NOTES, ORDER, CUSTOMER, REASON = (
    _at(_CASE, name) for name in ("currency", "notes", "order", "customer", "reason")
)

RULES: tuple[Rule, ...] = (
    Rule(NUMBER, 1.0, "case id", "brand psp"),
    Rule(NUMBER, 0.95, "return id", "brand case authorization"),
    Rule(NUMBER, 0.9, "numbered", "brand support"),
    Rule(NUMBER, 0.3, "return order id"),
    Rule(NUMBER, 0.85, "issue id"),
    Rule(NUMBER, 0.7, "id"),
    Rule(OPENED, 1.0, "open date", "case return when"),
    Rule(OPENED, 0.98, "open when", "case return"),
    Rule(OPENED, 0.95, "open", "case"),
    Rule(OPENED, 0.9, "asked when"),
    Rule(OPENED, 0.85, "case date", "when"),
    Rule(OPENED, 0.8, "date", "when"),
    Rule(OPENED, 0.7, "issue date", "when"),
    Rule(OPENED, 0.6, "returned date", "when"),
    Rule(OPENED, 0.3, "returned when"),
    Rule(OPENED, 0.5, "received date", "when case"),
    Rule(OPENED, 0.4, "received when", "case"),
    Rule(ORDER, 1.0, "order id", "brand buyer"),
    Rule(ORDER, 0.9, "order", "brand"),
    Rule(_at(_CASE, "payment"), 1.0, "payment id", "brand"),
    Rule(_at(_CASE, "payment"), 0.9, "psp id"),
    Rule(_at(_CASE, "payment"), 0.7, "payment"),
    Rule(_at(_CASE, "related"), 1.0, "related case", "id"),
    Rule(CUSTOMER, 1.0, "buyer name"),
    Rule(CUSTOMER, 0.95, "buyer"),
    Rule(CUSTOMER, 0.5, "name"),
    Rule(_at(_CASE, "item"), 1.0, "item named"),
    Rule(_at(_CASE, "item"), 0.95, "item"),
    Rule(_at(_CASE, "item"), 0.3, "item came"),
    Rule(REASON, 1.0, "reason", "case return code buyer"),
    Rule(REASON, 0.8, "kind", "case issue reason"),
    Rule(REASON, 0.6, "issue"),
    Rule(ASKED, 1.0, "amount asked", "case"),
    Rule(ASKED, 0.95, "amount case", ""),
    Rule(ASKED, 0.9, "amount"),
    Rule(ASKED, 0.85, "asked value"),
    Rule(ASKED, 0.8, "asked"),
    Rule(ASKED, 0.5, "amount return", "asked"),
    Rule(ASKED, 0.45, "value case"),
    Rule(REFUNDED, 1.0, "paid amount", "value"),
    Rule(REFUNDED, 1.0, "gave back", "amount"),
    Rule(REFUNDED, 0.7, "paid"),
    Rule(REFUNDED, 0.6, "refund amount"),
    Rule(REFUNDED, 0.5, "refund value"),
    Rule(REFUNDED, 0.3, "refund"),
    Rule(CURRENCY, 1.0, "currency", "code"),
    Rule(CURRENCY, 0.9, "currency", "code case return amount asked refund"),
    Rule(_at(_CASE, "respond_by"), 1.0, "answer due", "by date when case"),
    Rule(_at(_CASE, "respond_by"), 0.95, "answer by", "date"),
    Rule(_at(_CASE, "respond_by"), 0.9, "due case", "date"),
    Rule(_at(_CASE, "answered_on"), 0.9, "replied when", "date"),
    Rule(_at(_CASE, "answered_on"), 0.9, "answer sent when", "date"),
    Rule(_at(_CASE, "answered_on"), 0.9, "answer sent date"),
    Rule(_at(_CASE, "issuer"), 0.9, "issuer", "case payment name"),
    Rule(NOTES, 1.0, "notes"),
    Rule(NOTES, 0.9, "notes", "more case return"),
    Rule(SUMMARY, 1.0, "log", "talk case summary support contact"),
    Rule(SUMMARY, 0.9, "talk support"),
    Rule(SUMMARY, 0.9, "talk summary", "case support"),
    Rule(SUMMARY, 0.3, "talk", "case"),
    Rule(_at(_MESSAGE, "agent"), 1.0, "support agent", "name"),
    Rule(_at(_MESSAGE, "channel"), 1.0, "channel", "contact support"),
    Rule(_at(_MESSAGE, "channel"), 0.9, "contact method"),
    Rule(_at(_MESSAGE, "date"), 1.0, "log date", "update"),
    Rule(_at(_MESSAGE, "date"), 1.0, "talk date", "update"),
    Rule(_at(_MESSAGE, "date"), 0.9, "contact date", "update"),
    Rule(_at(_MESSAGE, "promise"), 1.0, "promise"),
    Rule(_at(_MESSAGE, "due"), 1.0, "promise by"),
    Rule(_at(_MESSAGE, "due"), 0.9, "promise due", "date by"),
    Rule(_at(_MESSAGE, "evidence"), 1.0, "evidence", "link"),
    Rule(Target(TRACKER_CELLS, REPLY), 0.9, "update answer", "support"),
    Rule(Target(TRACKER_CELLS, REPLY), 0.8, "update contact", "support"),
    Rule(STATUS, 1.0, "status", "case current progress"),
    Rule(STATUS, 0.95, "status return", "case current progress"),
    Rule(STATUS, 0.9, "progress", "case return current"),
    Rule(STATUS, 0.6, "status handling", "case return"),
    Rule(STATUS, 0.5, "status resolution"),
    Rule(ENDED, 1.0, "end date", "when case return final"),
    Rule(ENDED, 0.95, "ended when", "case return"),
    Rule(ENDED, 0.9, "ended", "case"),
    Rule(ENDED, 0.75, "outcome date", "when case final"),
    Rule(ENDED, 0.7, "refund date", "when"),
    Rule(ENDED, 0.7, "paid date", "when"),
    Rule(ENDED, 0.7, "paid when"),
    Rule(UPDATED, 1.0, "update date", "when"),
    Rule(UPDATED, 0.9, "update when"),
    Rule(UPDATED, 0.8, "update"),
    Rule(OUTCOME_TEXT, 1.0, "outcome", "case return final details"),
    Rule(OUTCOME_TEXT, 0.9, "resolution details", "case final return"),
    Rule(OUTCOME_TEXT, 0.8, "resolution", "final"),
    Rule(_at(_END, "method"), 1.0, "refund method"),
    Rule(_at(_END, "method"), 0.8, "resolution method"),
    Rule(_at(_END, "method"), 0.8, "paid to"),
)
_UNCLEAR = {"amount", "currency", "date", "summary", "due", "with", "source"}
"""Headers of ours (lower case) that mean something else in other tables."""


def folded_words(header: str) -> tuple[str, ...]:
    """The words of a header: `CaseID`, `case_id` and `Case ID` have the same, and so has `Fallnummer`, which is written
    of two. What stands in brackets is left out.
    """
    text = re.sub(r"(?<=\w)\(s\)", "", re.sub(r"(?i)\bn\.?[\u00b0\u00ba]", "no ", header))
    text = re.sub(_IN_BRACKETS, " ", unicodedata.normalize("NFKC", text))
    text = re.sub(r"(?i)\b([dl])['\u2019](?=\w)", r"\1 ", text)
    found = re.findall(r"#|[^\W_]+", re.sub(r"['\u2019]s?\b", "", text))
    return tuple(part for word in found for hump in _humps(word) for part in _parts(_plain(hump)))


def _plain(word: str) -> str:
    """A word without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def _humps(word: str) -> Sequence[str]:
    """The words that CaseId is written of; PayPal is one."""
    if _plain(word) in _classes():
        return [word]
    return re.sub(_HUMP, " ", word).split()


@lru_cache(maxsize=4096)
def _parts(word: str) -> tuple[str, ...]:
    """The known words that one is written of, as Reklamationsnummer and orderid are; itself where it is not."""
    known = _classes()
    if word in known:
        return (word,)
    if _HAN.fullmatch(word):
        return _cut(word, 1, ()) or (word,)
    return (len(word) >= _OF_TWO and _cut(word, _SHORTEST, _JOINTS)) or (word,)


def _cut(word: str, shortest: int, joints: Sequence[str]) -> tuple[str, ...]:
    known = _classes()
    for at in range(len(word) - 1, shortest - 1, -1):
        first, rest = word[:at], word[at:]
        if first not in known:
            continue
        for joint in ("", *joints):
            tail = rest.removeprefix(joint)
            if tail != rest or not joint:
                if tail in known and (len(tail) >= shortest or tail in _SHORT_ENDS):
                    return (first, tail)
                if more := _cut(tail, shortest, joints):
                    return (first, *more)
    return ()


@cache
def _classes() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, words in ((name, words) for language in LANGUAGES for name, words in language.items()):
        for word in words.split():
            for spelled in (word, word.translate(_UMLAUTS)):
                found.setdefault(_plain(spelled), set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


@lru_cache(maxsize=4096)
def _classes_of(word: str) -> frozenset[str]:
    known = _classes()
    if word in known:
        return known[word]
    near = get_close_matches(word, _by_letter().get(word[0], ()), 1, _CLOSE) if len(word) >= _LONG_ENOUGH else []
    return known[near[0]] if near else frozenset()


@cache
def _by_letter() -> Mapping[str, Sequence[str]]:
    """The known words by their first letters, which are the least likely to be misspelled."""
    found: dict[str, list[str]] = {}
    for word in _classes():
        found.setdefault(word[0], []).append(word)
    return found


def says_something(header: str) -> bool:
    """Whether a header has a known word, so that what its column holds is not to be told by the cells alone."""
    known = _classes()
    return any(known.get(word, _FILLER) != _FILLER for word in folded_words(header))


def is_of_the_continent(headers: Iterable[str]) -> bool:
    """Whether headers are in a language in which the day of a date comes before the month, by words that are not
    English ones, too.
    """
    words = {word for header in headers for word in folded_words(header)}
    english = {_plain(word) for said in ENGLISH.values() for word in said.split()}
    others = {_plain(word) for language in DAY_FIRST for said in language.values() for word in said.split()}
    return len(words & others - english) > len(words & english - others)


def names_a_code(header: str) -> bool:
    """Whether a header is of a code, which may be a number."""
    return any("code" in _classes_of(word) for word in folded_words(header))


def names_a_place(header: str) -> bool:
    """Whether a header is of an address: of a column beside it, State may be of one, too."""
    return any("place" in _classes_of(word) for word in folded_words(header))


@lru_cache(maxsize=1024)
def targets_of(header: str) -> tuple[tuple[float, Target], ...]:
    """What a header can mean, the surest first, with how sure that is."""
    words = folded_words(header)
    if exact := _of_ours().get(" ".join(words)):
        return ((2.0, exact),)
    return _of_words(words)


def _of_words(words: Sequence[str]) -> tuple[tuple[float, Target], ...]:
    classes: list[frozenset[str]] = []
    for word in words if len(words) <= _MOST_WORDS else ():
        if not (names := _classes_of(word)):
            return ()
        if "filler" not in names:
            classes.append(names)
    best: dict[Target, float] = {}
    for rule in RULES if classes else ():
        if rule.rank > best.get(rule.target, 0) and _fits(rule, classes):
            best[rule.target] = rule.rank
    return tuple(sorted(((rank, target) for target, rank in best.items()), key=lambda pair: -pair[0]))


def _fits(rule: Rule, classes: Sequence[frozenset[str]]) -> bool:
    """Whether each class that is needed has a word of its own, and no word is left that the rule does not know."""
    needs = frozenset(rule.needs.split())
    if not all(names & (needs | set(rule.allows.split())) for names in classes):
        return False
    return len(classes) >= len(needs) and _has_own_words(tuple(needs), list(classes))


def _has_own_words(needs: Sequence[str], classes: list[frozenset[str]]) -> bool:
    if not needs:
        return True
    for at, names in enumerate(classes):
        if needs[0] in names and _has_own_words(needs[1:], classes[:at] + classes[at + 1 :]):
            return True
    return False


@cache
def _of_ours() -> Mapping[str, Target]:
    """The headers of the Tracker's columns and of the workbook's own sheets."""
    found = {" ".join(folded_words(header)): target for header, (target,) in TRACKER_MAP.places()}
    for sheet in SHEETS:
        for column in sheet.columns:
            header = column.header.casefold()
            is_number_elsewhere = column.name == "number" and sheet is not CASES
            if column.asked and header not in _UNCLEAR and not is_number_elsewhere:
                found.setdefault(" ".join(folded_words(column.header)), Target(sheet.pillar, column.name))
    return found


def parts_of(header: str) -> tuple[str, ...]:
    """What a header names, where it names several: `Customer/Order #` is Customer and Order #, and the Name and ID of
    `Customer Name / ID` are a customer's.
    """
    bare = re.sub(_IN_BRACKETS, " ", header)
    named = [part.strip() for part in re.split(r"\s*[/&|+,;]\s*|\s+and\s+", bare) if part.strip()]
    if len(named) < 2 or not all(folded_words(part) for part in named):
        return (header,)
    first, *rest = named
    heads = [
        word
        for word in folded_words(first)
        if _classes_of(word) & {"case", "return", "order", "payment", "buyer", "item"}
    ]
    of_first = heads[:1] if targets_of(first) else []
    completed = [part if targets_of(part) and not is_bare(part) else " ".join([*of_first, part]) for part in rest]
    tail = folded_words(rest[-1])[-1:] if not targets_of(first) else ()
    return (" ".join([first, *tail]), *completed)


def is_bare(part: str) -> bool:
    """Whether a part names an attribute alone, such as ID or Date, so that it is one of what stands before it."""
    return all(_classes_of(word) & {"id", "date", "when", "name"} for word in folded_words(part))


def currency_in(header: str) -> str:
    """The code of a currency that a header names, as `Amount (USD)` does; `""` for none."""
    found = [word for word in re.findall(r"\b[A-Z]{3}\b", header) if word in CODES]
    return found[0] if len(found) == 1 else ""


def is_known(header: str) -> bool:
    """Whether a text is a header whose meaning can be told, by which a header row is found."""
    return any(targets_of(part) for part in parts_of(header))
