"""CSV in: one reader for entries and for other people's tables, and what our own CSV says is read back as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import refundbook
from refundbook.base.errors import UsageError
from refundbook.base.schema import TRACKER_HEADERS
from refundbook.base.text import named
from refundbook.importing.entry_file import read_lines
from refundbook.importing.source_table import read_table
from refundbook.render.text import to_csv
from tests.support.books import blank
from tests.support.command import run, run_at_terminal

pytestmark = pytest.mark.slow

HEADER = ("pillar", "Case Number", "Notes")
ROWS = (("case", "007", "one; two"), ("case", "008", "x"))
EXPECTED = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
Read = Callable[[bytes], list[dict[str, object]]]


def by_entries(data: bytes) -> list[dict[str, object]]:
    return [{"pillar": line.pillar, **line.fields} for line in read_lines(data, "x.csv")]


def by_import(data: bytes) -> list[dict[str, object]]:
    table = read_table(data, "x.csv", lambda text: text in HEADER)
    return [dict(zip(table.headers, row, strict=True)) for row in table.rows]


READERS = pytest.mark.parametrize("read", [by_entries, by_import])


def written(separator: str, quote: str = "", newline: str = "\n") -> str:
    return "".join(separator.join(f"{quote}{cell}{quote}" for cell in row) + newline for row in (HEADER, *ROWS))


FORMS = {
    "commas": written(","),
    "tabs": written("\t"),
    "quotation marks": written(",", '"'),
    "semicolons and quotation marks": written(";", '"'),
    "a blank after each comma": written(", "),
    "a blank before quotation marks": written(", ", '"'),
    "Windows line ends": written(",", newline="\r\n"),
    "old line ends": written(",", newline="\r"),
    "sep=;": "sep=;\n" + written(";", '"'),
    "sep=| and Windows line ends": "sep=|\r\n" + written("|", newline="\r\n"),
    "blank lines first": "\n;;;\n" + written(";", '"'),
    "a header with a line break": written(",").replace("Case Number", '"Case\nNumber"'),
    "a header with other blanks": written(",").replace("Case Number", "\u00a0Case\u00a0 Number "),
}


@READERS
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_csv_is_read_the_same(read: Read, text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == EXPECTED


@READERS
def test_a_line_is_counted_as_an_editor_counts_it_also_below_a_hint(read: Read) -> None:
    with pytest.raises(UsageError, match=r"x\.csv, line 4: it is not proper CSV \(.*a quotation mark may be missing"):
        read(b'sep=,\npillar,Case Number,Notes\ncase,1,x\ncase,2,"y\n')


@READERS
def test_a_cell_without_an_end_is_bounded(read: Read) -> None:
    with pytest.raises(UsageError, match=r"line 2: it is not proper CSV .field larger.*quotation mark may be missing"):
        read(b'pillar,Case Number,Notes\ncase,1,"' + b"x" * 200_000)


@READERS
@pytest.mark.parametrize(
    ("cell", "text"),
    [("'=1+1", "=1+1"), ("'-5", "-5"), ("'@x", "@x"), ("'tis said", "'tis said"), ("''=1", "'=1"), ("a;'=1", "a;=1")],
)
def test_the_apostrophe_before_what_looks_like_a_formula_is_taken_off(read: Read, cell: str, text: str) -> None:
    assert read(f'pillar,Case Number,Notes\ncase,1,"{cell}"\n'.encode())[0]["Notes"] == text


# What we write is read back

TEXTS = st.text(
    st.sampled_from("aB1 '\"=+-@;|,\t\n\u200f\u200e\u200d\ufeff\u2028\u202e\u00a0\u05e9\uff1d") | st.characters(exclude_categories=["Cs", "Cc"]),
    min_size=1,
).filter(lambda text: text.strip() and text != "\ufeff")  # fmt: skip


@READERS
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.lists(TEXTS, min_size=1, max_size=3))
@example(notes=["'=1", "''=1", "=1", "\u200f=1", "a\n'-b", " x", "\n=1", "|'\"=1"])
def test_whatever_our_csv_says_is_read_back_as_it_was(read: Read, notes: Sequence[str]) -> None:
    text = to_csv(HEADER, [("case", str(n), note) for n, note in enumerate(notes)])
    assert [row["Notes"] for row in read(text.encode())] == list(notes)


SUMMARIES = (
    "\u05e9\u05dc\u05d5\u05dd\u200f!",
    "=1+1",
    "a\ufeffb",
    "x\u200dy\u202ez",
    "one;'-two",
    "'=3",
    'Two\nlines, "quoted"',
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = blank(tmp_path / "b.xlsx")
    with refundbook.load(path) as opened:
        for n, summary in enumerate(SUMMARIES):
            opened.append_case(f"GTB-00000{n}", opened="2023-10-26", item=summary, notes=summary)
            opened.append_communication(f"GTB-00000{n}", date="2023-10-27", with_="Buyer", summary=summary)
    return path


@pytest.mark.parametrize("command", ["tracker", "list"])
def test_what_a_command_prints_as_csv_is_read_back(command: str, book: Path) -> None:
    ran = run(command, "--format", "csv", book=book)
    assert ran.code == 0
    table = read_table(ran.out.encode(), "x.csv", lambda text: text in TRACKER_HEADERS)
    cells = {cell for row in table.rows for cell in row}
    assert {f"GTB-00000{n}" for n in range(len(SUMMARIES))} <= cells
    if command == "tracker":
        assert set(SUMMARIES) <= cells


def test_the_tracker_is_imported_with_its_texts(book: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(run("tracker", "--format", "csv", book=book).out.encode())
    other = blank(tmp_path / "n.xlsx")
    assert run("import", tmp_path / "t.csv", book=other).code == 0
    assert list(refundbook.load(other).communications["Summary"]) == list(SUMMARIES)


# At a terminal


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_a_file_keeps_marks_and_a_terminal_shows_them(form: str, book: Path) -> None:
    kept = run("tracker", "--format", form, book=book).out
    shown = run_at_terminal("tracker", "--format", form, book=book).out
    for mark in "\u200f\ufeff\u200d\u202e":
        assert mark in kept
    for mark in "\u200f\ufeff\u202e":
        assert mark not in shown
        assert named(mark) in shown
