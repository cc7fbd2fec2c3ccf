"""Reports that come again: only what is new is entered, and what contradicts the workbook changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import refundbook
from refundbook import Book, UsageError
from refundbook.base.schema import TRACKER_HEADERS
from refundbook.importing.answers import answered, said_statuses
from refundbook.importing.column_map import ImportMap
from refundbook.importing.map_file import parse
from refundbook.importing.open_table import open_table
from refundbook.importing.plan import enter, read
from refundbook.importing.ready_maps import open_ready
from refundbook.importing.source_table import ImportRefused
from refundbook.importing.update import Update, Updated, compare, enter_update
from refundbook.record.tracker import tracker_rows
from refundbook.render.text import to_csv
from tests.support.books import blank
from tests.support.gallery import build
from tests.support.samples import TODAY

OF_0_1_0 = Path(__file__).parents[1] / "storage" / "data" / "tracker-0.1.0.xlsx"

pytestmark = pytest.mark.slow

HEAD = ("Case", "Opened", "Buyer", "Sum", "State", "Ended", "On", "Said", "Who")
MAP = """
[columns]
Case = "case.number"
Opened = "case.opened"
Buyer = "case.customer"
Sum = "case.amount"
State = "resolution.status"
Ended = "resolution.date"
On = "communication.date"
Said = "communication.summary"
Who = "own"
[constants]
"communication.with" = "Support"
[values."resolution.status"]
Paid = "Full Refund"
"""
ROW = ("A-1", "2023-10-01", "Lee", "49.90", "Under review", "", "", "", "")
AS_OF = date(2023, 10, 31)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return refundbook.load(blank(tmp_path / "tracker.xlsx"), today=TODAY)


def row(**changes: str) -> tuple[str, ...]:
    """`ROW` with some of its cells changed."""
    return tuple(changes.get(header, cell) for header, cell in zip(HEAD, ROW, strict=True))


def compared(
    book: Book, rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD, text: str = MAP, as_of: date | None = None
) -> Update:
    found: ImportMap = parse(text, "weekly.toml")
    table, found = open_table(to_csv(head, rows).encode(), "report", found)
    return compare(read(table, found, book.records, as_of=as_of, is_update=True), book.records)


def updated(book: Book, *rows: Sequence[str], **options: object) -> Updated:
    done = enter_update(book, compared(book, rows, **options))  # type: ignore[arg-type]  # passed on as they are
    book.save()
    return done


def state(book: Book) -> list[object]:
    """All that the three logs hold, but when it was entered."""
    return [
        (log.sheet.name, {n: list(v) for n, v in log.columns.items() if n != "logged_at"}, log.extra)
        for log in book.records.logs
    ]


def statuses(book: Book) -> list[tuple[object, object, object]]:
    log = book.records.resolutions
    return list(zip(log["status"], log["date"], log["outcome"], strict=True))


def test_what_is_new_is_entered_and_the_same_file_twice_enters_nothing(book: Book) -> None:
    rows = [row(), row(Case="A-2", State="Paid", Ended="2023-10-05", On="2023-10-02", Said="They pay.", Who="ana")]
    first = updated(book, *rows)
    assert [entry.sheet for entry in first.entries] == [
        "Cases",
        "Resolutions",
        "Cases",
        "Communications",
        "Resolutions",
    ]
    before = state(book)
    second = updated(book, *rows)
    assert (second.entries, second.filled, second.conflicts, state(book)) == ([], 0, (), before)
    assert compared(book, rows).unchanged == 2


def test_a_changed_status_is_a_new_entry(book: Book) -> None:
    updated(book, row())
    updated(book, row(State="Escalated"))
    updated(book, row(State="Paid", Ended="2023-10-20"))
    updated(book, row(State="Escalated"))
    assert statuses(book) == [
        ("Pending", None, "Under review"),
        ("Pending", None, "Escalated"),
        ("Full Refund", date(2023, 10, 20), "Paid"),
        ("Reopened", None, "Escalated"),
    ]


def test_a_case_that_was_ended_by_hand_in_another_way_is_a_conflict(book: Book) -> None:
    updated(book, row())
    book.append_resolution("A-1", status="Denied", date="2023-10-10")
    before = state(book)
    assert updated(book, row()).conflicts == ()  # the report says what it said before
    for report in (row(State="Paid", Ended="2023-10-20"), row(State="Escalated")):
        (conflict,) = updated(book, report).conflicts
        assert "says Denied. Nothing was entered." in conflict.message
        assert conflict.where.startswith("report, line 2, column 5 (State)")
    assert state(book) == before


def test_an_end_that_was_entered_by_hand_is_the_report_s_and_its_blanks_are_filled(book: Book) -> None:
    updated(book, row())
    book.append_resolution("A-1", status="Full Refund", date="2023-10-20")
    done = updated(book, row(State="Paid", Ended="2023-10-20"))
    assert (done.entries, done.conflicts, len(statuses(book))) == ([], (), 2)


def test_a_word_that_the_map_does_not_name_is_read_as_a_guess_and_ends_are_listed(book: Book) -> None:
    update = compared(
        book, [row(State="needs_response"), row(Case="A-2", State="Resolved"), row(Case="A-3", State="Hm")]
    )
    assert [problem.value for problem in update.plan.listed] == ["Resolved", "Hm"]
    enter_update(book, update)
    assert (len(book.records.cases), statuses(book)) == (3, [("Pending", None, "needs_response")])


def test_an_end_without_a_date_gets_the_day_of_the_report_or_is_listed(book: Book) -> None:
    listed = compared(book, [row(State="Paid")])
    assert ["nothing says when" in problem.message for problem in listed.plan.listed] == [True]
    updated(book, row(State="Paid"))
    assert statuses(book) == []
    updated(book, row(State="Paid"), as_of=AS_OF)
    assert statuses(book) == [("Full Refund", AS_OF, f"Paid (Ended by {AS_OF}, the day of report.)")]
    assert updated(book, row(State="Paid"), as_of=date(2023, 11, 1)).entries == []


def test_blank_cells_of_ours_are_filled_also_those_of_own_columns(book: Book) -> None:
    book.append_case("a-1", opened="2023-10-01", notes="Mine.")
    done = updated(book, row(Who="ana"))
    cases = book.records.cases
    assert (done.filled, cases["customer"], cases["amount"], cases["notes"]) == (
        3,
        ["Lee"],
        [Decimal("49.90")],
        ["Mine."],
    )
    assert cases.extra == {"Who": ["ana"]}


@pytest.mark.parametrize(
    ("header", "cell"), [("Opened", "2023-10-02"), ("Sum", "50"), ("Buyer", "Leah"), ("Who", "bo")]
)
def test_a_fact_that_contradicts_ours_is_listed_and_changes_nothing(book: Book, header: str, cell: str) -> None:
    updated(book, row(Who="ana"))
    before = state(book)
    done = updated(book, row(**{"Who": "ana", header: cell}))
    assert [problem.value for problem in done.conflicts] == [cell]
    assert "It was left as it is." in done.conflicts[0].message
    assert state(book) == before


def test_what_is_written_in_another_form_is_no_contradiction(book: Book) -> None:
    updated(book, row())
    assert updated(book, row(Case=" a-1 ", Sum="49.9", Buyer="LEE ", State="under  review")).conflicts == ()


def test_a_case_that_is_missing_from_a_report_changes_nothing_and_rows_may_come_in_before(book: Book) -> None:
    updated(book, row(), row(Case="A-3"))
    done = updated(book, row(Case="A-0"), row(Case="A-2"), row(Case="A-3"))
    assert [entry.values["number"] for entry in done.entries if entry.sheet == "Cases"] == ["A-0", "A-2"]
    assert len(book.records.cases) == 4


def test_columns_in_another_order_and_new_ones_are_the_same_report(book: Book) -> None:
    rows = [row(On="2023-10-02", Said="They pay.")]
    updated(book, *rows)
    turned = [tuple(reversed((*one, "more"))) for one in rows]
    done = updated(book, *turned, head=tuple(reversed((*HEAD, "New"))))
    assert (done.entries, done.filled, done.conflicts) == ([], 0, ())


# A cell that holds a case's whole log


def logged(text: str, day: str = "2023-10-02") -> tuple[str, ...]:
    return row(On=day, Said=text)


def said(book: Book) -> list[tuple[object, object]]:
    log = book.records.communications
    return list(zip(log["summary"], log["date"], strict=True))


def test_of_a_log_that_grew_only_what_is_new_is_entered_and_once(book: Book) -> None:
    weeks = [
        logged("They ask."),
        logged("They ask.\nWe sent photos.", "2023-10-05"),
        logged("They pay. They ask.\nWe sent photos.", "2023-10-09"),
    ]
    for week in weeks:
        updated(book, week)
        again = updated(book, week)
        assert (again.entries, again.filled, again.conflicts) == ([], 0, ())
    assert said(book) == [
        ("They ask.", date(2023, 10, 2)),
        ("We sent photos.", date(2023, 10, 5)),
        ("They pay.", date(2023, 10, 9)),
    ]
    assert updated(book, weeks[0]).entries == []  # an older report


def test_of_a_log_that_grew_what_was_corrected_or_logged_by_hand_does_not_come_again(book: Book) -> None:
    updated(book, logged("They ask."))
    book.amend(1, "Summary", "They asked for photos.")
    book.append_communication("A-1", date="2023-10-04", with_="Support", summary="We sent photos")
    done = updated(book, logged("They ask.\nWe sent photos.\nThey pay.", "2023-10-05"))
    assert [entry.values["summary"] for entry in done.entries] == ["They pay."]
    assert len(said(book)) == 3


def test_a_log_of_another_day_that_says_the_same_is_a_conflict(book: Book) -> None:
    updated(book, logged("They ask."))
    before = state(book)
    (conflict,) = updated(book, logged("They ask.", "2023-10-05")).conflicts
    assert 'Date is "2023-10-05" in the report, and "2023-10-02" in Communications!C2. It was left' in conflict.message
    assert (conflict.where, state(book)) == ("report, line 2, column 7 (On)", before)


def test_a_tracker_that_grew_and_one_that_this_workbook_printed(book: Book) -> None:
    def tracker(*rows: Sequence[object]) -> list[object]:
        table, found = open_table(to_csv(TRACKER_HEADERS, rows).encode(), "tracker")
        done = enter_update(book, compare(read(table, found, book.records, is_update=True), book.records))
        assert done.conflicts == ()
        return [entry.values.get("summary") for entry in done.entries if entry.sheet == "Communications"]

    first = ("GTB-1", "2023-10-01", "They ask. We sent photos.", "2023-10-03 (Agent: Maya)", "")
    assert tracker(first) == ["They ask. We sent photos."]
    book.append_communication("GTB-1", date="2023-10-04", with_="Buyer", summary="It is blue.")
    (printed,) = tracker_rows(book.records)
    assert tracker(printed) == []
    number, opened, summary, _, outcome = printed
    grown = (number, opened, f"{summary} They pay.", "2023-10-06 (Agent: Maya)", outcome)
    assert (tracker(grown), tracker(grown)) == (["They pay."], [])


MESSAGES = 'rows = "messages"\n' + MAP


def test_two_equal_messages_that_are_both_meant_are_two_and_stay_two(book: Book) -> None:
    rows = [row(On="2023-10-02", Said="Asked again."), row(On="2023-10-02", Said="Asked again.")]
    updated(book, *rows[:1], text=MESSAGES)
    updated(book, *rows, text=MESSAGES)
    updated(book, *rows, text=MESSAGES)
    updated(book, row(On="2023-10-01", Said="Asked."), *rows, text=MESSAGES)
    assert book.records.communications["summary"] == ["Asked again.", "Asked again.", "Asked."]


def test_a_message_that_was_corrected_or_typed_by_hand_does_not_come_again(book: Book) -> None:
    book.append_case("A-1", opened="2023-10-01")
    book.append_communication("A-1", date="2023-10-02", with_="Support", summary="They PAY.")
    rows = [row(On="2023-10-02", Said="They pay."), row(On="2023-10-03", Said="They payd.")]
    updated(book, *rows, text=MESSAGES)
    book.amend(2, "Summary", "They paid.")
    updated(book, *rows, text=MESSAGES)
    assert book.records.communications["summary"] == ["They PAY.", "They paid."]


def test_a_first_import_is_known_to_the_update_that_follows(book: Book) -> None:
    rows = [row(State="Pending", On="2023-10-02", Said="They pay.", Who="ana")]
    table, found = open_table(to_csv(HEAD, rows).encode(), "report", parse(MAP, "weekly.toml"))
    enter(book, read(table, found, book.records))
    done = updated(book, *rows)
    assert (done.entries, done.filled, done.conflicts) == ([], 0, ())


def test_what_cannot_be_read_keeps_an_update_from_being_made_or_is_skipped(book: Book) -> None:
    rows = [row(), row(Case="A-2", Opened="soon")]
    with pytest.raises(ImportRefused, match=r"Opened.*soon"):
        enter_update(book, compared(book, rows))
    done = enter_update(book, compared(book, rows), skip_refused=True)
    assert (len(book.records.cases), list(done.refused)) == (1, [3])


def test_a_workbook_without_the_column_source_is_told_the_way_out(tmp_path: Path) -> None:
    old = refundbook.load(Path(shutil.copyfile(OF_0_1_0, tmp_path / "tracker.xlsx")), today=TODAY)
    with pytest.raises(
        UsageError, match="by the column Source what came in before, and Resolutions has no column Source"
    ):
        compared(old, [row()])


CELLS = {
    "Case": st.sampled_from(["A-1", "A-2", "a-1", "A-3"]),
    "Buyer": st.sampled_from(["", "Lee", "Ida"]),
    "Sum": st.sampled_from(["", "49.90", "5"]),
    "State": st.sampled_from(["", "Under review", "Escalated", "Paid", "Denied", "Resolved"]),
    "Ended": st.sampled_from(["", "2023-10-20"]),
    "Said": st.lists(st.sampled_from(["They pay.", "They wait.", "Asked again"]), max_size=3).map("\n".join),
}


@st.composite
def reports(draw: st.DrawFn) -> list[tuple[str, ...]]:
    rows = draw(st.lists(st.fixed_dictionaries(CELLS), max_size=4, unique_by=lambda one: one["Case"].casefold()))
    made = []
    for cells in rows:
        ended = cells["Ended"] if cells["State"] in ("Paid", "Denied") else ""
        made.append(row(**{**cells, "Ended": ended, "On": "2023-10-02" if cells["Said"] else ""}))
    return made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(reports(), st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_any_report_any_number_of_times_with_entries_and_corrections_between(
    tmp_path: Path, weeks: list[tuple[list[tuple[str, ...]], bool, bool]]
) -> None:
    book = refundbook.load(blank(tmp_path / "any.xlsx"), today=TODAY)
    for report, is_appended, is_amended in weeks:
        enter_update(book, compared(book, report, as_of=AS_OF))
        if is_appended and len(book.records.cases):
            book.append_communication(
                str(book.records.cases["number"][0]), date="2023-10-03", with_="Buyer", summary=f"By hand {report}"
            )
        if is_amended and len(book.records.communications):
            book.amend(int(str(book.records.communications["entry"][0])), "Summary", "Corrected by hand.")
        before = state(book)
        done = enter_update(book, compared(book, report, as_of=AS_OF))
        assert (done.entries, done.filled, state(book)) == ([], 0, before)


# The maps that come with the package

PAYPAL = (
    "Claimant name,Claimant email address,PayPal transaction ID,Transaction date,Transaction amount,Disputed amount,"
    "Currency,Seller transaction ID,PayPal case ID,Case type,Case reason,Case status,Case filing date,Response due date,"
    "Outcome\n"
    "Ann,ann@example.com,8XY1C,2023-01-02,59.00,59.00,USD,S-1,PP-1-890,Dispute,Item not received,Waiting for seller "
    "response,2023-01-12,2023-01-22,\n"
    "Bob,bob@example.com,8XY1D,2023-01-03,20.00,20.00,EUR,S-2,PP-1-891,Claim,Not as described,Resolved,2023-01-13,,Seller "
    "favor\n"
    "Cy,cy@example.com,8XY1E,2023-01-05,75.50,70.00,JPY,S-3,PP-1-892,Claim,Duplicate,Resolved,2023-01-15,,Buyer favor\n"
)


def ready(book: Book, name: str, text: str, as_of: date | None = AS_OF) -> Update:
    table, found = open_ready(text.encode(), "report", name)
    return compare(read(table, found, book.records, as_of=as_of, is_update=True), book.records)


def test_paypal_s_case_report(book: Book) -> None:
    update = ready(book, "paypal", PAYPAL)
    enter_update(book, update)
    cases = book.records.cases
    assert cases["number"] == ["PP-1-890", "PP-1-891", "PP-1-892"]
    assert cases["issuer"] == ["PayPal"] * 3
    assert cases["reason"] == ["Non-delivery", "Not as described", "Duplicate charge"]
    assert cases["respond_by"][0] == date(2023, 1, 22)
    assert cases["amount"] == [Decimal(59), Decimal(20), Decimal(70)]
    assert cases.extra["Claimant email address"][0] == "ann@example.com"
    assert [row[0] for row in statuses(book)] == ["Pending", "Denied"]
    assert ["Full Refund" in problem.message for problem in update.plan.listed] == [True]  # how much went back?
    again = enter_update(book, ready(book, "paypal", PAYPAL))
    assert (again.entries, again.filled, again.conflicts) == ([], 0, ())


@pytest.mark.parametrize(
    ("currency", "figure", "amount"), [("USD", "5900", "59.00"), ("JPY", "5900", "5900"), ("KWD", "5900", "5.900")]
)
def test_paypal_s_detail_report_counts_cents_by_the_currency(
    book: Book, currency: str, figure: str, amount: str
) -> None:
    text = (
        '"CH","Dispute Case ID","Dispute Filing Date","Dispute Reason","Disputed Amount","Disputed Currency",'
        '"Dispute Status","Transaction Debit or Credit","Response Due Date"\n'
        f'"SB","PP-R-1","2023/10/05 10:00:00 -0700","Unauthorized",{figure},"{currency}","Under Review","DR",""\n'
        '"SF",1\n"RF",1\n'
    )
    enter_update(book, ready(book, "paypal", text))
    cases = book.records.cases
    assert (cases["number"], cases["amount"], cases["currency"]) == (["PP-R-1"], [Decimal(amount)], [currency])
    assert cases["issuer"] == ["PayPal"]
    assert statuses(book) == [("Pending", None, "Under Review")]


SFTP = (
    "RH,2015/09/07 03:00:00 -0700,X,008\nFH,01\nSH,2015/09/06 00:00:00 -0700,X\n"
    '"CH","Case type","Case ID","Original transaction ID","Transaction date","Transaction invoice ID","Card type","Case reason",'
    '"Claimant name","Claimant email address","Case filing date","Case status","Response due date","Disputed amount",'
    '"Disputed currency","Disputed transaction ID","Money movement","Settlement type","Seller protection",'
    '"Seller protection payout amount","Seller protection currency","Payment tracking ID","Buyer comments","Store ID",'
    '"Chargeback Reason Code","Outcome"\n'
    '"SB","Claim","PP-004-1","0038G","2015/08/13 07:50:09 +0200","INV-7","","Not as described","Ann","ann@example.com",'
    '"2015/08/17 12:38:57 +0200","Being Reviewed By PayPal","2015/08/27 12:00:00 +0200","221","USD","","No Impact","",'
    '"Ineligible","","","","It is blue","","","None"\n'
    '"SB","Dispute","PP-004-2","0038H","2015/08/14 07:50:09 +0200","","","Item not received","Bob","bob@example.com",'
    '"2015/08/18 12:00:00 +0200","Resolved","","500","JPY","","Credit","","Ineligible","","","","","","","Seller favor"\n'
    '"SF",2\n"SC",2\n"RF",2\n"RC",2\n"FF",2\n'
)


def test_paypal_s_case_report_over_sftp(book: Book) -> None:
    update = ready(book, "paypal", SFTP)
    assert [problem.message for problem in (*update.plan.problems, *update.plan.listed)] == []
    enter_update(book, update)
    cases = book.records.cases
    assert cases["number"] == ["PP-004-1", "PP-004-2"]
    assert cases["amount"] == [Decimal("2.21"), Decimal(500)]
    assert (cases["opened"][0], str(cases["respond_by"][0])[:9]) == (date(2015, 8, 17), "2015-08-2")
    names = ("payment", "order", "customer", "reason", "currency", "issuer")
    assert [cases[name][0] for name in names] == ["0038G", "INV-7", "Ann", "Not as described", "USD", "PayPal"]
    assert cases.extra["Buyer comments"][0] == "It is blue"
    assert "CH" not in cases.extra
    ended = f"Resolved - Seller favor (Ended by {AS_OF}, the day of report.)"
    assert statuses(book) == [("Pending", None, "Being Reviewed By PayPal"), ("Denied", AS_OF, ended)]
    again = enter_update(book, ready(book, "paypal", SFTP))
    assert (again.entries, again.filled, again.conflicts) == ([], 0, ())


STRIPE = (
    "id,Description,Dispute Created (UTC),Charge Created (UTC),Dispute Amount,Dispute Currency,Charge Amount,Charge "
    "Currency,Charge ID,Customer Email,Reason,Status,Due By (UTC),Past Due,Has Evidence,Submission Count\n"
    "du_1AbC,Shoes,2023-10-05 23:30,2023-10-01 10:00,49.90,usd,49.90,usd,ch_1,a@example.com,product_not_received,"
    "needs_response,2023-10-20 23:59,false,false,0\n"
    "du_1abC,Hat,2023-10-06 10:30,2023-10-01 10:00,20.00,eur,20.00,eur,ch_2,b@example.com,fraudulent,lost,,false,true,1\n"
    "du_1abD,Bag,2023-10-06 10:30,2023-10-01 10:00,20.00,eur,20.00,eur,ch_3,c@example.com,general,won,,false,true,1\n"
)


def test_stripe_s_export_of_disputes(book: Book) -> None:
    enter_update(book, ready(book, "stripe", STRIPE))
    cases = book.records.cases
    assert cases["number"] == ["du_1AbC", "du_1abC", "du_1abD"]  # upper and lower case differ
    assert (cases["currency"], cases["payment"]) == (["USD", "EUR", "EUR"], ["ch_1", "ch_2", "ch_3"])
    assert cases["reason"] == ["Non-delivery", "fraudulent", "Other"]
    assert str(cases["respond_by"][0]).startswith("2023-10-2")
    assert [row[:2] for row in statuses(book)] == [("Pending", None), ("Full Refund", AS_OF), ("Denied", AS_OF)]
    again = enter_update(book, ready(book, "stripe", STRIPE, as_of=date(2023, 11, 2)))
    assert (again.entries, again.filled, again.conflicts) == ([], 0, ())


def test_a_prevented_dispute_is_entered_and_asked_of_whether_the_money_was_given_back(book: Book) -> None:
    prevented = STRIPE.replace(",general,won,", ",general,prevented,")
    update = ready(book, "stripe", prevented)
    (asked,) = update.plan.listed
    assert "Was the money given back at once: Full Refund? Or was it blocked: Withdrawn?" in asked.message
    assert "--set-status" in asked.message
    enter_update(book, update)
    assert len(book.records.cases) == 3
    assert [row[0] for row in statuses(book)] == ["Pending", "Full Refund"]
    table, found = open_ready(prevented.encode(), "report", "stripe")
    found = answered(found, said_statuses(("prevented=Full Refund",)))
    enter_update(book, compare(read(table, found, book.records, as_of=AS_OF, is_update=True), book.records))
    assert statuses(book)[2] == ("Full Refund", AS_OF, f"prevented (Ended by {AS_OF}, the day of report.)")


def test_times_of_a_report_are_in_the_zone_that_its_map_says(tmp_path: Path) -> None:
    path = build(tmp_path / "tracker.xlsx", 'setting "Time zone=Asia/Shanghai" ; case number=GTB-1 opened=2023-10-01')
    book = refundbook.load(path, today=TODAY)
    table, found = open_ready(STRIPE.encode(), "report", "stripe")
    entry = read(table, found, book.records, as_of=AS_OF).entries[0]
    assert (entry.fields["opened"], entry.fields["respond_by"]) == (date(2023, 10, 6), datetime(2023, 10, 21, 7, 59))


@pytest.mark.parametrize(
    ("name", "text"), [("paypal", STRIPE), ("stripe", PAYPAL), ("paypal", "Date,Name,Gross\n1,2,3\n")]
)
def test_another_report_is_refused_with_the_columns_that_are_looked_for(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"is no report of {name} that is known: it would have the columns"):
        open_ready(text.encode(), "report", name)
