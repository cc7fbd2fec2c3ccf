"""Rules on the rows of one sheet: numbers that stand twice, and resolutions that contradict themselves or each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import pairwise

from refundbook.base.a1 import column_number
from refundbook.base.lookalikes import how_they_differ, look_alike
from refundbook.base.schema import FINAL_STATUSES, OPEN_STATUSES, REFUND_STATUSES
from refundbook.base.text import quoted
from refundbook.record.nearest import look_of
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.declare import Hit, Scope, error, warning
from refundbook.record.rules.scan import is_whole, logs_in, rows, rows_by_case
from refundbook.record.rules.wording import in_shell, shown, text_of


@error("RB201", scope=Scope.CASE)
def case_number_twice(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number stands twice.

    Every case has one number and one row, or its messages and its refund could not be told apart. Numbers are compared
    without outer blanks, invisible characters, the kind of dash and upper or lower case (which counts for issuers such
    as Stripe, whose numbers differ by it). What happened later to a case goes elsewhere: a message to Communications,
    its end to Resolutions. Move what the later row adds there, then delete that row.

        RB201 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; case number=GTB-123456 opened=2023-12-31
        RB166 Cases!A3, RB201 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; case number="gtb–123456 " opened=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31 ; case number=GTB-123457 opened=2023-12-31
        RB201 Cases!A3: case number=pi_1Ab issuer=Other opened=2023-12-31 ; case number=pi_1aB issuer=Other opened=2023-12-31
        RB251 Cases!A3: case number=dp_1Ab opened=2023-12-31 ; case number=dp_1aB opened=2023-12-31
        RB151 Cases!A2, RB151 Cases!A3, RB251 Cases!A3: case number=pi_1Ab issuer=Stripe opened=2023-12-31 ; case number=pi_1aB issuer=Stripe opened=2023-12-31
    """
    log = records.cases
    keys, by_case = log.keys, log.by_case
    for i in rows(log, at):
        key = keys[i]
        if not key or (first := by_case[key][0]) == i:
            continue
        number, before = text_of(log, i, "number"), text_of(log, first, "number")
        spelled = "" if number == before else f", spelled {quoted(before)}"
        opened = shown(log, first, "opened")
        known = in_shell(before)
        hint = (
            f"News of that case is logged elsewhere: a message with `refundbook append communication {known} …` "
            f"(sheet Communications), its outcome with `refundbook append resolution {known} …` (sheet Resolutions). "
            "Another case has another number."
        )
        where = f"in row {log.rows[first]} of {log.sheet.name} ({opened}{spelled})"
        yield Hit(log, i, "number", f"{shown(log, i, 'number')} is already {where}.", hint)


def entry_of(log: Log, position: int) -> int | None:
    """A message's entry number, where it is a whole number: a feature for `Log.lookup`."""
    entry = log["entry"][position]
    return entry if type(entry) is int else None


def _entry_numbers_differ(records: Records, at: Positions) -> bool:
    log = records.communications
    if not is_whole(log, at):
        return False
    entries = [entry for entry in log["entry"] if type(entry) is int]
    return len(set(entries)) == len(entries)


@error("RB202", scope=Scope.LOGS, unless=_entry_numbers_differ)
def entry_number_twice(records: Records, at: Positions) -> Iterator[Hit]:
    """An entry number stands twice.

    The number names one entry of the communication log; with two of them, `amend` could not know which one is meant. It
    happens when a row is copied. Give the later entry the next free number.

        RB202 Communications!A3: case number=GTB-123456 opened=2023-12-31 ; communication entry=1 number=GTB-123456 date=2023-12-31 with=Support summary=Hello ; communication entry=1 number=GTB-123456 date=2023-12-31 with=Support summary="Hello again"
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication entry=1 number=GTB-123456 date=2023-12-31 with=Support summary=Hello ; communication entry=2 number=GTB-123456 date=2023-12-31 with=Support summary="Hello again"
    """
    log = records.communications
    positions = log.lookup(entry_of)
    free = 0
    for i in rows(log, at):
        entry = entry_of(log, i)
        if entry is not None and (first := positions[entry][0]) != i:
            free = free or max(positions) + 1
            message = f"{shown(log, i, 'entry')} is already in row {log.rows[first]} of {log.sheet.name}."
            yield Hit(log, i, "entry", message, f"Give the entry the next free number, {free}.")


