"""Errors: all are public, and survive pickling and copying with what they carry, so that no pool of processes waits for
one for ever.
"""

from __future__ import annotations

import ast
import concurrent.futures
import copy
import multiprocessing
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import refundbook
from refundbook import Finding, RefundbookError, Report, Severity
from refundbook.base import errors
from refundbook.evidence.attachments import NotTaken
from refundbook.importing import source_table
from refundbook.importing.source_table import Problem
from refundbook.storage.journal import BadJournal
from refundbook.system.nofollow import Unfit
from refundbook.xlsx.reading.fast_rows import FastPathMiss
from tests.support.books import filled

PACKAGE = Path(refundbook.__file__).parent
FINDING = Finding("RB103", Severity.ERROR, "Cases", "C2", "x", "'x' is no date.", "Write 2023-10-26.")
REFUSED = errors.EntryRefused("Case GTB-1", (FINDING,), index=3)
MADE: dict[type[BaseException], BaseException] = {
    errors.InvalidWorkbook: errors.InvalidWorkbook(Report.of("/shop/b.xlsx", [FINDING])),
    errors.EntryRefused: REFUSED,
    errors.EntriesRefused: errors.EntriesRefused([REFUSED, REFUSED]),
    source_table.ImportRefused: source_table.ImportRefused(
        "old.csv", (Problem("old.csv, line 2", "x", "It is no date."),)
    ),
    errors.Busy: errors.Busy("b.xlsx is open in Excel", "Close it."),
    BadJournal: BadJournal(3, "is no line of a history"),
    Unfit: Unfit(Path("b.lock"), "is a symbolic link"),
    NotTaken: NotTaken("lies outside", outside=True),
}
"""Errors that are made of more than a sentence."""


def modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(refundbook.__path__, "refundbook."):
        if not module.name.endswith("__main__"):
            yield module.name


def error_classes() -> list[type[BaseException]]:
    found = {
        value
        for name in modules()
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and issubclass(value, BaseException) and value.__module__.startswith("refundbook")
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


PUBLIC = [kind for kind in error_classes() if issubclass(kind, RefundbookError)]


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickling_and_copying_with_all_that_it_carries(kind: type[BaseException]) -> None:
    error = MADE.get(kind) or kind("What is wrong. What to do.")
    error.add_note("seen in the third file")
    others = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for other in (*others, copy.copy(error), copy.deepcopy(error)):
        assert type(other) is kind
        assert (str(other), other.args, other.__notes__) == (str(error), error.args, error.__notes__)
        assert vars(other).keys() == vars(error).keys()
        assert {name: repr(value) for name, value in vars(other).items()} == {
            name: repr(value) for name, value in vars(error).items()
        }


def test_one_that_was_given_more_than_its_class_says_keeps_it() -> None:
    error = errors.UsageError("There is no column 'Shop'.")
    error.index = 7
    assert pickle.loads(pickle.dumps(error)).index == 7
    assert pickle.loads(pickle.dumps(FastPathMiss("a formula"))).args == ("a formula",)


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    return filled(tmp_path / "shop nine.xlsx", [{"number": "GTB-789012", "opened": "not a day"}], [], [])


def test_a_pool_of_processes_hands_an_invalid_workbook_over(invalid: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waiting = pool.apply_async(refundbook.load, (str(invalid),))
        with pytest.raises(refundbook.InvalidWorkbook, match=r"shop nine\.xlsx: Cases!C2: error") as caught:
            waiting.get(timeout=60)
    assert caught.value.report.errors[0].cell == "C2"
    assert caught.value.report.book == str(invalid)


def test_so_does_an_executor(invalid: Path) -> None:
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        waiting = pool.submit(refundbook.load, str(invalid))
        with pytest.raises(refundbook.InvalidWorkbook) as caught:
            waiting.result(timeout=60)
        assert caught.value.report.errors[0].cell == "C2"
        missing = pool.submit(refundbook.load, str(invalid.with_name("other.xlsx")))
        with pytest.raises(refundbook.MissingWorkbook, match=r"other\.xlsx"):
            missing.result(timeout=60)


# Public


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
def test_every_error_that_is_raised_on_purpose_is_public_and_has_its_line_in_the_docs(
    kind: type[RefundbookError],
) -> None:
    assert kind.__name__ in refundbook.__all__
    assert getattr(refundbook, kind.__name__) is kind
    page = (Path(__file__).parents[2] / "docs/errors.md").read_text("utf-8")
    line = next(line for line in page.splitlines() if line.startswith(f"| `{kind.__name__}`"))
    assert f"| {kind.exit_code} |" in line
    given = vars(MADE[kind]) if kind in MADE else {}
    assert all(f"`{name}`" in line for name in given if name not in ("lines", "__notes__"))


def test_what_is_raised_is_public_or_caught_within_the_package() -> None:
    """Whoever calls a public function must be able to catch what it raises: what is not public is caught where it is
    known.
    """
    raised: set[str] = set()
    caught: set[str] = set()
    for name in modules():
        tree = ast.parse(Path(str(import_module(name).__file__)).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised |= {name for name in _names(node.exc) if name}
            elif isinstance(node, ast.ExceptHandler) and node.type is not None:
                caught |= set(_names(node.type))
            elif isinstance(node, ast.Call) and "suppress" in _names(node.func):
                caught |= {name for given in node.args for name in _names(given)}
    ours = [kind for kind in error_classes() if kind.__name__ in raised]
    assert {kind.__name__ for kind in ours} >= {"RulesRefuse", "NotTaken", "FastPathMiss"}
    every = {"object", "BaseException", "Exception"}
    lost = [kind for kind in ours if not ({base.__name__ for base in kind.__mro__} - every) & caught]
    assert [kind.__name__ for kind in lost if kind.__name__ not in refundbook.__all__] == []


def _names(node: ast.AST) -> list[str]:
    nodes = list(ast.walk(node))
    return [n.id for n in nodes if isinstance(n, ast.Name)] + [n.attr for n in nodes if isinstance(n, ast.Attribute)]


def test_a_line_break_in_a_text_makes_no_line_of_a_message() -> None:
    finding = FINDING._replace(message="The header 'Date\nOpened' is twice.")
    error = errors.EntriesRefused([errors.EntryRefused("Case A\u2028B", (finding,))] * 2)
    assert error.lines == ("Case A B: The header 'Date Opened' is twice. Write 2023-10-26.",) * 2
    assert str(errors.UsageError("no\r\nfile cannot be read.")) == "no file cannot be read."


@pytest.mark.parametrize("spoil", [lambda data: data[:-30], lambda data: data[:500] + b"?" * 2000 + data[2500:]])
def test_of_a_damaged_workbook_it_is_said_what_may_help(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with refundbook.create(path):
        pass
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(refundbook.DamagedWorkbook, match=r"Open and Repair.*restore"):
        refundbook.load(path)


def test_nothing_is_advised_of_what_is_another_file(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"Case Number,Date Opened")
    with pytest.raises(refundbook.UnreadableWorkbook) as caught:
        refundbook.load(path)
    assert not isinstance(caught.value, refundbook.DamagedWorkbook)
    assert "Repair" not in str(caught.value)
