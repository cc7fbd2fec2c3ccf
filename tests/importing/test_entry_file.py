"""Entries from CSV and JSON Lines: what is read, on which line it stands, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundbook.base.errors import UsageError
from refundbook.importing.entry_file import Line, read_lines
from refundbook.render.text import without_apostrophes


def lines(text: str | bytes) -> list[Line]:
    return list(read_lines(text.encode() if isinstance(text, str) else text, "entries.csv"))


def refusal(text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        lines(text)
    return str(caught.value)


CASE = Line(2, "case", {"Case Number": "007", "Date Opened": "2023-10-26"})


def test_files_that_were_joined_with_their_byte_order_marks_are_read() -> None:
    one = '\ufeff{"pillar": "case", "Case Number": "007", "Date Opened": "2023-10-26"}\n'
    assert lines(one + one) == [CASE._replace(number=1), CASE]


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_as_programs_write_it(delimiter: str, newline: str, mark: str) -> None:
    rows = (("pillar", "Case Number", "Date Opened"), ("case", "007", "2023-10-26"))
    assert lines(mark + "".join(delimiter.join(row) + newline for row in rows)) == [CASE]


def test_the_header_row_tells_the_delimiter_also_after_blank_lines() -> None:
    (line,) = lines("\n;;\npillar;Case Number;Notes\ncase;007;a,b,c,d,e\n")
    assert line == Line(4, "case", {"Case Number": "007", "Notes": "a,b,c,d,e"})


def test_everything_in_csv_is_text_as_it_stands() -> None:
    (line,) = lines('pillar,Case Number,Notes,Amount\ncase, 007 ,"=1+1 ""x""\n  second, line",49.90\n')
    assert line.fields == {"Case Number": " 007 ", "Notes": '=1+1 "x"\n  second, line', "Amount": "49.90"}


def test_blank_cells_are_left_out_because_they_belong_to_other_pillars() -> None:
    text = "Pillar , Case Number,Date Opened,Status\n CASE ,1,2023-10-26,\nresolution,1, ,Pending\ncase,2\n"
    assert lines(text) == [
        Line(2, "case", {"Case Number": "1", "Date Opened": "2023-10-26"}),
        Line(3, "resolution", {"Case Number": "1", "Status": "Pending"}),
        Line(4, "case", {"Case Number": "2"}),
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = 'pillar,Notes\n\ncase,"a\nb\n\nc"\ncase,d\n,\n\ncase,e\n'
    assert [line.number for line in lines(text)] == [3, 7, 10]


@pytest.mark.parametrize("text", ["", "\n\n", " ", "\ufeff", "pillar,Case Number\n"])
def test_a_file_without_rows_has_no_entries(text: str) -> None:
    assert lines(text) == []


@settings(max_examples=50)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["Case Number", "Notes", "Item"]), st.text("ab\"';,\t\n =é", min_size=1)),
        max_size=4,
    )
)
def test_what_the_csv_module_writes_is_read_back(rows: list[dict[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["pillar", "Case Number", "Notes", "Item"])
    writer.writeheader()
    writer.writerows({"pillar": "case", **row} for row in rows)
    expected = [{name: without_apostrophes(text) for name, text in row.items() if text.strip()} for row in rows]
    assert [line.fields for line in lines(out.getvalue())] == expected


# JSON Lines


def test_json_lines_keep_numbers_exact_and_null_is_blank() -> None:
    text = (
        '\n{"pillar": "case", "Case Number": "007", "Amount Requested": 49.90, "Notes": null}\r\n\n{"Pillar": '
        '"Resolution", "Amount": 12345678901.25}\n'
    )
    assert lines(text) == [
        Line(2, "case", {"Case Number": "007", "Amount Requested": Decimal("49.90"), "Notes": None}),
        Line(4, "resolution", {"Amount": Decimal("12345678901.25")}),
    ]


def test_line_breaks_within_a_json_text_are_none() -> None:
    row = {"pillar": "case", "Notes": "a\nb\u2028c\x85d"}
    (line,) = lines(json.dumps(row, ensure_ascii=False) + "\n")
    assert line.fields == {"Notes": "a\nb\u2028c\x85d"}


# What is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"pillar,Notes\ncase,caf\xe9\n",
            "entries.csv is not text in UTF-8 or UTF-16 (byte 22): give JSON Lines, "
            "or CSV that was saved as 'CSV UTF-8'."),
        (b"PK\x03\x04\0\0", "entries.csv is not text: give JSON Lines, or CSV that was saved as 'CSV UTF-8'."),
        ("Case Number,Date Opened\n1,2\n",
            "entries.csv has no column \"pillar\" in its header row; it says what each row is: case, communication, "
            "resolution."),
        ("pillar,Notes, Notes\ncase,a,b\n", "entries.csv has the column \"Notes\" twice."),
        ("pillar,Notes\ncase,a\nrefund,b\n",
            "entries.csv, line 3: it has the pillar \"refund\"; \"pillar\" must be one of case, communication, "
            "resolution."),
        ("pillar,Notes\n,a\n", "entries.csv, line 2: it has no pillar; \"pillar\" must be one of case, communication, resolution."),
        ("pillar,Notes\ncase,a,b\n", "entries.csv, line 2: it has 3 cells, but the header row has 2."),
        ('pillar,Notes\ncase,"a\n', "entries.csv, line 2: it is not proper CSV (unexpected end of data: a quotation mark may be missing)."),
        ('pillar,Notes\ncase,x\ncase,"a"b\n', "entries.csv, line 3: it is not proper CSV (',' expected after '\"')."),
        ('{"pillar": "case"}\n{"pillar": "case", }\n', "entries.csv, line 2: it is not proper JSON (Expecting property name enclosed in double quotes, at character 20)."),
        ('{"pillar": "case"}\n[1]\n', 'entries.csv, line 2: each line must be one object, such as {"pillar": "case", …}.'),
        ('[{"pillar": "case"}]', 'entries.csv, line 1: each line must be one object, such as {"pillar": "case", …}.'),
        ('{"Notes": "a"}', "entries.csv, line 1: it has no pillar; "),
        ('{"pillar": "case", "Notes": ["a"]}', "entries.csv, line 1: \"Notes\" must be a text or a number."),
        ('{"pillar": "case", "Notes": {}}', "entries.csv, line 1: \"Notes\" must be a text or a number."),
        ('{"pillar": "case", "Notes": "a", "Notes": "b"}', "entries.csv, line 1: it is not proper JSON (a key stands twice)."),
        ('{"pillar": "case", "Amount": NaN}', "entries.csv, line 1: it is not proper JSON (NaN is no JSON; write null for a blank)."),
        ('{"pillar": "case", "Amount": -Infinity}', "entries.csv, line 1: it is not proper JSON (-Infinity is no JSON; write null for a blank)."),
        ('{"pillar": "case", "Amount": 1' + "0" * 5000 + "}", "entries.csv, line 1: it is not proper JSON (a number has thousands of digits)."),
        ('{"pillar": ' + "[" * 100_000, "entries.csv, line 1: it is not proper JSON (it is nested too deep)."),
        ('{"pillar": {"x": 1}}', "entries.csv, line 1: \"pillar\" must be a text or a number."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_line(text: str | bytes, message: str) -> None:
    assert refusal(text).startswith(message)


def test_a_line_is_read_only_when_it_is_asked_for() -> None:
    """So that a file of a million lines is refused at its first bad one."""
    found = read_lines(b"pillar,Notes\ncase,a\nrefund,b\n", "entries.csv")
    first: Mapping[str, object] = next(found).fields
    assert first == {"Notes": "a"}
    with pytest.raises(UsageError):
        next(found)
