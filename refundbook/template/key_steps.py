"""The steps of the Calculation sheet that find out which entries belong to which case.

Case numbers are compared as `identifiers.canonical` does, as far as formulas can: blanks, dashes, invisible signs and
full-width letters become what they stand for. What is left over is a number that no case has, and the sheets say so.

A case is found by a number that is worked out of the codes of its key's letters: the keys' numbers are sorted once, and
each entry's is looked for by halving. Whether the keys are the same is then compared, so that two keys of one number
are not taken for one; then the second is not found.
"""

from __future__ import annotations

from functools import reduce
from random import Random
from string import ascii_letters, ascii_uppercase, digits, punctuation

from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.base.settings import ISSUER_HEADERS, Issuer
from refundbook.template import names
from refundbook.template.steps import Step, chosen, of_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LETTERS = 128
"""So many letters of a number count. Excel allows 255 in a look-up, and no issuer has as many."""

WEIGHTS = tuple(Random(2023).sample(range(10**8, 10**9), LETTERS))
"""What the code of each letter is multiplied by, in a column of the sheet. No two places have the same."""

_HASHES, _PLACES, _HALF = "9E10", "1E4", 7_500
"""So many numbers are worked out of keys; each is followed by a case's place, taken from the half, so that of equal
numbers the first case's is the greatest. All are below 10^15: with more digits LibreOffice rounds them as it saves, and
reads other places the next time.
"""

NO_KEY = "9.9E14"
"""Greater than all of these numbers."""

MOST_CASES = _HALF
"""More places could not be told apart."""

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
_FULL_WIDTH_LETTERS = [ord(letter) + _FULL_WIDTH for letter in ascii_letters]


