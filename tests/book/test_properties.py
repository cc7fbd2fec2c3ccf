"""What holds for every entry: it is read back equal, and whatever is accepted leaves a workbook without errors."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import refundbook
from refundbook import EntryRefused
from refundbook.base.a1 import MAX_TEXT
from refundbook.base.clock import Clock
from refundbook.base.currencies import MOST_DECIMALS
from refundbook.base.dates import FIRST_YEAR
from refundbook.base.errors import BadValue
from refundbook.base.identifiers import canonical
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, FINAL_STATUSES, RESOLUTIONS, SHEETS, Column, Kind
from refundbook.base.settings import Settings
from refundbook.base.values import read
from tests.support.books import TEMPLATE
from tests.support.gallery import build
from tests.support.samples import TODAY, load

pytestmark = pytest.mark.slow

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Each example makes, saves and reads a workbook."""

CLOCK = Clock.for_settings(Settings(), TODAY)
ISSUERS = Settings().issuers
OPENED = date(2023, 10, 1)
NEEDED: Mapping[str, Mapping[str, object]] = {
    "case": {"number": "A-1", "opened": OPENED},
    "communication": {"number": "A-1", "date": date(2023, 10, 2), "with_": "Buyer", "summary": "Hello"},
    "resolution": {"number": "A-1", "status": "Denied", "date": date(2023, 10, 3)},
}


@contextmanager
def workbook() -> Iterator[Path]:
    """A blank workbook for one example."""
    with tempfile.TemporaryDirectory(prefix="refundbook-property-") as folder:
        path = Path(folder) / "t.xlsx"
        path.write_bytes(TEMPLATE.read_bytes())
        yield path


def columns(*kinds: Kind) -> list[tuple[str, Column]]:
    """The columns of these kinds that take any value of them, with their pillars."""
    return [
        (sheet.pillar, column)
        for sheet in SHEETS
        for column in sheet.columns
        if column.kind in kinds and not column.choices and column.suggestions != "Currencies"
    ]


# Any text that Excel allows

PIECES = ("_x0041_", "_x000D_", "_x005F_x0041_", "_x0041", "=1+1", "+", "-", "@", "'", '"', "\t", "\n", "\r", "\r\n", "]]>", "<is>", "&amp;", "&#10;", " ", "  ", "\u00a0", "\u3000", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b", "\u202e", "e\u0301", "\u0301", "👍🏽", "👨‍👩‍👧", "\U0010ffff", "\ue000", "\ufffd", "TRUE", "1e5", "007", "#REF!", "2023-10-26")  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))))  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES) | CHARACTERS, min_size=1, max_size=12).map("".join),
    st.text(CHARACTERS, min_size=1, max_size=40),
)


def stored(text: str, name: str = "number") -> object:
    """What an identifier's column makes of a text; None where it refuses it, or nothing is left of it."""
    try:
        return read(CASES[name], text, CLOCK)
    except BadValue:
        return None


