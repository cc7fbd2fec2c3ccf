"""The command: which workbook it takes, what it prints, and the code it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

import refundbook
from refundbook.base import errors
from refundbook.base.schema import CASES, SHEETS, TRACKER_HEADERS, Sheet
from refundbook.cli import main
from refundbook.cli.commands import COMMANDS
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.xlsx.shared_file import Patience
from refundbook.xlsx.writing.writer import Built, Writer
from tests.support.books import SAMPLE, SAMPLE_TRACKER, TEMPLATE, blank, filled
from tests.support.command import environment, run, run_at_terminal
from tests.support.samples import load, sample_at
from tests.support.systems import is_windows
from tests.support.terminal import ROOT, at_terminal, process

pytestmark = pytest.mark.slow


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "tracker.xlsx")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A workbook with one error, Cases!C2."""
    return filled(tmp_path / "broken.xlsx", [{**SAMPLE.cases[0], "opened": date(2024, 1, 2)}], [], [])


# Help and usage


@pytest.mark.parametrize(
    "args", [["--help"], ["-h"], *([name, "--help"] for name in COMMANDS), ["append", "case", "-h"]]
)
def test_help_is_there_for_everything(args: list[str]) -> None:
    ran = run(*args)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: refundbook")


def test_help_names_the_exit_codes_and_every_command() -> None:
    said = run("--help").out
    assert "Exit codes: 0 done; 1 the rules refuse it" in said
    for name, line in COMMANDS.items():
        assert re.search(rf"\b{name}\s+{re.escape(line[:40])}", said)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.pillar)
def test_every_column_that_is_asked_for_has_an_option_and_no_other(sheet: Sheet) -> None:
    options = set(re.findall(r"^  (--[\w-]+)", run("append", sheet.pillar, "--help").out, re.MULTILINE))
    ours = {column.option for column in sheet.columns if column.asked and column.name != "number"}
    more = {"--message"} if sheet is CASES else set()
    assert options == ours | more | {"--set", "--dry-run", "--json", "--no-inbox", "--ignore-open"}


