"""Why the system refused, in one set of words, whatever is read or written."""

from __future__ import annotations

import ast
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import refundbook
from refundbook.system.bounds import TooLarge
from refundbook.system.nofollow import Unfit
from refundbook.system.refusals import NO_FILE, reason
from tests.support.command import run
from tests.support.samples import sample_at
from tests.support.unreachable import NOT_THERE, unreachable

PACKAGE = Path(refundbook.__file__).parent
NUMBER = "GTB-789012"


def test_a_reason_is_never_the_systems_own_words() -> None:
    for number in errno.errorcode:
        assert reason(OSError(number, os.strerror(number))) != os.strerror(number).lower()


def test_what_has_no_words_can_be_looked_up() -> None:
    assert reason(OSError(errno.ECHILD, "No child processes")) == "the system refused it (error ECHILD)"
    assert reason(OSError(99999, "?")) == "the system refused it (error 99999)"


def test_what_is_not_there_is_a_folder_where_something_is_made_and_a_file_where_it_is_read() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert (reason(error), reason(error, NO_FILE)) == ("the folder does not exist", "there is no such file")


def test_an_error_of_our_own_says_it_itself() -> None:
    assert reason(TooLarge("it is larger than 10 bytes")) == "it is larger than 10 bytes"
    assert reason(Unfit(Path("a"), "is a folder")) == "a is a folder"


def _says_it_itself(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type else ""
    said = [node.value for node in ast.walk(handler) if isinstance(node, ast.FormattedValue)]
    return "OSError" in caught and any(isinstance(value, ast.Name) and value.id == handler.name for value in said)


def test_only_their_home_knows_the_systems_words() -> None:
    """A command that said `strerror` would have words of its own for an error that another one has ours for."""
    own = {PACKAGE / "system" / name for name in ("nofollow.py", "refusals.py", "room.py")}
    for path in set(PACKAGE.rglob("*.py")) - own:
        text = path.read_text("utf-8")
        assert "strerror" not in text, path
        handlers = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler)]
        assert not any(map(_says_it_itself, handlers)), path


def _missing(folder: Path) -> Path:
    return folder / "none"


def _folder(folder: Path) -> Path:
    (folder / "sub").mkdir()
    return folder / "sub"


OTHER_REASON = pytest.mark.posix("Windows says that there is no such file or folder")


def _too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


def _below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "x"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_missing, "there is no such file."),
        (_folder, "it is a folder."),
        pytest.param(_too_long, "its name is too long.", marks=OTHER_REASON),
        pytest.param(_below_a_file, "a file stands where a folder is needed on the way to it.", marks=OTHER_REASON),
    ],
)
def test_commands_that_read_say_the_same(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    path, book = make(tmp_path), sample_at(tmp_path / "tracker.xlsx")
    for args in (("append", "--from", path), ("import", path)):
        ran = run(*args, book=book)
        no_mails = args[0] == "import" and make is _folder
        why = "is a folder, and holds no mails (.eml, .emlx, .msg, .mbox)." if no_mails else f"cannot be read: {said}"
        assert (ran.code, ran.err) == (2, f"refundbook: {path} {why}\n")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "none" / "x", "the folder does not exist."),
        pytest.param(_too_long, "its name is too long.", marks=OTHER_REASON),
        pytest.param(_below_a_file, "a file stands where a folder is needed on the way to it.", marks=OTHER_REASON),
    ],
)
def test_commands_that_write_say_the_same(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    path, book = make(tmp_path), sample_at(tmp_path / "tracker.xlsx")
    for args in (("due", "--ics", path), ("insights", "--html", path), ("evidence", NUMBER, "-o", path)):
        ran = run(*args, book=book)
        assert (ran.code, ran.err.split(": ")[-1]) == (3, f"{said}\n"), ran.err


READS = [("list",), ("append", "case", "N-1", "--opened", "2023-11-01"), (), ("restore",)]
OTHERS = [("due", "--ics", "a.ics"), ("evidence", NUMBER, "-o", "packet"), ("import", "in.csv"), ("append", "--from", "in.csv"), ("init", "new.xlsx")]  # fmt: skip


@pytest.mark.parametrize("winerror", [59, 64, 1231, *NOT_THERE])
def test_a_disk_of_the_network_that_does_not_answer_is_named_and_nothing_is_said_to_be_missing(
    tmp_path: Path, winerror: int
) -> None:
    """A share of Windows, as while the network is down."""
    share = tmp_path / "share"
    share.mkdir()
    near, far = sample_at(tmp_path / "tracker.xlsx"), sample_at(share / "tracker.xlsx")
    (share / "in.csv").write_text("pillar,Case Number\n")
    with unreachable(share, winerror):
        ran = [run(*args, book=far) for args in READS]
        ran += [run(*args[:-1], share / args[-1], book=near) for args in OTHERS]
    for one in ran:
        assert one.code in (2, 3, 4), one
        assert one.err.startswith(f"refundbook: {share}"), one
        assert one.err.endswith(": its disk does not answer: see whether you are connected to it.\n"), one
