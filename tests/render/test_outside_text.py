"""Text from outside stays text: in the workbook, whoever opens it; in the terminal; in CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils.escape import unescape

import refundbook
from refundbook.base.errors import EntryRefused
from refundbook.render import text as display
from tests.support.books import filled
from tests.support.command import run, run_at_terminal
from tests.support.office import converted, ods_formulas, sheet_values
from tests.support.samples import sample_at
from tests.support.zips import MAIN

pytestmark = pytest.mark.slow

TEXTS = {
    "link": '=HYPERLINK("https://example.org/?"&A1,"Click here")',
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "plus": "+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "web": '=WEBSERVICE("https://example.org/")',
    "array": "{=1+1}",
    "tab": "\t=1+1",
    "cr": "\r=1+1",
    "line": "\n=1+1",
    "blanks": "   =1+1",
    "apostrophe": "'=1+1",
    "wide_equals": "\uff1d1+1",
    "escape": "_x0041_",
    "escaped_escape": "_x005F_x0041_",
    "half_escapes": "_x005F_ _x41_ _X0041_ x0041_ __x000d__",
    "short_escape": "_x004_",
    "escape_of_nul": "_x0000_",
    "markup": "<b>&amp;</b> <!-- --> <?x?> &lt; \"quoted\" 'quoted'",
    "cdata": "]]> <![CDATA[x]]>",
    "end_of_cell": "</t></is></c></row></sheetData>",
    "entity": "&bomb; &#0;",
    "cell_address": '<c r="XFD1048576"> r="XFD1048576" t="s"',
    "bidi": "safe\u202egnp.exe\u2066\u2069\u200f",
    "c1_escape": "\x9b31mred\x9b0m \x9d0;title\x9c",
    "line_separators": "a\u2028b\u2029c\x85d",
    "lines": "one\ntwo\r\nthree\rfour",
    "outer_blanks": "  a \n",
    "invisible": "a\u200bb\ufeffc\u00add",
    "emoji": "👨‍👩‍👧 🏽 \U0001f600",
    "not_a_character": "\ufdd0 \U0001fffe",
    "private": "\ue000 \U0010fffd",
    "combining": "e\u0301 Å ﬁ",
    "rtl": "החזר כספי 49.90",
    "longest": "x" * 32_767,
    "longest_of_pairs": "\U0001f600" * 16_383,
    "longest_of_markup": "&" * 32_767,
    "longest_of_escapes": "_x0041_" * 4_681,
    "number": "007",
    "large_number": "123456789012345678901234567890",
    "date": "2023-10-26",
    "true": "TRUE",
    "error": "#REF!",
    "json": '{"a": [1, "\\u001b"]}',
    "semicolon": "a;=1+1",
    "shell": "$(touch evil) `touch evil` %PATH% !calc",
    "path": "..\\..\\evil /etc/passwd file:///etc/passwd",
}

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What could move the cursor, ring, recolour, or show text in another order."""

CASE = "GTB-789045"


def with_texts(path: Path) -> Path:
    """The sample workbook with each of the texts as a summary."""
    book = refundbook.load(sample_at(path), today=date(2023, 11, 5), user="ana")
    for text in TEXTS.values():
        book.append_communication(CASE, date="2023-11-03", with_="Buyer", summary=text)
    book.save()
    return path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_texts(tmp_path_factory.mktemp("texts") / "tracker.xlsx")


def summaries(path: Path) -> list[object]:
    """The summaries of the texts as python-calamine reads them."""
    header, *rows = sheet_values(path, "Communications")
    return [row[header.index("Summary")] for row in rows][-len(TEXTS) :]


def test_every_text_reads_back_as_it_was(written: Path) -> None:
    assert summaries(written) == list(TEXTS.values())
    assert refundbook.load(written, today=date(2023, 11, 5)).records.communications["summary"][-len(TEXTS) :] == list(
        TEXTS.values()
    )


def test_openpyxl_reads_them_as_text(written: Path) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* extension is not supported")
        page = openpyxl.load_workbook(written)["Communications"]
    column = next(cell.column for cell in page[1] if cell.value == "Summary")
    cells = [page.cell(row, column) for row in range(page.max_row - len(TEXTS) + 1, page.max_row + 1)]
    assert {cell.data_type for cell in cells} == {"s"}
    # openpyxl leaves `_xHHHH_` as it stands.
    assert [unescape(str(cell.value)) for cell in cells] == list(TEXTS.values())


def new_cells(path: Path) -> Iterator[etree._Element]:
    with zipfile.ZipFile(path) as file:
        parts = [
            etree.fromstring(file.read(name))
            for name in file.namelist()
            if "worksheets/sheet" in name and name.endswith(".xml")
        ]
    for root in parts:
        yield from (cell for cell in root.iter(f"{MAIN}c") if cell.get("t") == "inlineStr")