def test_the_version_is_the_packages() -> None:
    assert run("--version").out == f"refundbook {refundbook.__version__}\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Usage: refundbook"),
        (["enter"], "No such command 'enter'"),
        (["tracker", "--colour"], "No such option"),
        (["tracker", "--format", "xml"], "'xml' is not one of"),
        (["show"], "Missing argument 'NUMBER'"),
        (["append"], "Say what to append: case, communication or resolution, or --from FILE."),
        (["append", "--dry-run", "case", "X"], "Give --from alone, and --dry-run and --json after"),
        (["append", "refund", "X"], "No such command 'refund'"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(args: list[str], message: str) -> None:
    ran = run(*args)
    assert ran.code == 2
    assert message in ran.err
    assert ran.out == ""


def test_a_day_that_is_none_is_wrong_usage(sample: Path) -> None:
    ran = run("check", book=sample, today="yesterday")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'refundbook: $REFUNDBOOK_TODAY is "yesterday"; it must be a date such as 2023-10-26.\n'


def test_the_day_may_have_a_time(sample: Path) -> None:
    run("append", "case", "GTB-789100", "--opened", "today", book=sample, today="2023-11-05T09:30:00")
    assert str(load(sample).records.cases["logged_at"][-1]) == "2023-11-05 09:30:00"


# Which workbook


def test_the_book_is_named_by_option_then_environment_then_it_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, name in (("A-1", "option.xlsx"), ("A-2", "environment.xlsx"), ("A-3", "tracker.xlsx")):
        with refundbook.create(tmp_path / name, today=date(2023, 11, 5)) as book:
            book.append_case(number, opened="today")
    first = ["tracker", "--json"]
    assert process(*first, REFUNDBOOK="environment.xlsx", cwd=tmp_path).json[0][TRACKER_HEADERS[0]] == "A-2"
    named = process("-b", "option.xlsx", *first, REFUNDBOOK="environment.xlsx", cwd=tmp_path)
    assert named.json[0][TRACKER_HEADERS[0]] == "A-1"
    assert run(*first).json[0][TRACKER_HEADERS[0]] == "A-3"


@pytest.mark.parametrize("args", [["check"], ["tracker"], ["show", "X"], ["append", "case", "X", "--opened", "today"]])
def test_a_missing_workbook_names_init(tmp_path: Path, args: list[str]) -> None:
    path = tmp_path / "tracker.xlsx"
    ran = run(*args, book=path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"refundbook: There is no workbook at {path}. Make one with `refundbook init`, or name yours with -b or $REFUNDBOOK.\n"  # fmt: skip
    assert not list(tmp_path.iterdir())


# init


def test_init_makes_the_template_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("init")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Made tracker.xlsx. Enter the first case: refundbook append case NUMBER --opened today\n"
    assert (tmp_path / "tracker.xlsx").read_bytes() == TEMPLATE.read_bytes()


def test_init_elsewhere_says_how_to_name_that_workbook(tmp_path: Path) -> None:
    path, mark = tmp_path / "my cases.xlsx", '"' if is_windows() else "'"
    said = f"Made {path}. Enter the first case: refundbook -b {mark}{path}{mark} append case NUMBER --opened today\n"
    assert run("init", path).out == said
    path.unlink()
    assert run("init", book=path).out == said


def test_init_where_the_environment_says_needs_no_naming(tmp_path: Path) -> None:
    ran = process("init", REFUNDBOOK="mine.xlsx", cwd=tmp_path)
    assert ran.out == "Made mine.xlsx. Enter the first case: refundbook append case NUMBER --opened today\n"
    assert (tmp_path / "mine.xlsx").exists()


def test_init_never_overwrites(sample: Path) -> None:
    before = sample.read_bytes()
    for ran in (run("init", sample), run("init", book=sample), run("init", sample.parent)):
        assert (ran.code, ran.out) == (2, "")
        assert "exists already and is left as it is. Name another file: refundbook init PATH." in ran.err
    assert sample.read_bytes() == before


def test_init_in_a_folder_that_is_not_there_ends_with_3(tmp_path: Path) -> None:
    ran = run("init", tmp_path / "nowhere" / "t.xlsx")
    assert ran.code == 3
    assert ran.err.endswith("cannot be made: the folder does not exist.\n")


# check


def test_check_of_a_clean_workbook(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    assert run("check", book=path).out == f"{path}: no errors, no warnings.\n"
    assert run("check", book=path).code == 0
    assert run("check", "--format", "github", book=path).out == ""
    assert run("check", "--format", "json", book=path).json == [{"book": str(path), "findings": []}]


def test_warnings_are_said_and_stop_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "opened": date(2023, 11, 4), "number": "GTB-1"}], [], [])
    ran = run("check", book=path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Cases!A2: warning RB151: ")
    assert ran.out.endswith("no errors, 1 warning.\n")


def test_errors_end_with_1_and_name_sheet_and_cell(broken: Path) -> None:
    ran = run("check", book=broken)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("Cases!C2: error RB203: Date Opened 2024-01-02 is in the future (today is 2023-11-05).")
    assert ran.out.endswith(f"{broken}: 1 error, no warnings.\n")


def test_check_for_programs(broken: Path) -> None:
    ran = run("check", "--format", "json", book=broken)
    assert ran.code == 1
    ((report,),) = [ran.json]
    assert report["book"] == str(broken)
    (finding,) = report["findings"]
    assert {key: finding[key] for key in ("code", "severity", "sheet", "cell", "value")} == {
        "code": "RB203",
        "severity": "error",
        "sheet": "Cases",
        "cell": "C2",
        "value": "2024-01-02",
    }
    ran = run("check", "--format", "github", book=broken)
    assert ran.code == 1
    assert re.fullmatch(r"::error file=[^:]*broken\.xlsx,title=RB203 Cases!C2::Date Opened 2024-01-02 .*\n", ran.out)


def test_several_workbooks_are_checked_together(broken: Path, tmp_path: Path) -> None:
    clean = blank(tmp_path / "clean.xlsx")
    ran = run("check", clean, broken, book=tmp_path / "none.xlsx")
    assert ran.code == 1
    assert ran.out.startswith(f"{clean}: no errors, no warnings.\nCases!C2: error RB203")
    assert [report["book"] for report in run("check", clean, broken, "--format", "json").json] == [
        str(clean),
        str(broken),
    ]
    assert run("check", clean, clean).code == 0


# tracker


def test_tracker_in_all_its_formats(sample: Path) -> None:
    header, *rows = SAMPLE_TRACKER
    for form in (["--json"], ["--format", "json"]):
        assert run("tracker", *form, book=sample).json == [dict(zip(header, row, strict=True)) for row in rows]
    assert list(csv.reader(io.StringIO(run("tracker", "--format", "csv", book=sample).out))) == [
        list(header),
        *map(list, rows),
    ]
    assert run("tracker", "--format", "markdown", book=sample).out.splitlines() == [
        "| " + " | ".join(header) + " |",
        "| --- | --- | --- | --- | --- |",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
    table = run("tracker", book=sample).out
    assert max(map(len, table.splitlines())) <= 100
    assert [line.split("  ")[0] for line in table.splitlines() if line.startswith("GTB-")] == [
        "GTB-789012",
        "GTB-789045",
    ]


def test_an_empty_tracker_is_its_header(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    assert run("tracker", "--format", "csv", book=path).out.count("\n") == 1
    assert run("tracker", "--json", book=path).json == []
    assert run("tracker", book=path).code == 0


def test_the_table_is_as_wide_as_the_terminal(sample: Path) -> None:
    for width in ("80", "120"):
        out = process("-b", sample, "tracker", COLUMNS=width).out
        assert 0.8 * int(width) < max(map(len, out.splitlines())) <= int(width)


@pytest.mark.parametrize("args", [["tracker"], ["show", "GTB-789012"]])
def test_a_broken_workbook_is_refused_with_sheet_and_cell(broken: Path, args: list[str]) -> None:
    ran = run(*args, book=broken)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"refundbook: {broken}: Cases!C2: error RB203: ")


# show


def test_show_prints_one_case(sample: Path) -> None:
    ran = run("show", "gtb-789012", book=sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("GTB-789012: Full Refund, closed after 4 days\n")
    for part in (
        "Amount Requested: 49.9",
        "2023-10-28 Received Support Maya Chat: Support requested",
        "2023-10-30, Full Refund",
    ):
        assert part in ran.out
    assert "GTB-789045" not in ran.out


def test_show_for_programs(sample: Path) -> None:
    data = run("show", "GTB-789012", "--json", book=sample).json
    assert data == run("show", "GTB-789012", "--format", "json", book=sample).json
    assert (data["number"], data["status"], data["open"], data["days_open"]) == ("GTB-789012", "Full Refund", False, 4)
    assert data["case"]["Amount Requested"] == 49.9
    assert [message["Date"] for message in data["communications"]] == ["2023-10-26", "2023-10-27", "2023-10-28"]


def test_show_of_an_unknown_case_ends_with_1_and_names_the_nearest(sample: Path) -> None:
    ran = run("show", "GTB-7890I2", book=sample)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "refundbook: There is no case GTB-7890I2. Did you mean GTB-789012?\n"


# Files that are no workbook of ours


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")
    return out.getvalue()


NOT_WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"GTB-789012 was refunded",
    "an old .xls, or encrypted": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    "a zip of something else": lambda: zipped("notes.txt"),
    "a zip with a workbook's name": lambda: zipped("[Content_Types].xml", "xl/workbook.xml"),
    "cut short": lambda: TEMPLATE.read_bytes()[:20_000],
    "nulls": lambda: bytes(5_000),
}


@pytest.mark.parametrize("name", NOT_WORKBOOKS)
def test_what_is_no_workbook_ends_with_4_and_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(NOT_WORKBOOKS[name]())
    before = path.read_bytes()
    for args in (["check"], ["append", "case", "X", "--opened", "today"]):
        ran = run(*args, book=path)
        assert (ran.code, ran.out) == (4, "")
        assert re.fullmatch(r"refundbook: \S+t\.xlsx cannot be read\. .+\n", ran.err)
    assert path.read_bytes() == before


def test_a_folder_is_no_workbook(tmp_path: Path) -> None:
    ran = run("check", book=tmp_path)
    assert ran.code == 4
    assert ran.err == f"refundbook: {tmp_path} is a folder. Name the workbook itself, such as tracker.xlsx.\n"


# Files that cannot be written now


APPEND = ("append", "case", "GTB-789100", "--opened", "2023-11-01")


def test_a_workbook_open_in_excel_ends_with_3(sample: Path) -> None:
    before = sample.read_bytes()
    sample.with_name("~$tracker.xlsx").write_bytes(b"\x03ana")
    ran = run(*APPEND, "--no-inbox", book=sample)
    assert (ran.code, ran.out) == (3, "")
    assert "tracker.xlsx is open in Excel by ana. Nothing was written; save and close it there first." in ran.err
    assert sample.read_bytes() == before
    assert run("check", book=sample).code == 0


def test_a_workbook_that_another_refundbook_holds_ends_with_3(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkbookFile, "patience", Patience(0.02, 0.01))
    before = sample.read_bytes()
    with FileLock(sample.with_name(".tracker.xlsx.lock")):
        ran = run(*APPEND, "--no-inbox", book=sample)
    assert (ran.code, ran.out) == (3, "")
    assert [line.split(" ")[1] for line in ran.err.splitlines()] == ["Waiting", str(sample)]
    assert sample.read_bytes() == before


def test_a_read_only_workbook_ends_with_3(sample: Path) -> None:
    sample.chmod(0o444)
    ran = run(*APPEND, book=sample)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == f"refundbook: {sample} is read-only. Nothing was written; make it writable first.\n"


def test_a_workbook_that_changes_meanwhile_ends_with_3(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Writer.build

    def build_while_excel_saves(writer: Writer) -> Built:
        sample.write_bytes(TEMPLATE.read_bytes())
        return build(writer)

    monkeypatch.setattr(Writer, "build", build_while_excel_saves)
    ran = run(*APPEND, book=sample)
    assert (ran.code, ran.out) == (3, "")
    assert "was changed by someone else since it was read. Nothing was overwritten" in ran.err
    assert sample.read_bytes() == TEMPLATE.read_bytes()


def test_every_error_of_the_package_has_one_of_the_exit_codes() -> None:
    ours = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RefundbookError)
    ]
    assert len(ours) > 10
    assert {kind.exit_code for kind in ours} == {1, 2, 3, 4}


# As a process


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (0, ["tracker"]),
        (1, ["append", "case", "GTB-789012", "--opened", "2023-11-01"]),
        (2, ["append", "case", "GTB-789012"]),
        (3, ["init", "nowhere/t.xlsx"]),
        (4, ["check", "."]),
    ],
)
def test_the_process_ends_with_the_code(sample: Path, code: int, args: list[str]) -> None:
    ran = process(*args, cwd=sample.parent)
    assert ran.code == code
    assert bool(ran.out) == (code == 0)
    assert bool(ran.err) == (code != 0)
    assert "Traceback" not in ran.err


