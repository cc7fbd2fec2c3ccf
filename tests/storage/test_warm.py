"""An append to a workbook of which refundbook knows what is in it: what comes of it is what comes of reading the
workbook, to the byte.

Every act here is done to two copies of a workbook, to one of them with the cache switched off.
`REFUNDBOOK_LONG_TESTS=1` does three times as many of those that are drawn.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refundbook
from refundbook.base.live_bounds import BOUNDS
from refundbook.base.schema import CASES, TRACKER
from refundbook.record import records
from refundbook.record.records import Log
from refundbook.record.tracker import PLAIN_NOTICE
from refundbook.storage import commit, session, snapshot_index, whole_store
from refundbook.storage import load as contents
from refundbook.storage.cache_file import VARIABLE
from refundbook.xlsx import shared_file
from refundbook.xlsx.package import deflate
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.reading import reader
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.elision import ElidedPart
from tests.support import packages
from tests.support.books import SAMPLE, filled, with_bounds
from tests.support.command import Ran, run
from tests.support.confined import run_confined
from tests.support.office import sheet_values
from tests.support.processes import POSSIBLE, second_process
from tests.support.samples import TODAY, load, sample_at
from tests.support.warm import cache_file, known, outcome, readings, same_files, without_cache

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
LIVE = 4
"""Rows of the Tracker of `short`."""


class Twins(NamedTuple):
    """Two copies of a workbook; nothing is known of the one that is `cold`."""

    warm: Path
    cold: Path


def twins(folder: Path, content: bytes) -> Twins:
    found = Twins(folder / "warm" / "t.xlsx", folder / "cold" / "t.xlsx")
    for path in found:
        path.parent.mkdir()
        path.write_bytes(content)
    return found


def short_tracker(path: Path) -> Path:
    """The sample cases in a workbook whose Tracker has few rows, so that it soon holds plain values."""
    book = openpyxl.load_workbook(filled(path, SAMPLE.cases, SAMPLE.communications, SAMPLE.resolutions))
    page = book[TRACKER]
    for row in page.iter_rows(min_row=2 + LIVE):
        for cell in row:
            cell.value = None
    book.save(path)
    return path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample workbook as refundbook left it."""
    path = sample_at(tmp_path_factory.mktemp("sample") / "t.xlsx")
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    return path.read_bytes()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return short_tracker(tmp_path_factory.mktemp("short") / "t.xlsx").read_bytes()


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same with a Tracker whose formulas show a window of the cases."""
    path = short_tracker(tmp_path_factory.mktemp("windowed") / "t.xlsx")
    return with_bounds(path, BOUNDS._replace(shown=LIVE)).read_bytes()


@pytest.fixture
def pair(tmp_path: Path, sample: bytes) -> Twins:
    """Two copies of the sample with one more message; of the first one refundbook knows what is in it."""
    found = twins(tmp_path, sample)
    for path in found:
        with load(path) as book:
            book.append_communication("GTB-789100", date="2023-11-02", with_="Buyer", summary="Hello")
    cache_file(found.cold).unlink()
    same_files(*found)
    known(found.warm)
    return found


def both(pair: Twins, *args: str, today: str = TODAY.isoformat()) -> tuple[Ran, Ran]:
    """A command on both copies."""
    warm = run(*args, book=pair.warm, today=today)
    cold = run(*args, book=pair.cold, today=today, **{VARIABLE: "off"})
    here, there = str(pair.warm.parent), str(pair.cold.parent)
    return warm, Ran(cold.code, cold.out.replace(there, here), cold.err.replace(there, here))


def alike(pair: Twins, *args: str, today: str = TODAY.isoformat()) -> Ran:
    """See that a command does the same to both copies; give what it did."""
    warm, cold = both(pair, *args, today=today)
    assert warm == cold
    same_files(*pair)
    return warm


# Any sequence of entries

NUMBERS = (
    "GTB-789012",
    "GTB-789045",
    "gtb-789012 ",
    "GTB-1",
    "GTB-l",
    "GTB-I",
    "GTB-2",
    "dp_1aB",
    "dp_1Ab",
    "pi_1aB",
    "pi_1Ab",
    "PI_1AB",
    "4111111111111111",
)
DAYS = ("2023-10-20", "2023-10-26", "2023-10-29", "2023-11-02", "2023-11-05", "2023-11-09", "2023-11-02 09:30", "yesterday", "soon")  # fmt: skip
FINAL = ("Full Refund", "Denied", "Withdrawn", "Pending", "Reopened", "Done")
Given = tuple[str, dict[str, object]]

numbers, days = st.sampled_from(NUMBERS), st.sampled_from(DAYS)
texts = st.sampled_from(("Hello", "=1+1", "Zoë <asks> & waits", "Hello\nthere", ""))
amounts = st.sampled_from((None, "49.90", "1000", "x"))
CASE = st.fixed_dictionaries({"number": numbers, "opened": days}, optional={"amount": amounts, "related": numbers, "notes": texts, "issuer": st.sampled_from(("Stripe", "Other"))})  # fmt: skip
MESSAGE = st.fixed_dictionaries(
    {"number": numbers, "date": days, "with_": st.sampled_from(("Support", "Buyer")), "summary": texts},
    optional={"agent": texts, "due": st.sampled_from(("48 hrs", "2023-11-20")), "entry": st.integers(1, 30)},
)
END = st.fixed_dictionaries({"number": numbers, "status": st.sampled_from(FINAL)}, optional={"date": days, "amount": amounts, "outcome": texts})  # fmt: skip
ENTRY: st.SearchStrategy[Given] = st.one_of(
    st.tuples(st.just("case"), CASE),
    st.tuples(st.just("communication"), MESSAGE),
    st.tuples(st.just("resolution"), END),
)
NEW_CASES: st.SearchStrategy[Given] = st.tuples(
    st.just("case"), st.fixed_dictionaries({"number": st.integers(1, 60).map("NEW-{}".format), "opened": st.just("2023-11-01")})
)  # fmt: skip
GOOD: st.SearchStrategy[Given] = st.one_of(
    NEW_CASES,
    st.tuples(st.just("communication"), st.fixed_dictionaries({"number": st.sampled_from(("GTB-789012", "GTB-789045")), "date": st.just("2023-11-05"), "with_": st.just("Buyer"), "summary": st.integers(1, 999).map("Message {}".format)})),
)  # fmt: skip
"""Most of the others are refused, by a reading of the whole workbook."""
BATCHES = st.lists(
    st.lists(GOOD, min_size=1, max_size=3) | st.lists(ENTRY | GOOD, min_size=1, max_size=3), min_size=1, max_size=7
)


def same_outcomes(content: bytes, batches: Sequence[Sequence[Given]]) -> None:
    with tempfile.TemporaryDirectory(prefix="refundbook-warm-") as folder:
        pair = twins(Path(folder), content)
        for batch in batches:
            warm = outcome(pair.warm, lambda book, batch=batch: book.append_many(batch))  # type: ignore[misc]
            with without_cache():
                cold = outcome(pair.cold, lambda book, batch=batch: book.append_many(batch))  # type: ignore[misc]
            assert warm == cold
        same_files(*pair)
        assert [log.columns for log in load(pair.warm).records.logs] == [
            log.columns for log in load(pair.cold).records.logs
        ]
        assert not load(pair.warm).check().errors


@settings(max_examples=25 if LONG else 8)
@given(batches=BATCHES)
def test_any_sequence_of_entries_leaves_the_file_that_it_leaves_without_a_cache(
    sample: bytes, batches: list[list[Given]]
) -> None:
    same_outcomes(sample, batches)


@settings(max_examples=25 if LONG else 5)
@given(batches=BATCHES)
def test_so_it_does_where_the_tracker_turns_to_plain_values(short: bytes, batches: list[list[Given]]) -> None:
    same_outcomes(short, batches)


@settings(max_examples=25 if LONG else 5)
@given(batches=BATCHES)
def test_so_it_does_where_the_tracker_shows_a_window(windowed: bytes, batches: list[list[Given]]) -> None:
    same_outcomes(windowed, batches)


def test_a_long_sequence_is_entered_by_what_is_known_alone(tmp_path: Path, sample: bytes) -> None:
    """The property above says little where the workbook is read after all."""
    pair, random = twins(tmp_path, sample), Random(7)
    cases = ["GTB-789012", "GTB-789045"]
    read = 0
    for n in range(40 if LONG else 15):
        given: Given = ("case", {"number": f"NEW-{n}", "opened": "2023-11-01"})
        if random.random() < 0.7:
            message = {"date": "2023-11-05", "with_": random.choice(("Support", "Buyer")), "summary": f"Message {n}"}
            given = ("communication", {"number": random.choice(cases), **message})
        else:
            cases.append(f"NEW-{n}")
        with readings() as found:
            warm = outcome(pair.warm, lambda book, given=given: book.append(*given))  # type: ignore[misc]
        read += found.count
        with without_cache():
            assert outcome(pair.cold, lambda book, given=given: book.append(*given)) == warm  # type: ignore[misc]
        same_files(*pair)
    assert read == 1, "the first time, when nothing is known yet"


@pytest.mark.parametrize("kind", ["values", "window"])
def test_a_tracker_that_shows_some_follows_cases_that_end_and_open_again(
    tmp_path: Path, short: bytes, windowed: bytes, kind: str
) -> None:
    """The open and the latest cases: which ones they are changes with nearly every entry."""
    pair = twins(tmp_path, short if kind == "values" else windowed)
    random = Random(11)
    for n in range(12):
        add(pair, "case", number=f"NEW-{n}", opened="2023-11-01")
    said = [str(row[0]) for row in sheet_values(pair.warm, TRACKER)]
    assert any(text.startswith(PLAIN_NOTICE) for text in said) == (kind == "values")
    is_open = {f"NEW-{n}": True for n in range(12)}
    seen = set()
    for day in range(25 if LONG else 10):
        number = f"NEW-{8 + random.randrange(4)}"
        status = "Denied" if is_open[number] else "Reopened"
        is_open[number] = not is_open[number]
        add(pair, "resolution", number=number, status=status, date="2023-11-02", outcome=f"Step {day}")
        seen.add(tuple(str(row[0]) for row in sheet_values(pair.warm, TRACKER)[1 : 1 + LIVE]))
        same_files(*pair)
    assert len(seen) > (5 if LONG else 3)
    add(pair, "case", number="NEW-12", opened="2023-11-01")
    for _ in range(3):
        with readings() as read:
            warm = outcome(pair.warm, lambda book: len(book.undo().changes))
        assert (warm, read.count) == (1, 0)
        with without_cache():
            assert outcome(pair.cold, lambda book: len(book.undo().changes)) == warm
        same_files(*pair)


def add(pair: Twins, pillar: str, **fields: object) -> None:
    """One entry to both copies; the cache must have been enough for it, unless there was none or the Tracker changed
    its kind.
    """
    warm = outcome(pair.warm, lambda book: book.append(pillar, fields))
    with without_cache():
        assert outcome(pair.cold, lambda book: book.append(pillar, fields)) == warm


# It is really taken


@contextmanager
def nothing_is_read_in_full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise AssertionError("the workbook was read in full")

    with monkeypatch.context() as patch:
        patch.setattr(contents, "read_contents", refuse)
        patch.setattr(reader, "Reader", refuse)
        yield


def test_an_entry_is_made_without_reading_the_workbook(pair: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[Given] = [
        ("case", {"number": "GTB-789101", "opened": "2023-11-02", "related": "GTB-789012"}),
        ("communication", {"number": "GTB-789012", "date": "2023-11-02", "with_": "Support", "summary": "Hello"}),
        ("communication", {"number": "GTB-789101", "date": "2023-11-02", "with_": "Buyer", "summary": "Hello"}),
        ("resolution", {"number": "GTB-789045", "status": "Denied", "date": "2023-11-04"}),
        ("case", {"number": "GTB-7891O0", "opened": "2023-11-02"}),
    ]
    for pillar, fields in entries:
        with nothing_is_read_in_full(monkeypatch):
            done = outcome(pair.warm, lambda book, p=pillar, f=fields: book.append(p, f))  # type: ignore[misc]
        assert isinstance(done, refundbook.Entry)
        with without_cache():
            assert outcome(pair.cold, lambda book, p=pillar, f=fields: book.append(p, f)) == done  # type: ignore[misc]
        same_files(*pair)


def test_so_are_several_at_once_and_the_command(pair: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    several: list[Given] = [("case", {"number": f"NEW-{n}", "opened": "2023-11-02"}) for n in range(5)]
    with nothing_is_read_in_full(monkeypatch):
        outcome(pair.warm, lambda book: book.append_many(several))
        assert run("append", "case", "GTB-789101", "--opened", "2023-11-02", book=pair.warm).code == 0
    with without_cache():
        outcome(pair.cold, lambda book: book.append_many(several))
    run("append", "case", "GTB-789101", "--opened", "2023-11-02", book=pair.cold)
    same_files(*pair)


class Interrupted(list[Given]):
    """Entries in the midst of which the user presses Ctrl-C."""

    def __iter__(self) -> Iterator[Given]:
        yield self[0]
        raise KeyboardInterrupt


def test_what_is_interrupted_leaves_nothing_behind(pair: Twins) -> None:
    entries = Interrupted([("case", {"number": "GTB-789101", "opened": "2023-11-02"})])
    with refundbook.edit(pair.warm, today=TODAY, user="ana") as book:
        with pytest.raises(KeyboardInterrupt):
            book.append_many(entries)
        book.append_case("GTB-789102", opened="2023-11-02")
    assert list(load(pair.warm).cases.index)[-1] == "GTB-789102"
    assert "GTB-789101" not in load(pair.warm).cases.index


def test_for_very_many_the_workbook_is_read_because_that_is_quicker(pair: Twins) -> None:
    many: list[Given] = [("case", {"number": f"NEW-{n}", "opened": "2023-11-02"}) for n in range(40)]
    with readings() as found:
        outcome(pair.warm, lambda book: book.append_many(many))
    assert found.count == 1
    with without_cache():
        outcome(pair.cold, lambda book: book.append_many(many))
    same_files(*pair)


def test_a_workbook_that_another_program_saved_is_read_once_and_known_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    with readings() as found:
        outcome(path, lambda book: book.append_case("GTB-1", opened="2023-11-01"))
    assert found.count == 1
    with nothing_is_read_in_full(monkeypatch):
        outcome(path, lambda book: book.append_case("GTB-2", opened="2023-11-01"))


def test_what_asks_for_more_reads_the_workbook(pair: Twins) -> None:
    def amend(book: refundbook.Book) -> object:
        book.append_case("GTB-789101", opened="2023-11-02")
        book.amend("GTB-789012", "Notes", "seen")
        return len(book.records.cases), len(book.check().findings)

    with readings() as found:
        warm = outcome(pair.warm, amend)
    assert found.count >= 1
    with without_cache():
        assert outcome(pair.cold, amend) == warm
    same_files(*pair)
    assert alike(pair, "append", "case", "GTB-789102", "--opened", "2023-11-02").code == 0


def test_an_entry_made_before_all_is_read_stays(pair: Twins) -> None:
    with refundbook.edit(pair.warm, today=TODAY, user="ana") as book:
        book.append_case("GTB-789101", opened="2023-11-02")
        with pytest.raises(refundbook.EntryRefused):
            book.append_case("GTB-789012", opened="2023-11-02")
        book.append_communication("GTB-789101", date="2023-11-02", with_="Buyer", summary="Hello")
    found = load(pair.warm).records
    assert found.cases["number"][3:] == ["GTB-789101"]
    assert found.communications["entry"][-1] == 9


def test_memory_does_not_grow_with_the_workbook(tmp_path: Path, sample: bytes) -> None:
    small, large = twins(tmp_path, sample)
    random = Random(5)
    words = ("parcel", "refund", "agent", "promised", "returned", "label", "courier", "scanned", "photos", "missing")
    for path, count in ((small, 1), (large, 6_000)):
        with load(path) as book:
            book.append_many(
                (
                    "case",
                    {"number": f"NEW-{n}", "opened": "2023-11-01", "notes": " ".join(random.choices(words, k=300))},
                )
                for n in range(count)
            )
    peaks = {}
    for path in (small, large):
        ended = run_confined(path, ["append", "case", "GTB-789101", "--opened", "2023-11-02"], today="2023-11-05")
        assert [ran.code for ran in ended.ran] == [0], ended
        peaks[path] = ended.peak
    assert len(load(large).records.cases) == 6_004
    held = max(map(len, packages.parts(large).values()))
    assert held > 12 << 20
    assert peaks[large] - peaks[small] < held / 3


# Refusals and warnings


ACTS: dict[str, tuple[int, list[str]]] = {
    "a new case": (0, ["case", "GTB-789101", "--opened", "2023-11-02"]),
    "a case twice": (1, ["case", "GTB-789012", "--opened", "2023-11-02"]),
    "a case twice, spelled otherwise": (1, ["case", " gtb–789012", "--opened", "2023-11-02"]),
    "a look-alike": (0, ["case", "GTB-7890l2", "--opened", "2023-11-02"]),
    "an issuer's pattern": (0, ["case", "GTB-1", "--opened", "2023-11-02", "--issuer", "GTBuy"]),
    "a related case that is not there": (0, ["case", "GTB-789101", "--opened", "2023-11-02", "--related", "GTB-5"]),
    "another spelling": (0, ["case", "#GTB 00789012", "--opened", "2023-11-02"]),
    "a related case in another spelling": (0, ["case", "GTB-789101", "--opened", "2023-11-02", "--related", "GTB_789012"]),
    "an unknown case": (1, ["communication", "GTB-789013", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hi"]),
    "a message before its case": (1, ["communication", "GTB-789045", "--date", "2023-10-20", "--with", "buyer", "--summary", "Hi"]),
    "a message in the future": (1, ["communication", "GTB-789045", "--date", "2023-12-20", "--with", "buyer", "--summary", "Hi"]),
    "the same message twice": (0, ["communication", "GTB-789100", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hello"]),
    "a message after the end": (0, ["communication", "GTB-789012", "--date", "2023-11-03", "--with", "buyer", "--summary", "Hi"]),
    "an ambiguous date": (1, ["communication", "GTB-789045", "--date", "03/04/2023", "--with", "buyer", "--summary", "Hi"]),
    "a second final resolution": (1, ["resolution", "GTB-789012", "--status", "Denied", "--date", "2023-11-03"]),
    "a case reopened": (0, ["resolution", "GTB-789012", "--status", "Reopened"]),
    "more than was asked for": (0, ["resolution", "GTB-789045", "--status", "Full Refund", "--date", "2023-11-03", "--amount", "500"]),
    "another currency": (0, ["resolution", "GTB-789045", "--status", "Full Refund", "--date", "2023-11-03", "--amount", "5", "--currency", "EUR"]),
    "a status that does not exist": (1, ["resolution", "GTB-789045", "--status", "Done"]),
    "a card number": (0, ["case", "GTB-789101", "--opened", "2023-11-02", "--notes", "4111 1111 1111 1111"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_it_is_judged_as_by_all_of_the_workbook(pair: Twins, name: str) -> None:
    code, args = ACTS[name]
    before = pair.warm.read_bytes()
    ran = alike(pair, "append", *args, "--json")
    assert ran.code == code
    assert (pair.warm.read_bytes() == before) == (code != 0)
    # And what is known afterwards is as good.
    for again in ("a case twice", "the same message twice", "an unknown case"):
        assert alike(pair, "append", *ACTS[again][1]).code == ACTS[again][0]


@pytest.mark.parametrize("today", ["2023-10-27", "2023-11-02", "2023-11-04", "2023-11-06", "2024-02-29"])
def test_on_another_day_it_is_judged_by_that_day(pair: Twins, today: str) -> None:
    """On an earlier one, what was entered since is in the future."""
    for args in (
        ["append", "case", "GTB-789101", "--opened", "2023-10-27", "--no-inbox"],
        ["append", "communication", "GTB-789045", "--date", "2023-11-05", "--with", "buyer", "--summary", "Hi", "--no-inbox"],
    ):  # fmt: skip
        ran = alike(pair, *args, today=today)
        assert ran.code == (1 if today < "2023-11-02" or (today < "2023-11-05" and "communication" in args) else 0)


# No state of the cache


def flip(file: Path, random: Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(random.choice((1, 8, 64))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    file.write_bytes(content)


def flip_in_a_blob(file: Path, random: Random) -> None:
    """Where the database itself has nothing to object to."""
    with closing(sqlite3.connect(file)) as connection, connection:
        name, data = random.choice(connection.execute("SELECT name, data FROM blobs ORDER BY name").fetchall())
        changed = bytearray(data)
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        connection.execute("REPLACE INTO blobs VALUES (?, ?)", (name, bytes(changed)))


def blobs(path: Path) -> dict[str, bytes]:
    """What is known of a workbook. The manifest says also which file it is."""
    with closing(sqlite3.connect(cache_file(path))) as connection:
        return dict(connection.execute("SELECT name, data FROM blobs WHERE name != 'manifest'"))


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def of_another_workbook(file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="refundbook-warm-") as folder:
        other = sample_at(Path(folder) / "t.xlsx")
        with load(other) as book:
            book.append_case("GTB-789101", opened="2023-11-01")
        cache_file(other).replace(file)


def under_the_digest_of_another(file: Path) -> None:
    """All of another workbook's blobs, and this one's manifest."""
    with closing(sqlite3.connect(file)) as connection:
        manifest = connection.execute("SELECT * FROM blobs WHERE name = 'manifest'").fetchone()
    of_another_workbook(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("REPLACE INTO blobs VALUES (?, ?)", manifest)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


STATES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "overwritten": lambda file: file.write_bytes(b"\0" * file.stat().st_size),
    "something else": lambda file: file.write_bytes(b"PK\3\4" * 9_000),
    "a folder": a_folder,
    "without its table": lambda file: execute(file, "DROP TABLE blobs"),
    "without its manifest": lambda file: execute(file, "DELETE FROM blobs WHERE name = 'manifest'"),
    "with its manifest only": lambda file: execute(file, "DELETE FROM blobs WHERE name != 'manifest'"),
    "without the cases": lambda file: execute(file, "DELETE FROM blobs WHERE name GLOB 'c[0-9]*'"),
    "without the rows": lambda file: execute(file, "DELETE FROM blobs WHERE name GLOB 'cas*' OR name GLOB 'com*'"),
    "without the elided parts": lambda file: execute(file, "DELETE FROM blobs WHERE name GLOB 'elided*'"),
    "with blobs of each other": lambda file: execute(file, "UPDATE blobs SET data = (SELECT data FROM blobs WHERE name = 'com0') WHERE name = 'c0'"),
    "of another workbook": of_another_workbook,
    "under the digest of another": under_the_digest_of_another,
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_no_state_of_the_cache_makes_a_difference(pair: Twins, state: str) -> None:
    STATES[state](cache_file(pair.warm))
    for code, args in (ACTS["a case twice"], ACTS["a look-alike"], ACTS["a case twice"], ACTS["a new case"]):
        assert alike(pair, "append", *args).code == code


class Lie(NamedTuple):
    """What a blob says, and what it is made to say; how an entry ends by the workbook, and how it would if the lie were
    believed.
    """

    blob: str
    change: Callable[[bytes], bytes]
    args: tuple[str, ...]
    code: int
    believed: int


def another_number(about: bytes) -> bytes:
    return re.sub(rb'"next_entry": [0-9]+', b'"next_entry": 77', about)


def opened_a_month_before(block: bytes) -> bytes:
    columns = deflate.inflated(block, 1 << 20, "index").decode().split("\x1e")
    opened = 1 + [column.name for column in CASES.columns].index("opened")
    columns[opened] = "\x1f".join(str(int(day) - 30) for day in columns[opened].split("\x1f"))
    return deflate.segment(["\x1e".join(columns).encode()], is_last=True)


def message_of(day: str) -> tuple[str, ...]:
    return ("communication", "GTB-789012", "--date", day, "--with", "buyer", "--summary", "Hello")


LIES = {
    "the next number": Lie("about", another_number, message_of("2023-11-02"), 0, 0),
    "the day of a case": Lie("cas0", opened_a_month_before, message_of("2023-10-20"), 1, 0),
}
FORGED = ("the blob", "its check sum too", "that of the manifest too")


def tell(file: Path, lie: Lie, forged: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        blobs = dict(connection.execute("SELECT name, data FROM blobs WHERE name IN (?, 'manifest')", (lie.blob,)))
        changed, manifest = lie.change(blobs[lie.blob]), blobs["manifest"]
        assert changed != blobs[lie.blob]
        if forged != FORGED[0]:
            version, digest, stamp, sums = json.loads(manifest[4:])
            sums[lie.blob] = deflate.crc32(changed, deflate.crc32(lie.blob.encode()))
            text = json.dumps([version, digest, stamp, sums]).encode()
            manifest = (deflate.crc32(text).to_bytes(4, "little") if forged == FORGED[2] else manifest[:4]) + text
        connection.executemany("REPLACE INTO blobs VALUES (?, ?)", [(lie.blob, changed), ("manifest", manifest)])


@pytest.mark.parametrize("forged", FORGED[:2])
@pytest.mark.parametrize("name", LIES)
def test_a_lie_in_the_cache_that_reads_well_is_not_believed(pair: Twins, name: str, forged: str) -> None:
    tell(cache_file(pair.warm), LIES[name], forged)
    assert alike(pair, "append", *LIES[name].args).code == LIES[name].code


@pytest.mark.parametrize("name", LIES)
def test_such_a_lie_would_be_believed_if_the_check_sums_were_right(pair: Twins, name: str) -> None:
    """Or else the test above would show nothing: who may write there may write to the workbook too."""
    lie = LIES[name]
    tell(cache_file(pair.warm), lie, FORGED[2])
    with readings() as found:
        assert run("append", *lie.args, book=pair.warm).code == lie.believed
    assert found.count == 0
    assert run("append", *lie.args, book=pair.cold).code == lie.code
    if not lie.code:
        newest = [load(path).records.communications["entry"][-1] for path in pair]
        assert newest[0] == 77 != newest[1]


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("state", ["without the rows", "without the cases", "without the elided parts", "deleted"])
def test_what_gets_lost_meanwhile_makes_no_difference(pair: Twins, state: str, *, is_late: bool) -> None:
    """The cache is whole when it is opened, and is not any more when the entry is made, or when it is saved."""
    with refundbook.edit(pair.warm, today=TODAY, user="ana") as book:
        if is_late:
            book.append_case("NEW-1", opened="2023-11-02")
        STATES[state](cache_file(pair.warm))
        if not is_late:
            book.append_case("NEW-1", opened="2023-11-02")
    with without_cache(), refundbook.edit(pair.cold, today=TODAY, user="ana") as book:
        book.append_case("NEW-1", opened="2023-11-02")
    same_files(*pair)
    assert alike(pair, "append", "case", "NEW-1", "--opened", "2023-11-02").code == 1


@pytest.mark.parametrize("flip", [flip, flip_in_a_blob])
def test_no_flipped_bit_makes_a_difference(pair: Twins, flip: Callable[[Path, Random], None]) -> None:
    file, random = cache_file(pair.warm), Random(3)
    cache, before = file.read_bytes(), pair.warm.read_bytes()
    new = lambda book: book.append_case("GTB-789101", opened="2023-11-02")  # noqa: E731
    again = lambda book: book.append_case("GTB-789012", opened="2023-11-02")  # noqa: E731
    with without_cache():
        refused, done = outcome(pair.cold, again), outcome(pair.cold, new)
    read, tries = 0, 30 if LONG else 15
    for _ in range(tries):
        file.write_bytes(cache)
        pair.warm.write_bytes(before)
        flip(file, random)
        with readings() as found:
            assert outcome(pair.warm, new) == done
        read += found.count
        same_files(*pair)
        pair.warm.write_bytes(before)
        file.write_bytes(cache)
        flip(file, random)
        assert outcome(pair.warm, again) == refused
    # Of a few, each may have hit what matters.
    assert 0 < read < (tries if LONG else tries + 1)


def test_a_workbook_that_was_changed_since_is_read(pair: Twins) -> None:
    """An error that a person made is found, although the cache knows of none."""
    for path in pair:
        book = openpyxl.load_workbook(path)
        book["Cases"]["A3"] = "GTB-789012"
        book.save(path)
    shutil.copyfile(pair.warm, pair.cold)
    ran = alike(pair, "append", "case", "GTB-789101", "--opened", "2023-11-02", "--no-inbox")
    assert ran.code == 1
    assert "Cases!A3" in ran.err


def test_a_workbook_that_only_seems_to_be_the_known_one_is_not_written_over_and_is_read_the_next_time(
    pair: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written in place, as large as before, with the time of before, where the system keeps no time that cannot be set:
    only its digest tells.
    """
    stamp_of = shared_file.stamp_of
    monkeypatch.setattr(shared_file, "stamp_of", lambda path: stamp_of(path)[:4])
    alike(pair, "append", "case", "GTB-789100A", "--opened", "2023-11-02")
    for path in pair:
        content, seen = path.read_bytes(), path.stat()
        at = content.index(b"PK\1\2") + 12  # the time of its first part
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([content[at] ^ 2]))
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    changed = pair.warm.read_bytes()
    args = ["append", "case", "GTB-789101", "--opened", "2023-11-02", "--no-inbox"]
    ran = run(*args, book=pair.warm)
    assert ran.code == 3
    assert "was changed by someone else since it was read" in ran.err
    assert pair.warm.read_bytes() == changed
    assert alike(pair, *args).code == 0


