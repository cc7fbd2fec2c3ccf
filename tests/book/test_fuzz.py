"""Good workbooks spoiled at random end in documented errors, or are saved and read back. `benchmarks/fuzz.py` does the
same for hours.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import refundbook
from benchmarks.fuzz import seeds
from refundbook.base import errors
from refundbook.xlsx.package.archive import Archive
from tests.support import fuzzing
from tests.support.fuzzing import exercise, fuzz
from tests.support.samples import sample_at
from tests.support.zips import rebuilt

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("REFUNDBOOK_FUZZ_SECONDS", "15"))


@pytest.fixture(scope="module")
def good() -> list[bytes]:
    return seeds()


def test_the_workbooks_to_be_spoiled_can_all_be_saved(good: list[bytes], tmp_path: Path) -> None:
    """Else the search would look at refusals only."""
    path = tmp_path / "tracker.xlsx"
    ends = []
    for workbook in good:
        path.write_bytes(workbook)
        ends.append(exercise(path))
    assert ends.count("saved") >= len(ends) - 1


def test_no_spoiled_workbook_gets_through_to_anything_but_a_documented_error(good: list[bytes]) -> None:
    outcome = fuzz(good, run=2023, numbers=range(1_000_000), seconds=SECONDS)
    assert [escape.what for escape in outcome.escapes] == []
    assert {end for end in outcome.ends if end != "saved"} <= set(vars(errors))
    assert outcome.ends["saved"] > 10
    assert outcome.ends["UnreadableWorkbook"] + outcome.ends["DamagedWorkbook"] > 10


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_bytes_in_any_part_are_read_or_refused(tmp_path: Path, good: list[bytes], data: st.DataObject) -> None:
    archive = Archive(good[1])
    part = data.draw(st.sampled_from(sorted(archive.members)))
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(rebuilt(archive, {part: data.draw(st.binary(max_size=200))}))
    assert exercise(path) in {*vars(errors), "saved"}


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (lambda path: os.abort(), "died"),
        (lambda path: (_ for _ in ()).throw(ValueError("undocumented")), "escaped"),
        (lambda path: bytearray(8 << 30), "escaped"),
    ],
)
def test_the_search_finds_what_escapes(
    fault: Callable[[Path], str], end: str, good: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzzing, "exercise", fault)
    outcome = fuzz(good, run=1, numbers=range(3))
    assert outcome.ends == {end: 3}
    assert [escape.number for escape in outcome.escapes] == [0, 1, 2]


@pytest.mark.parametrize("what", ["works on and on", "waits"])
def test_the_search_finds_what_hangs(good: list[bytes], monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    def hang(_: Path) -> str:
        while True:
            time.sleep(1000 if what == "waits" else 0)

    monkeypatch.setattr(fuzzing, "exercise", hang)
    monkeypatch.setattr(fuzzing, "SECONDS", 0.1)
    assert fuzz(good, run=1, numbers=range(1)).ends == {"hung": 1}


def test_what_does_not_read_back_counts_as_an_escape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refundbook.Book, "save", lambda self: None)
    with pytest.raises(AssertionError):
        exercise(sample_at(tmp_path / "tracker.xlsx"))


def test_a_panic_of_the_reader_counts_as_an_escape_however_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """As pyo3 names it."""

    def panic(*_: object) -> None:
        raise PanicException("out of bounds")

    monkeypatch.setattr(
        "refundbook.xlsx.reading.calamine.CalamineWorkbook", type("Panics", (), {"from_filelike": panic})
    )
    with pytest.raises(AssertionError, match="panicked"):
        exercise(sample_at(tmp_path / "tracker.xlsx"))
