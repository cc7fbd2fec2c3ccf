"""What a rule's decorator says of it is true: how much it looks at, and when it is passed over. The lists of codes
follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings

from refundbook.base.findings import Finding
from refundbook.record import rules
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules import RULES, check
from refundbook.record.rules.declare import Scope
from refundbook.storage.load import read_contents
from tests.support.any_records import any_records
from tests.support.gallery import TODAY, build, examples

pytestmark = pytest.mark.slow

Said = list[tuple[str, ...]]

STRUCTURE = {"RB001", "RB002", "RB003"}
OF_A_ROW = {"RB101", "RB102", "RB103", "RB104", "RB105", "RB106", "RB107", "RB203", "RB204", "RB205", "RB206", "RB207", "RB208", "RB209", "RB210", "RB212", "RB213", "RB214", "RB215"}  # fmt: skip
OF_SEVERAL_ROWS = {"RB201", "RB202", "RB211", "RB301", "RB302", "RB303"}
OF_AN_ENTRY = {"RB151", "RB152", "RB153", "RB154", "RB155", "RB156", "RB159", "RB161", "RB162", "RB163", "RB164", "RB166", "RB251", "RB252", "RB255", "RB256", "RB257", "RB258", "RB259", "RB260", "RB261", "RB351", "RB352", "RB354", "RB355"}  # fmt: skip
OF_TIME_GONE_BY = {"RB253", "RB254", "RB353"}
OF_NO_ENTRY = {"RB262"}
FOUND_ELSEWHERE = {"RB157", "RB158", "RB160", "RB171", "RB172", "RB173", "RB271", "RB272", "RB451"}


def test_the_lists_of_codes_that_follow_from_the_decorators() -> None:
    """A rule more or less changes them, and whoever adds one decides here too to which it belongs."""
    assert rules.ERRORS == STRUCTURE | OF_A_ROW | OF_SEVERAL_ROWS
    assert rules.ERRORS_OF_A_ROW == OF_A_ROW
    assert rules.WARNINGS_OF_AN_ENTRY == OF_AN_ENTRY
    assert {"RB259", "RB260", "RB261"} == rules.ABOUT_THE_SHEET
    assert rules.LEFT_OUT == "RB257"
    assert set(RULES) == rules.ERRORS | OF_AN_ENTRY | OF_TIME_GONE_BY | OF_NO_ENTRY | FOUND_ELSEWHERE


def test_every_module_that_declares_a_rule_is_in_the_tuple() -> None:
    folder = Path(rules.__file__).parent
    declare = {path.stem for path in folder.glob("*.py") if ", scope=Scope." in path.read_text(encoding="utf-8")}
    assert {Path(str(module.__file__)).stem for module in rules.MODULES} == declare - {"declare"}


# Parts of a workbook: a rule finds in its part alone what it finds there among all


def part(records: Records, at: Positions, name: str = "") -> Records:
    """The records with the rows at these positions only, where they stand; with a `name` only that column's cells."""
    cases, messages, endings = (_part(log, at.get(log.sheet.name, ()), name) for log in records.logs)
    return Records(cases, messages, endings, records.settings, records.clock)


def _part(log: Log, at: Sequence[int], name: str) -> Log:
    only = Log(log.sheet, log.issuers, log.letters, columns={name: [] for name in log.columns})
    for i in at:
        only.add({n: values[i] for n, values in log.columns.items() if name in ("", n)}, log.rows[i])
    position = {i: k for k, i in enumerate(at)}
    for marks in ("formulas", "errors", "turned", "merged"):
        known = getattr(log, marks)
        kept = {(position[i], n): known[i, n] if isinstance(known, dict) else None for i, n in known if i in position}
        setattr(only, marks, kept if isinstance(known, dict) else set(kept))
    only.numeric = {position[i] for i in log.numeric if i in position}
    return only


def said(found: list[Finding]) -> Said:
    """What is found, without the advice, which may come from anywhere."""
    return sorted((finding.where, finding.code, finding.message) for finding in found)


def of_each_cell(records: Records, codes: set[str]) -> list[Finding]:
    """What is found in each cell where there is no other."""
    return [
        finding
        for log in records.logs
        for i in range(len(log))
        for column in log.sheet.columns
        if column.name in log.letters
        for finding in check(part(records, {log.sheet.name: [i]}, column.name), codes=codes)
        if finding.cell.rstrip("0123456789") == log.letters[column.name]
    ]


def of_each_row(records: Records, codes: set[str]) -> list[Finding]:
    """What is found in each row where there is no other."""
    rows = ({log.sheet.name: [i]} for log in records.logs for i in range(len(log)))
    return [finding for at in rows for finding in check(part(records, at), codes=codes)]


def of_each_case(records: Records, codes: set[str]) -> list[Finding]:
    """What is found in each case's rows where there is no other case."""
    return [finding for at in _cases(records) for finding in check(part(records, at), codes=codes)]


