"""Conditional formats of the pillar sheets: a colour, and words beside the value.

A conditional format cannot write into a cell, but its number format can add text to what is shown: a date format
`yyyy-mm-dd" overdue"`, a text format `"duplicate "@` (ECMA-376 Part 1, 18.8.14 and 18.8.31). Where several apply,
Excel takes the number format of the first.

Before a case number the words stand first: no program makes a row higher for them, and what does not fit into one line
is cut off at its end. A date is made smaller until all fits, and so has few words.
"""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from refundbook.base.schema import CASES, COMMUNICATIONS, Kind, Sheet
from refundbook.template import names
from refundbook.template.style import ALARM, DATE_FORMAT, MOMENT_FORMAT, NOTICE, TEXT_FORMAT, WHOLE_FORMAT
from refundbook.template.validations import letters, literal, once, whole_column

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

NUMBER_TWICE = f'"duplicate "{TEXT_FORMAT}'
UNKNOWN_CASE = f'"unknown "{TEXT_FORMAT}'
ENTRY_TWICE = f'{WHOLE_FORMAT}" twice"'
FUTURE = f'{DATE_FORMAT}" future"'
NO_REPLY = f'{DATE_FORMAT}" no reply"'
OVERDUE = f'{DATE_FORMAT}" overdue"'
OVERDUE_TODAY = '"today "hh:mm" overdue"'
NO_CASE = f'{TEXT_FORMAT}" – unknown cases left out"'
NO_CASE_IN_SHORT = f'{TEXT_FORMAT}" – incomplete"'
EMPTY = f'{TEXT_FORMAT}" – enter a case on Cases first"'

CODES = (
    NUMBER_TWICE,
    UNKNOWN_CASE,
    ENTRY_TWICE,
    FUTURE,
    NO_REPLY,
    OVERDUE,
    OVERDUE_TODAY,
    MOMENT_FORMAT,
    NO_CASE,
    NO_CASE_IN_SHORT,
    EMPTY,
)
FIRST_FORMAT_ID = 200
"""The codes' ids count up from here: ids of one's own lie above 163, and these are clear of those of the cells."""


