"""The hidden sheet Calculation: what several formulas need is computed there once, an entry of a log in a row, one step
a column, with a heading and a sentence on what it holds.

A step's cells are one array formula over a log's structured references with their header,
`Cases[[#Headers],[#Data],[Date Opened]]` (ECMA-376 Part 1, 18.17.2.5). So there are always two rows and more, also
where a log holds one entry or none: over a single row LibreOffice takes an array for its first value, and
`LARGE(IF(condition,key),1)` is 0. The first row stands for the header and belongs to no case. Every step has a defined
name, which covers just the rows that the log has; other sheets know these names only. `place` is an entry's place in
its log, counted from the header as 1.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.base.live_bounds import BOUNDS, CALCULATION, PLACES, ROWS, TRACKER_PLACES
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS, SHEETS, Sheet
from refundbook.template import key_steps, names, next_due, style, window
from refundbook.template.key_steps import (
    CASE_KEY_STEPS,
    LETTERS,
    NO_KEY,
    PREFIXES,
    WEIGHTS,
    entry_key_steps,
    is_cased,
    issuers,
    substituted,
)
from refundbook.template.steps import DAY, Step, newest, of_place, orders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TOP = 3
"""The row of a log's header; above it stand the steps' names and what they hold."""

PATTERNS = 12
"""So many patterns of issuers whose numbers are case-sensitive are looked at."""

_APART = 99
"""They are taken apart by so many blanks between them."""

_RESOLVED, _LOGGED = names.log(RESOLUTIONS, "date"), names.log(RESOLUTIONS, "logged_at")
_SENT, _DUE, _KEPT = (names.log(COMMUNICATIONS, name) for name in ("date", "due", "kept_on"))
_STATUS = f"TRIM({names.log(RESOLUTIONS, 'status')})"
_ENTRY = f"IF(ISNUMBER({names.log(COMMUNICATIONS, 'entry')}),{names.log(COMMUNICATIONS, 'entry')},-MessagePlaces)"
_OPENED = names.log(CASES, "opened")
_WITH_SUPPORT = f'({names.log(COMMUNICATIONS, "with_")}="Support")'
_DIRECTION = names.log(COMMUNICATIONS, "direction")
_FINAL = ",".join(f'"{status}"' for status in FINAL_STATUSES)
_ONCE = "(CaseFirst=CasePlaces)"
# A due date without a time runs until its day is over.
_PAST = f"({_DUE}+(MOD({_DUE},1)=0)<=CurrentMoment)"
_PROMISED = f'ISNUMBER({_DUE})*({names.log(COMMUNICATIONS, "promise")}<>"")'
_KEPT_LATE = f"({_KEPT}>=INT({_DUE})+1)"


def _rows(log: Sheet) -> str:
    return f"ROWS({names.log(log, 'number')})"


def _of_case(step: str, cases: str) -> str:
    return of_place(cases, "CasePlaces", step)


def _bits(log: Sheet) -> int:
    return ROWS[log.name].bit_length()


def _of_newest(step: str) -> str:
    """What the newest resolution of each case has; what stands for the header where there is none."""
    return of_place("CaseNewest", "ResolutionPlaces", step)


EXPRESSIONS = {
    "CaseHead": names.head(CASES, "number"),
    "MessageHead": names.head(COMMUNICATIONS, "number"),
    "ResolutionHead": names.head(RESOLUTIONS, "number"),
    **{f"{prefix}Rows": _rows(log) for log, prefix in PREFIXES},
    "MessageReplies": f'{_WITH_SUPPORT}*({_DIRECTION}<>"Sent")*(MessageOrder>1E5)*MessageCases',
    # Sent to support after their last reply, and so long ago that an answer is late.
    "MessageWaits": f"(AskedOrder>0)*(INT(AskedOrder/{DAY})<LateBefore)*MessageCases",
    "CaseReplied": f"{of_place('CaseReply', 'MessagePlaces', 'MessageOrder')}*(CaseReply>0)",
    "MessageEnded": f"(MessageCases>0)*{_of_case('CaseEnded', 'MessageCases')}",
    "CaseNotLogged": f"FREQUENCY(ResolutionCases*(1-ISNUMBER({_LOGGED})),CasePlaces)",
    "ResolutionLogged": f"({_of_case('CaseNotLogged', 'ResolutionCases')}=0)",
    "CaseEnd": _of_newest(_RESOLVED),
    "ResolutionOwnCurrencies": names.words(names.log(RESOLUTIONS, "currency")),
    "ResolutionCaseCurrencies": f"REPT({_of_case('CaseCurrencies', 'ResolutionCases')},ResolutionCases>1)",
}
"""Parts of the steps that are used in one place, as names without cells."""

STEPS = (
    *CASE_KEY_STEPS,
    *entry_key_steps(COMMUNICATIONS, "Message"),
    *entry_key_steps(RESOLUTIONS, "Resolution"),
    Step("CaseTimes", CASES, "FREQUENCY(CaseFirst,CasePlaces)", "How many cases have this key, at the first of them."),
    Step(
        "CaseOpened",
        CASES,
        f'IF({_ONCE}*ISNUMBER({_OPENED}),{_OPENED},"")',
        "The day of opening; blank where the number stands for the second time.",
    ),
    # By Logged At where all of the case's entries have it.
    Step(
        "ResolutionOrder",
        RESOLUTIONS,
        orders(_LOGGED, "ResolutionPlaces", "ResolutionLogged"),
        "When it was logged, in seconds, times 100,000, and its place: the greatest is the newest.",
    ),
    *newest("Newest", RESOLUTIONS, CASES, "ResolutionCases", "ResolutionOrder", "ResolutionPlaces", _bits(RESOLUTIONS)),
    Step(
        "CaseStatus",
        CASES,
        f'REPT({_of_newest(_STATUS)},CaseNewest>0)&REPT("{OPEN_STATUSES[0]}",CaseNewest<1)',
        "The status of the newest resolution.",
    ),
    Step(
        "CaseEnded",
        CASES,
        f"{_ONCE}*ISNUMBER(MATCH(CaseStatus,{{{_FINAL}}},0))",
        "1 where the case has ended; 0 where its number stands for the second time.",
    ),
    Step(
        "CaseDays",
        CASES,
        'IF((CaseEnded=1)*ISNUMBER(CaseEnd)*(CaseEnd>0)*ISNUMBER(CaseOpened),INT(CaseEnd)-INT(CaseOpened),"")',
        "Days from opening to the end.",
    ),
    Step(
        "CaseAges",
        CASES,
        'IF((CaseEnded=0)*ISNUMBER(CaseOpened),CurrentDay-INT(CaseOpened),"")',
        "Days open until now.",
    ),
    Step("CaseReasons", CASES, names.words(names.log(CASES, "reason")), "The reason without blanks around it."),
    Step("CaseCurrencies", CASES, names.words(names.log(CASES, "currency")), "The currency of the request."),
    Step(
        "ResolutionCurrencies",
        RESOLUTIONS,
        'IF(ResolutionOwnCurrencies="",ResolutionCaseCurrencies,ResolutionOwnCurrencies)',
        "The currency of the amount; where it has none, that of the case.",
    ),
    Step(
        "MessageOrder",
        COMMUNICATIONS,
        orders(_SENT, "MessagePlaces"),
        "The date in seconds, times 100,000, and the place: messages in date order.",
    ),
    Step(
        "SaidCases",
        COMMUNICATIONS,
        f'({names.words(names.log(COMMUNICATIONS, "summary"))}<>"")*(MessageOrder>1E5)*MessageCases',
        "The case's place in messages that say something and have a date.",
    ),
    Step("CaseSaid", CASES, "FREQUENCY(SaidCases,CasePlaces)*(CasePlaces>1)", "How many messages say something."),
    *newest("Reply", COMMUNICATIONS, CASES, "MessageReplies", "MessageOrder", "MessagePlaces", _bits(COMMUNICATIONS)),
    Step(
        "CaseUnanswered",
        CASES,
        "--((CaseReply=0)+(FREQUENCY(MessageWaits,CasePlaces)>0)>0)",
        "1 where support never wrote, or what was sent to them waits for longer than the response target.",
    ),
    # FREQUENCY counts equal numbers at the first of them, and 0 at the others.
    Step(
        "EntryTimes",
        COMMUNICATIONS,
        f"FREQUENCY({_ENTRY},{_ENTRY})",
        "1 where no other message has the same entry number.",
    ),
    Step(
        "PromiseLines",
        COMMUNICATIONS,
        f"IF({_PROMISED},ISNUMBER({_KEPT})*(1+{_KEPT_LATE})"
        f'+(1-ISNUMBER({_KEPT}))*(3+{_PAST}+MessageEnded*(2-{_PAST})),"")',
        "The line of Insights that counts the promise, from 1.",
    ),
    *next_due.STEPS,
    Step("CaseRanks", CASES, window.RANKS, "Open cases before others, the latest first: what the Tracker shows."),
)

_FIRST_STEP = 2
_SORTED_COLUMN = _FIRST_STEP + len(STEPS)
_WINDOW_COLUMN = _SORTED_COLUMN + 1
_LIST_COLUMN = _WINDOW_COLUMN + 2 + len(next_due.WINDOW_STEPS)
"""The columns of single figures begin here."""
_STARTS_ROW = TOP + 3
_WEIGHTS_COLUMN = _LIST_COLUMN + PATTERNS + 1

_FIGURES = {
    "CasedPatterns": (0, "The patterns of issuers whose numbers differ by upper and lower case."),
    "TooMany": (1, "Whether a log has more rows than are computed here."),
    "CurrentDay": (2, "Today."),
    "CurrentMoment": (3, "This moment."),
    **{
        name: (5 + k, "Whether a number there is written in an unusual way.")
        for k, name in enumerate(key_steps.odd_numbers())
    },
    "LateBefore": (4, "What was sent to support before this day, and was not answered, is late."),
    "SortedRows": (5 + len(key_steps.odd_numbers()), "How many cases are sorted, the header counted in."),
}


def _cells(column: int, rows: int) -> str:
    letter = get_column_letter(column)
    return f"${letter}${TOP}:${letter}${TOP + rows - 1}"


def _figure(name: str) -> str:
    return f"${get_column_letter(_LIST_COLUMN + _FIGURES[name][0])}${TOP}"


def _starts() -> str:
    first, last = (get_column_letter(_LIST_COLUMN + k) for k in (0, PATTERNS - 1))
    return f"${first}${_STARTS_ROW}:${last}${_STARTS_ROW}"


def _named(column: int, log: Sheet) -> str:
    cells = f"{CALCULATION}!{_cells(column, ROWS[log.name])}"
    return f"{cells.partition(':')[0]}:INDEX({cells},{_rows(log)})"


def defined_names() -> dict[str, str]:
    """The expressions, and the name of each step with the cells that it stands for: as many as its log has rows with
    the header, so two at least.
    """
    row, weights = (f"{CALCULATION}!{cells}" for cells in (f"$A$1:${get_column_letter(LETTERS)}$1", _weights()))
    return {
        **key_steps.expressions(row, weights),
        **EXPRESSIONS,
        **{PLACES[log.name]: _named(1, log) for log in SHEETS},
        **{step.name: _named(_FIRST_STEP + k, step.log) for k, step in enumerate(STEPS)},
        "CaseSorted": f"{CALCULATION}!{_cells(_SORTED_COLUMN, ROWS[CASES.name])}",
        TRACKER_PLACES: f"{CALCULATION}!{_cells(_WINDOW_COLUMN, BOUNDS.shown)}",
        **{
            step.name: f"{CALCULATION}!{_cells(_WINDOW_COLUMN + k, BOUNDS.shown)}"
            for k, step in enumerate(next_due.WINDOW_STEPS, 1)
        },
        **{name: f"{CALCULATION}!{_figure(name)}" for name in _FIGURES},
        "Cased": f"{CALCULATION}!{_starts()}",
    }


def add_calculation(sheet: Worksheet) -> None:
    """Write the steps, and hide the sheet."""
    places = _cells(1, max(ROWS.values()))
    _head(sheet, 1, "Place", "The place of an entry in its log, counted from the header as 1.")
    _put(sheet, places, f"ROW({places})-{TOP - 1}")
    for column, step in enumerate(STEPS, _FIRST_STEP):
        rows = ROWS[step.log.name]
        _head(sheet, column, step.name, step.says)
        is_beyond = f"{_cells(1, rows)}>{_rows(step.log)}"
        _put(sheet, _cells(column, rows), f'IF(TooMany,"",{step.whole(is_beyond)})')
    _add_sorted(sheet)
    _head(sheet, _WINDOW_COLUMN, TRACKER_PLACES, "The place of the case that each row of the Tracker shows.")
    for k in range(1, BOUNDS.shown + 1):
        sheet.cell(TOP + k - 1, _WINDOW_COLUMN).value = f"={window.place(k)}"
    for column, window_step in enumerate(next_due.WINDOW_STEPS, _WINDOW_COLUMN + 1):
        _head(sheet, column, window_step.name, window_step.says)
        for k in range(1, BOUNDS.shown + 1):
            cell = f"{get_column_letter(column)}{TOP + k - 1}"
            _put(sheet, f"{cell}:{cell}", window_step.formula.format(k=k))
    _add_figures(sheet)
    _add_cased(sheet)
    for k, weight in enumerate(WEIGHTS):
        sheet.cell(TOP + k, _WEIGHTS_COLUMN).value = weight
    _head(sheet, _WEIGHTS_COLUMN, "Weights", "What the code of each letter of a key is multiplied by.")
    style.print_setup(sheet)
    sheet.sheet_state = "hidden"


def _head(sheet: Worksheet, column: int, name: str, says: str) -> None:
    style.header(sheet.cell(1, column), name, style.SLATE)
    sheet.cell(2, column).value = says
    style.paint(sheet.cell(2, column), style.font(8, style.MUTED), alignment=style.TOP_WRAPPED)
    sheet.column_dimensions[get_column_letter(column)].width = 24


def _weights() -> str:
    return _cells(_WEIGHTS_COLUMN, LETTERS)


def _put(sheet: Worksheet, cells: str, formula: str) -> None:
    ref = cells.replace("$", "")
    sheet[ref.partition(":")[0]] = ArrayFormula(ref, f"={formula}")


def _add_sorted(sheet: Worksheet) -> None:
    """The numbers of `CaseNumbered`, ascending, in cells of their own: LibreOffice sorts anew for each number of a
    list. The first is below all.
    """
    _head(sheet, _SORTED_COLUMN, "CaseSorted", "The numbers of CaseNumbered, the least first.")
    sheet.cell(TOP, _SORTED_COLUMN).value = 0
    for k in range(1, ROWS[CASES.name]):
        sheet.cell(TOP + k, _SORTED_COLUMN).value = f"=IF({k}>SortedRows,{NO_KEY},SMALL(CaseNumbered,{k}))"


def _add_figures(sheet: Worksheet) -> None:
    too_many = ",".join(f"{_rows(log)}>{ROWS[log.name]}" for log in SHEETS)
    formulas = {
        "TooMany": f"OR({too_many})",
        "CurrentDay": "TODAY()",
        "CurrentMoment": "NOW()",
        "LateBefore": f"CurrentDay-{names.RESPONSE_TARGET}/24",
        "SortedRows": f"IF(TooMany,0,{_rows(CASES)})",
    }
    for name, formula in key_steps.odd_numbers().items():
        _put(sheet, f"{_figure(name)}:{_figure(name)}", formula)
    for name, (offset, says) in _FIGURES.items():
        _head(sheet, _LIST_COLUMN + offset, name, says)
        if name in formulas:
            sheet[_figure(name).replace("$", "")] = f"={formulas[name]}"


def _add_cased(sheet: Worksheet) -> None:
    """How numbers begin in which upper and lower case differ: what stands before the first sign of such an issuer's
    patterns.

    A pattern that begins with a sign, or one too many, makes that of all numbers: rather a number that is not found,
    which is said, than two taken for one. So does an Excel before 2019, which cannot join the patterns.
    """
    style.header(sheet.cell(_STARTS_ROW - 1, _LIST_COLUMN), "Cased", style.SLATE)
    _, patterns, _ = issuers()
    signs = substituted(patterns, [(f'"{sign}"', '"#"') for sign in "@?*"])
    listed = f'TRIM(SUBSTITUTE(_xlfn.TEXTJOIN(" ",TRUE,IF({is_cased()},{signs},"")),","," "))'
    letter = get_column_letter(_LIST_COLUMN)
    _put(sheet, f"{letter}{TOP}:{letter}{TOP}", f'IFERROR({listed},"#")')
    places = ",".join(str(1 + _APART * k) for k in range(PATTERNS))
    one, more = (
        f'TRIM(MID(SUBSTITUTE(CasedPatterns," ",REPT(" ",{_APART})),{start},{_APART}))'
        for start in (f"{{{places}}}", 1 + _APART * PATTERNS)
    )
    nothing = '",,"'
    _put(sheet, _starts(), f'IF({more}<>"","",IF({one}="",{nothing},LEFT({one},FIND("#",{one}&"#")-1)))')
