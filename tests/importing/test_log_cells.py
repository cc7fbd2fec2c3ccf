"""A cell that holds a case's whole log: what of it is new when it comes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.importing.log_cells import digest_of, new_part

FIRST = "2023-10-28 Asked for photos.\n2023-10-29 Sent them."


@pytest.mark.parametrize(
    ("now", "new"),
    [
        (FIRST, ""),
        ("2023-10-28  asked for photos.\r\n\r\n2023-10-29 Sent them", ""),  # another writing of the same
        (f"{FIRST}\n2023-11-02 They pay.\nWait.", "2023-11-02 They pay.\nWait."),  # the newest last
        (f"2023-11-02 They pay.\n{FIRST}", "2023-11-02 They pay."),  # the newest first
        ("2023-10-28 Asked for photos.\nWith a ruler.\n2023-10-29 Sent them.", "With a ruler."),
        (f"{FIRST} They pay. | Wait", "They pay. | Wait"),
        (f"{FIRST}\n{FIRST}", FIRST),  # said twice, and meant twice
        ("2023-10-28 Asked for photographs.\n2023-10-29 Sent them.", "2023-10-28 Asked for photographs."),
        ("They refuse.", "They refuse."),
        ("", ""),
    ],
)
def test_what_is_new_in_a_cell_that_has_grown(now: str, new: str) -> None:
    assert new_part(now, "A-1", {digest_of("a-1", FIRST)}, [FIRST]) == new
    assert new_part(now, "A-1", (), [FIRST]) == new  # a workbook in which no report says what was there


def test_what_was_corrected_by_hand_does_not_come_again() -> None:
    assert new_part(f"{FIRST}\nThey pay.", "A-1", {digest_of("A-1", FIRST)}, ["Corrected."]) == "They pay."


def test_what_was_logged_by_hand_meanwhile_is_no_news() -> None:
    grown = f"{FIRST}\nThey pay.\nOn Monday."
    assert new_part(grown, "A-1", {digest_of("A-1", FIRST)}, [FIRST, "they PAY"]) == "On Monday."


def test_the_log_of_another_case_teaches_nothing() -> None:
    assert new_part(FIRST, "A-1", {digest_of("A-2", FIRST)}, []) == FIRST


PIECES = st.lists(st.sampled_from(["They pay.", "Asked again.", "No answer", "x"]), max_size=6)


@given(PIECES, PIECES, st.booleans())
def test_a_log_and_what_it_grew_by(old: list[str], more: list[str], is_newest_first: bool) -> None:
    before = "\n".join(old)
    after = "\n".join([*more, *old] if is_newest_first else [*old, *more])
    found = new_part(after, "A-1", (), [before])
    assert sorted(filter(None, found.split("\n"))) == sorted(more)
    assert new_part(after, "A-1", (), [before, found]) == ""
    assert new_part(after, "A-1", {digest_of("A-1", after)}, []) == ""
