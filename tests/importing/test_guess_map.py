"""The first guess of a map: from headers and cells, right where it places a column, and never wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UsageError
from refundbook.importing.answers import refuse_incomplete
from refundbook.importing.column_map import OWN_COLUMN, STATUS, TRACKER_MAP, ImportMap, Target
from refundbook.importing.guess_map import guess
from refundbook.importing.map_file import parse, to_toml
from refundbook.importing.open_table import open_guessed, open_unmapped
from refundbook.importing.status_words import meaning_of
from tests.support.books import SAMPLE_TRACKER
from tests.support.exports import EXPORTS
from tests.support.layouts import HEADERS_ONLY, OWN, TRACKERS, Layout, is_right


def guessed(text: str) -> ImportMap:
    return guess(open_unmapped(text.encode(), "old.csv"))


def places_of(found: ImportMap) -> dict[str, list[str]]:
    return {header: [str(target) for target in targets] for header, targets in found.places()}


def wrong(layout: Layout) -> list[tuple[str, list[str]]]:
    """The columns that went elsewhere than where they belong; kept as an own column is not wrong, but not placed."""
    got = places_of(guessed(layout.as_csv()))
    return [(header, got[header]) for header, places in layout.columns if not is_right(got[header], places)]


@pytest.mark.parametrize("name", TRACKERS)
def test_the_columns_of_trackers_go_where_they_belong(name: str) -> None:
    assert wrong(TRACKERS[name]) == []
    assert wrong(TRACKERS[name]._replace(rows=())) == []


@pytest.mark.parametrize("name", HEADERS_ONLY)
def test_other_layouts_are_told_by_their_headers_and_none_is_placed_wrongly(name: str) -> None:
    layout = HEADERS_ONLY[name]
    missed = wrong(layout)
    assert [column for column in missed if column[1] != [OWN]] == []
    assert len(missed) <= 0.1 * len(layout.columns), missed


@pytest.mark.parametrize("name", EXPORTS)
def test_what_programs_hand_out_is_told_by_headers_and_cells_and_nothing_is_placed_wrongly(name: str) -> None:
    layout = EXPORTS[name]
    assert wrong(layout) == []
    assert [column for column in wrong(layout._replace(rows=())) if column[1] != [OWN]] == []


@pytest.mark.parametrize("layout", [*TRACKERS.values(), *HEADERS_ONLY.values()])
def test_each_layout_has_a_number(layout: Layout) -> None:
    assert "case.number" in [place for places in places_of(guessed(layout.as_csv())).values() for place in places]


# Headers


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Ticket #", "case.number"),
        ("case_number", "case.number"),
        ("CaseID", "case.number"),
        ("Case Numbr", "case.number"),
        ("Reference", "case.number"),
        ("Date opened", "case.opened"),
        ("createdAt", "case.opened"),
        ("Date of the claim", "case.opened"),
        ("Order No.", "case.order"),
        ("Claimed", "case.amount"),
        ("Shop order", OWN),
        ("Buyer's name", "case.customer"),
        ("Comments", "case.notes"),
        ("Answered On", "case.answered_on"),
        ("Evidence sent on", "case.answered_on"),
        ("Status", "resolution.status"),
        ("Refunded", "resolution.amount"),
        ("Paid back", "resolution.amount"),
        ("Refund date", "resolution.date"),
        # What only looks like something of a case:
        ("Order date", OWN),
        ("Order status", OWN),
        ("Payment method", OWN),
        ("Payment date", OWN),
        ("Customer ID", OWN),
        ("Tracking number", OWN),
        ("Phone number", OWN),
        ("Parent case", OWN),
        ("Refund type", OWN),
        ("Resolved by", OWN),
        ("Responsible agent", OWN),
        ("Shipping cost", OWN),
        ("Source", OWN),
        ("Colour of the box", OWN),
        ("casenumber", "case.number"),
        ("Fallnummer", "case.number"),
        ("Eingangsdatum", "case.opened"),
        ("Rueckerstattungsbetrag", "case.amount"),
        ("N\u00b0 de commande", "case.order"),
        ("Date d'ouverture", "case.opened"),
        ("Pedido n\u00ba", "case.order"),
        ("\u7533\u8bf7\u65f6\u95f4", "case.opened"),
        ("\u9000\u6b3e\u91d1\u989d", "case.amount"),
        ("\u8ba2\u5355\u72b6\u6001", OWN),
        ("Artikelnummer", OWN),
        ("Rechnungsdatum", OWN),
        ("Casino", OWN),
        ("Contract number", OWN),
        ("Disputed on", "case.opened"),
        ("Dispute PSP Reference", "case.number"),
        ("PSP Reference", "case.payment"),
        ("Messages", OWN),
        ("Item(s)", "case.item"),
        ("Conversation ID", "case.number"),
        ("Support Ticket", "case.number"),
        ("Chat ID", OWN),
        ("Outcome (Won/Lost)", "resolution.outcome"),
    ],
)
def test_headers(header: str, target: str) -> None:
    base = [name for name in ("Case ID", "Opened on", "State") if "resolution" in target or target == OWN]
    if target == "resolution.status":
        base = base[:2]
    assert places_of(guessed(",".join(["Xyz", *base, header]) + "\n"))[header] == [target]


def test_each_place_is_taken_once_by_the_column_that_is_surest() -> None:
    got = places_of(guessed("Reference,Case Number,Ticket\n1,2,3\n"))
    assert got == {"Reference": [OWN], "Case Number": ["case.number"], "Ticket": [OWN]}


def test_the_five_columns_are_guessed_as_what_they_are() -> None:
    found = guessed("\n".join(",".join(f'"{cell}"' for cell in row) for row in SAMPLE_TRACKER))
    assert found.columns == TRACKER_MAP.columns


# Cells


def test_a_column_that_holds_nothing_gives_way_to_one_that_does() -> None:
    found = places_of(guessed("Case ID,Date Submitted,Filed on\nA-1,,2023-10-26\n"))
    assert (found["Date Submitted"], found["Filed on"]) == ([OWN], ["case.opened"])


def test_a_column_goes_nowhere_where_its_cells_do_not_fit() -> None:
    found = places_of(guessed("Case ID,Opened,Amount,Closed,Status\nA-1,soon,many,yes,2023-10-26\n"))
    assert [found[name] for name in ("Opened", "Amount", "Closed", "Status")] == [[OWN]] * 4


def test_one_spoiled_cell_of_a_few_keeps_no_column_from_its_place() -> None:
    found = places_of(guessed("Case ID,Opened,Amount\nA-1,2023-10-26,5\nA-2,soon,many\n"))
    assert (found["Opened"], found["Amount"]) == (["case.opened"], ["case.amount"])


def test_headers_in_another_language_are_told_by_the_cells() -> None:
    text = "Vorgang,Eröffnet,Stand,Währung\nA-17,2023-10-26,Pending,EUR\nA-18,2023-10-27,Denied,EUR\n"
    assert places_of(guessed(text)) == {
        "Vorgang": ["case.number"],
        "Eröffnet": ["case.opened"],
        "Stand": ["resolution.status"],
        "Währung": ["case.currency"],
    }


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Case ID,Order date", "A-{k},2023-10-2{k}"),
        ("SKU,Opened", "A-{k},2023-10-2{k}"),
        ("Case ID,Fulfillment Status", "A-{k},Pending"),
        ("Case ID,Settlement currency", "A-{k},EUR"),
        ("Case ID,Messages", "A-{k},{k}"),
        ("Case ID,City,State", "A-{k},Reno,NV"),
    ],
)
def test_a_header_that_says_something_else_is_not_overruled_by_its_cells(head: str, row: str) -> None:
    own = next(header for header in head.split(",") if header not in ("Case ID", "Opened", "City"))
    assert places_of(guessed("\n".join([head, *(row.format(k=k) for k in range(1, 4))])))[own] == [OWN]


def test_cells_tell_names_from_numbers_and_codes_are_reasons() -> None:
    text = "Case ID,Opened,Name,Reason Code\nA-1,2023-10-01,#1001,10.4\nA-2,2023-10-02,#1002,4853\n"
    found = places_of(guessed(text))
    assert (found["Name"], found["Reason Code"]) == ([OWN], ["case.reason"])
    orders = places_of(guessed("Return Order ID,Return Request Time\nR-1,2023-10-01 10:00\nR-2,2023-10-02 11:00\n"))
    assert orders == {"Return Order ID": ["case.number"], "Return Request Time": ["case.opened"]}


def test_cells_that_say_nothing_and_numbers_of_eight_figures_tell_nothing() -> None:
    found = places_of(
        guessed(
            "Case Number,Opened,Resolved Date,Status\n20230501,2023-05-01,N/A,Open\n20230502,2023-05-02,2023-05-03,Denied\n"
        )
    )
    assert (found["Case Number"], found["Resolved Date"]) == (["case.number"], ["resolution.date"])


def test_where_two_columns_could_be_a_date_of_opening_none_is() -> None:
    text = "Vorgang,Eins,Zwei\nA-17,2023-10-26,2023-10-28\nA-18,2023-10-27,2023-10-29\n"
    assert places_of(guessed(text)) == {"Vorgang": ["case.number"], "Eins": [OWN], "Zwei": [OWN]}


def test_a_cell_goes_to_several_places_only_where_all_can_be_split() -> None:
    head = "Case ID,Opened,Customer/Order #\n"
    split = places_of(guessed(f"{head}A-1,2023-10-26,Lee / O-1\nA-2,2023-10-26,Ida / O-2\n"))
    assert split["Customer/Order #"] == ["case.customer", "case.order"]
    whole = places_of(guessed(f"{head}A-1,2023-10-26,Lee / O-1\nA-2,2023-10-26,O-2\n"))
    assert whole["Customer/Order #"] == [OWN]


def test_a_currency_in_the_header_of_an_amount_is_the_currency() -> None:
    found = guessed("Case ID,Opened,Amount (EUR)\nA-1,2023-10-26,5\n")
    assert found.constants == {Target("case", "currency"): "EUR"}


def test_the_last_change_dates_an_end_only_where_each_end_has_one_and_is_kept_beside() -> None:
    head = "Case ID,Opened,Status,Last Updated\nA-1,2023-10-26,Open,2023-10-27\n"
    assert places_of(guessed(f"{head}A-2,2023-10-26,Denied,2023-10-28\n"))["Last Updated"] == ["resolution.date", OWN]
    assert places_of(guessed(f"{head}A-2,2023-10-26,Denied,\n"))["Last Updated"] == [OWN]


def test_nothing_of_an_end_has_a_place_without_a_status_and_nothing_of_messages_without_their_text() -> None:
    found = places_of(
        guessed("Case ID,Opened,Closed on,Refund method,Support agent\nA-1,2023-10-26,2023-10-27,Card,Maya\n")
    )
    assert [found[name] for name in ("Closed on", "Refund method", "Support agent")] == [[OWN]] * 3


def test_columns_without_a_header_and_with_one_that_stands_twice_are_kept() -> None:
    found = places_of(guessed("Case ID,Opened,,Opened,\nA-1,2023-10-26,x,2023-10-27,\n"))
    assert found == {"Case ID": ["case.number"], "Opened": ["case.opened"], "Column C": [OWN], "Opened (2)": [OWN]}


# Statuses


@pytest.mark.parametrize(
    "word",
    [
        "New",
        "Open",
        "Under Review",
        "under_review",
        "needs_response",
        "warning_needs_response",
        "Evidence Submitted",
        "Escalated",
        "On hold",
        "Awaiting Decision",
        "Waiting for seller's response",
        "In Progress",
        "Processing",
        "Refund requested",
        "Return received",
        "Investigation",
        "Additional Info Requested",
        "Pending approval",
        "To do",
        "Draft",
        "In Bearbeitung",
        "En attente",
        "PENDIENTE",
        "In lavorazione",
        "处理中",
        "RequestForInformation",
        "Snoozed",
    ],
)
def test_words_of_what_is_open(word: str) -> None:
    assert meaning_of(word).status == "Pending"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("denied", "Denied"),
        ("FULL REFUND", "Full Refund"),
        ("Fully refunded", "Full Refund"),
        ("Re-opened", "Reopened"),
        ("Partially refunded", "Partial Refund"),
        ("store-credit", "Store Credit"),
        ("Withdrawn by buyer", "Withdrawn"),
        ("Teilweise erstattet", "Partial Refund"),
        ("全额退款", "Full Refund"),
    ],
)
def test_words_that_say_one_of_our_statuses(word: str, status: str) -> None:
    assert meaning_of(word).status == status


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("Completed", "Full Refund or Partial Refund?"),
        ("Funds Returned", "Full Refund or Partial Refund?"),
        ("charge_refunded", "Full Refund or Partial Refund?"),
        ("Refund received", "Full Refund or Partial Refund?"),
        ("Rejected", "Denied?"),
        ("Cancelled", "Withdrawn or Denied?"),
        ("Approved", "or still open: Pending?"),
        ("won", "Who won"),
        ("Resolved - In Your Favor", "Who won"),
        ("Closed", "Store Credit, Denied or Withdrawn?"),
        ("Approved - refund pending", "Still open: Pending? Or ended"),
        ("Not refunded", "Still open: Pending? Or ended"),
        ("Erstattet", "Full Refund or Partial Refund?"),
        ("退款成功", "Full Refund or Partial Refund?"),
        ("Refusée", "Denied?"),
        ("PrearbitrationLost", "Who won"),
        ("Being processed", "Still open: Pending? Or ended"),
        ("Offen gesagt nein", "Is it open"),
        ("prevented", "given back at once: Full Refund?"),
        ("dispute_prevented", "Or was it blocked: Withdrawn?"),
        ("Banana", "Is it open: Pending? Or did it end"),
        ("", "Is it open"),
    ],
)
def test_words_of_an_end_and_unknown_ones_are_asked_for(word: str, question: str) -> None:
    meaning = meaning_of(word)
    assert (meaning.status, question in meaning.question) == ("", True), meaning


def test_the_map_has_a_line_with_the_reason_for_each_word_that_is_to_be_answered() -> None:
    table = open_unmapped(b"Case ID,Opened,State\n1,2023-10-26,Completed\n2,2023-10-26,New\n", "old")
    found = guess(table)
    assert found.values == {STATUS: {"completed": "?", "new": "Pending"}}
    lines = to_toml(found, table).splitlines()
    assert '"Completed" = "?"  # Full Refund or Partial Refund?' in lines
    assert '"New" = "Pending"' in lines


# As TOML

HEADERS = st.lists(st.sampled_from([h for one in HEADERS_ONLY.values() for h in one.headers]), max_size=8, unique=True)


@given(HEADERS)
def test_a_guess_written_as_a_map_is_read_as_the_same(headers: list[str]) -> None:
    table = open_unmapped((",".join(["Case ID", "Opened", *headers]) + "\n").encode(), "old")
    found = guess(table)
    again = parse(to_toml(found, table), "map.toml")
    assert (again.columns, again.constants, again.values) == (found.columns, found.constants, {})


def test_several_places_and_own_columns_in_a_map() -> None:
    found = parse(
        '[columns]\n"A" = ["case.number", "own"]\n"B" = "case.opened"\n"C" = "own"\n"D" = "own"\n"E" = ""\n', "map.toml"
    )
    assert found.columns == {
        "A": (Target("case", "number"), OWN_COLUMN),
        "B": Target("case", "opened"),
        "C": OWN_COLUMN,
        "D": OWN_COLUMN,
    }


# What is not enough


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Case ID,Colour\nA-1,red\n", "Date Opened"),
        ("Case ID,Status\nA-1,Pending\n", ""),
        ("Case ID,Status,Colour\nA-1,Pending,red\n", "Date Opened"),
        ("Colour,Opened\nred,2023-10-01\n", "the case number"),
        ("Case ID,Conversation log,Priority\nA-1,They called.,high\n", "Date"),
    ],
)
def test_a_guess_by_which_something_of_a_row_would_go_nowhere_is_refused(text: str, lacks: str) -> None:
    table, found, _ = open_guessed(text.encode(), "old.csv")
    if lacks:
        with pytest.raises(UsageError, match=f"could be told to hold .*{lacks}"):
            refuse_incomplete(table, found)
    else:
        refuse_incomplete(table, found)


def test_what_a_log_of_messages_says_beside_them_is_kept_beside_them() -> None:
    found = places_of(
        guessed("Case ID,Last contact date,Conversation log,Priority\nA-1,2023-10-01,They called.,high\n")
    )
    assert found["Priority"] == ["communication.own"]