@error("RB209", scope=Scope.ROW)
def final_without_date(records: Records, at: Positions) -> Iterator[Hit]:
    """A final status without a date.

    The day on which a case ended is what its record is for: waiting times are counted up to it, and messages after it
    are found by it. Enter the day, or set the status to Pending.

        RB209 Resolutions!C2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Pending
    """
    log = records.resolutions
    statuses, dates = log["status"], log["date"]
    for i in rows(log, at):
        if dates[i] is None and statuses[i] in FINAL_STATUSES:
            message = f"Resolution Date is empty, and {shown(log, i, 'status')} is final."
            yield Hit(log, i, "date", message, "Enter the day on which the case ended, or set the status to Pending.")


@error("RB210", scope=Scope.ROW)
def pending_with_date(records: Records, at: Positions) -> Iterator[Hit]:
    """Pending with a date.

    A pending case has not ended, so it has no Resolution Date. If it ended on that day, set the final status; if the
    date is the one on which something is expected, say so in Outcome. (A case may be Reopened on a date.)

        RB210 Resolutions!C2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Pending date=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31 ; resolution number=GTB-123456 status=Reopened date=2023-12-31
    """
    log = records.resolutions
    statuses, dates = log["status"], log["date"]
    for i in rows(log, at):
        if dates[i] is not None and statuses[i] == OPEN_STATUSES[0]:
            message = f"{shown(log, i, 'date')} stands with the status Pending."
            yield Hit(log, i, "date", message, "Set the final status if the case ended then; else clear the date.")


@error("RB211", scope=Scope.CASE)
def after_the_end(records: Records, at: Positions) -> Iterator[Hit]:
    """After a final resolution comes another one than Reopened.

    A final status ends the case. What comes after it first has to say that the case is open again: enter Reopened, then
    the new status. If the earlier one was entered by mistake, correct it in its row. Entries are taken in the order of
    Logged At where each of a case's entries has one, else in the order of their rows.

        RB211 Resolutions!B3: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31 ; resolution number=GTB-123456 status=Withdrawn date=2023-12-31
        RB211 Resolutions!B3: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31 ; resolution number=GTB-123456 status=Pending
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31 ; resolution number=GTB-123456 status=Reopened ; resolution number=GTB-123456 status=Withdrawn date=2023-12-31
    """
    log = records.resolutions
    statuses, known = log["status"], frozenset(log.sheet["status"].choices)
    for key, group in rows_by_case(log, at):
        if len(log.by_case[key]) == 1:
            continue
        wanted = set(group)
        history = [i for i in records.resolution_history(key) if statuses[i] in known]
        for before, i in pairwise(history):
            if statuses[before] in FINAL_STATUSES and statuses[i] != OPEN_STATUSES[1] and i in wanted:
                earlier = f"the final {shown(log, before, 'status')} in row {log.rows[before]}"
                message = f"{shown(log, i, 'status')} follows {earlier}, of the same {shown(log, i, 'number')}."
                hint = "Enter Reopened before it if the case was opened again; else correct the earlier entry."
                yield Hit(log, i, "status", message, hint)


@error("RB212", scope=Scope.ROW)
def related_to_itself(records: Records, at: Positions) -> Iterator[Hit]:
    """A related case is the case itself.

    Related Case leads to another case about the same matter, such as the dispute at PayPal beside the request at GTBuy.
    Enter that one's number, or leave the cell blank.

        RB212 Cases!F2: case number=GTB-123456 opened=2023-12-31 related=gtb-123456
        Okay: case number=GTB-123456 opened=2023-12-31 related=PP-R-1 ; case number=PP-R-1 opened=2023-12-31
    """
    log = records.cases
    keys, related = log.keys, log["related"]
    for i in rows(log, at):
        other = related[i]
        if isinstance(other, str) and keys[i] and records.key_of(other) == keys[i]:
            message = f"{shown(log, i, 'related')} is the number of the case itself."
            yield Hit(log, i, "related", message, "Enter the number of the other case, or leave it blank.")


def _no_numbers_look_alike(records: Records, at: Positions) -> bool:
    log = records.cases
    # Folding all numbers at once is ten times as fast as one by one.
    return not rows(log, at) or len(set(look_alike("\n".join(log.by_case)).split("\n"))) == len(log.by_case)


