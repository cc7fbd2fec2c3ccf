"""What a cell of another's table means for a column here, as its map says. A cell of a Tracker may hold
several values.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.amounts import Amount, Around, read_amount
from refundbook.base.clock import Clock, local
from refundbook.base.currencies import code_of, decimals_of
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import COMMUNICATIONS, FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS, Column, Kind
from refundbook.base.text import is_blank, quoted
from refundbook.base.values import Read, reader, to_text
from refundbook.importing.column_map import UNTRANSLATED, ImportMap, Target, folded_value
from refundbook.importing.foreign_cells import cell_value
from refundbook.importing.written_forms import in_english
from refundbook.record.records import Records
from refundbook.xlsx.reading.shown_numbers import SignedNumber

Fields = dict[str, object]

_OFFSET = re.compile(r"(?i)(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$")
_WHOLE = re.compile("[0-9]+")

_REPLY = re.compile(r"(?s)(?P<date>.+?)\s*\(\s*Agent\s*:\s?(?P<agent>.*)\)\s*", re.IGNORECASE)
_OUTCOME = re.compile(r"(?s)(?P<when>.+?) [-\u2013\u2014] (?P<outcome>.*)")
_OPEN = {status.casefold(): status for status in OPEN_STATUSES}
# Words beside which a status does not say how a case ended, as in "Full refund not issued" or "Replacement promised".
_DOUBT = re.compile(
    r"(?i)\b(?:not|no|never|nor|neither|without|cannot|unable|fail(?:s|ed)?|instead|unless|if|until|await\w*|pending|"
    r"request\w*|ask\w*|promis\w*|offer\w*|propos\w*|expect\w*|will|should|may|might|refus\w*|declin\w*|"
    r"reject\w*|cancel\w*|revers\w*|revok\w*|appeal\w*|\w+n['’]t)\b"
)


class _Way(NamedTuple):
    """How the cells for a column are read."""

    column: Column
    is_date: bool
    read: Read


class CellReader:
    """Reads cells as a map says. Every method raises BadValue where it is not certain what a cell means."""

    def __init__(self, found: ImportMap, records: Records, *, date_1904: bool) -> None:
        clock = records.clock
        self._found = found
        self._date_1904 = date_1904
        self.clock = clock if found.day_first is None else Clock(clock.now, clock.zone, found.day_first)
        self._zone = zoneinfo.ZoneInfo(found.time_zone) if found.time_zone else None
        self._ways: dict[Target, _Way] = {}
        self._currencies = tuple(map(code_of, records.settings.lists["Currencies"]))

    def read(self, target: Target, raw: object, start: date | None = None) -> object:
        """A value for a column of the schema. `start` is what a span of time counts from."""
        way = self._ways.get(target) or self._way(target)
        column = way.column
        raw = self._translated(target, raw)
        if not way.is_date:
            return way.read(raw if type(raw) is str else cell_value(column, raw), start)
        if isinstance(raw, str) and raw.strip() and self._found.date_format:
            raw = _by_format(column.header, raw, self._found.date_format)
        elif isinstance(raw, str):
            raw = in_english(raw)
        moment = self._in_zone(way.read(cell_value(column, raw, date_1904=self._date_1904), start), raw)
        return day_of(moment) if column.kind is Kind.DATE and isinstance(moment, date) else moment

    def _way(self, target: Target) -> _Way:
        column = target.column
        # A time of day is certain to lie on its day, and other trackers often have one.
        read = reader(column._replace(kind=Kind.MOMENT) if column.kind is Kind.DATE else column, self.clock)
        way = self._ways[target] = _Way(column, column.is_date, read)
        return way

    def _in_zone(self, moment: object, raw: object) -> object:
        """A moment in the workbook's zone, where the map says in which zone it was written and it names none itself."""
        if self._zone is None or not isinstance(moment, datetime) or (isinstance(raw, str) and _OFFSET.search(raw)):
            return moment
        return local(moment.replace(tzinfo=self._zone), self.clock.zone)

    def amount(self, target: Target, raw: object, given: object, of_case: object) -> Amount | None:
        """An amount, with the currencies that are given with it and with its case; None for a blank cell. Where none is
        given, what the cell's format shows beside the figure tells it.
        """
        sign = raw.text if isinstance(raw, SignedNumber) and not given else ""
        raw = cell_value(target.column, self._translated(target, raw))
        if is_blank(raw):
            return None
        around = Around(code_of(given), code_of(of_case), self._currencies)
        if self._found.minor_units and _WHOLE.fullmatch(to_text(raw).strip()):
            return Amount(_of_minor_units(target, raw, around))
        if sign and isinstance(raw, Decimal):
            return read_amount(target.column.header, f"{raw:f} {sign}", around, decimal=".")
        return read_amount(target.column.header, raw, around, decimal=self._found.decimal or "")

    def _translated(self, target: Target, raw: object) -> object:
        """A value as the map translates it, or as it is."""
        said = self._found.values.get(target)
        found = said.get(folded_value(to_text(raw)), UNTRANSLATED) if said else UNTRANSLATED
        return raw if found == UNTRANSLATED else found

    def reply(self, raw: object, opened: object, *, has_message: bool, has_summary: bool) -> Fields:
        """Date and agent of the last reply, such as `2023-10-28 (Agent: Maya)`.

        Without a reply the messages are dated on the day that the case was opened, and count as sent: nothing says that
        support ever answered.
        """
        support = COMMUNICATIONS["with_"].choices[0]
        if is_blank(raw):
            return {"date": opened, "with_": support, "direction": "Sent"} if has_message else {}
        match = _REPLY.fullmatch(raw) if isinstance(raw, str) else None
        day = self.read(Target(COMMUNICATIONS.pillar, "date"), match["date"] if match else raw)
        if not has_summary:
            raise BadValue("There is a reply, but no summary of what was said. Write one in a few words.")
        return {"date": day, "with_": support, "direction": "Received", "agent": match["agent"] if match else None}

    def outcome(self, raw: object, status: object) -> Fields:
        """Status, date and outcome, such as `2023-10-30 - Full refund issued to card.`, `Pending - Awaiting return
        shipment scan.` or `Reopened`.

        `status` is the one that stands in a column of its own; None where there is none.
        """
        if is_blank(raw):
            return {}
        match = _OUTCOME.fullmatch(raw) if isinstance(raw, str) else None
        when = match["when"] if match else raw
        outcome = match["outcome"] if match else None
        if isinstance(when, str) and (is_open := _OPEN.get(when.strip().casefold())):
            return {"status": is_open, "outcome": outcome}
        day = self.read(Target(RESOLUTIONS.pillar, "date"), when)
        status = status or status_in_words(outcome or "")
        if status is None:
            raise BadValue(
                "It does not say for certain how the case ended: begin what follows the date with one of "
                f"{', '.join(FINAL_STATUSES)}, as in {day} - {FINAL_STATUSES[-2]}: … If it is still open, write "
                f"{' or '.join(OPEN_STATUSES)} in place of the date."
            )
        return {"status": status, "date": day, "outcome": outcome}


def _of_minor_units(target: Target, raw: object, around: Around) -> Decimal:
    """An amount that counts the smallest unit of its currency (ISO 4217): 100 is 1.00 in USD, and 100 in JPY."""
    currency = around.given or around.of_case
    decimals = decimals_of(currency)
    if decimals is None:
        raise BadValue(
            f"{target.column.header} {quoted(raw)} counts the smallest unit of its currency, and the row does not say "
            "which that is: give the column of the currency a place in the map."
        )
    return Decimal(to_text(raw).strip()).scaleb(-decimals)


def status_in_words(text: str) -> str | None:
    """The final status that a text names, where it names one and no other, and no word in it casts doubt on that; else
    None.
    """
    named = [status for status in FINAL_STATUSES if re.search(rf"(?i)\b{status.replace(' ', r'[ -]')}\b", text)]
    return named[0] if len(named) == 1 and not _DOUBT.search(text) else None


def _by_format(header: str, text: str, form: str) -> object:
    try:
        return datetime.strptime(text.strip(), form)
    except ValueError:
        raise BadValue(f"{header} {quoted(text)} is not a date of the form {form} that the map gives.") from None