def test_a_workbook_that_was_put_back_is_read_as_it_is_now(pair: Twins) -> None:
    """A restored backup: the cache is that of the newer file."""
    old = pair.warm.read_bytes()
    alike(pair, "append", "case", "GTB-789101", "--opened", "2023-11-02")
    for path in pair:
        path.write_bytes(old)
    assert alike(pair, "append", "case", "GTB-789101", "--opened", "2023-11-02").code == 0
    assert alike(pair, "append", "case", "GTB-789101", "--opened", "2023-11-02").code == 1


def test_what_another_version_knew_is_not_believed(pair: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have had other rules."""
    monkeypatch.setattr(session, "VERSION", "0.0.1 1")
    with readings() as found:
        outcome(pair.warm, lambda book: book.append_case("GTB-789101", opened="2023-11-02"))
    assert found.count == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_may_not_be_written_makes_no_difference(pair: Twins) -> None:
    file = cache_file(pair.warm)
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        for code, args in (ACTS["a new case"], ACTS["a case twice"], ACTS["a look-alike"]):
            assert alike(pair, "append", *args).code == code
    finally:
        file.parent.chmod(0o700)
        file.chmod(0o600)


def test_a_cache_that_cannot_be_written_any_more_makes_no_difference(
    pair: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known when it is read, full when it is written."""
    connect = sqlite3.connect

    def read_only(path: Path, **more: object) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    for code, args in (ACTS["a new case"], ACTS["a case twice"], ACTS["a look-alike"]):
        assert alike(pair, "append", *args).code == code


@pytest.mark.parametrize("named", ["a file", "a folder below a file", "off"])
def test_a_folder_that_cannot_be_made_makes_no_difference(
    pair: Twins, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv(VARIABLE, {"a file": f"{tmp_path}/file", "off": "off"}.get(named, f"{tmp_path}/file/folder"))
    for code, args in (ACTS["a new case"], ACTS["a case twice"]):
        assert alike(pair, "append", *args).code == code
    assert (tmp_path / "file").read_text() == "mine"


def test_a_python_without_sqlite_makes_no_difference(pair: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    for code, args in (ACTS["a new case"], ACTS["a case twice"]):
        assert alike(pair, "append", *args).code == code


def test_a_workbook_with_warnings_only_is_known_and_one_with_errors_is_not(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        book.append_case("GTB-1", opened=date(1999, 1, 1))
    assert load(path).check().warnings
    known(path)
    spoiled = openpyxl.load_workbook(path)
    spoiled["Cases"]["C3"] = "soon"
    spoiled.save(path)
    cache_file(path).unlink()
    with pytest.raises(refundbook.InvalidWorkbook), refundbook.edit(path, today=TODAY):
        pass
    assert not cache_file(path).exists()


@pytest.mark.skipif(not POSSIBLE, reason="another system than Linux")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("is_amended", [False, True], ids=["appended to", "amended too"])
def test_a_large_workbook_is_cut_by_another_process_while_the_rules_are_run(
    tmp_path: Path, sample: bytes, monkeypatch: pytest.MonkeyPatch, is_amended: bool
) -> None:
    def enter(path: Path) -> bytes:
        with refundbook.edit(path, today=TODAY, user="ana") as book:
            book.append_communication("GTB-789100", date="2023-11-02", with_="Buyer", summary="Hello")
            if is_amended:
                book.amend(1, "summary", "It did not come.")
        return path.read_bytes()

    one, other = twins(tmp_path, sample)
    alone = enter(one)
    monkeypatch.setattr(records, "_WORTH_ANOTHER", 0)
    cut_here: list[str] = []
    cut = commit._cut

    def noted(package: Package, part: str, target: AppendTarget) -> ElidedPart | None:
        cut_here.append(part)
        return cut(package, part, target)

    monkeypatch.setattr(commit, "_cut", noted)
    with second_process():
        assert enter(other) == alone
    assert cut_here == []


@pytest.mark.skipif(not POSSIBLE, reason="another system than Linux")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_what_is_known_may_be_made_ready_by_another_process(
    tmp_path: Path, sample: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a large workbook, with the entry that is being made."""

    def enter(path: Path, summary: str) -> None:
        with refundbook.edit(path, today=TODAY, user="ana") as book:
            book.append_communication("GTB-789100", date="2023-11-02", with_="Buyer", summary=summary)

    one, other = twins(tmp_path, sample)
    enter(one, "Hello")
    monkeypatch.setattr(records, "_WORTH_ANOTHER", 0)
    made_by: list[int] = []
    encode = snapshot_index.encoded

    def noted(logs: Sequence[Log]) -> snapshot_index.Encoded:
        made_by.append(os.getpid())
        return encode(logs)

    monkeypatch.setattr(whole_store, "encoded", noted)
    with second_process():
        enter(other, "Hello")
    assert made_by == [], "not here"
    assert blobs(other) == blobs(one)
    with readings() as found:
        enter(other, "Hello again")
    assert found.count == 0
    assert load(other).records.communications["summary"][-2:] == ["Hello", "Hello again"]