def test_they_stand_in_the_file_as_inline_strings_without_a_formula(written: Path) -> None:
    texts = {unescape(text.text or ""): cell for cell in new_cells(written) for text in cell.iter(f"{MAIN}t")}
    # An XML parser makes a line feed of a carriage return, which is why one is written as an escape.
    assert set(TEXTS.values()) <= texts.keys()
    assert all(cell.find(f"{MAIN}f") is None for cell in texts.values())


NOT_IN_OPENDOCUMENT = ("short_escape", "tab")
"""LibreOffice takes three hexadecimal digits for an escape too, and python-calamine drops a tab at the beginning of a
cell of an .ods.
"""


@pytest.mark.libreoffice
def test_libreoffice_reads_them_as_text(written: Path, tmp_path: Path) -> None:
    """As .ods, in which LibreOffice writes no escapes: in an .xlsx it writes them wrong."""
    (read,) = converted([written], tmp_path, "ods", "ods")
    assert ods_formulas(read, "Communications") == []
    found = dict(zip(TEXTS, summaries(read), strict=True))
    for name, text in TEXTS.items():
        if name not in NOT_IN_OPENDOCUMENT:
            assert str(found[name]).splitlines() == text.splitlines(), name


@pytest.mark.parametrize(
    "bad", ["\0", "a\x01b", "\x1b[31m", "\x08", "\ufffe", "\uffff", "\ud800", "x" * 32_768, "\U0001f600" * 16_384]
)
def test_what_no_cell_can_hold_is_refused_and_not_shown_raw(bad: str, tmp_path: Path) -> None:
    book = refundbook.load(sample_at(tmp_path / "tracker.xlsx"), today=date(2023, 11, 5))
    with pytest.raises(EntryRefused) as refused:
        book.append_communication(CASE, date="2023-11-03", with_="Buyer", summary=bad)
    assert not STEERING.search(str(refused.value))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff")
            | st.sampled_from("=+-@\t\n\r;,'\"<>&]_x0041 "),
            min_size=1,
        ).filter(str.strip),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_reads_back_as_it_was(tmp_path: Path, texts: list[str]) -> None:
    path = sample_at(tmp_path / "tracker.xlsx")
    with refundbook.load(path, today=date(2023, 11, 5)) as book:
        for text in texts:
            book.append_case(f"GTB-{len(book.records.cases):06}", opened="2023-11-01", notes=text)
    header, *rows = sheet_values(path, "Cases")
    assert [row[header.index("Notes")] for row in rows][-len(texts) :] == texts


def commands(book: Path, folder: Path) -> Iterator[tuple[str, ...]]:
    lines = folder / "entries.jsonl"
    entries = [
        {"pillar": "communication", "Case Number": CASE, "Date": "2023-11-03", "With": "Buyer", "Summary": text}
        for text in TEXTS.values()
    ]
    lines.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    yield ("append", "--from", str(lines))
    yield ("append", "--from", str(lines), "--json", "--dry-run")
    for form in ("text", "json", "markdown"):
        yield ("show", CASE, "--format", form)
    for form in ("table", "csv", "json", "markdown"):
        yield ("list", "--format", form)
        yield ("find", "1", "--format", form)
        yield ("due", "--format", form)
    for form in ("text", "json", "csv", "markdown"):
        yield ("insights", "--format", form)
    yield ("inbox",)
    yield ("restore",)
    for form in ("table", "csv", "json", "markdown"):
        yield ("tracker", "--format", form)
    for form in ("text", "json", "github"):
        yield ("check", "--format", form)
    yield ("append", "case", "\x1b[31mGTB\u202e-1", "--opened", "\x9b31m")
    yield ("append", "case", "GTB-1", "--opened", "2023-11-01", "--amount", "\x1b]0;x\x07", "--currency", "\u202e")
    yield ("append", "resolution", "\x9bGTB\u2066", "--status", "\x1b[2J")
    yield ("show", "\x1b[2J\u202e")
    yield ("append", "--from", "\x1b[2J\u202e.csv")
    yield ("append", "nonsense\x1b[2J")
    yield ("show", CASE, "\u202e\x07")
    yield ("check", "--nonsense\x1b[2J\u202e")


