"""Numbers in several spellings: what looks alike, and what is said about it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook import load
from refundbook.base.identifiers import canonical
from refundbook.base.lookalikes import how_they_differ, look_alike
from tests.support.books import filled

pytestmark = pytest.mark.slow

OPENED = date(2023, 10, 26)
TODAY = date(2023, 10, 27)


def alike(a: str, b: str) -> bool:
    return look_alike(canonical(a, ())) == look_alike(canonical(b, ()))


@pytest.mark.parametrize(
    ("a", "b", "are"),
    [
        ("gtb-10", "gtb-lO", True),
        ("I1l", "111", True),
        ("O0o", "000", True),
        ("AB", "ab", True),
        ("gtb-1", "gtb-2", False),
        ("5", "S", False),
        ("1-2", "12", True),
        ("GTB-1001", "GTB-10-01", True),
        ("GTB-1001", "GTB-1010", False),
        ("789012", "00789012", True),
        ("GTB-789012", "GTB-00789012", True),
        ("GTB-10", "GTB-100", False),
        ("GTB-0", "GTB-00", True),
        ("GTB-0", "GTB-", False),
        ("GTB-101", "GTB-11", False),
        ("СОРЕ-1", "COPE-1", True),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", True),
        ("АВЕКМНОРСТХЅІЈУЗ", "ABEKMHOPCTXSIJY3", True),
        ("GTB-١٢٣", "GTB-123", True),
        ("Я-1", "R-1", False),
        ("山田-1", "山田-2", False),
    ],
)
def test_look_alikes(a: str, b: str, are: bool) -> None:
    assert alike(a, b) is are


SPELLINGS = ["GTB100011", "GTB 100011", "GTB_100011", "#GTB-100011", "GTB/100011", "GTВ-100011", "GTB-0100011", "GTB-1OO0ll"]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_case_in_another_spelling_is_pointed_out_at_entry_and_in_check(tmp_path: Path, spelling: str) -> None:
    path = filled(tmp_path / "t.xlsx", [{"number": "GTB-100011", "opened": OPENED}], [], [])
    with load(path, today=TODAY) as book:
        entered = book.append_case(spelling, opened=OPENED)
    (said,) = [finding for finding in entered.warnings if finding.code == "RB251"]
    assert "GTB-100011 in row 2" in said.message
    assert said in load(path, today=TODAY).check().findings


@pytest.mark.parametrize(
    ("other", "how"),
    [
        ("gtb100011", "blanks, dashes or other signs"),
        ("gtb-0100011", "leading zeros"),
        ("gtb-1000ll", "characters that look alike"),
        ("gtв-100011", "characters that look alike (в is Cyrillic)"),
        ("#gtb-00100011", "blanks, dashes or other signs and leading zeros"),
        ("GTB-100011", "upper and lower case"),
    ],
)
def test_it_is_said_by_what_two_numbers_differ(other: str, how: str) -> None:
    assert how_they_differ("gtb-100011", other) == how


NUMBERS = st.text(st.one_of(st.characters(exclude_characters="\n"), st.sampled_from("0O1lI-_ #ABавΝν٣")), max_size=10)


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_many_numbers_look_as_each_does(numbers: list[str]) -> None:
    keys = [key for number in numbers if "\n" not in (key := canonical(number, ()))]
    assert look_alike("\n".join(keys)).split("\n") == ([look_alike(key) for key in keys] or [""])


@given(NUMBERS, st.sampled_from("-_ #/.:'"), st.integers(0, 10))
def test_a_sign_more_makes_no_difference(number: str, sign: str, at: int) -> None:
    key = canonical(number, ())
    assert look_alike(key[:at] + sign + key[at:]) == look_alike(key)