def _cases(records: Records) -> Iterator[Mapping[str, Sequence[int]]]:
    keys = {key for log in records.logs for key in log.keys}
    groups = {frozenset(records.case_keys.in_group_of(key)) for key in keys if key}
    yield from (records.about(group) for group in groups)
    yield from ({log.sheet.name: [i]} for log in records.logs for i, key in enumerate(log.keys) if not key)


def codes_of(*scopes: Scope) -> set[str]:
    return {code for code, rule in RULES.items() if rule.scope in scopes}


@settings(max_examples=40)
@given(any_records(junk=True))
def test_a_rule_on_cells_finds_the_same_where_there_is_no_other_cell(records: Records) -> None:
    """How a value is put into words may depend on others: an amount is shown with its currency's decimals."""
    codes = codes_of(Scope.CELL)
    alone, among_all = of_each_cell(records, codes), check(records, codes=codes)
    assert sorted((f.where, f.code) for f in alone) == sorted((f.where, f.code) for f in among_all)


@given(any_records(junk=True))
def test_a_rule_on_rows_finds_the_same_where_there_is_no_other_row(records: Records) -> None:
    """So that of old rows it has nothing to say when a new one is entered."""
    codes = codes_of(Scope.CELL, Scope.ROW)
    assert said(of_each_row(records, codes)) == said(check(records, codes=codes))


@given(any_records(junk=False))
def test_a_rule_on_cases_finds_the_same_where_there_is_no_other_case(records: Records) -> None:
    """So that an entry is judged by the rows of its case."""
    codes = codes_of(Scope.CELL, Scope.ROW, Scope.CASE)
    assert said(of_each_case(records, codes)) == said(check(records, codes=codes))


NARROWER: Mapping[Scope, Callable[[Records, set[str]], list[Finding]]] = {
    Scope.ROW: of_each_cell,
    Scope.CASE: of_each_row,
    Scope.LOGS: of_each_case,
}
MESSAGE = "date=2023-12-31 with=Support summary=Hello"
FURTHER = {
    "RB202": f"communication entry=1 number=GTB-1 {MESSAGE} ; communication entry=1 number=GTB-2 {MESSAGE}",
    "RB254": " ; ".join(f"case number=GTB-{n} opened=2023-12-01 logged_at=2023-12-31" for n in range(21)),
}
"""Examples that are not on the rules' page, because they say nothing to people."""


@pytest.mark.parametrize("code", [code for code, rule in sorted(RULES.items()) if rule.scope in NARROWER])
def test_no_rule_looks_at_less_than_it_says(code: str, tmp_path: Path) -> None:
    """Else a wrong scope would go unseen: every rule is true of all rows."""
    contents = [example.content for example in examples(code, RULES[code].doc)]
    needs_others = False
    for n, content in enumerate([*contents, *([FURTHER[code]] if code in FURTHER else [])]):
        records = read_contents(build(tmp_path / f"{n}.xlsx", content).read_bytes(), "book", TODAY).records
        assert records is not None
        alone = NARROWER[RULES[code].scope](records, {code})
        needs_others |= said(alone) != said(check(records, codes={code}))
    assert needs_others


ENOUGH: Mapping[Scope, Callable[[Records, set[str]], list[Finding]]] = {
    Scope.CELL: of_each_cell,
    Scope.ROW: of_each_row,
    Scope.CASE: of_each_case,
}


@pytest.mark.parametrize("code", [code for code, rule in sorted(RULES.items()) if rule.scope in ENOUGH])
def test_no_rule_looks_at_more_than_it_says(code: str, tmp_path: Path) -> None:
    for n, example in enumerate(examples(code, RULES[code].doc)):
        records = read_contents(build(tmp_path / f"{n}.xlsx", example.content).read_bytes(), "book", TODAY).records
        assert records is not None
        assert said(ENOUGH[RULES[code].scope](records, {code})) == said(check(records, codes={code}))


@given(any_records(junk=True))
def test_a_rule_that_is_passed_over_would_have_found_nothing(records: Records) -> None:
    everything = records.everything()
    for code, rule in RULES.items():
        if rule.unless and rule.unless(records, everything):
            assert list(rule.find(records, everything)) == [], code


@pytest.mark.parametrize("code", sorted(codes_of(Scope.BELOW, Scope.SHEET)))
def test_what_is_around_the_rows_is_looked_at_with_any_row_or_with_all(code: str, tmp_path: Path) -> None:
    found = False
    for n, example in enumerate(examples(code, RULES[code].doc)):
        two = f"{example.content} ; case number=GTB-999999 opened=2023-12-31"
        records = read_contents(build(tmp_path / f"{n}.xlsx", two).read_bytes(), "book", TODAY).records
        assert records is not None
        of_all = check(records, codes={code})
        of_one = check(records, {log.sheet.name: [] if not len(log) else [0] for log in records.logs}, {code})
        found |= bool(of_all)
        if RULES[code].scope is Scope.SHEET:
            assert of_one == of_all
        else:
            assert not [finding for finding in of_one if finding.sheet == "Cases"]
    assert found
