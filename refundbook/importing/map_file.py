"""Column maps as TOML: read, and written as a first guess for a person to correct."""

from __future__ import annotations

import json
import tomllib
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence

from refundbook.base.errors import UsageError
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS
from refundbook.base.text import one_line, quoted
from refundbook.base.values import to_text
from refundbook.importing.column_map import (
    OUTCOME,
    OWN,
    OWN_COLUMN,
    REPLY,
    STATUS,
    TRACKER_CELLS,
    UNTRANSLATED,
    ImportMap,
    Places,
    Target,
    folded_value,
    lacking,
    pillars,
)
from refundbook.importing.source_table import SourceTable
from refundbook.importing.status_words import meaning_of
from refundbook.record.column_names import column_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_EXAMPLES = 200
"""Values of a closed list that a first map has lines for."""


def parse(text: str, source: str) -> ImportMap:
    """The map that a TOML text says. Raises UsageError, naming the line or the key, where it is none."""
    data = _parsed(text, source)
    _refuse_unless(data.get("rows", "cases") in ("cases", "messages"), source, 'rows must be "cases" or "messages"')
    _refuse_unless(data.get("decimal", ".") in (".", ","), source, 'decimal must be "." or ","')
    _refuse_unless(data.get("others", OWN) in ("", OWN), source, f'others must be "{OWN}" or ""')
    _refuse_unless(_is_zone(data.get("time_zone")), source, "time_zone must be an IANA name, such as UTC")
    made = ImportMap(
        _columns(data.get("columns", {}), source),
        {_target(said, source, said): value for said, value in data.get("constants", {}).items()},
        _values(data.get("values", {}), source),
        data.get("sheet"),
        data.get("rows") == "messages",
        data.get("day_first"),
        data.get("date_format"),
        data.get("decimal"),
        data.get("minor_units", False),
        data.get("time_zone"),
        tuple(map(str, data.get("needs", ()))),
        data.get("others") == OWN,
        source.removesuffix(".toml") or "report",
    )
    _refuse_incomplete(made, source)
    return made


