"""Killed at any system call that touches a file, a command leaves the workbook as it was or as it should become, and
the next one just works.

`REFUNDBOOK_LONG_TESTS=1` kills at every such call of every scene, some two thousand times, with a workbook from the
template; without it, at those calls that change something, with one that has the three sheets only.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import pytest

import refundbook
from refundbook.record.history.cells import canonical, rows_before
from refundbook.record.history.state import effective, rows_after
from refundbook.storage.cache_file import VARIABLE
from refundbook.storage.history_reader import told_lines, verified
from refundbook.storage.inbox import Inbox
from tests.support.command import run
from tests.support.gallery import build
from tests.support.killer import Killer, has_strace
from tests.support.samples import TODAY, load, sample_at
from tests.support.warm import cache_file, readings

pytestmark = [pytest.mark.slow, pytest.mark.posix("processes are killed at system calls by strace")]

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
NAMING = {"rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "flock"}
"""Those at which a name begins or ceases to stand for a file, and the end."""
CHANGING = {"write", "pwrite64", "link", "linkat", "mkdir", "mkdirat", *NAMING}
"""Between two of these nothing on the disk changes but modes, owners and attributes, and empty files that are written
next.
"""
BEFORE = ["GTB-789012", "GTB-789045"]
NEXT = "GTB-789999"
WAITING = ["GTB-789201", "GTB-789202"]


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    if not has_strace():
        if os.environ.get("CI"):
            pytest.fail("strace is not installed, or may not trace.", pytrace=False)
        pytest.skip("strace is not installed, or may not trace.")
    with Killer() as made:
        yield made


def new_case(number: str) -> list[str]:
    return ["append", "case", number, "--opened", "2023-11-01"]


def excel_opens(book: Path) -> Path:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03ana")
    return owner


def as_it_is(book: Path) -> None:
    """Nothing but the sample cases."""


def backed_up(book: Path) -> None:
    """Saved today already."""
    assert run(*new_case("GTB-789101"), book=book).code == 0


def opened(book: Path) -> None:
    excel_opens(book)


def waiting(book: Path) -> None:
    """Two entries wait in the inbox."""
    owner = excel_opens(book)
    for number in WAITING:
        assert run(*new_case(number), book=book).code == 0
    owner.unlink()


def opened_again(book: Path) -> None:
    waiting(book)
    excel_opens(book)


def known_and_waiting(book: Path) -> None:
    backed_up(book)
    waiting(book)


@dataclass(frozen=True)
class Scene:
    """A command on a workbook in some state: what is `new` when it is done, in the workbook or in the inbox, and what
    must be `gone`.
    """

    prepare: Callable[[Path], None]
    args: tuple[str, ...]
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    is_known: bool = False
    """Whether refundbook knows at the beginning what is in the workbook."""


MANY = tuple(f"GTB-7893{n:02}" for n in range(12))
AMEND = ("amend", "GTB-789012", "Customer=Ann")
RENAME = ("rename", "GTB-789012", "GTB-789013")
SCENES = {
    "append": Scene(backed_up, tuple(new_case("GTB-789100")), ("GTB-789100",)),
    "append to a known workbook": Scene(backed_up, tuple(new_case("GTB-789100")), ("GTB-789100",), is_known=True),
    "many to a known workbook": Scene(backed_up, ("append", "--from", "{folder}/entries.csv"), MANY, is_known=True),
    "entered from the inbox into a known workbook": Scene(
        known_and_waiting, tuple(new_case("GTB-789100")), ("GTB-789100",), is_known=True
    ),
    "first save of the day": Scene(as_it_is, tuple(new_case("GTB-789100")), ("GTB-789100",)),
    "many": Scene(backed_up, ("append", "--from", "{folder}/entries.csv"), MANY),
    "kept in a new inbox": Scene(opened, tuple(new_case("GTB-789100")), ("GTB-789100",)),
    "kept in the inbox": Scene(opened_again, tuple(new_case("GTB-789100")), ("GTB-789100",)),
    "many kept": Scene(opened_again, ("append", "--from", "{folder}/entries.csv"), MANY),
    "entered from the inbox": Scene(waiting, tuple(new_case("GTB-789100")), ("GTB-789100",)),
    "dropped": Scene(waiting, ("inbox", "drop", "1"), gone=("GTB-789201",)),
    "renamed": Scene(backed_up, RENAME, ("GTB-789013",), ("GTB-789012",)),
    "renamed in a known workbook": Scene(backed_up, RENAME, ("GTB-789013",), ("GTB-789012",), is_known=True),
    "amended": Scene(backed_up, AMEND, ("GTB-789012 Ann",), ("GTB-789012",)),
    "amended in a known workbook": Scene(backed_up, AMEND, ("GTB-789012 Ann",), ("GTB-789012",), is_known=True),
    "undone": Scene(backed_up, ("undo", "--yes"), gone=("GTB-789101",)),
    "undone in a known workbook": Scene(backed_up, ("undo", "--yes"), gone=("GTB-789101",), is_known=True),
    "restored": Scene(backed_up, ("restore", "1"), gone=("GTB-789101",)),
}


ONLY_LONG = {"amended", "renamed", "undone"}
"""What differs in little from a scene of a known workbook."""


def set_up(folder: Path, scene: Scene) -> Path:
    folder.mkdir()
    book = folder / "tracker.xlsx"
    if LONG:
        sample_at(book)
    else:
        build(book, "case number=GTB-789012 opened=2023-10-26 ; case number=GTB-789045 opened=2023-10-28")
    lines = "".join(f"case,{number},2023-11-01\n" for number in MANY)
    (folder / "entries.csv").write_text(f"pillar,Case Number,Date Opened\n{lines}")
    scene.prepare(book)
    return folder


def numbers(book: Path) -> Counter[str]:
    """How often each case, with its customer where it has one, stands in the workbook or waits in its inbox."""
    cases = load(book).records.cases
    inside = zip(cases["number"], cases["customer"], strict=True)
    waiting = [(w.fields["Case Number"], w.fields.get("Customer")) for w in Inbox(book).entries()]
    return Counter(" ".join(map(str, filter(None, case))) for case in (*inside, *waiting))


def kills(
    killer: Killer, start: Path, args: Sequence[str], at: Set[str] = CHANGING, *, is_known: bool = False
) -> Iterator[Path]:
    """The workbook after each kill, `at` some system calls or (in the long form) at all, of a command that began with a
    copy of `start`.

    Where it `is_known`, what is known of the workbook in `start` is known of the copy.
    """
    folder = start.with_name("shop")
    known = cache_file(start / "tracker.xlsx") if is_known else None

    def begin() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(start, folder)
        book = folder / "tracker.xlsx"
        if known:
            cache_file(book).parent.mkdir(mode=0o700)
            shutil.copyfile(known, cache_file(book))
            cache_file(book).chmod(0o600)
        return book

    args = [arg.format(folder=folder) for arg in args]
    done = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "cache"))  # where the killer has it too
        calls = killer.calls(args, begin())
        assert not known or calls["pread64"] > 10, "nothing was read of the cache"
        for call, count in calls.items():
            for when in range(1, count + 1) if LONG or call in at else ():
                book = begin()
                if not killer.kill(args, book, call, when):
                    # Seen once in some thousands: one more of them was made while they were counted.
                    assert when > killer.calls(args, begin())[call], f"there was no {call} number {when}"
                    continue
                done += 1
                yield book
    assert done >= (50 if LONG else 3)


def go_on(book: Path, expected: Counter[str]) -> None:
    """The next append works, enters what waits, and everything is there once."""
    book.with_name("~$tracker.xlsx").unlink(missing_ok=True)
    ran = run(*new_case(NEXT), book=book)
    assert ran.code == 0, ran.err
    assert numbers(book) == expected + Counter([NEXT])
    assert not Inbox(book).entries()
    history_agrees(book)


def history_agrees(book: Path) -> None:
    """The history is whole, adds up to what is in the workbook, and takes no command for somebody's hand."""
    assert verified(book).problems == ()
    lines = told_lines(book)
    assert not {line.header["kind"] for line in lines} - {"begin", "command", "void"}
    told = rows_after(effective(lines, len(lines)))
    for log in load(book).records.logs:
        rows = [canonical(row) for row in rows_before(log, [])]
        assert sorted(map(canonical, told[log.sheet.pillar])) == sorted(rows)


