"""For every error rule: a workbook that breaks it is refused, and so is an entry that would break it, the file the same
byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import refundbook
from refundbook.base.findings import Severity
from refundbook.record.rules import RULES
from tests.support.command import run
from tests.support.gallery import TODAY, build, examples
from tests.support.samples import load, sample_at

ERRORS = [code for code, rule in RULES.items() if rule.severity is Severity.ERROR]


@dataclass(frozen=True)
class Breaking:
    """An entry that would break a rule in the sample workbook. `said` is the code in the refusal, where reading the
    value already refuses.
    """

    pillar: str
    fields: Mapping[str, object]
    said: str = ""


def case(**fields: object) -> Breaking:
    return Breaking("case", {"number": "GTB-789100", "opened": "2023-11-01", **fields})


def message(said: str = "", **fields: object) -> Breaking:
    needed = {"number": "GTB-789045", "date": "2023-11-03", "with": "Support", "summary": "Hello"}
    return Breaking("communication", {**needed, **fields}, said)


def end(number: str = "GTB-789045", status: str = "Denied", **fields: object) -> Breaking:
    return Breaking("resolution", {"number": number, "status": status, **fields})


STRUCTURE = "An entry has values only: it cannot change the workbook's sheets and headers."

ENTRIES: Mapping[str, Breaking | str] = {
    "RB001": STRUCTURE,
    "RB002": STRUCTURE,
    "RB003": STRUCTURE,
    "RB101": case(opened=""),
    "RB102": case(opened="someday"),
    "RB103": case(amount="a lot"),
    "RB104": Breaking("case", case(amount="-5").fields, said="RB103"),
    "RB105": end(status="Refunded"),
    "RB106": message(entry="0"),
    "RB107": case(notes="a\x07b"),
    "RB201": case(number="gtb-789012"),
    "RB202": message(entry=3),
    "RB203": case(opened="2023-11-06"),
    "RB204": message(date="2023-11-06"),
    "RB205": end(date="2023-11-06"),
    "RB206": message(due="2023-11-02"),
    "RB207": message(**{"Kept On": "2023-11-02"}),
    "RB208": message(**{"Logged At": "2023-11-02"}),
    "RB209": end(),
    "RB210": end(status="Pending", date="2023-11-03"),
    "RB211": end("GTB-789012", status="Pending"),
    "RB212": case(related=" gtb–789100"),
    "RB213": message(**{"Kept On": "2023-11-06"}),
    "RB214": case(**{"Answered On": "2023-11-06"}),
    "RB215": case(opened="2023-11-02", **{"Answered On": "2023-11-01"}),
    "RB301": message(number="GTB-789100"),
    "RB302": message(date="2023-10-27"),
    "RB303": end(date="2023-10-27"),
}
"""Error code to an entry that would break it, or to why no entry can."""


def test_the_table_has_every_error_rule_and_no_other() -> None:
    assert sorted(ENTRIES) == sorted(ERRORS)


@pytest.mark.parametrize("code", ERRORS)
def test_a_workbook_that_breaks_the_rule_is_refused_and_left_alone(code: str, tmp_path: Path) -> None:
    example = next(e for e in examples(code, RULES[code].doc) if e.expected)
    path = build(tmp_path / "t.xlsx", example.content)
    before = path.read_bytes()
    today = TODAY.isoformat()

    checked = run("check", book=path, today=today)
    assert checked.code == 1
    for found in example.expected:
        rule, where = found.split(" ")
        assert f"\n{where}: {RULES[rule].severity} {rule}: " in f"\n{checked.out}"

    place = next(found for found in example.expected if found.startswith(code)).split(" ")[1]
    for args in (["append", "case", "NEW-1", "--opened", today, "--no-inbox"], ["tracker"]):
        refused = run(*args, book=path, today=today)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith("refundbook: ")
        assert place in refused.err or len(example.expected) > 1
    assert path.read_bytes() == before
    with pytest.raises(refundbook.InvalidWorkbook) as caught:
        refundbook.load(path, today=TODAY)
    assert (code, place) in [(finding.code, finding.where) for finding in caught.value.report.errors]


@pytest.mark.parametrize("code", [code for code, entry in ENTRIES.items() if isinstance(entry, Breaking)])
def test_an_entry_that_would_break_the_rule_is_refused_and_nothing_is_written(code: str, tmp_path: Path) -> None:
    entry = ENTRIES[code]
    assert isinstance(entry, Breaking)
    path = sample_at(tmp_path / "t.xlsx")
    before = path.read_bytes()

    with pytest.raises(refundbook.EntryRefused) as caught, load(path) as book:
        book.append(entry.pillar, entry.fields)
    assert [finding.code for finding in caught.value.findings] == [entry.said or code]

    lines = tmp_path / "entries.jsonl"
    lines.write_text(json.dumps({"pillar": entry.pillar, **entry.fields}), encoding="utf-8")
    refused = run("append", "--from", lines, "--json", book=path)
    assert refused.code == 1
    assert [finding["code"] for finding in refused.json["refused"][0]["findings"]] == [entry.said or code]
    assert refused.err.startswith(f"refundbook: {lines}, line 1: ")
    assert path.read_bytes() == before


def test_the_entries_of_the_table_are_refused_for_nothing_else(tmp_path: Path) -> None:
    """The same entries without what breaks the rule are accepted."""
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        for entry in (case(), message(), end(date="2023-11-03")):
            book.append(entry.pillar, entry.fields)
    assert not load(path).check().errors
