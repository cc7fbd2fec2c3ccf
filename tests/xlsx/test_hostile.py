"""Hostile workbooks: refused in one sentence, or endured, in seconds and in bounded memory; and nothing of a workbook
reaches outside.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from refundbook.base.identifiers import canonical, matches
from refundbook.base.schema import TRACKER_HEADERS
from refundbook.base.settings import ISSUER_HEADERS, SETTING_HEADERS
from refundbook.storage.cache_file import VARIABLE
from refundbook.storage.settings_sheet import read_settings
from refundbook.xlsx.reading.byte_scan import scan_cells
from tests.support.confined import ROOT, Confined, run_confined
from tests.support.hostile import ENDURED, REFUSED, Builder
from tests.support.rich import full

pytestmark = pytest.mark.slow

SECONDS = 20
"""Of processor time, for a check and an append, also on a slow machine."""
PEAK = 1 << 30
APPEND = ["append", "case", "GTB-999001", "--opened", "2023-11-01"]


def cases(builders: dict[str, Builder]) -> list[object]:
    return [pytest.param(builder, id=name) for name, builder in builders.items()]


def bounded(ended: Confined) -> Confined:
    assert ended.ran, f"it did not live to tell: {ended.said[-500:]}"
    assert ended.said == ""
    assert ended.seconds < SECONDS
    assert ended.peak < PEAK
    return ended


def is_one_sentence(text: str) -> bool:
    return text.endswith("\n") and text[:-1].isprintable() and text.startswith("refundbook: ")


@pytest.mark.parametrize("builder", cases(REFUSED))
def test_a_hostile_file_is_refused_in_one_sentence(builder: Builder, tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(builder())
    before = path.read_bytes()
    for ran in bounded(run_confined(path, ["check"], APPEND, today="2026-01-01")).ran:
        assert (ran.code, ran.out) == (4, "")
        assert is_one_sentence(ran.err), ran.err
        assert str(path) in ran.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("builder", cases(ENDURED))
def test_a_file_that_only_looks_hostile_takes_no_more_than_others(builder: Builder, tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(builder())
    for ran in bounded(run_confined(path, ["check"], APPEND, today="2026-01-01")).ran:
        assert ran.code in (0, 1, 4)
        assert "Traceback" not in ran.err
        if ran.code == 4:
            assert is_one_sentence(ran.err), ran.err
            assert str(path) in ran.err
        assert (ran.out + ran.err).replace("\n", "").isprintable()


def test_what_looks_like_a_cell_in_a_comment_hides_none() -> None:
    sheet = (
        b"<sheetData><row><c><f>1</f></c></row><!-- <c a=' --><row><c/><c><f>2</f></c></row><row a='>'/></sheetData>"
    )
    assert scan_cells(sheet)[0] == {(1, 1), (2, 2)}


# Files that are none


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.xlsx"
    os.mkfifo(fifo)
    folder = tmp_path / "folder.xlsx"
    folder.mkdir()
    link = tmp_path / "link.xlsx"
    link.symlink_to("/dev/zero")
    loop = tmp_path / "loop.xlsx"
    loop.symlink_to(loop)
    for path in (fifo, folder, link, loop, Path("/dev/zero"), Path("/dev/null")):
        for ran in bounded(run_confined(path, ["check"], APPEND)).ran:
            assert ran.code == 4
            assert is_one_sentence(ran.err), ran.err


# Settings


@pytest.mark.parametrize(
    "zone",
    ["../../../../etc/passwd", "/etc/passwd", "/dev/zero", "..", ".", "Europe", "Europe/", "a\0b", "x" * 100_000, "CON", "tzdata.zi", "posixrules/../../x", "\ud800"],
)  # fmt: skip
def test_a_time_zone_is_a_name_and_never_a_path(zone: str) -> None:
    settings, findings = read_settings([SETTING_HEADERS, ("Time zone", zone)])
    assert settings.time_zone == ""
    assert [finding.code for finding in findings] == ["RB157"]
    assert findings[0].message.isprintable()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let fail what takes more processor time than this: also a regular expression, which minds signals while it goes
    on.
    """

    def end(*_: object) -> None:
        pytest.fail(f"it took {seconds} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("pattern", ["*A" * 16_000, "#" * 32_000, "(a+)+$", "[[[", "\\", "?*" * 100, "*" * 32_000])
def test_a_pattern_of_case_numbers_takes_linear_time(pattern: str) -> None:
    settings, _ = read_settings([ISSUER_HEADERS, ("Evil", pattern, "yes")])
    (issuer,) = settings.issuers
    with at_most(SECONDS):
        for number in ("A" * 255, "A" * 254 + "!", "a1-" * 85, "#" * 255):
            matches(number, issuer)
            canonical(number, settings.issuers)


# Nothing reaches outside

WATCHER = """
import os, sys
from pathlib import Path
from tests.support.command import run

book, folders = Path(sys.argv[1]), (sys.argv[2], os.environ["REFUNDBOOK_CACHE"])
seen = []
kept = set()
MADE = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "sqlite3.connect")

def written(event, args):
    if event == "open" and isinstance(args[0], str):
        changes = set(args[1]) & set("wax+") if isinstance(args[1], str) else args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return args[:1] if changes else ()
    return [path for path in args[:2] if isinstance(path, (str, os.PathLike))] if event in MADE else ()

def watch(event, args):
    places = [os.path.abspath(path) for path in written(event, args)]
    kept.update(place for place in places if place.startswith(folders[1]))
    if event == "ctypes.dlopen" and args[0] is None:
        return  # importing ctypes, as pyarrow does, opens the program itself
    if not all(place.startswith(folders) for place in places) or event.split(".")[0] in ("socket", "subprocess", "webbrowser", "urllib", "ftplib", "smtplib", "http", "pty") \\
            or event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.spawn", "os.startfile", "ctypes.dlopen"):
        seen.append((event, [str(arg)[:80] for arg in args]))

sys.dont_write_bytecode = True
sys.addaudithook(watch)
from refundbook.cli.commands import COMMANDS
given = {
    "append": ["append", "communication", "GTB-789012", "--date", "2025-12-01", "--with", "support", "--summary", "=WEBSERVICE(\\"https://example.org\\")", "--promise", "Answer"],
    "log": ["log", "GTB-789012", "Sent.", "--promise", "Answer"], "amend": ["amend", "GTB-789012", "Customer=Ana Lee"], "undo": ["undo", "--yes"],
    "rename": ["rename", "GTB-789012", "GTB-789099"], "export": ["export", "tables.csv"], "watch": ["watch", "--once"],
    "add-column": ["add-column", "Seller", "--on", "cases"],
    "keep": ["keep", "12"], "restore": ["restore", "1"], "import": ["import", "old.csv"],
    "show": ["show", "GTB-789012"], "init": ["init", "new.xlsx"], "find": ["find", "a"], "evidence": ["evidence", "GTB-789012", "-o", "packet.html"],
}
for name in COMMANDS:
    ran = run(*given.get(name, [name]), book=book, today="2026-01-01")
    if name not in ("due", "inbox", "add"):  # add asks at a terminal
        assert ran.code == 0, (name, ran)
assert not seen, seen
assert kept, "the cache was not watched"
"""


def test_no_command_opens_a_socket_starts_a_program_or_writes_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    path = full(tmp_path / "shop" / "tracker.xlsm")
    path.with_name("old.csv").write_text(f"{','.join(TRACKER_HEADERS)}\nGTB-780001,2023-10-26,Asked.,,Pending\n")
    ended = subprocess.run(
        [sys.executable, "-c", WATCHER, str(path), str(tmp_path / "shop")],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