def read_back(entries: Mapping[str, Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    """Enter one entry of each pillar, see that the file holds what was entered, each value in its type, and
    give that.
    """
    with workbook() as path:
        with load(path) as book:
            entered = book.append_many(list(entries.items()))
        records = load(path).records
        for pillar, entry in zip(entries, entered, strict=True):
            found = dict(records.log(BY_PILLAR[pillar]).columns)
            assert found == {name: [value] for name, value in entry.values.items()}
            assert [type(values[0]) for values in found.values()] == [type(entry.values[name]) for name in found]
    return tuple(entry.values for entry in entered)


def spread(texts: Sequence[str], *kinds: Kind) -> dict[str, dict[str, object]]:
    """An entry of each pillar with the texts in its columns of these kinds, over and over."""
    entries = {pillar: dict(needed) for pillar, needed in NEEDED.items()}
    for (pillar, column), text in zip(columns(*kinds), cycle(texts)):
        entries[pillar][column.name] = text
    return entries


@quick
@given(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=14))
@example(["_x0041\r", "_x0041\r\n_", "__x0041_", "_x0041__x000D_", "_x005F_x0041_", "_xE9_\r_x00e9_"])
@example(["=1+1", "+", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "'=1+1", " trailing ", "a\n\n", "\ta"])
def test_any_text_that_excel_allows_is_read_back_equal_from_every_text_column(texts: list[str]) -> None:
    entries = spread(texts, Kind.TEXT, Kind.LONG_TEXT)
    for fields, values in zip(entries.values(), read_back(entries), strict=True):
        assert {name: values[name] for name in fields} == fields


@quick
@given(st.lists(TEXTS.filter(lambda text: stored(text) is not None), min_size=2, max_size=4))
def test_identifiers_are_read_back_as_they_were_taken(texts: list[str]) -> None:
    entries = spread(texts, Kind.IDENTIFIER)
    number = entries["communication"]["number"] = entries["resolution"]["number"] = entries["case"]["number"]
    assume(canonical(str(number), ISSUERS) != canonical(str(entries["case"]["related"]), ISSUERS))
    case, *others = read_back(entries)
    for name in ("number", "order", "payment", "related"):
        assert case[name] == stored(str(entries["case"][name]), name)
    assert all(values["number"] == case["number"] for values in others)


@pytest.mark.parametrize("unit", ["x", "é", "👍", "&", "\n_x0041_"])
def test_a_text_as_long_as_a_cell_holds_is_read_back_equal(unit: str) -> None:
    size = len(unit.encode("utf-16-le")) // 2
    text = unit * (MAX_TEXT // size)
    text += "x" * (MAX_TEXT % size)
    assert read_back({"case": {**NEEDED["case"], "notes": text}})[0]["notes"] == text


# Any date, moment and amount

MOMENTS = st.datetimes(datetime(FIRST_YEAR, 1, 1), datetime(9999, 12, 31, 23, 59, 59))
DAYS = MOMENTS.map(datetime.date)


def whole(moment: date) -> date:
    """To the second, and midnight as the day alone."""
    if not isinstance(moment, datetime):
        return moment
    moment = moment.replace(microsecond=0)
    return moment.date() if moment.time() == time() else moment


@quick
@given(MOMENTS | DAYS)
@example(date(1900, 1, 1))
@example(date(1900, 2, 28))
@example(datetime(1900, 2, 28, 23, 59, 59))
@example(date(1900, 3, 1))
@example(date(2024, 2, 29))
@example(datetime(9999, 12, 31, 23, 59, 59))
@example(datetime(2023, 10, 29, 2, 30))
def test_any_moment_that_excel_knows_is_read_back_equal(moment: date) -> None:
    with workbook() as path:
        with load(path) as book:
            book.append_case("A-1", opened=OPENED, respond_by=moment)
        assert load(path).records.cases["respond_by"] == [whole(moment)]


@quick
@given(st.datetimes(datetime(1904, 1, 2), datetime(9999, 12, 31, 23, 59, 59)) | st.dates(date(1904, 1, 2)))
@example(date(1904, 2, 29))
def test_so_is_one_in_a_workbook_of_the_1904_date_system(moment: date) -> None:
    with tempfile.TemporaryDirectory(prefix="refundbook-property-") as folder:
        path = build(Path(folder) / "t.xlsx", "case number=GTB-123456 opened=2023-10-01", date_1904=True)
        with load(path) as book:
            book.append_case("A-1", opened=OPENED, respond_by=moment)
        records = load(path).records
        assert records.cases["respond_by"][1] == whole(moment)
        assert records.cases["opened"] == [OPENED, OPENED]


@quick
@given(
    st.decimals(0, Decimal("999999999999999"), allow_nan=False, allow_infinity=False, places=0)
    | st.decimals(0, Decimal("99999999999.9999"), allow_nan=False, allow_infinity=False, places=MOST_DECIMALS)
    | st.integers(0, 10**15 - 1).map(lambda n: Decimal(n).scaleb(-MOST_DECIMALS))
)
@example(Decimal("0"))
@example(Decimal("0.1"))
@example(Decimal("0.0001"))
@example(Decimal("123456789012.345"))
@example(Decimal("999999999999999"))
def test_any_amount_is_read_back_equal(amount: Decimal) -> None:
    entries = {pillar: {**NEEDED[pillar], "amount": amount} for pillar in ("case", "resolution")}
    assert [values["amount"] for values in read_back(entries)] == [amount, amount]


# Any sequence of entries

NUMBERS = st.sampled_from(["A-1", "a–1", "A-2", "A-2 ", "dp_1Ab", "dp_1aB"])
SEPTEMBER_TO_DECEMBER = st.sampled_from([date(2023, 9, 30), *(date(2023, 10, day) for day in (1, 2, 3)), datetime(2023, 10, 2, 9, 30), date(2023, 11, 5), date(2023, 12, 1), None, "soon"])  # fmt: skip
STATUSES = st.sampled_from([*RESOLUTIONS["status"].choices, *FINAL_STATUSES, "Refunded"])
SENTENCES = st.sampled_from(["Hello", "=1+1", "x" * 20_000, " ", None])

OPERATIONS = st.one_of(
    st.tuples(
        st.just("case"),
        st.fixed_dictionaries(
            {"number": NUMBERS, "opened": SEPTEMBER_TO_DECEMBER},
            optional={"related": NUMBERS, "amount": st.sampled_from(["10", "-1", Decimal("0.1")]), "notes": SENTENCES},
        ),
    ),
    st.tuples(
        st.just("communication"),
        st.fixed_dictionaries(
            {"number": NUMBERS, "date": SEPTEMBER_TO_DECEMBER, "with_": st.sampled_from(["Support", "Buyer", "Agent"]), "summary": SENTENCES},
            optional={
                "entry": st.integers(0, 5),
                "direction": st.sampled_from(["sent", "Received"]),
                "due": st.sampled_from(["48 hrs", "1 week", date(2023, 10, 1)]),
                "kept_on": SEPTEMBER_TO_DECEMBER,
                "logged_at": SEPTEMBER_TO_DECEMBER,
            },
        ),
    ),
    st.tuples(
        st.just("resolution"),
        st.fixed_dictionaries(
            {"number": NUMBERS, "status": STATUSES, "date": SEPTEMBER_TO_DECEMBER},
            optional={"amount": st.sampled_from(["5", "abc"]), "outcome": SENTENCES, "logged_at": SEPTEMBER_TO_DECEMBER},
        ),
    ),
    st.tuples(st.just("amend"), st.tuples(st.integers(1, 6), st.sampled_from(["entry", "date", "number", "due"]), st.sampled_from([1, 2, "A-2", "2023-10-02", None]))),
    st.tuples(st.just("save"), st.none()),
)  # fmt: skip


@settings(quick, max_examples=25)
@given(st.lists(OPERATIONS, max_size=16))
def test_whatever_is_accepted_leaves_a_workbook_without_errors(operations: list[tuple[str, object]]) -> None:
    """Refused entries leave no trace: neither in the file nor in what the Book holds."""
    with workbook() as path:
        book = load(path)
        book.append_case("A-1", opened=OPENED)
        book.append_case("dp_1aB", opened=OPENED)
        for kind, what in operations:
            file, before = path.read_bytes(), contents(book)
            try:
                perform(book, kind, what)
            except (EntryRefused, refundbook.UnknownEntry):
                assert contents(book) == before
            assert path.read_bytes() == file or kind == "save"
        held = contents(book)
        book.save()
        again = load(path)
        assert contents(again) == held
        assert not again.check().errors


def perform(book: refundbook.Book, kind: str, what: object) -> None:
    if kind == "save":
        book.save()
    elif kind == "amend":
        assert isinstance(what, tuple)
        book.amend(*what)
    else:
        assert isinstance(what, dict)
        book.append(kind, what)


def contents(book: refundbook.Book) -> dict[str, tuple[list[int], dict[str, list[object]], list[str]]]:
    return {
        log.sheet.name: (list(log.rows), {name: list(values) for name, values in log.columns.items()}, list(log.keys))
        for log in book.records.logs
    }


def test_the_columns_of_the_properties_are_all_there_are() -> None:
    """Currencies and closed lists take no other text; the tests of values have them."""
    covered = {column.header for _, column in columns(Kind.TEXT, Kind.LONG_TEXT, Kind.IDENTIFIER)}
    texts = {
        column.header for sheet in (CASES, COMMUNICATIONS, RESOLUTIONS) for column in sheet.columns if column.is_text
    }
    assert texts - covered == {"Currency", "With", "Direction", "Status"}
