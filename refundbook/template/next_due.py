"""What is due next of the case in each row of the Tracker: the steps on the Calculation sheet, and the words on the
Tracker.

A deadline is a whole number: the second in which it ends, times 100,000, plus what is due then: the place of the
message that promises it, or a number for the gateway's and for a reply's. The least is due next. A day without a time
ends in its last second, as in `record/promises.py`; a promise without a date has seconds beyond all dates.
"""

from __future__ import annotations

from refundbook.base.due_words import GATEWAY_WAITS, NO_DATE, NO_REPLY_SINCE, OVERDUE
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS
from refundbook.template import names
from refundbook.template.steps import Step, of_place

_UNDATED, _FAR = "8E9", "92592"
"""Seconds from which on a deadline has no date, and the day that begins then, in 2153: the numbers stay below 10^15, so
that no program cuts a digit off.
"""
_GATEWAY, _REPLY = "99998", "99999"
_NONE = "9E15"
_LAST_SECOND = "86399"

_PROMISE, _DUE, _KEPT, _WITH, _DIRECTION = (
    names.log(COMMUNICATIONS, name) for name in ("promise", "due", "kept_on", "with_", "direction")
)


def _last_second(seconds: str) -> str:
    return f"(MOD({seconds},86400)=0)*{_LAST_SECOND}"


_MADE = "INT(MessageOrder/1E5)"
# Promises without a date by when they were made: those of 1998 to 2061 have an order.
_DUE_SECONDS = (
    f"IF(ISNUMBER({_DUE})*({_DUE}<{_FAR}),ROUND({_DUE}*86400,0)+(MOD({_DUE},1)=0)*{_LAST_SECOND},"
    f"{_UNDATED}-3.1E9+{_MADE}+{_last_second(_MADE)}+(MessageOrder<1E5)*5E9)"
)


def _counted(order: str) -> str:
    return f"FREQUENCY(({order}>0)*MessageCases,CasePlaces)*(CasePlaces>1)"


STEPS = (
    Step(
        "DueOrder",
        COMMUNICATIONS,
        f'({_PROMISE}<>"")*(1-ISNUMBER({_KEPT}))*(MessageCases>1)*(1-MessageEnded)*({_DUE_SECONDS}*1E5+MessagePlaces)',
        "For a promise that is to be kept, the second in which it is due, times 100,000, and the place; else 0.",
    ),
    Step(
        "AskedOrder",
        COMMUNICATIONS,
        f'({_WITH}="Support")*({_DIRECTION}="Sent")*(MessageOrder>1E5)*(MessageCases>1)'
        f"*(MessageOrder>{of_place('MessageCases', 'CasePlaces', 'CaseReplied')})*MessageOrder",
        "The order of a message that was sent to support after their last reply; else 0.",
    ),
    Step("CasePromised", CASES, _counted("DueOrder"), "How many promises are to be kept."),
    Step("CaseAsked", CASES, _counted("AskedOrder"), "How many messages wait for a reply."),
)


class WindowStep(NamedTuple):
    """A column with a cell for each row of the Tracker: its name, what it holds, and the formula for row `{k}`,
    from 1. What several of the row's formulas need is here once.
    """

    name: str
    says: str
    formula: str


_PLACE = "INDEX(TrackerPlaces,{k})"
_FIRST, _REPLIED = "INDEX(TrackerCase,{k})", "INDEX(TrackerReply,{k})"
_OPENED = f"INDEX(CaseOpened,{_FIRST})"
_SINCE, _BY = "INDEX(TrackerWaits,{k})", "INDEX(TrackerReplyBy,{k})"
_TARGET = names.RESPONSE_TARGET
_NOW = "ROUND(CurrentMoment*86400,0)"


def _least(order: str, count: str) -> str:
    """The least of the case. Where there is none, no message is looked at."""
    return f"IF(INDEX({count},{_FIRST})=0,{_NONE},MIN(IF((MessageCases={_FIRST})*({order}>0),{order},{_NONE})))"


_ASKED = f"INT({_least('AskedOrder', 'CaseAsked')}/1E5)"
_WAITS = f"IF({_REPLIED}>0,{_ASKED},IF(ISNUMBER({_OPENED}),ROUND({_OPENED}*86400,0),{_NONE}))"
_REPLY_ENDS = f"IF(MOD({_SINCE},86400)=0,{_SINCE}+(INT({_TARGET}/24)+1)*86400,INT({_SINCE}+{_TARGET}*3600))"