def test_nothing_raw_reaches_the_terminal(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    for command in commands(book, tmp_path):
        ran = run_at_terminal(*command, book=book)
        assert not STEERING.search(ran.out), command
        assert not STEERING.search(ran.err), command
        assert ran.out or ran.err


HOSTILE_NAME = "evil\x1b[31m\u202e\x9b\nrefundbook: all is well.xlsx"


def test_a_files_own_name_is_never_shown_raw(tmp_path: Path) -> None:
    path = tmp_path / HOSTILE_NAME
    for command in (
        ("check",),
        ("show", "GTB-1"),
        ("init",),
        ("init",),
        ("check",),
        ("append", "case", "GTB-1", "--opened", "today"),
        ("check", str(path)),
    ):
        ran = run(*command, book=path)
        assert not STEERING.search(ran.out + ran.err), command
        assert not any(line.startswith("refundbook: all is well") for line in (ran.out + ran.err).splitlines()), command
    path.write_bytes(b"PK damaged")
    ran = run("check", book=path)
    assert ran.code == 4
    assert ran.err.count("\n") == 1
    assert not STEERING.search(ran.err)


@pytest.mark.skipif(os.name == "nt", reason="a name of any bytes is POSIX's")
def test_a_name_that_is_no_text_is_no_trouble(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x9b.xlsx"))
    for command in (("check",), ("init",), ("check",)):
        ran = run(*command, book=path)
        assert not STEERING.search(ran.out + ran.err)
        (ran.out + ran.err).encode()


def test_names_in_a_workbook_are_never_shown_raw(tmp_path: Path) -> None:
    path = filled(tmp_path / "tracker.xlsx")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* extension is not supported")
        book = openpyxl.load_workbook(path)
    del book["Resolutions"]
    book.create_sheet("Reso\u202elutions\x9b31m")
    book["Cases"]["A1"].value = "Case\u202e Number\x9b"
    book.save(path)
    for form in ("text", "json", "github"):
        ran = run("check", "--format", form, book=path)
        assert ran.code == 1
        assert not STEERING.search(ran.out + ran.err)


def test_a_page_of_html_shows_the_text_and_none_of_its_markup(written: Path) -> None:
    ran = run("show", CASE, "--format", "html", book=written)
    assert ran.code == 0
    page = etree.fromstring(ran.out, etree.HTMLParser())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ran.out)
    assert not {"b", "script", "img", "iframe"} & {str(element.tag) for element in page.iter()}
    assert TEXTS["markup"].split(" <!--")[0] in "".join(map(str, page.itertext()))
    assert TEXTS["end_of_cell"] in "".join(map(str, page.itertext()))


# CSV, JSON and Markdown

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", '"=1+1"', '"', "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201",
    "a;=1+1", "a; =1+1", 'a;"=1+1"', "a\t=1+1", "a\n=cmd|' /C calc'!A0", "a\r\n@SUM(1)", "a|=1+1", "a,=1+1", ";=1+1",
]  # fmt: skip
FORMULA = re.compile(r"""[\s"\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]""")


def cells_by_separator(text: str, separator: str) -> Iterator[str]:
    """The cells that Excel sees where this is the country's separator: quotation marks count only at the beginning of a
    cell.
    """
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        yield from row


@pytest.mark.parametrize("text", DANGEROUS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_of_a_csv_file_is_a_formula_whatever_separates_cells_where_it_is_opened(
    text: str, separator: str
) -> None:
    made = display.to_csv(["a", "b", "c"], [["x", text, "y"]])
    assert not [cell for cell in cells_by_separator(made, separator) if FORMULA.match(cell)]


SIGNS = (
    st.sampled_from("=+-@\uff1d\uff0b\uff0d\uff20")
    | st.sampled_from(",;|\t\r\n")
    | st.sampled_from(' "\u00a0\u200b\ufeff')
    | st.sampled_from("a1'")
)
"""What a formula begins with, what may separate cells, what may stand before a formula, and what may not."""


@settings(max_examples=1000)
@given(st.lists(SIGNS, max_size=8).map("".join), st.sampled_from(",;\t|"))
def test_no_text_makes_a_formula_of_a_cell_in_a_csv_file(text: str, separator: str) -> None:
    made = display.to_csv(["a", "b", "c"], [["x", text, "y"]])
    assert not [cell for cell in cells_by_separator(made, separator) if FORMULA.match(cell)]


@given(st.text())
def test_json_says_the_text_and_nothing_a_terminal_obeys(text: str) -> None:
    made = display.to_json({text: [text]})
    assert json.loads(made) == {text: [text]}
    assert not STEERING.search(made)


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "`a`",
        "a\nb | c",
        "\x9b31m",
        "&lt;",
        "\\|",
    ],
)
def test_markdown_has_one_row_of_plain_text(text: str) -> None:
    made = display.to_markdown(["a"], [[text]])
    assert made.count("\n") == 3
    assert not re.search(r"(?<!\\)[<`\[]|(?<!\\)\|(?=.*\|)", made.splitlines()[2][2:-2])
    assert not STEERING.search(made)


def test_editing_the_cell_in_excel_does_not_make_a_formula_of_it(written: Path) -> None:
    """Excel takes what begins with `=` for a formula when F2 and Enter are pressed, unless the cell's format says that
    an apostrophe was typed.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* extension is not supported")
        page = openpyxl.load_workbook(written)["Communications"]
    column = next(cell.column for cell in page[1] if cell.value == "Summary")
    cells = [page.cell(row, column) for row in range(2, page.max_row + 1)]
    in_danger = [cell for cell in cells if str(cell.value).lstrip().startswith(("=", "+", "-", "@"))]
    assert len(in_danger) >= 8
    assert all(cell.quotePrefix or cell.number_format == "@" for cell in in_danger)
    assert not any(cell.quotePrefix for cell in cells[:7])