def test_a_command_makes_the_same_calls_each_time(killer: Killer, tmp_path: Path) -> None:
    """Else a kill at the last of them may come to nothing."""
    book = set_up(tmp_path / "start", SCENES["append"]) / "tracker.xlsx"
    made = [killer.calls(["append", "case", "GTB-789100", "--opened", "soon"], book) for _ in range(12)]
    assert made == made[:1] * len(made)


@pytest.mark.parametrize("name", [name for name in SCENES if LONG or name not in ONLY_LONG])
def test_a_killed_command_has_done_all_or_nothing(killer: Killer, tmp_path: Path, name: str) -> None:
    scene = SCENES[name]
    start = set_up(tmp_path / "start", scene)
    before = numbers(start / "tracker.xlsx")
    after = before + Counter(scene.new) - Counter(scene.gone)
    seen = []
    for book in kills(killer, start, scene.args, is_known=scene.is_known):
        found = numbers(book)
        assert found in (before, after)
        seen.append(found == after)
        go_on(book, found)
    # A kill that always comes too early, or too late, would prove nothing.
    assert set(seen) == {True, False}


def test_the_scenes_of_a_known_workbook_read_no_workbook(tmp_path: Path) -> None:
    """Or they would be scenes of one that is not known."""
    for name in (name for name, scene in SCENES.items() if scene.is_known and "many" not in name):
        start = set_up(tmp_path / name, SCENES[name])
        with readings() as found:
            assert run(*SCENES[name].args, book=start / "tracker.xlsx").code == 0
        assert found.count == 0