def substituted(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The formula for a text in which each first of a pair is its second."""
    return reduce(lambda inner, pair: f"SUBSTITUTE({inner},{pair[0]},{pair[1]})", pairs, text)


def _read_as(codes: Iterable[int]) -> list[tuple[str, str]]:
    """What the rules take each character for, as arguments of SUBSTITUTE."""
    return [(f"_xlfn.UNICHAR({code})", f'"{_plain(chr(code))}"') for code in codes]


def _plain(character: str) -> str:
    return canonical(f"a{character}b", _CASED)[1:-1].replace('"', '""')


def _width(text: str) -> str:
    return f"MIN({LETTERS},MAX(1,IFERROR(MAX(LEN({text})),{LETTERS})))"


def _codes(text: str, row: str) -> str:
    """The code of each letter, a row an entry; 32 behind the last."""
    letter = f"COLUMN(INDEX({row},1):INDEX({row},{_width(text)}))"
    return f'_xlfn.UNICODE(MID({text}&REPT(" ",{LETTERS}),{letter},1))'


def expressions(row: str, weights: str) -> dict[str, str]:
    """Parts of the steps, as names without cells: a formula may nest 64 functions. `row` and `weights` are as many
    cells as letters count, in a row and in a column.
    """
    found: dict[str, str] = {}
    for log, prefix in PREFIXES:
        number = f"{prefix}Number"
        letters = f"{prefix}Letters"
        begins = f"--EXACT(LEFT({letters},LEN(Cased)),Cased)"
        capitals = substituted(letters, [(f'"{letter}"', f'"^{letter}"') for letter in ascii_uppercase])
        found |= {
            # The header is no number.
            number: f"REPT({names.log(log, 'number')},{prefix}Places>1)",
            f"{prefix}Codes": _codes(number, row),
            f"{prefix}Cased": f"--(MMULT({begins},TRANSPOSE(--(LEN(Cased)>=0)))>0)",
            f"{prefix}Capitals": capitals,
            f"{prefix}KeyCodes": _codes(f"UPPER({prefix}Keys)", row),
            f"{prefix}Hashes": _hashed(prefix, f"{prefix}KeyCodes", weights),
            # A program may refuse half of a sign beyond the first 65,536.
            f"{prefix}SafeHashes": _hashed(prefix, f"IFERROR({prefix}KeyCodes,32)", weights),
        }
    return found | _apart_expressions()


def _hashed(prefix: str, codes: str, weights: str) -> str:
    used = f"INDEX({weights},1):INDEX({weights},{_width(f'{prefix}Keys')})"
    return f"MOD(MMULT({codes}-32,{used}),{_HASHES})*{_PLACES}"


def _folded(prefix: str) -> str:
    """The letters, or, where their case matters, a sign before each capital, so that they differ for formulas too."""
    return chosen(f"{prefix}Cased", f"{prefix}Capitals", f"{prefix}Letters")


def _key(log: Sheet, prefix: str) -> Step:
    """Two numbers are one case where their keys are equal, whatever their letters' case.

    Where it matters, the key has a sign before each capital: in a number that begins as such an issuer's patterns do,
    and in one of `CaseApart`.
    """
    folded = f"({_folded(prefix)})"
    is_apart = f'({folded}<>"")*ISNUMBER(MATCH({folded},CaseApart,0))'
    return Step(
        f"{prefix}Keys",
        log,
        f"{prefix}Letters",
        "The number as it is compared.",
        (
            ("SUM(LEN(CaseApart))>0", chosen(f"({is_apart})", f"{prefix}Capitals", folded)),
            (f"SUM({prefix}Cased)>0", folded),
        ),
    )


def odd_numbers() -> dict[str, str]:
    """For each log whether a number has anything but plain letters, digits and signs, as figures by their names: 0
    where none has, 2 where there is an error among them. Only then the steps that rewrite them are computed.
    """
    return {
        f"{prefix}Odd": f"IFERROR(--(SUM(--(ABS({prefix}Codes-78.5)>46.5))"
        f'+SUM(--ISNUMBER(FIND({{"*","?"}},{prefix}Number)))>0),2)'
        for _, prefix in PREFIXES
    }


def _letters(log: Sheet, prefix: str) -> tuple[Step, ...]:
    """The steps that write numbers as `normal` does: a formula may nest 64 functions, so they are three."""
    wild = [(f'"{sign}"', f"_xlfn.UNICHAR({ord(sign) + _FULL_WIDTH})") for sign in _WILDCARDS]
    blanks, signs, odd = f"{prefix}Blanks", f"{prefix}Signs", f"{prefix}Odd"
    none = ((f"{odd}=0", '""'),)
    without = f"TRIM({substituted(f'{prefix}Number', _read_as(_BLANKS_DASHES_INVISIBLE))})"
    letters = substituted(signs, [*_read_as(_FULL_WIDTH_LETTERS), *wild])
    return (
        Step(blanks, log, without, "Unusual blanks and dashes as usual ones, where there are any.", none),
        Step(signs, log, substituted(blanks, _read_as(_DIGITS_AND_SIGNS)), "Unusual digits and signs likewise.", none),
        Step(
            f"{prefix}Letters",
            log,
            letters,
            "The case number with unusual characters as usual ones.",
            ((f"{odd}=0", f"TRIM({prefix}Number)"), (f"{odd}=2", f'IFERROR({letters},"")')),
        ),
    )


def _found(log: Sheet, prefix: str) -> Step:
    nearest = (f"LOOKUP({prefix}{name}+{_PLACES}-1,CaseSorted)" for name in ("Hashes", "SafeHashes"))
    place, safe = (f"{_HALF}-MOD({number},{_PLACES})" for number in nearest)
    return Step(
        f"{prefix}Found", log, place, "The place of the case whose key may be the same.", ((f"{prefix}Odd=2", safe),)
    )


def _of_found(prefix: str) -> str:
    """The place of the case: of the first one, where a number stands twice; 0 where there is none."""
    key = f"{prefix}Keys"
    is_it = f'({key}<>"")*({of_place(f"{prefix}Found", "CasePlaces", "CaseKeys")}={key})'
    return f"{is_it}*{prefix}Found"


def _apart_expressions() -> dict[str, str]:
    issuer = f"TRIM({names.log(CASES, 'issuer')})"
    listed, _, _ = issuers()
    return {
        # Those with a pattern are apart already, but for one in lower case only.
        "CaseOfCased": f'({issuer}<>"")*ISNUMBER(MATCH({issuer},IF({is_cased()},TRIM({listed}),""),0))'
        "*(1-CaseCased*(LEN(CaseCapitals)>LEN(CaseLetters)))",
        "CaseIssued": "FREQUENCY(CaseOfCased*CaseFoldedFirst,CasePlaces)",
        "CaseSpelled": "FREQUENCY((MATCH(CaseCapitals,CaseCapitals,0)<>CaseFoldedFirst)*CaseFoldedFirst,CasePlaces)",
    }


def _apart() -> tuple[Step, ...]:
    """The steps that find the numbers which only their letters' case tells apart, since a case among them is of an
    issuer whose numbers it does (RB201).
    """
    of_these, spelled = (f"LOOKUP(CaseFoldedFirst,CasePlaces,{counts})>0" for counts in ("CaseIssued", "CaseSpelled"))
    is_apart = f'(CaseFolded<>"")*({of_these})*({spelled})'
    return (
        Step(
            "CaseFolded",
            CASES,
            _folded("Case"),
            "The letters, with a sign before capitals where their case matters.",
            (("SUM(CaseCased)=0", "CaseLetters"),),
        ),
        Step(
            "CaseFoldedFirst",
            CASES,
            "MATCH(CaseFolded,CaseFolded,0)",
            "The place of the first case of these letters, where their case may matter.",
            (("SUM(CaseOfCased)=0", "1"),),
        ),
        Step(
            "CaseApart",
            CASES,
            f"REPT(CaseFolded,{is_apart})",
            "Letters whose case tells two cases apart.",
            (("SUM(CaseOfCased)=0", '""'),),
        ),
    )


def issuers() -> tuple[str, str, str]:
    """The names, patterns and `Case-Sensitive` of the Settings sheet, each column with its header."""
    name, patterns, cased = (f"Issuers[[#Headers],[#Data],[{header}]]" for header in ISSUER_HEADERS)
    return name, patterns, cased


def is_cased() -> str:
    """Which issuers' numbers differ by upper and lower case."""
    _, _, cased = issuers()
    return f'ISNUMBER(MATCH(TRIM({cased}),{{"yes","true","1"}},0))'


PREFIXES = ((CASES, "Case"), (COMMUNICATIONS, "Message"), (RESOLUTIONS, "Resolution"))

CASE_KEY_STEPS = (
    *_letters(CASES, "Case"),
    *_apart(),
    _key(CASES, "Case"),
    # A blank one comes last; of equal ones the first case has the greatest number, and is found.
    Step(
        "CaseNumbered",
        CASES,
        f'(CaseKeys="")*{NO_KEY}+(CaseKeys<>"")*(CaseHashes+{_HALF}-CasePlaces)',
        "A number worked out of the key, with the case's place in its last digits.",
        (("CaseOdd=2", f'(CaseKeys="")*{NO_KEY}+(CaseKeys<>"")*(CaseSafeHashes+{_HALF}-CasePlaces)'),),
    ),
    _found(CASES, "Case"),
    Step("CaseFirst", CASES, f'{_of_found("Case")}-(CaseKeys="")*9', "The place of the first case of this key."),
)


def entry_key_steps(log: Sheet, prefix: str) -> tuple[Step, ...]:
    """The steps of Communications or Resolutions; the last gives the place of each entry's case, 0 for none."""
    return (
        *_letters(log, prefix),
        _key(log, prefix),
        _found(log, prefix),
        Step(f"{prefix}Cases", log, _of_found(prefix), "The place of the entry's case; 0 where there is none."),
    )
