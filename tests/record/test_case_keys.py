"""Whether upper and lower case differ in a number: as the Issuer of its case says, on all three sheets, however the
rows came there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook import EntryRefused, UnknownEntry, load
from refundbook.base.clock import Clock
from refundbook.base.schema import SHEETS
from refundbook.base.settings import Settings
from refundbook.record.records import Log, Records
from tests.support.books import filled
from tests.support.command import run

pytestmark = pytest.mark.slow

OPENED = date(2023, 10, 26)
TODAY = date(2023, 10, 27)


def case(number: str, issuer: str | None = "Stripe") -> dict[str, object]:
    return {"number": number, "issuer": issuer, "opened": OPENED}


def message(number: str, summary: str = "Hello") -> dict[str, object]:
    return {"number": number, "date": OPENED, "with_": "Buyer", "summary": summary}


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two cases of Stripe's, of no pattern of its, with a message each."""
    return filled(
        tmp_path / "t.xlsx",
        [case("pi_1Ab"), case("pi_1aB")],
        [message("pi_1Ab", "One."), message("pi_1aB", "Two.")],
        [],
    )


def summaries(path: Path, number: str) -> list[object]:
    return [said["Summary"] for said in load(path, today=TODAY).case_file(number).messages]


def test_numbers_of_a_case_sensitive_issuer_are_two_on_every_sheet(two: Path) -> None:
    assert (summaries(two, "pi_1Ab"), summaries(two, "pi_1aB")) == (["One."], ["Two."])
    with pytest.raises(UnknownEntry):
        summaries(two, "PI_1AB")


@pytest.mark.parametrize("cache", ["on", "off"])
def test_at_the_shell_too(tmp_path: Path, cache: str) -> None:
    path = tmp_path / "t.xlsx"
    env = {} if cache == "on" else {"REFUNDBOOK_CACHE": "off"}
    assert run("init", str(path)).code == 0
    for number in ("pi_1Ab", "pi_1aB"):
        added = run(
            "append",
            "case",
            number,
            "--opened",
            "2023-10-26",
            "--issuer",
            "stripe",
            book=path,
            today="2023-10-27",
            **env,
        )
        assert (added.code, "RB201" in added.err) == (0, False), added
    again = run(
        "append", "case", "pi_1aB", "--opened", "2023-10-26", "--issuer", "Stripe", book=path, today="2023-10-27", **env
    )
    assert (again.code, "already in row 3" in again.err) == (1, True)
    for number in ("pi_1Ab", "pi_1aB"):
        said = run(
            "append",
            "communication",
            number,
            "--date",
            "2023-10-26",
            "--with",
            "buyer",
            "--summary",
            number,
            book=path,
            today="2023-10-27",
            **env,
        )
        assert said.code == 0
        assert summaries(path, number) == [number]


def test_of_another_issuer_they_are_one(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [case("pi_1Ab", "Other")], [], [])
    with pytest.raises(EntryRefused, match="already in row 2"):
        load(path, today=TODAY).append_case("pi_1aB", opened=OPENED, issuer="Other")


def test_what_was_typed_in_other_letters_is_of_the_one_case_that_it_can_mean(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [case("pi_1Ab")], [message("PI_1AB")], [])
    assert summaries(path, "pi_1ab") == ["Hello"]
    book = load(path, today=TODAY)
    assert book.append_communication("pi_1AB", date=OPENED, with_="Buyer", summary="x").values["number"] == "pi_1Ab"


def test_a_case_that_leaves_an_older_message_without_one_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [case("pi_1Ab")], [message("PI_1AB")], [])
    with pytest.raises(EntryRefused, match="PI_1AB is not on the Cases sheet"):
        load(path, today=TODAY).append_case("pi_1aB", opened=OPENED, issuer="Stripe")


def test_one_case_of_such_an_issuer_is_enough(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [case("pi_1Ab", "Other"), case("PI_1AB")], [message("pi_1Ab")], [])
    assert (summaries(path, "pi_1Ab"), summaries(path, "PI_1AB")) == (["Hello"], [])


def test_amending_the_issuer_is_judged_by_what_the_numbers_are_then(two: Path) -> None:
    book = load(two, today=TODAY)
    assert book.amend("pi_1Ab", "issuer", "Other").values["issuer"] == "Other", "the other one is Stripe's still"
    with pytest.raises(EntryRefused, match="already in row 2"):
        book.amend("pi_1aB", "issuer", "Other")


def test_import_follows_the_issuer_of_each_row(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [], [], [])
    (tmp_path / "m.toml").write_text('[columns]\n"No" = "case.number"\n"By" = "case.issuer"\n"On" = "case.opened"\n')
    table = tmp_path / "t.csv"
    table.write_text("No,By,On\npi_1Ab,Stripe,2023-10-26\npi_1aB,Stripe,2023-10-26\n")
    args = ("import", str(table), "--map", str(tmp_path / "m.toml"))
    assert run(*args, book=path, today="2023-10-27").code == 0
    table.write_text("No,By,On\nxx_1Ab,Other,2023-10-26\nxx_1aB,Other,2023-10-26\n")
    assert run(*args, book=path, today="2023-10-27").code == 1


NUMBERS = st.sampled_from(["pi_1Ab", "pi_1aB", "pi_1ab", "PI_1AB", "dp_1Ab", "dp_1aB", "GTB-1", "gtb-1", "", None])
ISSUERS = st.sampled_from(["Stripe", " STRIPE ", "Other", None])
ACTS = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 2), NUMBERS, ISSUERS),
    st.tuples(st.just("remove"), st.integers(0, 2)),
    st.tuples(st.just("number"), st.integers(0, 2), st.integers(0, 5), NUMBERS),
    st.tuples(st.just("issuer"), st.integers(0, 5), ISSUERS),
    st.tuples(st.just("undo")),
)


def records_of(rows: list[list[dict[str, object]]]) -> Records:
    logs = []
    for sheet, own in zip(SHEETS, rows, strict=True):
        log = Log(sheet, Settings().issuers, {}, columns={column.name: [] for column in sheet.columns})
        for row, values in enumerate(own, 2):
            log.add(values, row)
        logs.append(log)
    return Records(logs[0], logs[1], logs[2], settings=Settings(), clock=Clock.for_settings(Settings(), TODAY))


@given(st.lists(ACTS, max_size=12))
def test_whatever_was_done_to_the_rows_their_keys_are_those_of_the_rows_as_they_stand(
    acts: list[tuple[object, ...]],
) -> None:
    records = records_of([[], [], []])
    undo: Callable[[], None] | None = None
    for what, *given_ in acts:
        match what, given_:
            case "add", [int(at), number, issuer]:
                log, undo = records.logs[at], None
                log.add({"number": number, **({"issuer": issuer} if at == 0 else {})}, 2 + len(log))
            case "remove", [int(at)] if len(records.logs[at]):
                records.logs[at].remove_last()
                undo = None
            case "number", [int(at), int(position), number] if position < len(records.logs[at]):
                undo = records.logs[at].replace(position, "number", number)
            case "issuer", [int(position), issuer] if position < len(records.cases):
                undo = records.cases.replace(position, "issuer", issuer)
            case "undo", _ if undo:
                undo()
                undo = None
    anew = records_of([[{n: c[i] for n, c in log.columns.items()} for i in range(len(log))] for log in records.logs])
    assert [log.keys for log in records.logs] == [log.keys for log in anew.logs]
    assert [log.by_case for log in records.logs] == [log.by_case for log in anew.logs]