def _is_zone(name: str | None) -> bool:
    try:
        return name is None or bool(zoneinfo.ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


_KEYS: Mapping[str, type] = {
    "sheet": str,
    "rows": str,
    "day_first": bool,
    "date_format": str,
    "decimal": str,
    "minor_units": bool,
    "time_zone": str,
    "needs": list,
    "others": str,
    "columns": dict,
    "constants": dict,
    "values": dict,
}
_TYPE_NAMES = {str: "a text", bool: "true or false", dict: "a table", list: "a list"}


def _parsed(text: str, source: str) -> dict[str, Any]:
    """What a TOML text holds, with the keys of a map only, each of its type."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source} is not proper TOML: {error}.") from error
    for key, value in data.items():
        if key not in _KEYS:
            raise UsageError(f"{source}: there is no {quoted(key)}. A map has: {', '.join(_KEYS)}.")
        if not isinstance(value, _KEYS[key]):
            raise UsageError(f"{source}: {key} must be {_TYPE_NAMES[_KEYS[key]]}.")
    return data


def _columns(said: Mapping[str, object], source: str) -> dict[str, Places]:
    columns = {header: _places(goes_to, source, header) for header, goes_to in said.items() if goes_to != ""}
    by_target: dict[Target, list[str]] = {}
    for header, targets in ImportMap(columns).places():
        for target in targets:
            by_target.setdefault(target, []).append(header)
    for target, twice in by_target.items():
        fine = target.is_own or len(twice) == 1
        _refuse_unless(fine, source, f"{' and '.join(map(repr, twice))} both go to {target}: only one can")
    return columns


def _places(said: object, source: str, key: str) -> Places:
    if not isinstance(said, list):
        return _target(said, source, key)
    targets = tuple(_target(one, source, key) for one in said)
    _refuse_unless(bool(targets), source, f'{quoted(key)} goes to an empty list; write "" for nowhere')
    wrong = next((t for t in targets if t.is_tracker or targets.count(t) > 1), None)
    _refuse_unless(wrong is None, source, f"{quoted(key)}: {wrong} cannot be one of several places, or is there twice")
    return targets if len(targets) > 1 else targets[0]


def _values(said: Mapping[str, Any], source: str) -> dict[Target, dict[str, str]]:
    for name, table in said.items():
        is_table = isinstance(table, dict) and all(isinstance(value, str) for value in table.values())
        _refuse_unless(is_table, source, f'values.{name} must be a table such as {{ "Open" = "Pending" }}')
    return {_target(name, source, name): {folded_value(k): v for k, v in table.items()} for name, table in said.items()}


def _refuse_unless(fine: bool, source: str, what: str) -> None:
    if not fine:
        raise UsageError(f"{source}: {what}.")


def _target(said: object, source: str, key: str) -> Target:
    if said == OWN:
        return OWN_COLUMN
    pillar, dot, name = said.partition(".") if isinstance(said, str) else ("", "", "")
    if pillar == TRACKER_CELLS and name in (REPLY, OUTCOME):
        return Target(TRACKER_CELLS, name)
    if name == OWN and pillar in (CASES.pillar, COMMUNICATIONS.pillar):
        return Target(pillar, OWN)
    if not dot or pillar not in BY_PILLAR:
        raise UsageError(
            f"{source}: {quoted(key)} goes to {quoted(said)}; it must be PILLAR.COLUMN, "
            "such as case.number or resolution.status "
            f"(pillars: {', '.join(BY_PILLAR)}), {TRACKER_CELLS}.{REPLY}, {TRACKER_CELLS}.{OUTCOME}, a list of such, "
            f'"{OWN}" for a column of the workbook\'s own, or "" for nowhere.'
        )
    try:
        return Target(pillar, column_named(BY_PILLAR[pillar], name).name)
    except UsageError as error:
        raise UsageError(f"{source}: {quoted(key)}: {error}") from error


def _refuse_incomplete(found: ImportMap, source: str) -> None:
    _refuse_unless(any(t.name == "number" for t in found.targets), source, "no column goes to case.number")
    made = pillars(found)
    _refuse_unless(bool(made), source, "nothing but the number goes anywhere")
    for target in found.targets:
        fine = not target.is_own or target.pillar in (sheet.pillar for sheet in made)
        _refuse_unless(fine, source, f"a column goes to {target}, and nothing else makes a {target.pillar}")
    for target in lacking(found):
        raise UsageError(
            f"{source}: nothing goes to {target}, which each {target.pillar} must have. "
            "Name a column for it under [columns], or a value under [constants]."
        )


def to_toml(found: ImportMap, table: SourceTable) -> str:
    """A map as TOML, with an example of what stands in each column."""
    lines = [
        f"# How `refundbook import` reads {one_line(table.source)}. A first guess: read every line, and correct it.",
        "",
        '# "cases": a row is a case. "messages": a row is one message, and a case may stand in several rows.',
        f'rows = "{"messages" if found.per_message else "cases"}"',
        f"{_set('day_first', found.day_first, True)}  # 03/04/2023 is 3 April; false: 4 March. Without it: not read.",
        f"{_set('date_format', found.date_format, '%d.%m.%y')}  # how dates are written, where in no usual form",
        f'{_set("decimal", found.decimal, ",")}  # amounts such as 1.234,50 €; "." for $1,234.50',
    ]
    if found.sheet:
        lines.insert(2, f"sheet = {_quoted(found.sheet)}\n")
    lines += [
        "",
        "# The header of the other table = PILLAR.COLUMN, or a list of several where a cell holds several values.",
        '# "own" is kept as a column of the workbook\'s own; "" is not taken.',
        "[columns]",
    ]
    places = dict(found.places())
    for k, header in enumerate(table.headers):
        if header:
            lines.append(f"{_quoted(header)} = {_shown_places(places.get(header, ()))}{_example(table, k)}")
    lines += [f"# Nothing goes to {target} yet, and each {target.pillar} must have it." for target in lacking(found)]
    lines += ["", "# What is the same for every row.", "[constants]"]
    lines += [f"{_quoted(str(target))} = {_quoted(str(value))}" for target, value in found.constants.items()]
    for header, targets in places.items():
        for target in targets:
            lines += _translations(table, table.headers.index(header), target, found.values.get(target, {}))
    return "\n".join(lines) + "\n"


def _set(name: str, value: object, example: object) -> str:
    """A line that sets a name, or shows how to."""
    said = example if value is None else value
    return (
        f"{'# ' if value is None else ''}{name} = {str(said).lower() if isinstance(said, bool) else _quoted(str(said))}"
    )


def _quoted(text: str) -> str:
    """A basic string (TOML 1.0), whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _example(table: SourceTable, column: int) -> str:
    text = next((text for row in table.rows if (text := one_line(to_text(row[column])))), "")
    return f"  # such as: {text[:60]}" if text else ""


def _shown_places(targets: Sequence[Target]) -> str:
    shown = [_quoted(str(target)) for target in targets]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]" if shown else '""'


def _translations(table: SourceTable, column: int, target: Target, known: Mapping[str, str]) -> Iterator[str]:
    """The values of a closed list that have to be translated, with what they mean as far as that is certain."""
    if target.is_tracker or target.is_own or not target.column.choices:
        return
    accepted = {folded_value(choice) for choice in target.column.choices}
    found = dict.fromkeys(text for row in table.rows if (text := " ".join(to_text(row[column]).split())))
    unknown = [text for text in found if folded_value(text) not in accepted][:_EXAMPLES]
    if unknown:
        yield from ("", f"# What they mean: {', '.join(target.column.choices)}.", f"[values.{_quoted(str(target))}]")
    for text in unknown:
        meant = known.get(folded_value(text), UNTRANSLATED)
        reason = f"  # {meaning_of(text).question}" if target == STATUS and meant == UNTRANSLATED else ""
        yield f"{_quoted(text)} = {_quoted(meant)}{reason}"
