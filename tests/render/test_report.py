"""How a report is shown: to people the errors whole and much of one kind as one line, to programs everything."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.findings import Finding, Report, Severity
from refundbook.base.schema import CASES
from refundbook.record.rules import RULES, TITLES
from refundbook.render.report import MOST, grouped, report_github, report_summary, report_text
from tests.support import places
from tests.support.books import Row, filled
from tests.support.command import run
from tests.support.samples import load

pytestmark = pytest.mark.slow

RED = "\x1b[31m"
REPORT = Report.of(
    "my,book:1.xlsx",
    [
        Finding(
            "RB203", Severity.ERROR, "Cases", "C2", "2024-01-01", "Date Opened is in\nthe future.", "Correct it 100 %."
        ),
        Finding("RB152", Severity.WARNING, "Cases", "A2", RED, f"A number{RED}.", ""),
    ],
)


WARNINGS = {"RB254": "Logged late.", "RB151": "Odd number."}


def many(count: int, code: str = "RB254", severity: Severity = Severity.WARNING, sheet: str = "Cases") -> list[Finding]:
    return [Finding(code, severity, sheet, f"N{k}", "", f"{code} in row {k}.", "Look.") for k in range(2, count + 2)]


def test_errors_come_first_and_all_is_counted() -> None:
    assert report_text(REPORT, TITLES) == (
        "Cases!C2: error RB203: Date Opened is in the future. Correct it 100 %.\n"
        "Cases!A2: warning RB152: A number\u2039escape\u203a[31m.\n"
        "my,book:1.xlsx: 1 error, 1 warning.\n"
    )
    report = Report.of("t.xlsx", [*many(1), *many(2, "RB203", Severity.ERROR)])
    assert [line.split(": ")[1] for line in report_text(report, TITLES).splitlines()[:-1]] == ["error RB203"] * 2 + ["warning RB254"]  # fmt: skip
    assert report_text(Report.of("t.xlsx", []), TITLES) == "t.xlsx: no errors, no warnings.\n"


def test_of_many_findings_of_one_rule_the_first_are_listed_and_the_others_counted() -> None:
    report = Report.of("t.xlsx", [*many(700), *many(545, sheet="Communications"), *many(1, "RB252")])
    assert report_text(report, TITLES) == (
        "Cases!N2: warning RB254: RB254 in row 2. Look.\n"
        "Cases!N3: warning RB254: RB254 in row 3. Look.\n"
        "Cases!N4: warning RB254: RB254 in row 4. Look.\n"
        "1,242 more of warning RB254 (An entry was logged days late): Cases!N5, N6, N7, N8, N9 and 1,237 more.\n"
        "Cases!N2: warning RB252: RB252 in row 2. Look.\n"
        "t.xlsx: no errors, 1,246 warnings. `refundbook check --all` lists every one.\n"
    )
    others = list(grouped([*many(5), *many(2, sheet="Resolutions")], TITLES))[-1]
    assert others == "4 more of warning RB254 (An entry was logged days late): Cases!N5, N6, Resolutions!N2, N3."


def test_a_line_about_the_others_never_stands_for_one_alone() -> None:
    for severity, most in MOST.items():
        assert len(list(grouped(many(most + 1, severity=severity), TITLES))) == most + 1
        assert len(list(grouped(many(most + 2, severity=severity), TITLES))) == most + 1


def test_errors_are_listed_where_warnings_are_cut() -> None:
    report = Report.of("t.xlsx", [*many(20, "RB203", Severity.ERROR), *many(20)])
    lines = report_text(report, TITLES).splitlines()
    assert sum(": error RB203: " in line for line in lines) == 20
    assert sum(": warning RB254: " in line for line in lines) == 3
    assert len(report_text(report, TITLES, errors_only=True).splitlines()) == 21


FINDINGS = st.lists(
    st.builds(
        lambda code, sheet, row: Finding(code, RULES[code].severity, sheet, f"A{row}", "", "x", "y"),
        st.sampled_from(sorted(RULES)),
        st.sampled_from(("Cases", "Communications", "Resolutions")),
        st.integers(2, 99),
    ),
    max_size=120,
)


@given(FINDINGS)
def test_whatever_was_found_is_listed_or_counted_once(found: list[Finding]) -> None:
    report = Report.of("t.xlsx", found)
    lines = report_text(report, TITLES).splitlines()
    counted = sum(int(m[1]) for line in lines if (m := re.match(r"(\d+) more of ", line)))
    assert len([line for line in lines[:-1] if " more of " not in line]) + counted == len(found)
    errors = [k for k, line in enumerate(lines[:-1]) if re.search(r"\berror RB", line)]
    assert errors == list(range(len(errors)))
    assert report_text(report, TITLES, lists_all=True).count("\n") == len(found) + 1
    totals = [int(line.split(": ")[1].split(" ")[0]) for line in report_summary(report, TITLES).splitlines()[:-1]]
    assert sum(totals) == len(found)
    assert len(totals) == len({finding.code for finding in found})


def test_a_summary_has_a_line_a_rule() -> None:
    report = Report.of("t.xlsx", [*many(1245), *many(3, "RB203", Severity.ERROR)])
    assert report_summary(report, TITLES) == (
        "error RB203: 3 × Opened in the future: Cases!N2, N3, N4.\n"
        "warning RB254: 1,245 × An entry was logged days late: Cases!N2, N3, N4, N5, N6 and 1,240 more.\n"
        "t.xlsx: 3 errors, 1,245 warnings.\n"
    )
    assert "RB254" not in report_summary(report, TITLES, errors_only=True)


def test_a_report_for_github_is_made_of_workflow_commands() -> None:
    assert report_github(REPORT) == (
        "::error file=my%2Cbook%3A1.xlsx,title=RB203 Cases!C2::Date Opened is in%0Athe future. Correct it 100 %25.\n"
        "::warning file=my%2Cbook%3A1.xlsx,title=RB152 Cases!A2::A number\u2039escape\u203a[31m.\n"
    )
    assert report_github(Report.of("t.xlsx", [])) == ""


# In a workbook

OPENED, NOON = date(2023, 10, 1), datetime(2023, 11, 5, 12)


def taken_over(count: int, logged: datetime = NOON) -> list[Row]:
    return [{"number": f"GTB-{k:06}", "opened": OPENED, "logged_at": logged} for k in range(count)]


def test_three_errors_are_seen_among_five_hundred_warnings(tmp_path: Path) -> None:
    cases = [{**case, "number": f"A{k}"} for k, case in enumerate(taken_over(500))]
    for k in (3, 200, 499):
        cases[k] = {**cases[k], "opened": date(2024, 1, 2)}
    path = filled(tmp_path / "t.xlsx", cases, [], [])
    ran = run("check", book=path)
    lines = ran.out.splitlines()
    assert (ran.code, len(lines) < 20) == (1, True)
    assert [line.split(": ")[0] for line in lines[:3]] == ["Cases!C5", "Cases!C202", "Cases!C501"]
    everything = run("check", "--all", book=path)
    assert (everything.code, everything.out.count("\n")) == (1, len(load(path, strict=False).check()) + 1)
    errors = run("check", "--errors-only", book=path)
    assert (errors.code, errors.out.splitlines()) == (1, [*lines[:3], lines[-1].split(" `refundbook")[0]])
    assert [f["code"] for f in run("check", "--errors-only", "--json", book=path).json[0]["findings"]] == ["RB203"] * 3
    assert len(run("check", "--json", book=path).json[0]["findings"]) == everything.out.count("\n") - 1
    assert run("check", "--format", "github", book=path).out.count("\n") == everything.out.count("\n") - 1
    summary = run("check", "--summary", book=path)
    assert (summary.code, summary.out.splitlines()[0]) == (1, "error RB203: 3 × Opened in the future: Cases!C5, C202, C501.")  # fmt: skip


def test_the_exit_code_tells_of_errors_and_not_of_what_is_shown(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", taken_over(30), [], [])
    for flag in ("--all", "--errors-only", "--summary"):
        assert run("check", flag, book=path).code == 0
    assert run("check", "--errors-only", book=path).out == f"{path}: no errors, 30 warnings.\n"


@pytest.mark.parametrize("args", [["--summary", "--all"], ["--summary", "--json"], ["--summary", "--format", "github"]])
def test_a_summary_of_what_is_listed_is_wrong_usage(tmp_path: Path, args: list[str]) -> None:
    ran = run("check", *args, book=filled(tmp_path / "t.xlsx", [], [], []))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("refundbook: --summary is one line a rule")


@pytest.mark.parametrize(("count", "late"), [(1, 1), (20, 20), (21, 0), (500, 0)])
def test_what_was_taken_over_at_once_was_not_logged_late(tmp_path: Path, count: int, late: int) -> None:
    path = filled(tmp_path / "t.xlsx", taken_over(count), [], [])
    assert sum(finding.code == "RB254" for finding in load(path).check()) == late


def test_entries_of_all_sheets_count_together_and_one_made_later_is_still_late(tmp_path: Path) -> None:
    messages = [{"entry": k + 1, "number": f"GTB-{k:06}", "date": OPENED, "with_": "Buyer", "summary": "x", "logged_at": NOON} for k in range(11)]  # fmt: skip
    cases = [*taken_over(10), {"number": "GTB-000010", "opened": OPENED, "logged_at": NOON + timedelta(seconds=1)}]
    path = filled(tmp_path / "t.xlsx", cases, messages, [])
    assert [f.where for f in load(path).check() if f.code == "RB254"] == [places.where(CASES, "logged_at", 12)]


def test_an_import_of_old_cases_is_no_late_logging(tmp_path: Path) -> None:
    rows = "".join(f"GTB-{k:06},2023-10-{k % 28 + 1:02},Said.,2023-10-29 (Agent: Maya),2023-10-30 - Denied\n" for k in range(40))  # fmt: skip
    old, path = tmp_path / "old.csv", filled(tmp_path / "t.xlsx", [], [], [])
    old.write_text("GTBuy Case #,Date Opened,Communication Log Summary,Last Support Reply (Date),Resolution Date & Outcome\n" + rows)  # fmt: skip
    assert run("import", old, book=path).code == 0
    assert run("check", book=path).out == f"{path}: no errors, no warnings.\n"


def test_many_rows_that_are_entered_at_once_say_a_warning_once(tmp_path: Path) -> None:
    path, rows = filled(tmp_path / "t.xlsx", [], [], []), tmp_path / "rows.csv"
    lines = (f"case,GTB-{k:06},2023-11-01,,\nresolution,GTB-{k:06},,Full Refund,2023-11-02\n" for k in range(150))
    rows.write_text("pillar,Case Number,Date Opened,Status,Resolution Date\n" + "".join(lines))
    ran = run("append", "--from", rows, book=path)
    assert ran.code == 0
    assert ran.err.count("\n") < 10
    assert re.search(r"refundbook: 29\d more of warning RB252 ", ran.err)
