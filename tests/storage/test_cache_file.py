"""Blobs about a workbook: read as they were put there together, or not at all; and a cache that cannot be is done
without.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import sys
import time
import zlib
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from refundbook.storage import cache_file
from refundbook.storage.cache_file import MOST, VARIABLE, Cache, CacheMiss, folder

BLOBS = {"about": b"{}", "c0": bytes(range(256)) * 40, "cas0": b"x" * 9_000}
DIGEST = "ab" * 32


@pytest.fixture(autouse=True)
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the caches of these tests are."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def made(name: str = "book.xlsx", version: str = "1") -> Cache:
    return Cache(Path("/shop") / name, version)


def kept(name: str = "book.xlsx") -> Path:
    """The file of a cache with the blobs."""
    made(name).write(DIGEST, BLOBS, anew=True)
    (file,) = (f for f in (folder() or Path()).iterdir() if f.stat().st_size)
    return file


def read(version: str = "1") -> tuple[str, dict[str, bytes]]:
    found = made(version=version)
    return found.digest(), found.read(BLOBS)


def change(file: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement, values in statements:
            connection.execute(statement, values)


# What is put there


def test_blobs_are_read_as_they_were_put_there() -> None:
    kept()
    assert read() == (DIGEST, BLOBS)


def test_blobs_are_put_with_those_that_are_there() -> None:
    kept()
    held = made()
    held.digest()
    held.write("cd" * 32, {"c0": b"new", "c1": b"more"}, anew=False)
    assert made().digest() == "cd" * 32
    found = made()
    found.digest()
    assert found.read([*BLOBS, "c1"]) == {**BLOBS, "c0": b"new", "c1": b"more"}


def test_blobs_are_put_in_the_place_of_all_that_are_there() -> None:
    kept()
    made().write("cd" * 32, {"c0": b"new"}, anew=True)
    found = made()
    assert found.digest() == "cd" * 32
    assert found.read(["c0"]) == {"c0": b"new"}
    with pytest.raises(CacheMiss, match="about is missing"):
        found.read(["about"])


def test_each_workbook_has_its_own() -> None:
    kept()
    with pytest.raises(CacheMiss):
        made("other.xlsx").digest()


def test_what_was_taken_away_is_not_there() -> None:
    kept()
    made().forget()
    with pytest.raises(CacheMiss):
        made().digest()
    made().forget()


# What is not as it was put there


@pytest.mark.parametrize("missing", ["about", "c0", "manifest"])
def test_a_cache_that_was_written_in_part_holds_nothing(missing: str) -> None:
    change(kept(), ("DELETE FROM blobs WHERE name = ?", (missing,)))
    with pytest.raises(CacheMiss):
        read()


@pytest.mark.parametrize("data", [b"", b"{} ", b"[]", None, 7, "{}", 1.5])
def test_a_blob_that_is_another_than_was_put_there_is_not_read(data: object) -> None:
    change(kept(), ("UPDATE blobs SET data = ? WHERE name = 'about'", (data,)))
    with pytest.raises(CacheMiss):
        read()


def test_a_blob_under_the_name_of_another_is_not_read() -> None:
    """As a disk that loses writes may leave them; both are whole."""
    file = kept()
    change(file, ("UPDATE blobs SET data = ? WHERE name = 'c0'", (BLOBS["cas0"],)))
    with pytest.raises(CacheMiss, match="c0 is missing or damaged"):
        read()


def test_the_blobs_of_before_do_not_count_for_what_is_there_now(tmp_path: Path) -> None:
    file = kept()
    old = file.read_bytes()
    held = made()
    held.digest()
    held.write("cd" * 32, {"c0": b"new"}, anew=False)
    with closing(sqlite3.connect(file)) as connection:
        (manifest,) = connection.execute("SELECT data FROM blobs WHERE name = 'manifest'").fetchone()
    file.write_bytes(old)
    change(file, ("UPDATE blobs SET data = ? WHERE name = 'manifest'", (manifest,)))
    found = made()
    assert found.digest() == "cd" * 32
    with pytest.raises(CacheMiss):
        found.read(["c0"])


def test_what_another_version_wrote_is_not_read() -> None:
    kept()
    with pytest.raises(CacheMiss, match="another version"):
        read(version="2")
    made(version="2").write("cd" * 32, {"c0": b"new"}, anew=True)
    with pytest.raises(CacheMiss, match="another version"):
        read()


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        ["1", DIGEST],
        ["1", DIGEST, {}],
        ["1", DIGEST, [], {}, 1],
        ["1", DIGEST, 1, {}],
        None,
        "1",
        [["1"], DIGEST, [], {}],
    ],
)
def test_a_manifest_that_says_something_else_is_none(said: object) -> None:
    raw = json.dumps(said).encode()
    data = zlib.crc32(raw).to_bytes(4, "little") + raw
    change(kept(), ("UPDATE blobs SET data = ? WHERE name = 'manifest'", (data,)))
    with pytest.raises(CacheMiss):
        read()


CONTENTS = {
    "nothing": b"",
    "something else": b"PK\x03\x04" * 5_000,
    "the beginning only": b"SQLite format 3\0" + bytes(84),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_that_is_no_cache_holds_nothing_and_gives_way(content: str) -> None:
    file = kept()
    file.write_bytes(CONTENTS[content])
    with pytest.raises(CacheMiss):
        read()
    made().write(DIGEST, BLOBS, anew=True)
    assert read() == (DIGEST, BLOBS)


def test_a_cache_without_its_table_holds_nothing() -> None:
    change(kept(), ("DROP TABLE blobs", ()))
    with pytest.raises(CacheMiss):
        read()


def test_no_flipped_bit_and_no_cut_gives_anything_but_what_was_put_there() -> None:
    file = kept()
    sound = file.read_bytes()
    random = Random(7)
    missed = 0
    for _ in range(400):
        spoiled = bytearray(sound)
        for _ in range(random.choice((1, 1, 8))):
            spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
        file.write_bytes(spoiled if random.random() < 0.8 else spoiled[: random.randrange(len(spoiled))])
        try:
            assert read() == (DIGEST, BLOBS)
        except CacheMiss:
            missed += 1
    assert missed > 200


def test_what_another_process_holds_is_done_without() -> None:
    file = kept()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CacheMiss, match="locked"):
            made().digest()
        other.execute("ROLLBACK")
    assert read() == (DIGEST, BLOBS)


# Where it is, and where it cannot be


@pytest.mark.posix("files have no mode on Windows")
def test_it_is_in_a_folder_that_only_this_user_may_look_into(at: Path) -> None:
    file = kept()
    assert file.parent == at
    assert stat.S_IMODE(at.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def is_left_alone() -> bool:
    """Whether nothing is put into the cache, or read from it."""
    made().write(DIGEST, BLOBS, anew=True)
    try:
        return made().digest() != DIGEST
    except CacheMiss:
        return True


IS_ROOT = os.name == "posix" and os.geteuid() == 0
ROOT_ONLY = pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")


@pytest.mark.posix("files have no mode on Windows")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722, 0o1777, 0o2775])
def test_a_folder_that_others_may_write_to_is_not_used(at: Path, mode: int) -> None:
    file = kept()
    before = file.read_bytes()
    at.chmod(mode)
    assert is_left_alone()
    assert file.read_bytes() == before
    at.chmod(0o700)
    assert read() == (DIGEST, BLOBS)


@pytest.mark.posix("files have no mode on Windows")
@pytest.mark.parametrize(("mode", "is_used"), [(0o777, False), (0o775, False), (0o1777, True), (0o755, True)])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_others_may_put_another_in_the_place_of_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, is_used: bool, is_there: bool
) -> None:
    above = tmp_path / "above"
    above.mkdir()
    above.chmod(mode)
    monkeypatch.setenv(VARIABLE, str(above / "further" / "cache"))
    if is_there:
        (above / "further" / "cache").mkdir(parents=True)
        (above / "further").chmod(0o755)
        (above / "further" / "cache").chmod(0o700)
    assert is_left_alone() is not is_used


@pytest.mark.posix("Windows lets few users make links")
def test_a_link_to_a_folder_counts_as_where_it_stands_and_where_it_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stands", "leads"):
        (tmp_path / name).mkdir()
    (tmp_path / "leads" / "cache").mkdir(mode=0o700)
    (tmp_path / "stands" / "link").symlink_to(tmp_path / "leads" / "cache")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "stands" / "link"))
    assert not is_left_alone()
    for name in ("stands", "leads"):
        (tmp_path / name).chmod(0o777)
        assert is_left_alone()
        (tmp_path / name).chmod(0o755)
    assert not is_left_alone()


@ROOT_ONLY
@pytest.mark.parametrize("which", [Path(), Path("..")])
def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: Path) -> None:
    at = tmp_path / "theirs" / "cache"
    monkeypatch.setenv(VARIABLE, str(at))
    assert not is_left_alone()
    os.chown(at / which, 65534, 65534)
    assert is_left_alone()


@pytest.mark.posix("files have no mode on Windows")
def test_a_file_that_others_may_write_to_is_not_used_and_gives_way(at: Path) -> None:
    for mode in (0o620, 0o602):
        kept().chmod(mode)
        with pytest.raises(CacheMiss, match="others may write to it"):
            read()
    made().write(DIGEST, BLOBS, anew=True)
    assert read() == (DIGEST, BLOBS)


@ROOT_ONLY
def test_a_file_of_another_user_is_not_used(at: Path) -> None:
    os.chown(kept(), 65534, 65534)
    with pytest.raises(CacheMiss, match="others may write to it"):
        read()


@pytest.mark.posix("Windows lets few users make links")
def test_a_link_in_the_place_of_a_file_is_not_used(at: Path) -> None:
    file = kept()
    file.rename(at / "aside")
    file.symlink_to("aside")
    with pytest.raises(CacheMiss, match="symbolic link"):
        read()


@pytest.mark.posix("files have no mode on Windows")
@pytest.mark.parametrize("umask", [0o002, 0o000])
def test_what_is_made_for_it_is_nobody_elses_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a" / "b" / "cache"))
    before = os.umask(umask)
    try:
        assert not is_left_alone()
    finally:
        os.umask(before)
    for folder_ in ("a", "a/b", "a/b/cache"):
        assert stat.S_IMODE((tmp_path / folder_).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/home/ana"}, "/home/ana/.cache/refundbook"),
        ("linux", {"HOME": "/home/ana", "XDG_CACHE_HOME": "/var/ana"}, "/var/ana/refundbook"),
        ("darwin", {"HOME": "/Users/ana"}, "/Users/ana/Library/Caches/refundbook"),
        ("win32", {"LOCALAPPDATA": "/ana/local"}, "/ana/local/refundbook/Cache"),
        ("win32", {}, None),
        ("linux", {"HOME": "/home/ana", VARIABLE: "/mine"}, "/mine"),
        ("linux", {"HOME": "/home/ana", VARIABLE: "off"}, None),
        ("linux", {"HOME": "/home/ana", VARIABLE: "OFF"}, None),
        ("linux", {"HOME": "/home/ana", VARIABLE: ""}, "/home/ana/.cache/refundbook"),
    ],
)
def test_it_is_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], expected: str | None
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("USERPROFILE", environment.get("HOME", ""))  # which counts where these tests run on Windows
    monkeypatch.setattr(sys, "platform", platform)
    assert folder() == (None if expected is None else Path(expected))


def test_a_user_without_a_home_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert folder() is None


def does_nothing() -> None:
    """Whether a cache neither fails nor holds anything."""
    made().write(DIGEST, BLOBS, anew=True)
    made().write(DIGEST, BLOBS, anew=False)
    with pytest.raises(CacheMiss):
        made().digest()
    made().forget()


def test_one_that_is_switched_off_does_nothing(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    does_nothing()
    assert not at.exists()


def test_a_folder_that_cannot_be_made_is_done_without(at: Path) -> None:
    at.write_text("a file")
    does_nothing()
    assert at.read_text() == "a file"


def test_a_path_that_cannot_be_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/" + "x" * 300)
    does_nothing()


def test_a_python_without_sqlite_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    does_nothing()


def test_a_full_disk_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    does_nothing()


# How many


def test_the_caches_that_were_not_used_for_longest_go_and_nothing_else_does(at: Path) -> None:
    """Somebody may name a folder in which other files are."""
    at.mkdir()
    for n in range(MOST + 5):
        (at / f"orders{n}.sqlite").write_bytes(b"mine")
        (at / f"{n:032x}.sqlite").write_bytes(b"a cache")
        os.utime(at / f"orders{n}.sqlite", (n, n))
        os.utime(at / f"{n:032x}.sqlite", (n, n))
    kept_before = made()
    kept_before.write(DIGEST, BLOBS, anew=True)
    assert read() == (DIGEST, BLOBS)
    left = {file.name for file in at.iterdir()}
    assert {name for name in left if name.startswith("orders")} == {f"orders{n}.sqlite" for n in range(MOST + 5)}
    assert len(left) == MOST + MOST + 5
    assert {f"{n:032x}.sqlite" for n in range(6, MOST + 5)} < left


def test_all_that_were_used_within_a_month_are_kept_however_many(at: Path) -> None:
    """Sixty shops in turn are all warm."""
    at.mkdir()
    day, now = 24 * 3600, time.time()
    for n in range(60):
        (at / f"{n:032x}.sqlite").write_bytes(b"a cache")
        os.utime(at / f"{n:032x}.sqlite", (now - n * day, now - n * day))
    made().write(DIGEST, BLOBS, anew=True)
    assert {f"{n:032x}.sqlite" for n in range(31)} < {file.name for file in at.iterdir()}
    assert not (at / f"{32:032x}.sqlite").exists()


def test_all_caches_together_keep_within_a_bound(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_file, "MOST_BYTES", 1000)
    at.mkdir()
    for n in range(10):
        (at / f"{n:032x}.sqlite").write_bytes(bytes(300))
        os.utime(at / f"{n:032x}.sqlite", (1000 - n, 1000 - n))
    made().write(DIGEST, BLOBS, anew=True)
    assert read() == (DIGEST, BLOBS)
    left = {file.name for file in at.iterdir()}
    assert left > {f"{n:032x}.sqlite" for n in range(3)}
    assert len(left) == 4


def test_what_cannot_be_taken_away_keeps_no_other_from_being_kept(at: Path) -> None:
    at.mkdir()
    for n in range(MOST + 5):
        (at / f"{n:032x}.sqlite").mkdir()
    made().write(DIGEST, BLOBS, anew=True)
    assert read() == (DIGEST, BLOBS)


def test_the_module_names_no_file_of_its_own_that_it_would_not_take_for_one() -> None:
    assert re.fullmatch(cache_file._NAME, kept().name)
