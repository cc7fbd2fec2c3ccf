"""The rules: the examples in their docstrings, run on real workbooks, and what their messages say."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from string import ascii_uppercase

import pytest

from refundbook import Finding, InvalidWorkbook, Severity, load
from refundbook.record.rules import RULES, across, check_structure
from refundbook.record.rules.declare import Scope, error
from tests.support.books import filled
from tests.support.gallery import TODAY, Example, addresses, build, examples, findings_of

EXAMPLES = [example for code, rule in RULES.items() for example in examples(code, rule.doc)]


def _find(tmp_path: Path, content: str) -> list[Finding]:
    return findings_of(build(tmp_path / "book.xlsx", content))


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{e.code}-{n}" for n, e in enumerate(EXAMPLES)])
def test_example_of_a_rule_yields_exactly_what_it_says(example: Example, tmp_path: Path) -> None:
    assert addresses(_find(tmp_path, example.content)) == example.expected


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_an_example_that_breaks_it_and_one_that_does_not(code: str) -> None:
    own = [example.expected for example in EXAMPLES if example.code == code]
    assert any(found.startswith(code) for expected in own for found in expected)
    assert () in own


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{e.code}-{n}" for n, e in enumerate(EXAMPLES)])
def test_only_errors_refuse_the_load(example: Example, tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", example.content)
    if any(RULES[found[:5]].severity is Severity.ERROR for found in example.expected):
        with pytest.raises(InvalidWorkbook) as refused:
            load(path, today=TODAY)
        assert addresses(list(refused.value.report)) == example.expected
    else:
        load(path, today=TODAY)


def test_the_sample_cases_break_no_rule(tmp_path: Path) -> None:
    assert findings_of(filled(tmp_path / "sample.xlsx"), date(2023, 11, 3)) == []


CODES = {
    "a missing sheet": "RB001",
    "a missing column": "RB002",
    "a header twice": "RB003",
    "a required cell empty": "RB101",
    "a date that is text, a number, or impossible": "RB102",
    "an amount that is not a number": "RB103",
    "an amount that is negative": "RB104",
    "a value that is not in its closed list": "RB105",
    "an entry number that is not a whole number above 0": "RB106",
    "text that cannot be stored": "RB107",
    "a case number that does not match its issuer's pattern": "RB151",
    "a case number that is numeric": "RB152",
    "a date before 2000": "RB153",
    "a formula where a value belongs": "RB154",
    "an error value": "RB155",
    "a full payment card number": "RB156",
    "a setting that cannot be used": "RB157",
    "a sync client's conflict copy beside the workbook": "RB158",
    "merged cells among the entries": "RB159",
    "an amount with more decimals than its currency": "RB161",
    "a currency that is not certain": "RB162",
    "an inbox that no workbook takes its entries from": "RB160",
    "a case number written with characters that look like others": "RB166",
    "what a spreadsheet or a program made of a number": "RB163",
    "a number that was turned into a date": "RB164",
    "case number twice": "RB201",
    "entry number twice": "RB202",
    "opened in the future": "RB203",
    "message in the future": "RB204",
    "resolved in the future": "RB205",
    "due before the promise was made": "RB206",
    "kept before it was made": "RB207",
    "logged before it happened": "RB208",
    "a final status without a date": "RB209",
    "Pending with a date": "RB210",
    "a second final resolution without Reopened between": "RB211",
    "a related case that is the case itself": "RB212",
    "kept in the future": "RB213",
    "answered in the future": "RB214",
    "answered before the case was opened": "RB215",
    "a case number that differs from another only by look-alikes": "RB251",
    "a refund without amount or method": "RB252",
    "a promise overdue": "RB253",
    "an entry logged days late": "RB254",
    "the same message twice": "RB255",
    "rows below the table": "RB256",
    "a row right below the table that cannot be an entry": "RB257",
    "an entry right below the table": "RB258",
    "a query fills the sheet": "RB259",
    "a table mapped to an XML file": "RB260",
    "a protected sheet": "RB261",
    "a column beside the table": "RB262",
    "a history that is not as it was written": "RB171",
    "a workbook older than its history": "RB172",
    "a second history": "RB173",
    "an entry number that was used before": "RB271",
    "a Logged At that no command wrote": "RB272",
    "a message or a resolution for a case that does not exist": "RB301",
    "message before the case was opened": "RB302",
    "resolved before it was opened": "RB303",
    "refunds beyond the amount requested": "RB351",
    "currencies that differ within a case": "RB352",
    "an open case with no reply within the target": "RB353",
    "a message after the final resolution": "RB354",
    "a related case that is spelled otherwise than the case": "RB355",
    "a case number in more than one workbook": "RB451",
}
"""What each code means, for good. A rule that goes leaves its line here, so that its code is not used again."""


def test_the_rules_are_those_of_the_list_of_codes() -> None:
    assert set(RULES) == set(CODES.values())
    assert len(CODES) == len(set(CODES.values()))


def test_codes_from_51_on_are_warnings() -> None:
    for code, rule in RULES.items():
        assert (rule.severity is Severity.WARNING) == (int(code[3:]) > 50), code


def test_a_code_cannot_be_taken_twice() -> None:
    with pytest.raises(ValueError, match="RB101 is used twice"):
        error("RB101", scope=Scope.CELL)(lambda records, at: iter(()))


OPEN = "case number=GTB-123456 opened=2023-12-31"
MESSAGE = "communication number=GTB-123456 date=2023-12-31 with=Support"


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (
            "case number=GTB-123456 opened=2024-01-02",
            "Date Opened 2024-01-02 is in the future (today is 2023-12-31).",
            "Correct Date Opened.",
        ),
        (
            "case number=GTB-123456 opened=2024-11-12 ; resolution number=GTB-123456 status=Pending",
            "Date Opened 2024-11-12 is in the future (today is 2023-12-31).",
            "With the year 2023 it would be 2023-11-12, which fits. Correct Date Opened.",
        ),
        (
            f"{OPEN} ; case number=gtb–123456 opened=2023-12-30",
            'Case Number gtb–123456 is already in row 2 of Cases (Date Opened 2023-12-31, spelled "GTB-123456").',
            "`refundbook append communication GTB-123456 …`",
        ),
        (
            f"{OPEN} ; communication number=GTB-132456 date=2023-12-31 with=Support summary=Hello",
            "Case Number GTB-132456 is not on the Cases sheet.",
            "Did you mean GTB-123456 (Cases!A2)? If not, enter the case first: `refundbook append case GTB-132456",
        ),
        (
            f"{OPEN} ; communication number=#123456 date=2023-12-31 with=Support summary=Hello",
            "Case Number #123456 is not on the Cases sheet.",
            "Did you mean GTB-123456 (Cases!A2)?",
        ),
        (
            f"{OPEN} ; communication number=XY date=2023-12-31 with=Support summary=Hello",
            "Case Number XY is not on the Cases sheet.",
            "Enter the case first: `refundbook append case XY --opened …`.",
        ),
        (
            "case number=GTB-123456 opened=2023-06-01 ; resolution number=GTB-123456 status=Denied date=2023-01-07",
            "Resolution Date 2023-01-07 is before the case's Date Opened 2023-06-01 (Cases!C2).",
            "With day and month swapped it would be 2023-07-01, which fits. Correct Resolution Date",
        ),
        (
            "case number=GTB-123456 opened=2023-11-03 ; communication number=GTB-123456 "
            "date=2023-03-12 with=Support summary=Hello",
            "Date 2023-03-12 is before the case's Date Opened 2023-11-03 (Cases!C2).",
            "With day and month swapped it would be 2023-12-03, which fits. Correct Date, or the case's Date Opened. "
            "If Date Opened is the wrong one: with day and month swapped it would be 2023-03-11, which fits.",
        ),
        (
            f"{OPEN} ; resolution number=GTB-123456 status=Refunded",
            'Status "Refunded" is not one of the accepted values.',
            "Accepted: Pending, Full Refund, Partial Refund, Replacement, Store Credit, Denied, Withdrawn, Reopened.",
        ),
        (
            "case number=GTB-123456 opened=number:45291",
            "Date Opened 45291 is a number, not a date.",
            "As a date this number is 2023-12-31: format the cell as a date.",
        ),
        (
            "case number=GTB-123456 opened=number:43829",
            "Date Opened 43829 is a number, not a date.",
            "Read as a date of the 1904 date system this number is 2023-12-31.",
        ),
        (
            "case number=GTB-123456 opened=number:20231231",
            "Date Opened 20231231 is a number, not a date.",
            "It reads as 2023-12-31: give the cell a date format and retype it as a date.",
        ),
        (
            "case number=GTB-123456 opened=text:03/04/2023",
            'Date Opened "03/04/2023" is text, not a date.',
            "can mean 3 April 2023 or 4 March 2023",
        ),
        (
            f"{OPEN} ; {MESSAGE} summary=Hello due='48 hrs'",
            'Due "48 hrs" is text, not a date.',
            "It reads as 2024-01-02",
        ),
        (
            f"{OPEN} ; {MESSAGE} entry=7 summary=Hello ; {MESSAGE} entry=7 summary=Bye",
            "Entry 7 is already in row 2 of Communications.",
            "Give the entry the next free number, 8.",
        ),
        (
            "cell Cases!C1=Opened",
            'The column Date Opened is missing (the nearest header found is "Opened").',
            "to Date Opened.",
        ),
        (
            "cell Cases!C1=X",
            'The column Date Opened is missing ("X" stands in its place).',
            'If "X" is that column, correct its header to Date Opened.',
        ),
        (
            f'{OPEN} ; resolution number=GTB-1 status="Full  Refund" date=2023-11-01',
            'Status "Full\u20392 spaces\u203aRefund" is not one of the accepted values.',
            "Did you mean Full Refund? Accepted: Pending",
        ),
        (
            'cell Cases!C1=""',
            "The column Date Opened is missing (what stands in its place has no header).",
            "If that is its column, type Date Opened there.",
        ),
        (
            "sheet Cases=cases2",
            'The sheet Cases is missing (the nearest name found is "cases2").',
            'If "cases2" is that sheet, rename it to Cases.',
        ),
        (
            "sheet Cases=Q",
            "The sheet Cases is missing (found: Q, Communications, Resolutions).",
            "Name the sheet with these rows to Cases.",
        ),
    ],
)
def test_the_first_finding_says_what_is_wrong_and_what_to_do(
    content: str, message: str, hint: str, tmp_path: Path
) -> None:
    first = next(finding for finding in _find(tmp_path, content) if finding.severity is Severity.ERROR)
    assert first.message == message
    assert hint in first.hint


def test_structure_stops_the_other_rules(tmp_path: Path) -> None:
    content = "sheet Resolutions=Results ; case number=GTB-123456 opened=2024-01-02"
    assert addresses(_find(tmp_path, content)) == ("RB001 Resolutions",)


def test_a_workbook_without_any_sheet_of_ours_misses_all_three() -> None:
    found = check_structure([], {})
    assert [finding.sheet for finding in found] == ["Cases", "Communications", "Resolutions"]
    assert found[0].message == "The sheet Cases is missing (found: none)."


CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "content",
    [
        f'{OPEN} notes="{CARD}"',
        f'{OPEN} payment="{CARD}"',
        f'{OPEN} ; {MESSAGE} summary="{CARD}" ; {MESSAGE} summary="{CARD}"',
        f'{OPEN} ; communication number=GTB-123456 date=2023-12-31 with="{CARD}" summary=Hello',
        f'{OPEN} customer="formula:A1|{CARD}"',
        f'{OPEN} notes="{CARD}_x0007_"',
        f'{OPEN} payment="{CARD} _x0007_"',
    ],
)
def test_no_finding_prints_a_card_number(content: str, tmp_path: Path) -> None:
    found = _find(tmp_path, content)
    assert found
    assert CARD not in " ".join(map(str, found)) + "".join(finding.value for finding in found)


def test_refunds_in_other_currencies_are_not_added_up(tmp_path: Path) -> None:
    refund = 'resolution number=GTB-123456 status="Partial Refund" date=2023-12-31 method=Card'
    content = (
        f"{OPEN} amount=50 currency=USD ; {refund} amount=50 currency=USD ; resolution number=GTB-123456 "
        f"status=Reopened ; {refund} amount=50 currency=EUR"
    )
    assert addresses(_find(tmp_path, content)) == ("RB352 Resolutions!E4",)


def test_resolutions_are_taken_in_the_order_in_which_they_were_logged(tmp_path: Path) -> None:
    content = (
        f"{OPEN} ; resolution number=GTB-123456 status=Denied date=2023-12-31 logged_at='2023-12-31 12:00' ; "
        "resolution number=GTB-123456 status=Pending logged_at='2023-12-31 11:00'"
    )
    assert _find(tmp_path, content) == []


def test_a_message_from_the_buyer_is_no_reply_of_support(tmp_path: Path) -> None:
    content = (
        "case number=GTB-123456 opened=2023-12-20 ; "
        "communication number=GTB-123456 date=2023-12-30 with=Buyer direction=Received summary=Hello"
    )
    assert addresses(_find(tmp_path, content)) == ("RB353 Cases!C2",)


@pytest.mark.parametrize(
    ("opened", "waited"),
    [
        ("2023-12-29 09:00", "51 hours"),
        ("2023-12-28 12:00", "3 days"),
        ("2023-12-28 13:00", "71 hours"),
        ("2023-12-20", "11 days"),
        ("2023-12-20 12:01", "10 days"),
    ],
)
def test_how_long_support_has_been_silent_is_said_in_hours_up_to_three_days(
    opened: str, waited: str, tmp_path: Path
) -> None:
    path = build(tmp_path / "t.xlsx", f"case number=GTB-123456 opened='{opened}'")
    [found] = load(path, strict=False, today=datetime(2023, 12, 31, 12)).check()
    assert f"({waited}; the target is 48 hours)" in found.message


def test_an_error_value_is_not_said_to_be_empty_too(tmp_path: Path) -> None:
    content = (
        f"{OPEN} ; resolution number=GTB-123456 status='Full Refund' date=2023-12-31 amount=error:#REF! method=Card"
    )
    assert addresses(_find(tmp_path, content)) == ("RB155 Resolutions!D2",)


def test_the_nearest_case_is_named_for_so_many_unknown_numbers_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(across, "MOST_SUGGESTIONS", most := 20)
    numbers = [f"GT{letter}-123456" for letter in ascii_uppercase if letter != "B"][: most + 1]
    unknown = [f"communication number={number} date=2023-12-31 with=Support summary=Hello" for number in numbers]
    hints = [found.hint for found in _find(tmp_path, " ; ".join([OPEN, *unknown])) if found.code == "RB301"]
    assert ["Did you mean" in hint for hint in hints] == [True] * most + [False]
