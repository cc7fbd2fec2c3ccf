"""The chain of a history's lines, what is found when somebody tampers with it, and which changes are told."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.identifiers import canonical as canonical_number
from refundbook.base.settings import Settings
from refundbook.record.history.cells import (
    FORMULA,
    Plain,
    Row,
    canonical,
    row_at,
    row_before,
    rows_before,
    texts_before,
)
from refundbook.record.history.chain import BadLine, Change, Line, NewRow, joined, read_line, read_some, written
from refundbook.record.history.columns import renamed_columns
from refundbook.record.history.erase import only, without
from refundbook.record.history.formulas import is_same_formula
from refundbook.record.history.mention import mentions, of_case
from refundbook.record.history.state import changes_between, rows_after
from refundbook.record.history.verify import Claim, Verified, read_claim, verify
from refundbook.record.history.words import about_case, change_text, events
from refundbook.record.records import Log
from refundbook.record.taking_out import take_out
from tests.support.memory import records_of

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))


def case(number: str, **cells: Any) -> Row:
    return {"Case Number": number, "Date Opened": {"date": "2023-10-26"}, **cells}


def made(changes: Sequence[Sequence[Change]]) -> list[bytes]:
    previous, found = "0" * 64, []
    for number, of_line in enumerate(changes, 1):
        header = {"line": number, "previous": previous, "kind": "command", "workbook": f"{number:064}", "by": "zoë"}
        raw, head = written(header, of_line)
        previous = head.hash
        found.append(raw)
    return found


SMALL = made(
    [
        [Change("case", None, case("GTB-1")), Change("case", None, case("GTB-2", Customer="Ünal"))],
        [Change("case", case("GTB-1"), case("GTB-1", **{"Amount Requested": 49.9}))],
        [],
        [Change("case", case("GTB-2", Customer="Ünal"), None)],
    ]
)
HEAD = Claim(4, read_line(SMALL[-1][:-1]).hash)


def problems(lines: Sequence[bytes], claim: Claim | None = HEAD) -> list[int]:
    return [problem.line for problem in verify(lines, claim).problems]


def test_what_was_written_is_found_to_be_so() -> None:
    assert verify(SMALL, HEAD) == Verified(4, read_line_head(SMALL[-1]), ())
    assert verify(SMALL).problems == ()
    assert verify([]).problems == ()


def read_line_head(raw: bytes) -> Any:
    line = read_line(raw[:-1])
    return (line.header, line.hash)


def one_byte_changed() -> Iterator[list[bytes]]:
    whole = b"".join(SMALL)
    for at, byte in enumerate(whole):
        others = range(256) if LONG else (byte ^ 1, byte ^ 0x20)
        for other in others:
            if other != byte:
                yield (whole[:at] + bytes([other]) + whole[at + 1 :]).splitlines(keepends=True)


def test_any_byte_that_was_changed_is_found_without_a_head() -> None:
    unseen = [lines for lines in one_byte_changed() if not problems(_split(lines), None)]
    assert unseen == []


def _split(lines: Sequence[bytes]) -> list[bytes]:
    """As the file is read: at line feeds only."""
    return [part for part in re.split(rb"(?<=\n)", b"".join(lines)) if part]


def test_any_byte_put_in_or_taken_out_is_found_without_a_head() -> None:
    whole = b"".join(SMALL)
    for at in range(len(whole)):
        assert problems(_split([whole[:at] + whole[at + 1 :]]), None), at
        for new in (b" ", b"\n", b"0", b'"') if LONG else (b" ",):
            assert problems(_split([whole[:at] + new + whole[at:]]), None), (at, new)


def test_lines_removed_moved_and_doubled_are_found() -> None:
    for order in (order for n in range(1, 6) for order in itertools.product(range(4), repeat=n)):
        lines = [SMALL[at] for at in order]
        is_only_cut = order == tuple(range(len(order)))
        assert bool(problems(lines)) != (order == (0, 1, 2, 3)), order
        assert bool(problems(lines, None)) != is_only_cut, order


def test_a_cut_at_the_end_is_found_with_the_head_alone_and_in_its_words() -> None:
    assert not problems(SMALL[:2], None)
    (problem,) = verify(SMALL[:2], HEAD).problems
    assert "ends at line 2" in problem.message
    (problem,) = verify(SMALL[:2], Claim(None, HEAD.hash)).problems
    assert "cut off or made anew" in problem.message


def test_a_history_made_anew_is_found_with_the_head() -> None:
    anew = made([[Change("case", None, case("GTB-1"))], [], [], []])
    assert not problems(anew, None)
    assert problems(anew) == [4]


def test_an_older_head_is_found_in_a_history_that_went_on() -> None:
    second = read_line(SMALL[1][:-1]).hash
    assert not problems(SMALL, Claim(2, second))
    assert not problems(SMALL, Claim(None, second))


def test_a_change_can_be_left_out_for_its_digest_which_verify_points_out() -> None:
    line = read_line(SMALL[0][:-1])
    raw = joined([f'"{digest}"'.encode() for digest in line.digests], line.hash, canonical(line.header))
    blank = read_line(raw[:-1])
    assert (blank.hash, blank.changes) == (line.hash, (None, None))
    assert [p.message for p in verify([raw, *SMALL[1:]], HEAD).problems] == [
        "Line 1 has changes that are left out, and no line says that they were erased on request."
    ]


@pytest.mark.parametrize("text", ["12 " + "a" * 64, "A" * 64, f" 4   {'0' * 64}\n"])
def test_a_head_is_read_as_it_was_printed_or_copied(text: str) -> None:
    assert read_claim(text) is not None


@pytest.mark.parametrize("text", ["", "12", "a" * 63, "x 12 " + "a" * 64, "a" * 65])
def test_what_is_no_head_is_none(text: str) -> None:
    assert read_claim(text) is None


def test_the_verifier_of_the_page_agrees(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    script, journal = tmp_path / "verify.py", tmp_path / "journal.jsonl"
    script.write_text(code, encoding="utf-8")

    def ran(lines: Sequence[bytes]) -> subprocess.CompletedProcess[str]:
        journal.write_bytes(b"".join(lines))
        return subprocess.run([sys.executable, script, journal], capture_output=True, text=True, check=False)

    assert ran(SMALL).stdout == f"4 {HEAD.hash}\n"
    assert ran([SMALL[0], SMALL[1].replace(b"49.9", b"49.8"), *SMALL[2:]]).returncode == 1
    assert ran([*SMALL[:1], *SMALL[2:]]).returncode == 1
    assert len(code.strip().splitlines()) <= 24


# Rows

KINDS: list[tuple[object, Plain]] = [
    (True, True), (1, 1), (1.0, 1), (Decimal("1.00"), 1), ("1", "1"), (False, False), (0.1 + 0.2, 0.3), (Decimal("49.90"), 49.9),
    (None, None), ("", None), ("Ünal \"B\"", "Ünal \"B\""), (date(2023, 10, 26), {"date": "2023-10-26"}),
    (datetime(2023, 10, 26), {"date": "2023-10-26"}), (datetime(2023, 10, 26, 9, 30, 0, 7), {"date": "2023-10-26T09:30:00"}), (time_of_day(9), {"other": "09:00:00"}),
]  # fmt: skip


def log_of_kinds() -> Log:
    log = records_of([{"number": f"GTB-{n}", "notes": value} for n, (value, _) in enumerate(KINDS)]).cases
    log.extra["Mine"] = [value for value, _ in KINDS]
    log.extra["notes"] = ["theirs"] * len(KINDS)
    return log


def test_a_value_is_told_as_what_it_is_also_among_those_that_are_equal() -> None:
    log = log_of_kinds()
    rows = rows_before(log, [])
    assert [row.get("Notes") for row in rows] == [plain for _, plain in KINDS]
    assert [row.get("Mine") for row in rows] == [plain for _, plain in KINDS]
    assert [canonical(row.get("Mine")) for row in rows] == [canonical(plain) for _, plain in KINDS]
    assert {row["notes"] for row in rows} == {"theirs"}
    assert [row_at(log, at) for at in range(len(log))] == rows


def test_formulas_errors_and_what_was_corrected_stand_in_all_rows_as_in_one() -> None:
    log = log_of_kinds()
    log.formulas.add((1, "notes"))
    log.errors[2, "notes"] = "#REF!"
    log.own_formulas |= {(0, "Mine"), (1, "Mine"), (3, "notes")}
    log.replace(2, "notes", "Mended")
    log.replace(4, "Mine", "Mended")
    log.replace(4, "notes ", "ours")
    before = rows_before(log, [14])
    assert [row.get("Notes") for row in before[:3]] == [True, {"formula": True}, {"error": "#REF!"}]
    assert [row.get("Mine") for row in before[:5]] == [{"formula": True}, {"formula": True}, 1, 1, "1"]
    assert [row.get("notes") for row in before[:5]] == ["theirs", "theirs", "theirs", {"formula": True}, "theirs"]
    now = [row_at(log, at) for at in range(5)]
    assert (now[2]["Notes"], now[4]["Mine"], now[4]["notes"]) == ("Mended", "Mended", "ours")
    assert [row_before(log, at) for at in range(len(log) - 1)] == before


def test_a_formula_in_a_column_of_ones_own_that_was_corrected_is_none_any_more_until_that_is_undone() -> None:
    log = log_of_kinds()
    log.own_formulas |= {(1, "Mine"), (1, "notes")}
    undo = log.replace(1, "Mine", "Mended")
    log.replace(1, "notes", "ours, whose own name is theirs")
    assert [row_before(log, 1)[header] for header in ("Mine", "notes", "Notes")] == [FORMULA, FORMULA, 1]
    assert [row_at(log, 1)[header] for header in ("Mine", "notes")] == ["Mended", FORMULA]
    undo()
    assert row_at(log, 1)["Mine"] == FORMULA


def test_the_text_of_a_formula_is_told_when_it_is_corrected_and_goes_with_its_row() -> None:
    log = log_of_kinds()
    log.formulas |= {(2, "notes"), (3, "notes")}
    log.formula_texts |= {(2, "notes"): "1+1", (3, "notes"): "1+2"}
    take_out(log, 0)
    log.replace(2, "notes", "typed")
    assert [row["Notes"] for row in rows_before(log, [])[1:3]] == [{"formula": "1+1"}, {"formula": "1+2"}]
    assert [row_at(log, at)["Notes"] for at in (1, 2)] == [{"formula": "1+1"}, "typed"]


def test_a_history_begins_with_the_rows_as_they_would_be_told_one_by_one() -> None:
    log = log_of_kinds()
    log.own_formulas.add((0, "Mine"))
    rows = rows_before(log, [3])
    assert [*texts_before(log, [3])] == [canonical(row) for row in rows]
    one_by_one, at_once = (
        read_line(written({"line": 1, "previous": "", "kind": "begin", "workbook": ""}, changes)[0][:-1])
        for changes in (
            [Change("case", None, row) for row in rows],
            [NewRow("case", text) for text in texts_before(log, [3])],
        )
    )
    assert one_by_one.changes == at_once.changes


# Which changes are told

LOGS = ("case", "communication", "resolution")
TEXTS = st.sampled_from(["", "a", "b", "Full Refund", "USD"])
VALUES = st.one_of(TEXTS.filter(bool), st.integers(0, 5), st.just({"date": "2023-10-26"}))
HEADERS = st.sampled_from(["Case Number", "Entry", "Status", "Summary", "Amount", "Seller"])
ROWS = st.dictionaries(HEADERS, VALUES, min_size=1)
STATES = st.fixed_dictionaries({pillar: st.lists(ROWS, max_size=6) for pillar in LOGS})


def as_set(rows: Sequence[Row]) -> list[str]:
    return sorted(map(canonical, rows))


@given(STATES, STATES)
def test_the_changes_between_two_states_lead_from_the_one_to_the_other(before: Any, after: Any) -> None:
    begin = [Change(pillar, None, row) for pillar in LOGS for row in before[pillar]]
    lines = [_line(1, begin), _line(2, changes_between(before, after))]
    found = rows_after(lines)
    assert {pillar: as_set(found[pillar]) for pillar in LOGS} == {pillar: as_set(after[pillar]) for pillar in LOGS}


def _line(number: int, changes: Sequence[Change]) -> Line:
    raw, _ = written({"line": number, "previous": "", "kind": "command", "workbook": ""}, changes)
    return read_line(raw[:-1])


@given(STATES, st.randoms())
def test_rows_in_another_order_are_no_change(before: Any, random: Any) -> None:
    after = {pillar: random.sample(rows, len(rows)) for pillar, rows in before.items()}
    assert changes_between(before, after) == []


EMPTY: dict[str, list[Row]] = {pillar: [] for pillar in LOGS}


def told(before: Sequence[Row], after: Sequence[Row], pillar: str = "case") -> list[str]:
    return [change_text(change) for change in changes_between({**EMPTY, pillar: before}, {**EMPTY, pillar: after})]


def test_a_cell_is_told_with_what_it_was() -> None:
    assert told([case("GTB-1", Currency="JPY", **{"Amount Requested": 4990})], [case("GTB-1", Currency="JPY")]) == [
        "GTB-1, Amount Requested 4990 → blank"
    ]


def test_a_renamed_number_is_one_edit() -> None:
    other = case("GTB-9", Customer="Bo")
    assert told([case("GTB-1", Customer="Ana"), other], [other, case("GTB-2", Customer="Ana")]) == [
        "GTB-1, Case Number GTB-1 → GTB-2"
    ]


def test_another_case_in_the_place_of_one_is_no_edit_of_it() -> None:
    old = case("GTB-1", Customer="Ana", Item="Shoes", Notes="x")
    new = {**case("GTB-2", Customer="Bo"), "Date Opened": {"date": "2023-11-02"}}
    assert told([old], [new]) == [
        "GTB-2: new case: Date Opened 2023-11-02; Customer Bo",
        "GTB-1: removed case: Date Opened 2023-10-26; Customer Ana; Item Shoes; Notes x",
    ]


def test_a_formula_that_is_filled_down_in_a_column_of_ones_own_is_no_edit_and_one_in_a_values_place_is() -> None:
    formula = {"formula": True}
    assert told([case("GTB-1")], [case("GTB-1", Seller=formula)]) == []
    assert told([case("GTB-1", Seller="Nine")], [case("GTB-1", Seller=formula)]) == ["GTB-1, Seller Nine → a formula"]
    assert told([case("GTB-1")], [case("GTB-1", Notes=formula)]) == ["GTB-1, Notes blank → a formula"]


class Counted(dict[str, Any]):
    """A row that counts how often it is compared."""

    compared = 0
    __hash__ = None

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)


def test_many_rows_that_nothing_tells_apart_are_not_compared_each_with_each() -> None:
    before = [Counted({"Customer": f"C{n}"}) for n in range(300)]
    assert changes_between({**EMPTY, "case": before}, {**EMPTY, "case": before[::-1]}) == []
    assert Counted.compared < 3_000


def test_a_formula_that_never_ends_takes_no_time() -> None:
    assert not is_same_formula("'" * 200_001, "'" * 200_000)


@pytest.mark.skipif(
    not LONG, reason="how fast the machine is, and what else it has to do, is no property of refundbook"
)
def test_a_years_history_is_verified_in_a_second() -> None:
    row = {
        **case("GTB-1"),
        "Entry": 7,
        "Summary": "Support requested 48 hrs for investigation, and promised to call back.",
    }
    lines = made([[Change("communication", None, row)]] * 20_000)
    begin = time.process_time()
    assert verify(lines).problems == ()
    assert time.process_time() - begin < 1


SAME = [
    ("49.90", "49.9"), ("1E3", "1000"), ("J2*2", "J3 * 2"), ("sum(A2:A9)", "SUM( $A$2:A10 )"), ("'My sheet'!B5", "Other!C7"), ("TRUE", "true()"),
    ("Cases[[#This Row],[Case Number]]", "[@[Case Number]]"), ("_xlfn.CONCAT(A2)", "CONCAT(B2)"), ("Cases[@Amount]", "J2"),
]  # fmt: skip
OTHERS = [
    ("49.90", "499"), ("J2*2", "J2*3"), ("SUM(A2:A9)", "MAX(A2:A9)"), ('"a b"', '"a  b"'), ('"a"', '"A"'), ('"A2"', '"A3"'), ("LOG10(5)", "LOG2(5)"),
    ("J2", "J2*1"), ("Rate", "Rates"), ("TRUE", "FALSE"), ('"TRUE"', '"true"'), ("", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [*SAME, *OTHERS])
def test_a_formula_is_another_only_where_somebody_typed_another(one: str, other: str) -> None:
    assert is_same_formula(one, other) == ((one, other) in SAME)
    assert is_same_formula(one, one)


def formula(text: str) -> Row:
    return case("GTB-1", Notes={"formula": text} if text else {"formula": True}, Seller={"formula": True})


def test_another_formula_in_one_of_our_columns_is_told_and_one_whose_text_is_not_known_is_not() -> None:
    assert told([formula("49.9")], [formula("499")]) == ["GTB-1, Notes the formula =49.9 → the formula =499"]
    assert told([formula("J2*2")], [formula("J9 * 2")]) == []
    assert told([formula("")], [formula("499")]) == []
    assert told([formula("499")], [formula("")]) == []


def test_a_command_that_does_not_know_a_formula_leaves_it_as_it_was() -> None:
    line = _line(2, [Change("case", case("GTB-1"), {**formula(""), "Customer": "Bo"})])
    (row,) = rows_after([_line(1, [Change("case", None, formula("49.9"))]), line])["case"]
    assert row == {**formula("49.9"), "Customer": "Bo"}


def test_a_column_is_renamed_only_where_it_is_gone_and_another_says_the_same() -> None:
    before = {**EMPTY, "case": [case("GTB-1", Customer="Bo"), case("GTB-2", Customer="Ann"), case("GTB-3")]}
    after = {**EMPTY, "case": [case("GTB-2", Shop="Ann"), case("GTB-3", Own="x"), case("GTB-1", Shop="Bea")]}
    headers = {"case": {"Case Number", "Shop", "Own"}, "communication": set[str](), "resolution": set[str]()}
    assert renamed_columns(before, after, headers) == {"case": {"Customer": "Shop"}}
    assert renamed_columns(before, after, {**headers, "case": {"Customer", "Shop"}}) == {}
    assert renamed_columns(before, {**EMPTY, "case": [case("GTB-2", Shop="Bo")]}, headers) == {}


def test_what_looks_the_same_and_is_not_is_told_with_what_it_is() -> None:
    assert told([case("GTB-1", Seller=5)], [case("GTB-1", Seller="5")]) == ["GTB-1, Seller 5 (a number) → 5 (a text)"]


def test_a_long_line_that_was_read_before_is_told_from_one_that_was_changed() -> None:
    (raw,) = made([[Change("case", None, case("GTB-1", Notes="x" * (1 << 20)))]])
    line = read_line(raw[:-1])
    assert read_line(raw[:-1]) == line
    assert [problem.line for problem in verify([raw.replace(b"xx", b"xy", 1)]).problems] == [1]
    assert verify([raw]).problems == ()


SPELLED = (
    *("GTB-1", "gtb-1", " GTB-1 ", "GTB\u20131", "\uff27TB-1", "G\u200bTB-1", "GTB-1\u00a0", "GTB-1\t"),
    *("GTB-10", "XGTB-1", "A B-1", "a  B-1", "A\u00a0b-1", 'Q"1', "back\\\\1", "7", 7, 7.5, "7.5", True, 70, ""),
    *({"formula": True}, {"error": "#REF!"}, {"date": "2023-10-26"}, "\u00dc-1", "\u00fc-1", "U\u0308-1"),
)
"""Case numbers as they stand in cells: many of these are one number."""
NOTES = st.sampled_from(["", '"Case Number":"GTB-1"', ',{"after":', '],"hash":"', '"},{"after":{}', "}", "GTB-1"])


def key_of(number: str) -> str:
    return canonical_number(number, Settings().issuers)


@st.composite
def histories(draw: st.DrawFn) -> list[bytes]:
    numbers, own = st.sampled_from(SPELLED), st.sampled_from(["Notes", "after", "salt", "pillar"])
    rows = st.builds(lambda number, header, note: {"Case Number": number, header: note}, numbers, own, NOTES)
    kinds = st.sampled_from(["case", "communication", "resolution"])
    changes = st.builds(Change, kinds, st.none() | rows, rows) | st.builds(Change, kinds, rows, st.none())
    lines = made(draw(st.lists(st.lists(changes, max_size=5), min_size=1, max_size=4)))
    return [without(raw, draw(st.sets(st.integers(0, 4), max_size=2))) for raw in lines]


@given(histories(), st.sampled_from([key_of(text) for text in SPELLED if isinstance(text, str)][:-4]))
def test_of_one_case_is_told_what_is_found_by_reading_all_of_the_history(raw_lines: list[bytes], key: str) -> None:
    whole = [read_line(raw[:-1]) for raw in raw_lines]
    is_meant = about_case(whole, key, key_of)
    lines, may_be, is_of_case = of_case(lambda may_be: [read_some(raw[:-1], may_be) for raw in raw_lines], key, key_of)
    assert [line._replace(changes=()) for line in lines] == [line._replace(changes=()) for line in whole]
    assert events(lines, is_of_case) == [
        event._replace(currencies=told.currencies)
        for event, told in zip(events(whole, is_meant), events(lines, is_of_case), strict=True)
    ]
    left_out = [
        without(raw, {at for at, change in enumerate(line.changes) if change is not None and not is_meant(change)})
        for raw, line in zip(raw_lines, whole, strict=True)
    ]
    assert list(only(raw_lines, may_be, is_of_case)) == left_out


def test_of_one_case_no_change_of_another_is_read_that_is_plainly_written() -> None:
    raw = made([[Change("case", None, case(f"GTB-{n}")) for n in range(1, 200)]])[0][:-1]
    line = read_some(raw, mentions({"gtb-17"}))
    assert [change and change.number for change in line.changes] == ["GTB-17"]
    assert line._replace(changes=()) == read_line(raw)._replace(changes=())


def test_any_byte_that_was_changed_is_found_where_only_one_case_is_read() -> None:
    for raw in SMALL:
        for at in range(len(raw) - 1):
            other = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 : -1]
            with pytest.raises(BadLine):
                read_some(other, mentions({"gtb-1"}))
