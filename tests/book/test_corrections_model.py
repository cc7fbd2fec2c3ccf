"""Any sequence of entries, corrections and undos against a simple model, by what is known of the workbook and by reading all
of it: both come to the same file.
"""

from __future__ import annotations

import shutil
import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refundbook
from refundbook.base.errors import RefundbookError
from tests.support import packages
from tests.support.own_checks import own_findings
from tests.support.samples import TODAY
from tests.support.warm import readings, without_cache

pytestmark = pytest.mark.slow

NUMBERS = ["GTB-700001", "GTB-700002", "PP-1", "pp-1", "GTB-9"]
Step = tuple[Any, ...]
numbers = st.sampled_from(NUMBERS)
words = st.sampled_from(["Ann", "=1+1", "", "Zoë", "007"])
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("case"), numbers, words),
    st.tuples(st.just("message"), numbers, words),
    st.tuples(st.just("amend"), numbers, st.sampled_from(["Customer", "Seller"]), words),
    st.tuples(st.just("relate"), numbers, numbers),
    st.tuples(st.just("move"), st.integers(1, 4), numbers),
    st.tuples(st.just("correct"), st.integers(1, 4), words),
    st.tuples(st.just("rename"), numbers, numbers),
    st.tuples(st.just("undo")),
    st.tuples(st.just("undo")),
)


@dataclass
class Model:
    """Cases by number, case-folded: how the number is written, and the columns; and messages in order."""

    cases: dict[str, dict[str, str | None]] = field(default_factory=dict)
    messages: list[dict[str, str | None]] = field(default_factory=list)
    newest: tuple[Any, Any] | None = None
    """What the newest change led from, and what it led to."""

    def take(self, step: Step) -> bool:
        """Do it, or give False where it is refused."""
        before = deepcopy((self.cases, self.messages))
        done: bool = getattr(self, step[0])(*step[1:])
        after = deepcopy((self.cases, self.messages))
        if done and after != before and step[0] != "undo":
            self.newest = before, after
        return done

    def undo(self) -> bool:
        if self.newest is None:
            return False
        self.newest = self.newest[1], self.newest[0]
        self.cases, self.messages = deepcopy(self.newest[1])
        return True

    def case(self, number: str, customer: str) -> bool:
        if number.lower() in self.cases:
            return False
        fields = {"number": number, "Customer": customer or None, "Seller": None, "Related Case": None}
        self.cases[number.lower()] = fields
        return True

    def message(self, number: str, text: str) -> bool:
        if number.lower() not in self.cases or not text:
            return False
        self.messages.append({"case": number.lower(), "text": text})
        return True

    def amend(self, number: str, header: str, value: str) -> bool:
        if number.lower() not in self.cases:
            return False
        self.cases[number.lower()][header] = value or None
        return True

    def relate(self, number: str, other: str) -> bool:
        if number.lower() not in self.cases or number.lower() == other.lower():
            return False
        known = self.cases.get(other.lower())
        self.cases[number.lower()]["Related Case"] = other if known is None else known["number"]
        return True

    def move(self, entry: int, number: str) -> bool:
        if entry > len(self.messages) or number.lower() not in self.cases:
            return False
        self.messages[entry - 1]["case"] = number.lower()
        return True

    def correct(self, entry: int, text: str) -> bool:
        if entry > len(self.messages) or not text:
            return False
        self.messages[entry - 1]["text"] = text
        return True

    def rename(self, old: str, new: str) -> bool:
        if old.lower() not in self.cases or (new.lower() in self.cases and new.lower() != old.lower()):
            return False
        moved = self.cases[old.lower()]
        related = moved["Related Case"]
        if related is not None and related.lower() == new.lower():
            return False
        moved["number"] = new
        self.cases = {new.lower() if key == old.lower() else key: case for key, case in self.cases.items()}
        for case in self.cases.values():
            if (case["Related Case"] or "").lower() == old.lower():
                case["Related Case"] = new
        for message in self.messages:
            message["case"] = new.lower() if message["case"] == old.lower() else message["case"]
        return True


def do(path: Path, step: Step) -> bool:
    """The same with a workbook."""
    verb, *args = step
    try:
        with refundbook.edit(path, today=TODAY, user="ana") as book:
            if verb == "case":
                book.append_case(args[0], opened="2023-10-26", customer=args[1])
            elif verb == "message":
                book.append_communication(args[0], date="2023-10-27", with_="Buyer", summary=args[1])
            elif verb in ("amend", "relate"):
                header, value = args[1:] if verb == "amend" else ("Related Case", args[1])
                book.amend(args[0], header, value)
            elif verb in ("move", "correct"):
                book.amend(args[0], "Case Number" if verb == "move" else "Summary", args[1])
            elif verb == "undo":
                book.undo()
            else:
                book.rename(*args)
    except RefundbookError:
        return False
    return True


def held(path: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What a workbook holds, in the terms of the model."""
    records = refundbook.load(path, today=TODAY).records
    cases, log = records.cases, records.communications
    columns = {"number": cases["number"], "Customer": cases["customer"], "Seller": cases.extra["Seller"]}
    columns["Related Case"] = cases["related"]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return rows, [{"case": key, "text": text} for key, text in zip(log.keys, log["summary"], strict=True)]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from refundbook.base.schema import CASES
    from refundbook.storage.add_column import add_column

    path = tmp_path_factory.mktemp("model") / "start.xlsx"
    refundbook.create(path)
    add_column(path, CASES, "Seller", today=TODAY)
    return path


@settings(max_examples=12, deadline=None)
@given(steps=st.lists(STEPS, min_size=4, max_size=12))
def test_any_sequence_comes_to_what_the_model_says(start: Path, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory(prefix="refundbook-model-") as folder:
        warm, cold = (Path(shutil.copyfile(start, Path(folder) / f"{name}.xlsx")) for name in ("warm", "cold"))
        model, is_known = Model(), False
        for step in steps:
            before = warm.read_bytes()
            expected = model.take(step)
            with readings() as read:
                assert do(warm, step) == expected, step
            # Where no entry of a sheet is left, all of it is read.
            is_emptied = step[0] == "undo" and not (model.cases and model.messages)
            assert not (expected and is_known and read.count) or is_emptied, step
            is_known |= expected
            with without_cache():
                assert do(cold, step) == expected, step
            if not expected:
                assert warm.read_bytes() == before
        assert held(warm) == (list(model.cases.values()), model.messages)
        ours, theirs = packages.parts(warm), packages.parts(cold)
        assert [name for name in ours if ours[name] != theirs[name]] == []
        assert own_findings(warm) == []