@warning("RB251", scope=Scope.LOGS, unless=_no_numbers_look_alike)
def look_alike_numbers(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number differs from another only by look-alikes.

    The letter O and the digit 0, or I, l and 1, are easily taken for each other when a number is copied by eye, and
    then one case has two rows. So it has where a number is written now with dashes or blanks and now without, with the
    zeros before it or without, or with a letter of another script that looks like a Latin one. Compare both with the
    issuer's messages. If they are one case, keep one row.

        RB251 Cases!A3: case number=PP-R-10 opened=2023-12-31 ; case number=PP-R-IO opened=2023-12-31
        RB251 Cases!A3, RB251 Cases!A4: case number=A-100011 opened=2023-12-31 ; case number="#A 100011" opened=2023-12-31 ; case number=А_0100011 opened=2023-12-31
        Okay: case number=PP-R-10 opened=2023-12-31 ; case number=PP-R-20 opened=2023-12-31
        Okay: case number=A-10 opened=2023-12-31 ; case number=A-100 opened=2023-12-31
    """
    log = records.cases
    keys, alike = log.keys, log.lookup(look_of)
    for i in rows(log, at):
        key = keys[i]
        first = alike[look_alike(key)][0] if key else i
        if keys[first] != key:
            other = f"{text_of(log, first, 'number')} in row {log.rows[first]}"
            how = how_they_differ(key, keys[first])
            message = f"{shown(log, i, 'number')} differs from {other} only by {how}."
            yield Hit(log, i, "number", message, "Compare both with the issuer's messages; one case has one row.")


@warning("RB252", scope=Scope.ROW)
def refund_without_amount(records: Records, at: Positions) -> Iterator[Hit]:
    """A refund without amount or method.

    How much came back, and how, is what shows later whether a refund arrived. Older records may lack it; look it up on
    the statement of the card or account.

        RB252 Resolutions!D2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 method=Card
        RB252 Resolutions!D2, RB252 Resolutions!F2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status="Partial Refund" date=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 amount=49.90 method=Card
    """
    log = records.resolutions
    statuses = log["status"]
    for i in rows(log, at):
        if statuses[i] not in REFUND_STATUSES:
            continue
        for name in ("amount", "method"):
            if log[name][i] is None and (i, name) not in log.errors:
                message = f"{log.sheet[name].header} is empty for a {statuses[i]}."
                yield Hit(log, i, name, message, "Enter it from the statement of the card or account.")


def _folded(summary: object) -> str | None:
    return summary.strip().casefold() if isinstance(summary, str) else None


def _messages_differ(records: Records, at: Positions) -> bool:
    log = records.communications
    if not is_whole(log, at):
        return False
    summaries = log["summary"]
    folded = {text: _folded(text) for text in set(summaries)}
    all_rows = zip(log.keys, log["date"], log["with_"], (folded[text] for text in summaries), strict=True)
    return len(set(all_rows)) == len(log)


@warning("RB255", scope=Scope.CASE, unless=_messages_differ)
def same_message_twice(records: Records, at: Positions) -> Iterator[Hit]:
    """The same message stands twice.

    Same case, same date, same side, same summary: most likely it was entered twice. Delete one of the rows; if there
    really were two, let their summaries say how they differ.

        RB255 Communications!H3: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary="Sent photos." ; communication number=gtb-123456 date=2023-12-31 with=Support summary="sent photos. "
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary="Sent photos." ; communication number=GTB-123456 date=2023-12-31 with=Buyer summary="Sent photos."
    """
    log = records.communications
    dates, sides, summaries = log["date"], log["with_"], log["summary"]
    for key, group in rows_by_case(log, at):
        messages = log.by_case[key]
        if len({(dates[i], sides[i]) for i in messages}) == len(messages):
            continue
        wanted, seen = set(group), dict[Hashable, int]()
        for i in messages:
            summary = _folded(summaries[i])
            if summary is None:
                continue
            first = seen.setdefault((dates[i], sides[i], summary), i)
            if first != i and i in wanted:
                message = (
                    f"{shown(log, i, 'summary')} is already in row {log.rows[first]} of {log.sheet.name}, "
                    "on the same date."
                )
                yield Hit(log, i, "summary", message, "Keep one of the two, or let the summaries say how they differ.")


@warning("RB256", scope=Scope.BELOW)
def below_the_table(records: Records, at: Positions) -> Iterator[Hit]:
    """Rows below the table that the table does not cover.

    Such a row looks like an entry and is none: no rule, no formula and no figure sees it. It happens when rows are
    pasted with a gap, or by a program that knows nothing of tables. Drag the table's corner down over the rows (in
    Excel, the small mark at the bottom right of the table), or move them away. A total or a note below the table is
    welcome; with a blank row between, new entries have room.

    Rows that touch the table and are meant as entries are another matter: see RB257 and RB258. A row is meant as one when its Case Number
    holds a digit and is not the count of a formula. A label such as `Total` or `Note: call Maya` has no digit; where nothing else
    that is required stands in the row, several words (`Total 2023`) are a label too, unless they are a number as an
    issuer writes it. The first row that is blank or no entry ends what touches the table, and so does a totals row.

        RB256 Cases!A9: case number=GTB-123456 opened=2023-12-31 ; cell Cases!A9=GTB-123457
        RB256 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; cell Cases!A3=Total
        RB256 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; cell "Cases!A3=Total 2023"
        Okay: case number=GTB-123456 opened=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31 ; cell "Cases!A3=  " ; cell "Cases!A4= "
    """
    for log in logs_in(records, at):
        leftmost = min(log.letters, key=lambda name: column_number(log.letters[name]))
        for row in log.uncovered:
            message = f"Row {row} of {log.sheet.name} holds something, but the table ends above it: it is not an entry."
            yield Hit(log, None, leftmost, message, "Extend the table over it, or move it away.", row=row)


@warning("RB257", scope=Scope.BELOW, stops_saves=True)
def not_an_entry_yet(records: Records, at: Positions) -> Iterator[Hit]:
    """A row right below the table that cannot be taken into it.

    It has a case number, and was typed where the table did not grow (LibreOffice never lets it grow). Something that an
    entry needs is missing or wrong, so it does not count. Loading goes on without it; saving does not, because the next
    entry would hide it or the table would grow over it: what was to be entered waits in the inbox. Correct the row, or, if it is no entry,
    leave a blank row between it and the table.

        RB257 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; cell Cases!A3=GTB-123457
        RB257 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; below case number=gtb-123456 opened=2023-12-30
        RB257 Communications!B3: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello ; below communication number=GTB-9 date=2023-12-31 with=Support summary=Hi
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for log in logs_in(records, at):
        for row, left in log.left_out.items():
            what = f"{log.sheet.pillar.capitalize()} {left.number} in row {row}, right below the table,"
            message = f"{what} cannot be taken into it: {left.why}"
            yield Hit(log, None, "number", message, left.hint, value=left.number, row=row)


