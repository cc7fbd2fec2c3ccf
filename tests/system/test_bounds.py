"""What is read has bounds, and what is no file is never waited for: inboxes, files to enter, maps, evidence, calendars,
pages.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import refundbook
from refundbook.cli.common import MAX_SETTING, MAX_TABLE
from refundbook.evidence.attachments import NotTaken, open_regular
from refundbook.storage import inbox as storage_inbox
from refundbook.storage.inbox import Inbox, Waiting
from refundbook.system import bounds
from tests.support.books import blank
from tests.support.command import run
from tests.support.terminal import process

pytestmark = pytest.mark.slow

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
CASE = ("append", "case", "GTB-789012", "--opened", "2023-10-26")
PACKAGE = Path(refundbook.__file__).parent


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return blank(tmp_path / "b.xlsx")


@pytest.fixture
def inbox(book: Path) -> Path:
    (book.parent / ".refundbook").mkdir()
    return book.parent / ".refundbook/b.xlsx.inbox.jsonl"


# Lines of the inbox

GOOD = {"id": "a1", "pillar": "case", "fields": {"Case Number": "GTB-789012", "Date Opened": "2023-10-26"}}
ODD: dict[str, object] = {
    "a list": [],
    "a number": 5,
    "null": None,
    "an empty object": {},
    "a list as the pillar": {**GOOD, "pillar": []},
    "an object as the pillar": {**GOOD, "pillar": {}},
    "a number as the id": {**GOOD, "id": 7},
    "a list as the fields": {**GOOD, "fields": []},
    "a list in a field": {**GOOD, "fields": {"Case Number": ["GTB-789012"]}},
    "an object in a field": {**GOOD, "fields": {"Case Number": "GTB-789012", "Date Opened": {"year": 2023}}},
    "a number as the findings": {**GOOD, "refused": 1},
    "a text among the findings": {**GOOD, "refused": ["RB203"]},
    "a list in a finding": {**GOOD, "refused": [{"message": []}]},
    "a mark of nothing": {"entering": 1},
    "a mark of a list": {"entering": [], "new_file": [], "old_digest": {}},
    "a mark of another file": {"entering": ["a1"], "new_file": "../b.xlsx", "old_digest": ""},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_line_of_an_unexpected_kind_is_shown_and_dropped_and_the_others_are_entered(
    odd: object, book: Path, inbox: Path
) -> None:
    line = json.dumps(odd)
    inbox.write_text(f"{line}\n{json.dumps(GOOD)}\n")

    listed = run("inbox", book=book)
    assert listed.code == 0
    assert listed.out.startswith(f"1  {line}\n   refused: This line of the inbox cannot be read.")
    for command in (["list"], ["check"], ["inbox", "--json"]):
        assert run(*command, book=book).code == 0

    assert run(*CASE[:2], "GTB-789045", *CASE[3:], book=book).code == 0
    assert [c.split(",")[0] for c in run("list", "--format", "csv", book=book).out.splitlines()[1:]] == [
        "GTB-789012",
        "GTB-789045",
    ]
    assert inbox.read_text() == f"{line}\n"
    assert run("inbox", "drop", "1", book=book).code == 0
    assert not inbox.exists()


def test_a_byte_order_mark_that_an_editor_put_in_front_makes_no_line_unreadable(book: Path, inbox: Path) -> None:
    inbox.write_text(f"\ufeff{json.dumps(GOOD)}\r\n")
    assert run("inbox", "enter", book=book).code == 0
    assert run("show", "GTB-789012", book=book).code == 0


def test_of_a_line_that_nobody_can_read_so_much_is_shown_as_tells_which(book: Path, inbox: Path) -> None:
    inbox.write_text("x" * 1_000_000)
    listed = run("inbox", book=book).out
    assert len(listed) < 1_000
    assert "xxx…" in listed
    assert run("inbox", "--json", book=book).code == 0
    dropped = run("inbox", "drop", "1", book=book)
    assert (dropped.code, len(dropped.out) < 1_000, inbox.exists()) == (0, True, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(["id", "pillar", "fields", "refused", "entering", "new_file", "old_digest"])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=JSON | st.dictionaries(KEYS, JSON) | st.dictionaries(KEYS, JSON).map(lambda more: {**GOOD, **more}))
def test_whatever_json_a_line_is_it_is_an_entry_or_one_that_cannot_be_read(book: Path, line: object) -> None:
    (book.parent / ".refundbook").mkdir(exist_ok=True)
    said = json.dumps(line)
    Inbox(book).file.write_text(f"{said}\n")
    (waiting,) = Inbox(book).entries()
    assert isinstance(waiting, Waiting)
    assert waiting.line == said
    assert str(waiting)


def test_an_inbox_that_is_too_large_is_refused_in_a_sentence_and_not_read(book: Path, inbox: Path) -> None:
    with inbox.open("wb") as file:
        file.truncate(3 << 30)
    for command, code in ((["list"], 0), (["inbox"], 3), (list(CASE), 3)):
        ran = run(*command, book=book)
        assert ran.code == code
        assert "b.xlsx.inbox.jsonl cannot be read: it is larger than 67,108,864 bytes. Move it away." in ran.err


def test_no_inbox_is_made_that_could_not_be_read(book: Path, inbox: Path) -> None:
    (book.parent / "~$b.xlsx").write_bytes(b"\3Ana")
    with patch.object(storage_inbox, "MAX_INBOX", 100):
        ran = run(*CASE, book=book)
    assert (ran.code, inbox.exists()) == (3, False)
    assert "would be larger than 100 bytes. Nothing was kept there" in ran.err


# Files that the command line names

NOT_A_FILE = {"a folder": "it is a folder", "a pipe": "it is not a file, but a device or pipe", "a device": ""}


@pytest.fixture(params=NOT_A_FILE)
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    kind = str(request.param)
    at = tmp_path / "entries.csv"
    if kind == "a folder":
        at.mkdir()
    elif not hasattr(os, "mkfifo"):
        pytest.skip("Windows has none")
    elif kind == "a pipe":
        os.mkfifo(at)
    else:
        at = Path("/dev/zero")
    return at, NOT_A_FILE[kind] or NOT_A_FILE["a pipe"]


@pytest.mark.parametrize(
    "command",
    [
        lambda at: ("append", "--from", str(at)),
        lambda at: ("import", str(at)),
        lambda at: ("import", str(at), "--write-map", "map.toml"),
        lambda at: ("import", "old.csv", "--map", str(at)),
    ],
    ids=["append --from", "import", "import --write-map", "import --map"],
)
def test_what_is_no_file_is_refused_and_not_waited_for(
    no_file: tuple[Path, str], command: Callable[[Path], tuple[str, ...]], book: Path
) -> None:
    at, why = no_file
    (book.parent / "old.csv").write_text("Case,Opened\nGTB-1,2023-10-26\n")
    ran = process("-b", book, *command(at), cwd=book.parent)
    assert (ran.code, ran.err) == (2, f"refundbook: {_said(at, why, command(at))}\n")


def _said(at: Path, why: str, command: tuple[str, ...]) -> str:
    """A folder is read for the mails in it, but is no map and no file of entries."""
    if not at.is_dir() or "--from" in command or "--map" in command:
        return f"{at} cannot be read: {why}."
    if "--write-map" in command:
        return "--write-map is for tables, and these are mails."
    return f"{at} is a folder, and holds no mails (.eml, .emlx, .msg, .mbox)."


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev")
@pytest.mark.parametrize("source", ["-", "/dev/stdin", "/dev/fd/0"])
def test_standard_input_is_read_up_to_a_bound(source: str, book: Path) -> None:
    entry = json.dumps({"pillar": "case", "Case Number": "GTB-789012", "Date Opened": "2023-10-26"})
    assert process("-b", book, "append", "--from", source, stdin=entry.encode()).code == 0
    with Path("/dev/zero").open("rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-c", _SMALL, "-b", str(book), "append", "--from", source],
            stdin=endless,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "cannot be read: it is larger than 1,000 bytes." in ended.stderr


_SMALL = (
    "import sys; from refundbook.cli import common; common.MAX_TABLE = 1000; from refundbook import cli; cli.main()"
)


@pytest.mark.parametrize("name", ["entries.csv", "entries.jsonl"])
def test_a_file_that_is_too_large_is_refused_by_its_size(name: str, book: Path) -> None:
    with (book.parent / name).open("wb") as file:
        file.truncate(MAX_TABLE + 1)
    for command in (("append", "--from"), ("import",)):
        ran = run(*command, book.parent / name, book=book)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "cannot be read: it is larger than 268,435,456 bytes." in ran.err


def test_a_map_that_is_too_large_is_refused(book: Path) -> None:
    old, map_ = book.with_name("old.csv"), book.with_name("map.toml")
    old.write_text("Case\n1\n")
    map_.write_bytes(b"#" * (MAX_SETTING + 1))
    ran = run("import", old, "--map", map_, book=book)
    assert (ran.code, ran.err) == (2, f"refundbook: {map_} cannot be read: it is larger than 1,048,576 bytes.\n")


def test_a_file_that_grows_while_it_is_read_is_bounded() -> None:
    with pytest.raises(bounds.TooLarge, match="larger than 10 bytes"):
        bounds.read_stream(io.BytesIO(b"x" * 11), 10, expected=4)
    assert bounds.read_stream(io.BytesIO(b"x" * 11), 11, expected=4) == b"x" * 11


def test_an_evidence_file_that_no_gateway_takes_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(NotTaken, match="is larger than 1,073,741,824 bytes, more than any gateway takes"):
        open_regular(path)


# Files that commands make

OUTPUTS = {
    "due --ics": ("due", "--ics"),
    "insights --html": ("insights", "--html"),
    "evidence -o": ("evidence", "GTB-789012", "-o"),
    "import --write-map": ("import", "old.csv", "--write-map"),
    "init": ("init",),
}


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
@pytest.mark.parametrize("command", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_nothing_is_written_into_what_is_no_file(command: tuple[str, ...], kind: str, book: Path) -> None:
    run(*CASE, book=book)
    (book.parent / "old.csv").write_text("Case,Opened\nGTB-1,2023-10-26\n")
    target = book.parent / "made.zip"
    if kind == "folder":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    elif not hasattr(os, "mkfifo"):
        pytest.skip("Windows has none")
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        target = Path("/dev/null")
    ran = process("-b", book, *command, target, cwd=book.parent)
    assert ran.code in (2, 3)
    assert str(target) in ran.err
    assert "Traceback" not in ran.err
    assert target.exists()
    assert not target.is_file()


@needs_fifo
def test_pressing_tab_never_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tracker.xlsx")
    ran = process(cwd=tmp_path, _REFUNDBOOK_COMPLETE="bash_complete", COMP_WORDS="refundbook show GTB", COMP_CWORD="2")
    assert (ran.out.strip(), ran.err) == ("", "")


# One home

HOME = "system/"
ELSEWHERE = {
    "storage/template_file.py": "the template, which came with the package",
    "importing/ready_maps.py": "the maps, which came with the package",
    "views/export_files.py": "files in the folder that it has just made",
    "template/__main__.py": "a workbook that whoever builds the package names",
    "evidence/packet.py": "files in the folder that it has just made",
    "evidence/page.py": "files in the folder that it has just made",
    "evidence/write.py": "files in the folder that it has just made",
    "storage/session.py": "by `SnapshotStore.open`",
    "storage/snapshot_store.py": "by `WorkbookFile.open`",
    "storage/cache_file.py": "a file of its own folder",
    "cli/common.py": "the system's own hole for what nobody reads any more",
}
OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "touch"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_path_is_opened_in_few_places(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    if name.startswith(HOME) or name in ELSEWHERE:
        return
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not called & OPENING