def test_entries_of_the_inbox_are_entered_once_also_when_the_workbook_is_changed_after_the_crash(
    killer: Killer, tmp_path: Path
) -> None:
    """As when somebody saves in Excel before the next command: the workbook is then neither the old one nor the new
    one.
    """
    scene = SCENES["entered from the inbox"]
    for book in kills(killer, set_up(tmp_path / "start", scene), scene.args, NAMING):
        found = numbers(book)
        with refundbook.load(book, today=TODAY) as by_hand:
            by_hand.append_case("GTB-789500", opened="2023-11-02")
        go_on(book, found + Counter(["GTB-789500"]))


def test_a_crash_while_a_crash_is_mended_does_no_harm(killer: Killer, tmp_path: Path) -> None:
    scene = SCENES["entered from the inbox"]
    states: dict[bool, Path] = {}
    for book in kills(killer, set_up(tmp_path / "start", scene), scene.args, NAMING):
        was_marked = Inbox(book).file.exists() and "entering" in Inbox(book).file.read_text()
        was_swapped = len(load(book).records.cases) > len(BEFORE)
        if was_marked and was_swapped not in states:
            states[was_swapped] = shutil.copytree(book.parent, tmp_path / f"start when swapped is {was_swapped}")
    assert set(states) == {True, False}
    for state in states.values():
        for book in kills(killer, state, scene.args, NAMING):
            found = numbers(book)
            assert all(found[number] == 1 for number in (*BEFORE, *WAITING))
            with refundbook.load(book, today=TODAY) as by_hand:
                by_hand.append_case("GTB-789500", opened="2023-11-02")
            go_on(book, found + Counter(["GTB-789500"]))


def test_a_killed_init_leaves_a_whole_workbook_or_none(killer: Killer, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    book = folder / "tracker.xlsx"

    def begin() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

    begin()
    made = set()
    for call, count in killer.calls(["init"], book).items():
        for when in range(1, count + 1) if LONG or call in {"openat", "close", *CHANGING} else ():
            begin()
            if killer.kill(["init"], book, call, when):
                made.add(book.exists())
                assert book.exists() or run("init", book=book).code == 0
                assert not load(book).check().errors
    assert made == {True, False}