@warning("RB258", scope=Scope.BELOW)
def right_below_the_table(records: Records, at: Positions) -> Iterator[Hit]:
    """An entry right below the table, which did not grow over it.

    LibreOffice never lets a table grow, and other programs do not either. The row counts as an entry here, and the next
    save takes it into the table: what was typed stays as it is, and Entry, Issuer, Direction, Logged At and Logged By are filled in where they are blank,
    as for every entry. Until then the workbook's own formulas, charts and drop-downs do not see it. Nothing needs to be
    done.

        RB258 Cases!A3: case number=GTB-123456 opened=2023-12-31 ; below case number=GTB-123457 opened=2023-12-31
        RB258 Resolutions!A3, RB258 Resolutions!A4: case number=GTB-1 opened=2023-12-31 ; resolution number=GTB-1 status=Pending ; below resolution number=GTB-1 status=Denied date=2023-12-31 ; below resolution number=GTB-1 status=Reopened
        Okay: case number=GTB-123456 opened=2023-12-31 ; case number=GTB-123457 opened=2023-12-31
    """
    for log in logs_in(records, at):
        for i in log.joined_positions:
            number = shown(log, i, "number")
            message = f"{number} stands right below the table. It counts, and the next save takes it into the table."
            hint = "Until then formulas and charts of the workbook do not see it; nothing needs to be done."
            yield Hit(log, i, "number", message, hint)