RECENT = 100
"""Where a log has more rows than are computed, so many of the last are looked for one by one: what is typed. For all of
them that would grow with the square of their number.
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """One conditional format: the column's name, a condition for row 2, the number format and, unless it is only that,
    the colours.
    """

    column: str
    condition: str
    code: str
    colours: tuple[str, str] | None = ALARM


def add_alerts(worksheet: Worksheet, sheet: Sheet) -> None:
    """Give a pillar its conditional formats; alarms come before plain formats and so win."""
    at = letters(sheet)
    for alert in (*_alerts(sheet, at), *_with_time(sheet, at)):
        worksheet.conditional_formatting.add(whole_column(at[alert.column]), _rule(alert))


def _rule(alert: Alert) -> Rule:
    return alert_rule(alert.condition, alert.code, alert.colours)


def alert_rule(condition: str, code: str, colours: tuple[str, str] | None = ALARM) -> Rule:
    """A conditional format: where the condition holds, the number format `code`, one of `CODES`, and the colours."""
    look = DifferentialStyle(numFmt=NumberFormat(FIRST_FORMAT_ID + CODES.index(code), code))
    if colours is not None:
        look.font = Font(color=colours[0])
        look.fill = PatternFill(bgColor=colours[1])
    return Rule(type="expression", formula=[condition], dxf=look)


def _alerts(sheet: Sheet, at: dict[str, str]) -> tuple[Alert, ...]:
    number = f"${at['number']}2"
    if sheet is CASES:
        return _case_alerts(number, at)
    if sheet is COMMUNICATIONS:
        return _communication_alerts(number, at)
    return (_unknown_case(number, "Resolution"), *_in_future("date", at))


def _if(*conditions: str) -> str:
    """All conditions, each tested only where those before it hold: unlike `AND`, which computes every one for every
    cell.
    """
    *first, last = conditions
    return "".join(f"IF({condition}," for condition in first) + last + ")" * len(first)


def _in_table(prefix: str, number: str, steps: str, below: str, recent: int = 0) -> str:
    """What the Calculation sheet says of row 2, or for a row below the Table, which it does not know, what the formula
    `below` says. Where it computes nothing, since there are too many rows, that is asked of so many `recent` rows too,
    and nothing is said of the others.

    In `steps`, `{place}` is the row's place in its log.
    """
    place = f"ROW({number})-ROW({prefix}Head)+1"
    return f"IFERROR(IF(TooMany,NA(),{steps.format(place=place)}),IF({place}>{prefix}Rows-{recent},{below},FALSE))"


def _case_place(prefix: str) -> str:
    return f"MAX(1,INDEX({'CaseFirst' if prefix == 'Case' else f'{prefix}Cases'},{{place}}))"


def _case_alerts(number: str, at: dict[str, str]) -> tuple[Alert, ...]:
    below = f"NOT(AND({once(at['number'], literal(number))}))"
    twice = _in_table("Case", number, f"INDEX(CaseTimes,{_case_place('Case')})>1", below, RECENT)
    opened = f"${at['opened']}2"
    waits = _if(f"ISNUMBER({opened})", f"{opened}<LateBefore", _is_open(number, "Case"), _unanswered(number))
    return (
        Alert("number", _if(f'TRIM({number})<>""', twice), NUMBER_TWICE),
        *_in_future("opened", at),
        Alert("opened", waits, NO_REPLY, NOTICE),
        *_overdue("respond_by", at, f"ISBLANK(${at['answered_on']}2)", _is_open(number, "Case")),
        *_in_future("answered_on", at),
    )


def _unanswered(number: str) -> str:
    """True when support never wrote, or a message sent to them after their last one has waited longer than the target,
    in whole days.
    """
    return _in_table("Case", number, f"INDEX(CaseUnanswered,{_case_place('Case')})=1", "TRUE")


def _communication_alerts(number: str, at: dict[str, str]) -> tuple[Alert, ...]:
    entry = f"${at['entry']}2"
    below = f"NOT(AND({once(at['entry'], entry)}))"
    twice = _if(f"ISNUMBER({entry})", _in_table("Message", number, "INDEX(EntryTimes,{place})<>1", below, RECENT))
    not_kept = (f'${at["promise"]}2<>""', f"ISBLANK(${at['kept_on']}2)", _is_open(number, "Message"))
    return (
        Alert("entry", twice, ENTRY_TWICE),
        _unknown_case(number, "Message"),
        *_in_future("date", at),
        *_overdue("due", at, *not_kept),
        *_in_future("kept_on", at),
    )


def _is_open(number: str, prefix: str) -> str:
    return _in_table(prefix, number, f"INDEX(CaseEnded,{_case_place(prefix)})=0", "TRUE")


def _unknown_case(number: str, prefix: str) -> Alert:
    below = f"ISNA(MATCH({literal(number)},{names.CASE_NUMBERS},0))"
    unknown = _in_table(prefix, number, f"INDEX({prefix}Cases,{{place}})<2", below, RECENT)
    return Alert("number", _if(f'TRIM({number})<>""', unknown), UNKNOWN_CASE)


def _in_future(column: str, at: dict[str, str]) -> tuple[Alert, ...]:
    cell = f"${at[column]}2"
    return (Alert(column, _if(f"ISNUMBER({cell})", f"{cell}>CurrentMoment"), FUTURE),)


def _overdue(column: str, at: dict[str, str], *conditions: str) -> tuple[Alert, ...]:
    """A date without a time is overdue when its day is over; of one with a time the time is said on that day."""
    cell = f"${at[column]}2"
    before = _if(f"ISNUMBER({cell})", f"{cell}<CurrentDay", *conditions)
    today = _if(f"ISNUMBER({cell})", f"{cell}<CurrentMoment", f"{cell}>CurrentDay", *conditions)
    return Alert(column, before, OVERDUE), Alert(column, today, OVERDUE_TODAY)


def _with_time(sheet: Sheet, at: dict[str, str]) -> tuple[Alert, ...]:
    moments = [column.name for column in sheet.columns if column.kind is Kind.MOMENT]
    return tuple(
        Alert(name, _if(f"ISNUMBER(${at[name]}2)", f"MOD(${at[name]}2,1)>0"), MOMENT_FORMAT, None) for name in moments
    )