def test_what_goes_wrong_inside_is_one_sentence_and_no_traceback(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero\x1b[31m")

    monkeypatch.setattr("refundbook.book.load", fail)
    ran = run("check", book=sample)
    assert (ran.code, ran.out) == (70, "")
    assert ran.err.startswith(
        "refundbook: Something went wrong inside refundbook (ZeroDivisionError: by zero\u2039escape\u203a[31m). "
    )
    monkeypatch.setenv("REFUNDBOOK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["-b", str(sample), "check"])


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_pipes_get_utf_8_whatever_the_computers_own_encoding(tmp_path: Path, encoding: str) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "number": "山田-1", "customer": "Zoë 👍"}], [], [])
    for form in (["--json"], ["--format", "csv"], []):
        ran = process("-b", path, "tracker", *form, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert (ran.code, ran.err) == (0, "")
        assert "山田-1" in ran.out
    ran = process("-b", path, "show", "山田-2", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ran.err == "refundbook: There is no case 山田-2.\n"


def test_a_terminal_that_cannot_show_a_character_shows_its_number(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "number": "山田-1"}], [], [])
    code, shown = at_terminal("-b", path, "tracker", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert code == 0
    assert "\\u5c71" in shown


@pytest.mark.parametrize("args", [["tracker"], ["tracker", "--json"], ["check"], list(APPEND), ["append", "--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(sample: Path, args: list[str]) -> None:
    """As in `refundbook tracker | head -1`; an append has happened, so its code must not say that nothing
    was written.
    """
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed, tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "refundbook", "-b", str(sample), *args]
        env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, stdout=closed, stderr=said, env=env, check=False)
        said.seek(0)
        assert (done.returncode, said.read()) == (0, b"")


def test_what_a_workbook_holds_cannot_steer_the_terminal(tmp_path: Path) -> None:
    trick = "\x9b31m\u202eevil"
    rows = [{**SAMPLE.cases[0], "number": f"A-1{trick}", "notes": trick, f"Mine{trick}": trick}]
    path = filled(
        tmp_path / "t.xlsx", rows, [{**SAMPLE.communications[0], "number": f"A-1{trick}", "summary": trick}], []
    )
    for args in (["tracker"], ["tracker", "--json"], ["tracker", "--format", "markdown"], ["show", f"A-1{trick}"], ["show", f"A-1{trick}", "--json"], ["show", "A-2"], ["check"], ["append", "case", f"A-1{trick}", "--opened", "today"]):  # fmt: skip
        ran = run_at_terminal(*args, book=path)
        assert ran.code in (0, 1)
        assert ran.out + ran.err
        assert all(c in "\n" or c.isprintable() for c in ran.out + ran.err), args


def test_json_on_standard_output_is_all_there_is_on_it(sample: Path) -> None:
    for args in (
        ["tracker", "--json"],
        ["show", "GTB-789012", "--json"],
        ["check", "--format", "json"],
        [*APPEND, "--json"],
        [*APPEND, "--json"],
        ["append", "case", "GTB-789101", "--opened", "2023-11-01", "--json", "--dry-run"],
    ):
        json.loads(run(*args, book=sample).out)