def _of_case(name: str) -> str:
    return f"INDEX({names.log(CASES, name)},{_PLACE})"


_RESPOND = _of_case("respond_by")
_GATEWAY_DUE = (
    f"IF(ISNUMBER({_RESPOND})*({_RESPOND}<{_FAR})*(1-ISNUMBER({_of_case('answered_on')})),"
    f"(ROUND({_RESPOND}*86400,0)+(MOD({_RESPOND},1)=0)*{_LAST_SECOND})*1E5+{_GATEWAY},{_NONE})"
)
_REPLY_DUE = f"IF({_BY}<{_NOW},{_BY}*1E5+{_REPLY},{_NONE})"


def _where_shown(formula: str) -> str:
    return f'IF(TooMany,"",IF({_PLACE}="","",{formula}))'


def _where_open(formula: str) -> str:
    return _where_shown(f'IF(INDEX(CaseEnded,{_FIRST})=1,"",{formula})')


WINDOW_STEPS = (
    WindowStep(
        "TrackerCase",
        "The place by which the case's entries are found: that of the first, where its number stands twice.",
        _where_shown(f"MAX(1,INDEX(CaseFirst,{_PLACE}))"),
    ),
    WindowStep("TrackerReply", "The place of support's newest reply.", _where_shown(f"INDEX(CaseReply,{_FIRST})")),
    WindowStep("TrackerNewest", "The place of the newest resolution.", _where_shown(f"INDEX(CaseNewest,{_FIRST})")),
    WindowStep("TrackerWaits", "The second since which the case waits for support.", _where_open(_WAITS)),
    WindowStep(
        "TrackerReplyBy",
        "The second in which their time to reply ends.",
        _where_open(f"IF({_SINCE}>={_UNDATED},{_SINCE},{_REPLY_ENDS}-(MOD({_REPLY_ENDS},86400)=0))"),
    ),
    # By itself, since all that depends on NOW is computed anew after each change.
    WindowStep("TrackerPromised", "The promise that is due next.", _where_open(_least("DueOrder", "CasePromised"))),
    WindowStep(
        "TrackerDue",
        "What is due next: the second, times 100,000, and what it is.",
        _where_open(f"MIN(INDEX(TrackerPromised,{{k}}),{_GATEWAY_DUE},{_REPLY_DUE})"),
    ),
)


def iso(day: str) -> str:
    """The formula for a day as `2023-10-28`, without `TEXT`, whose codes depend on the language."""
    return f'YEAR({day})&"-"&RIGHT("0"&MONTH({day}),2)&"-"&RIGHT("0"&DAY({day}),2)'


def words(k: int) -> str:
    """The formula for what is due next in the Tracker's row `k`, from 1 (told from the records in
    tests/support/working_columns.py).
    """
    due, place, since = (text.format(k=k) for text in ("INDEX(TrackerDue,{k})", _PLACE, _SINCE))
    seconds = f"INT({due}/1E5)"
    clock = f'RIGHT("0"&INT(MOD({seconds},86400)/3600),2)&":"&RIGHT("0"&INT(MOD({seconds},3600)/60),2)'
    time = f'IF(MOD({seconds},86400)={_LAST_SECOND},""," "&{clock})'
    when = f'IF({seconds}>={_UNDATED},"{NO_DATE}",{iso(f"INT({seconds}/86400)")}&{time})'
    late = f'IF({seconds}<{_NOW}," {OVERDUE}","")'
    issuer = f"INDEX({names.log(CASES, 'issuer')},{place})"
    gateway = f'"You"&IF({names.words(issuer)}="",""," to "&{issuer})&": {GATEWAY_WAITS}"'
    reply = f'"Support: {NO_REPLY_SINCE} "&{iso(f"INT({since}/86400)")}'
    kind = f"MOD({due},1E5)"
    with_, agent, direction, promise = (
        f"INDEX({names.log(COMMUNICATIONS, name)},{kind})" for name in ("with_", "agent", "direction", "promise")
    )
    signed = f'IF({names.words(agent)}="",""," ("&{agent}&")")'
    promised = f'IF({direction}="Sent","You to ","")&{with_}&{signed}&": "&{promise}'
    what = f"IF({kind}={_GATEWAY},{gateway},IF({kind}={_REPLY},{reply},{promised}))"
    return f'IF({due}="","",IF({due}>={_NONE},"",{when}&{late}&" - "&{what}))'
