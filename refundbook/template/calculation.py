"""The hidden sheet Calculation: what several formulas need is computed there once, an entry of a log in a row, one step
a column.

A step's cells are one array formula over a log's structured references with their header,
`Cases[[#Headers],[#Data],[Date Opened]]` (ECMA-376 Part 1, 18.17.2.5). So there are always two rows and more, also
where a log holds one entry or none: over a single row LibreOffice takes an array for its first value, and
`LARGE(IF(condition,key),1)` is 0. The first row stands for the header and belongs to no case. Every step has a defined
name, which covers just the rows that the log has; other sheets know these names only. `place` is an entry's place in
its log, counted from the header as 1.

Case numbers are compared as `values.canonical` does, as far as formulas can: blanks, dashes, invisible signs and
full-width letters become what they stand for. What is left over is a number that no case has, and the sheets say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from string import ascii_letters, ascii_uppercase, digits, punctuation
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, RESOLUTIONS, SHEETS, Sheet
from refundbook.base.settings import ISSUER_HEADERS, Issuer
from refundbook.template import names, style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpyxl.worksheet.worksheet import Worksheet

CALCULATION = "Calculation"
TOP = 2
"""The row of a log's header; above it stand the steps' names."""

ROWS = {CASES.name: 2_000, COMMUNICATIONS.name: 8_000, RESOLUTIONS.name: 4_000}
"""For so many rows of each log, its header among them, the steps are computed."""

MESSAGE_DAY = "8.64E9"
"""A day in the numbers of MessageOrder."""

PATTERNS = 12
"""So many patterns of issuers whose numbers are case-sensitive are looked at."""

_APART = 99
"""They are taken apart by so many blanks between them."""

_CASED = (Issuer("", ("*",), case_sensitive=True),)
"""With these all letters keep their case."""

_FULL_WIDTH = 0xFEE0
_WILDCARDS = "~*?"
"""What `MATCH` takes for more than itself (18.17.7.212). Their full-width forms, which the rules take for the same, are
compared in their place.
"""

_BLANKS_DASHES_INVISIBLE = (
    *(0x09, 0x0A, 0x0D, 0x85, 0xA0, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
    *(*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D),
    *(0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)),
    *(*range(0x2066, 0x206A), 0xFE0E, 0xFE0F, 0xFEFF),
)
_SIGNS = [ord(sign) + _FULL_WIDTH for sign in punctuation if sign not in _WILDCARDS + "-"]
_DIGITS_AND_SIGNS = [*(ord(digit) + _FULL_WIDTH for digit in digits), *_SIGNS]
_LETTERS = [ord(letter) + _FULL_WIDTH for letter in ascii_letters]


@dataclass(frozen=True, slots=True)
class Step:
    """One column: its defined name, the log whose rows it has, and its array formula without `=`."""

    name: str
    log: Sheet
    formula: str


def _substituted(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    return reduce(lambda inner, pair: f"SUBSTITUTE({inner},{pair[0]},{pair[1]})", pairs, text)


def _read_as(codes: Iterable[int]) -> list[tuple[str, str]]:
    """What the rules take each character for, as arguments of SUBSTITUTE."""
    return [(f"_xlfn.UNICHAR({code})", f'"{_plain(chr(code))}"') for code in codes]


def _plain(character: str) -> str:
    return canonical(f"a{character}b", _CASED)[1:-1].replace('"', '""')


def _key(log: Sheet, prefix: str) -> tuple[dict[str, str], tuple[Step, ...]]:
    """The steps that give a case number's key, with the expressions that lead to it: a formula may nest 64 functions,
    so they stand in names.

    Two numbers are one case where their keys are equal, whatever their letters' case. Where it matters, the key has a
    sign before each capital: in a number that begins as such an issuer's patterns do, and in one of `CaseApart`.
    """
    number = f'{names.log(log, "number")}&""'
    wild = [(f'"{sign}"', f"_xlfn.UNICHAR({ord(sign) + _FULL_WIDTH})") for sign in _WILDCARDS]
    letters, capitals, folded = f"{prefix}Letters", f"{prefix}Capitals", f"{prefix}Folded"
    begins = f"--EXACT(LEFT({letters},LEN(Cased)),Cased)"
    expressions = {
        f"{prefix}Places": f"ROW({names.log(log, 'number')})-ROW({names.head(log, 'number')})+1",
        f"{prefix}Cased": f"--(MMULT({begins},TRANSPOSE(--(LEN(Cased)>=0)))>0)",
    }
    signed = _substituted(letters, [(f'"{letter}"', f'"^{letter}"') for letter in ascii_uppercase])
    is_apart = f'({folded}<>"")*ISNUMBER(MATCH({folded},CaseApart,0))'
    return expressions, (
        Step(f"{prefix}Blanks", log, f"TRIM({_substituted(number, _read_as(_BLANKS_DASHES_INVISIBLE))})"),
        Step(f"{prefix}Signs", log, _substituted(f"{prefix}Blanks", _read_as(_DIGITS_AND_SIGNS))),
        Step(letters, log, _substituted(f"{prefix}Signs", [*_read_as(_LETTERS), *wild])),
        Step(capitals, log, f'"^"&{signed}'),
        Step(folded, log, f'IF({prefix}Places=1,"",IF({prefix}Cased,{capitals},{letters}))'),
        Step(f"{prefix}Keys", log, f"IF(SUM(LEN(CaseApart))=0,{folded},IF({is_apart},{capitals},{folded}))"),
    )


def _apart() -> tuple[dict[str, str], tuple[Step, ...]]:
    """The step that finds the numbers which only their letters' case tells apart, since a case among them is of an
    issuer whose numbers it does (RB201).
    """
    issuer = f"TRIM({names.log(CASES, 'issuer')})"
    listed, _, _ = _issuers()
    of_these, spelled = (f"LOOKUP(CaseFoldedFirst,CasePlaces,{counts})>0" for counts in ("CaseIssued", "CaseSpelled"))
    return {
        "CaseOfCased": f'({issuer}<>"")*ISNUMBER(MATCH({issuer},IF({_is_cased()},TRIM({listed}),""),0))',
        "CaseFoldedFirst": "IFERROR(MATCH(CaseFolded,CaseFolded,0),1)",
        "CaseIssued": "FREQUENCY(IF(CaseOfCased,CaseFoldedFirst,0),CasePlaces)",
        "CaseSpelled": "FREQUENCY(IF(MATCH(CaseCapitals,CaseCapitals,0)=CaseFoldedFirst,0,CaseFoldedFirst),CasePlaces)",
    }, (
        Step(
            "CaseApart",
            CASES,
            f'IF(SUM(CaseOfCased)=0,"",IF((CaseFolded<>"")*({of_these})*({spelled}),CaseFolded,""))',
        ),
    )


def _issuers() -> tuple[str, str, str]:
    """The names, patterns and `Case-Sensitive` of the Settings sheet, each column with its header."""
    name, patterns, cased = (f"Issuers[[#Headers],[#Data],[{header}]]" for header in ISSUER_HEADERS)
    return name, patterns, cased


def _is_cased() -> str:
    _, _, cased = _issuers()
    return f'ISNUMBER(MATCH(TRIM({cased}),{{"yes","true","1"}},0))'


_RESOLVED, _LOGGED = names.log(RESOLUTIONS, "date"), names.log(RESOLUTIONS, "logged_at")
_SENT, _DUE, _KEPT = (names.log(COMMUNICATIONS, name) for name in ("date", "due", "kept_on"))
_OPENED = names.log(CASES, "opened")
_WITH_SUPPORT = f'({names.log(COMMUNICATIONS, "with_")}="Support")'
_DIRECTION = names.log(COMMUNICATIONS, "direction")
_FINAL = ",".join(f'"{status}"' for status in FINAL_STATUSES)
_ONCE = "(CaseFirst=CasePlaces)"
# A due date without a time runs until its day is over.
_PAST = f"({_DUE}+(MOD({_DUE},1)=0))<=NOW()"
_PROMISED = f'ISNUMBER({_DUE})*({names.log(COMMUNICATIONS, "promise")}<>"")'
_KEPT_IN_TIME = f"INT({_KEPT})<=INT({_DUE})"


def _seconds(moments: str) -> str:
    return f"ROUND({moments}*86400,0)"


def _last_of_each(stamps: str, size: str) -> str:
    """The one entry of each case that has the greatest stamp, which is `size` times the case's place, and something
    less than `size`.

    FREQUENCY counts each number at the least of the entries that is not below it. So for each case a number just below
    all stamps that it can have, with their sign turned, falls to its greatest; that takes a sort, where comparing each
    entry with each would grow with the square.
    """
    return f"FREQUENCY(-CasePlaces*{size}-{size}+1,-{stamps})"


_KEYS = [_key(CASES, "Case"), _apart(), _key(COMMUNICATIONS, "Message"), _key(RESOLUTIONS, "Resolution")]

EXPRESSIONS = {
    "CaseHead": names.head(CASES, "number"),
    "MessageHead": names.head(COMMUNICATIONS, "number"),
    "ResolutionHead": names.head(RESOLUTIONS, "number"),
    **{name: expression for expressions, _ in _KEYS for name, expression in expressions.items()},
    "MessageEnded": "IFERROR(LOOKUP(MessageCases,CasePlaces,CaseEnded),0)",
    "CaseNotLogged": f"FREQUENCY(IF(ISNUMBER({_LOGGED}),0,ResolutionCases),CasePlaces)",
    "ResolutionNotLogged": "IFERROR(LOOKUP(ResolutionCases,CasePlaces,CaseNotLogged),1)",
    "ResolutionLast": f'IF({_last_of_each("ResolutionStamps", "1E10")}>0,ResolutionStamps,"")',
    "CaseEnd": f'IFERROR(LOOKUP(CaseNewest,ResolutionPlaces,IF(ISNUMBER({_RESOLVED}),INT({_RESOLVED}),"")),"")',
    "ResolutionOwnCurrencies": names.words(names.log(RESOLUTIONS, "currency")),
    "ResolutionCaseCurrencies": 'IFERROR(LOOKUP(ResolutionCases,CasePlaces,CaseCurrencies),"")',
}
"""Parts of the steps that are used in one place, as names without cells."""

STEPS = (
    *(step for _, steps in _KEYS for step in steps),
    # The place of the case: of the first one, where a number stands twice. Below 2 there is none, and a blank case has
    # no entries.
    Step("CaseFirst", CASES, 'IFERROR(MATCH(CaseKeys,CaseKeys,0),-1)-(CaseKeys="")*9'),
    Step("MessageCases", COMMUNICATIONS, "IFERROR(MATCH(MessageKeys,CaseKeys,0),0)"),
    Step("ResolutionCases", RESOLUTIONS, "IFERROR(MATCH(ResolutionKeys,CaseKeys,0),0)"),
    Step("CaseTimes", CASES, "FREQUENCY(CaseFirst,CasePlaces)"),
    Step("CaseOpened", CASES, f'IF({_ONCE}*ISNUMBER({_OPENED}),{_OPENED},"")'),
    # The newest resolution of each case: by Logged At where all of the case's entries have it, of the same second by
    # row.
    Step(
        "ResolutionStamps",
        RESOLUTIONS,
        f"ResolutionCases*1E10+IF(ISNUMBER({_LOGGED})*(ResolutionNotLogged=0),{_seconds(_LOGGED)},0)",
    ),
    Step(
        "ResolutionTies",
        RESOLUTIONS,
        "IF(ISNUMBER(MATCH(ResolutionStamps,ResolutionLast,0))*(ResolutionCases>1),ResolutionCases*1E6+ResolutionPlaces,0)",
    ),
    Step(
        "ResolutionNewest",
        RESOLUTIONS,
        f"IF(({_last_of_each('ResolutionTies', '1E6')}>0)*(ResolutionTies>0),ResolutionCases,0)",
    ),
    Step("CaseNewest", CASES, "IFERROR(MATCH(CasePlaces,ResolutionNewest,0),0)"),
    Step(
        "CaseStatus",
        CASES,
        f'IFERROR(LOOKUP(CaseNewest,ResolutionPlaces,TRIM({names.log(RESOLUTIONS, "status")})),"Pending")',
    ),
    Step("CaseEnded", CASES, f"{_ONCE}*ISNUMBER(MATCH(CaseStatus,{{{_FINAL}}},0))"),
    Step(
        "CaseDays",
        CASES,
        'IF((CaseEnded=1)*ISNUMBER(CaseEnd)*ISNUMBER(CaseOpened),CaseEnd-INT(CaseOpened),"")',
    ),
    Step("CaseAges", CASES, 'IF((CaseEnded=0)*ISNUMBER(CaseOpened),TODAY()-INT(CaseOpened),"")'),
    Step("CaseReasons", CASES, names.words(names.log(CASES, "reason"))),
    Step("CaseCurrencies", CASES, names.words(names.log(CASES, "currency"))),
    Step(
        "ResolutionCurrencies",
        RESOLUTIONS,
        'IF(ResolutionOwnCurrencies="",ResolutionCaseCurrencies,ResolutionOwnCurrencies)',
    ),
    # Messages in date order, of the same second by row: the keys are whole numbers below 10^15, which are exact, and
    # the remainder is the place.
    Step("MessageOrder", COMMUNICATIONS, f"IF(ISNUMBER({_SENT}),{_seconds(_SENT)}*1E5+MessagePlaces,0)"),
    # The cases of the messages that say something, of those from support and of those to them.
    Step("SaidCases", COMMUNICATIONS, f'IF({names.words(names.log(COMMUNICATIONS, "summary"))}="",0,MessageCases)'),
    Step("ReplyCases", COMMUNICATIONS, f'IF({_WITH_SUPPORT}*({_DIRECTION}<>"Sent"),MessageCases,0)'),
    Step("SentCases", COMMUNICATIONS, f'IF({_WITH_SUPPORT}*({_DIRECTION}="Sent"),MessageCases,0)'),
    # Of each promise with a due date the place of its line on Insights.
    Step(
        "PromiseLines",
        COMMUNICATIONS,
        f'IF({_PROMISED},IF(ISNUMBER({_KEPT}),IF({_KEPT_IN_TIME},1,2),IF(MessageEnded=1,5,IF({_PAST},4,3))),"")',
    ),
)


_LIST_COLUMN = len(STEPS) + 2
_STARTS_ROW = TOP + 3


def _cells(place: int, log: Sheet) -> str:
    letter = get_column_letter(place)
    return f"${letter}${TOP}:${letter}${TOP + ROWS[log.name] - 1}"


def _starts() -> str:
    first, last = (get_column_letter(_LIST_COLUMN + k) for k in (0, PATTERNS - 1))
    return f"${first}${_STARTS_ROW}:${last}${_STARTS_ROW}"


def defined_names() -> dict[str, str]:
    """The expressions, and the name of each step with the cells that it stands for: as many as its log has rows with
    the header, so two at least.
    """
    found = {
        **EXPRESSIONS,
        "CasedPatterns": f"{CALCULATION}!${get_column_letter(_LIST_COLUMN)}${TOP}",
        "TooMany": f"{CALCULATION}!${get_column_letter(_LIST_COLUMN + 1)}${TOP}",
        "Cased": f"{CALCULATION}!{_starts()}",
    }
    for place, step in enumerate(STEPS, start=1):
        cells = f"{CALCULATION}!{_cells(place, step.log)}"
        first, rows = cells.partition(":")[0], f"ROWS({names.log(step.log, 'number')})"
        found[step.name] = f"{first}:INDEX({cells},{rows})"
    return found


def add_calculation(sheet: Worksheet) -> None:
    """Write the steps, and hide the sheet."""
    for place, step in enumerate(STEPS, start=1):
        style.header(sheet.cell(1, place), step.name, style.SLATE)
        cells = _cells(place, step.log)
        is_beyond = f"ROW({cells})-{TOP - 1}>ROWS({names.log(step.log, 'number')})"
        _put(sheet, cells, f'IF({is_beyond},"",{step.formula})')
    _add_cased(sheet)
    too_many = ",".join(f"ROWS({names.log(log, 'number')})>{ROWS[log.name]}" for log in SHEETS)
    cell = sheet.cell(TOP, _LIST_COLUMN + 1)
    style.header(sheet.cell(1, _LIST_COLUMN + 1), "TooMany", style.SLATE)
    _put(sheet, f"{cell.coordinate}:{cell.coordinate}", f"OR({too_many})")
    style.print_setup(sheet)
    sheet.sheet_state = "hidden"


def _put(sheet: Worksheet, cells: str, formula: str) -> None:
    ref = cells.replace("$", "")
    sheet[ref.partition(":")[0]] = ArrayFormula(ref, f"={formula}")


def _add_cased(sheet: Worksheet) -> None:
    """How numbers begin in which upper and lower case differ: what stands before the first sign of such an issuer's
    patterns.

    A pattern that begins with a sign, or one too many, makes that of all numbers: rather a number that is not found,
    which is said, than two taken for one.
    """
    for row, label in ((1, "CasedPatterns"), (_STARTS_ROW - 1, "Cased")):
        style.header(sheet.cell(row, _LIST_COLUMN), label, style.SLATE)
    _, patterns, _ = _issuers()
    signs = _substituted(patterns, [(f'"{sign}"', '"#"') for sign in "@?*"])
    listed = f'TRIM(SUBSTITUTE(_xlfn.TEXTJOIN(" ",TRUE,IF({_is_cased()},{signs},"")),","," "))'
    letter = get_column_letter(_LIST_COLUMN)
    _put(sheet, f"{letter}{TOP}:{letter}{TOP}", f'IFERROR({listed},"")')
    places = ",".join(str(1 + _APART * k) for k in range(PATTERNS))
    one, more = (
        f'TRIM(MID(SUBSTITUTE(CasedPatterns," ",REPT(" ",{_APART})),{start},{_APART}))'
        for start in (f"{{{places}}}", 1 + _APART * PATTERNS)
    )
    nothing = '",,"'
    _put(sheet, _starts(), f'IF({more}<>"","",IF({one}="",{nothing},LEFT({one},FIND("#",{one}&"#")-1)))')
