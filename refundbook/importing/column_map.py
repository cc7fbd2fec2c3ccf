"""The column map: which header of a foreign table goes to which pillar and column, written as TOML."""

from __future__ import annotations

import json
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from refundbook.base.errors import UsageError
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, TRACKER_HEADERS, Column, Sheet
from refundbook.base.text import one_line, quoted
from refundbook.base.values import to_text
from refundbook.importing.source_table import SourceTable
from refundbook.record.column_names import column_named
from refundbook.record.records import Records

REPLY, OUTCOME = "reply", "outcome"
TRACKER_CELLS = "tracker"
_EXAMPLES = 30
UNTRANSLATED = "?"
"""What a first map has for a value that a person is to translate."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a foreign column goes: a pillar's column by name, or `reply` or `outcome` of `tracker`, whose cells hold
    several values.
    """

    pillar: str
    name: str

    def __str__(self) -> str:
        return f"{self.pillar}.{self.name.rstrip('_')}"

    @property
    def column(self) -> Column:
        return BY_PILLAR[self.pillar][self.name]

    @property
    def is_tracker(self) -> bool:
        return self.pillar == TRACKER_CELLS


@dataclass(frozen=True)
class ImportMap:
    """How a foreign table is read. `columns` is by header; `values` translates what stands in a column, upper and lower
    case alike.

    `per_message` says that a row is one message, so that a case may stand in several rows. `date_format` is in the
    terms of `strptime`, `decimal` the decimal sign of amounts in text.
    """

    columns: Mapping[str, Target]
    constants: Mapping[Target, object] = field(default_factory=dict)
    values: Mapping[Target, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    per_message: bool = False
    day_first: bool | None = None
    date_format: str | None = None
    decimal: str | None = None


NUMBER = Target(CASES.pillar, "number")
SUMMARY = Target(COMMUNICATIONS.pillar, "summary")
TRACKER_MAP = ImportMap(
    dict(
        zip(
            TRACKER_HEADERS,
            (
                NUMBER,
                Target(CASES.pillar, "opened"),
                SUMMARY,
                Target(TRACKER_CELLS, REPLY),
                Target(TRACKER_CELLS, OUTCOME),
            ),
            strict=True,
        )
    )
)
"""The map of the five-column layout."""


def folded(header: str) -> str:
    """A header as headers are compared: upper and lower case, blanks, dashes and full stops make no difference."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return " ".join("".join(" " if c in "_-.:" else c for c in text).split())


def is_tracker_header(text: str) -> bool:
    return folded(text) in {folded(header) for header in TRACKER_HEADERS}


def tracker_map(table: SourceTable) -> ImportMap | None:
    """The map of a table in the five-column layout, in its own spelling and order of the headers; None for another
    table.
    """
    targets = {folded(header): target for header, target in TRACKER_MAP.columns.items()}
    found = {header: targets[folded(header)] for header in table.headers if folded(header) in targets}
    return ImportMap(found) if len(found) == len(targets) else None


# TOML


def parse(text: str, source: str) -> ImportMap:
    """The map that a TOML text says. Raises UsageError, naming the line or the key, where it is none."""
    data = _parsed(text, source)
    _refuse_unless(data.get("rows", "cases") in ("cases", "messages"), source, 'rows must be "cases" or "messages"')
    _refuse_unless(data.get("decimal", ".") in (".", ","), source, 'decimal must be "." or ","')
    made = ImportMap(
        _columns(data.get("columns", {}), source),
        {_target(said, source, said): value for said, value in data.get("constants", {}).items()},
        _values(data.get("values", {}), source),
        data.get("sheet"),
        data.get("rows") == "messages",
        data.get("day_first"),
        data.get("date_format"),
        data.get("decimal"),
    )
    _refuse_incomplete(made, source)
    return made


_KEYS: Mapping[str, type] = {
    "sheet": str,
    "rows": str,
    "day_first": bool,
    "date_format": str,
    "decimal": str,
    "columns": dict,
    "constants": dict,
    "values": dict,
}
_TYPE_NAMES = {str: "a text", bool: "true or false", dict: "a table"}


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


def _columns(said: Mapping[str, object], source: str) -> dict[str, Target]:
    columns = {header: _target(goes_to, source, header) for header, goes_to in said.items() if goes_to != ""}
    for target in columns.values():
        twice = [header for header, other in columns.items() if other == target]
        _refuse_unless(len(twice) == 1, source, f"{' and '.join(map(repr, twice))} both go to {target}: only one can")
    return columns


def _values(said: Mapping[str, Any], source: str) -> dict[Target, dict[str, str]]:
    for name, table in said.items():
        is_table = isinstance(table, dict) and all(isinstance(value, str) for value in table.values())
        _refuse_unless(is_table, source, f'values.{name} must be a table such as {{ "Open" = "Pending" }}')
    return {_target(name, source, name): {folded_value(k): v for k, v in table.items()} for name, table in said.items()}


def folded_value(text: str) -> str:
    """A value as translations look it up."""
    return " ".join(text.split()).casefold()


def _refuse_unless(fine: bool, source: str, what: str) -> None:
    if not fine:
        raise UsageError(f"{source}: {what}.")


def _target(said: object, source: str, key: str) -> Target:
    pillar, dot, name = said.partition(".") if isinstance(said, str) else ("", "", "")
    if pillar == TRACKER_CELLS and name in (REPLY, OUTCOME):
        return Target(TRACKER_CELLS, name)
    if not dot or pillar not in BY_PILLAR:
        raise UsageError(
            f"{source}: {quoted(key)} goes to {quoted(said)}; it must be PILLAR.COLUMN, "
            "such as case.number or resolution.status "
            f'(pillars: {", ".join(BY_PILLAR)}), {TRACKER_CELLS}.{REPLY}, {TRACKER_CELLS}.{OUTCOME}, or "" for nowhere.'
        )
    try:
        return Target(pillar, column_named(BY_PILLAR[pillar], name).name)
    except UsageError as error:
        raise UsageError(f"{source}: {quoted(key)}: {error}") from error


def pillars(found: ImportMap) -> list[Sheet]:
    """The pillars that a map makes entries of."""
    targets = {*found.columns.values(), *found.constants}
    made = {target.pillar for target in targets if target.name != "number"}
    if Target(TRACKER_CELLS, REPLY) in targets:
        made.add(COMMUNICATIONS.pillar)
    if Target(TRACKER_CELLS, OUTCOME) in targets:
        made.add(RESOLUTIONS.pillar)
    return [sheet for sheet in SHEETS if sheet.pillar in made]


def _refuse_incomplete(found: ImportMap, source: str) -> None:
    _refuse_unless(any(t.name == "number" for t in found.columns.values()), source, "no column goes to case.number")
    _refuse_unless(bool(pillars(found)), source, "nothing but the number goes anywhere")
    for target in _lacking(found):
        raise UsageError(
            f"{source}: nothing goes to {target}, which each {target.pillar} must have. "
            "Name a column for it under [columns], or a value under [constants]."
        )


def _lacking(found: ImportMap) -> list[Target]:
    """The required columns that nothing goes to: without them every row would be refused."""
    targets = {*found.columns.values(), *found.constants}
    if Target(TRACKER_CELLS, REPLY) in targets:
        targets |= {Target(COMMUNICATIONS.pillar, name) for name in ("date", "with_")}
    if Target(TRACKER_CELLS, OUTCOME) in targets:
        targets.add(Target(RESOLUTIONS.pillar, "status"))
    required = [
        Target(s.pillar, c.name) for s in pillars(found) for c in s.columns if c.required and c.name != "number"
    ]
    return [target for target in required if target not in targets]


def to_toml(found: ImportMap, table: SourceTable) -> str:
    """A map as TOML, with an example of what stands in each column."""
    lines = [
        f"# How `refundbook import` reads {one_line(table.source)}. A first guess: read every line, and correct it.",
        "",
        '# "cases": a row is a case. "messages": a row is one message, and a case may stand in several rows.',
        f'rows = "{"messages" if found.per_message else "cases"}"',
        "# day_first = true         # 03/04/2023 is 3 April; false: 4 March. Without it such a date is not read.",
        '# date_format = "%d.%m.%y" # how dates are written, where they are in no usual form',
        '# decimal = ","            # amounts such as 1.234,50 €; "." for $1,234.50',
    ]
    if found.sheet:
        lines.insert(2, f"sheet = {_quoted(found.sheet)}\n")
    lines += ["", '# The header of the other table = PILLAR.COLUMN; "" is not taken.', "[columns]"]
    for k, header in enumerate(table.headers):
        if header:
            target = str(found.columns[header]) if header in found.columns else ""
            lines.append(f"{_quoted(header)} = {_quoted(target)}{_example(table, k)}")
    lines += [f"# Nothing goes to {target} yet, and each {target.pillar} must have it." for target in _lacking(found)]
    lines += ["", "# What is the same for every row.", "[constants]"]
    lines += [f"{_quoted(str(target))} = {_quoted(str(value))}" for target, value in found.constants.items()]
    for header, goes_to in found.columns.items():
        lines += _translations(table, table.headers.index(header), goes_to)
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string (TOML 1.0), whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _example(table: SourceTable, column: int) -> str:
    text = next((text for row in table.rows if (text := one_line(to_text(row[column])))), "")
    return f"  # such as: {text[:60]}" if text else ""


def _translations(table: SourceTable, column: int, target: Target) -> Iterator[str]:
    """The values of a closed list that have to be translated, for a person to do so."""
    if target.is_tracker or not target.column.choices:
        return
    accepted = {folded_value(choice) for choice in target.column.choices}
    found = dict.fromkeys(text for row in table.rows if (text := " ".join(to_text(row[column]).split())))
    unknown: Sequence[str] = [text for text in found if folded_value(text) not in accepted][:_EXAMPLES]
    if unknown:
        yield from ("", f"# What they mean: {', '.join(target.column.choices)}.", f"[values.{_quoted(str(target))}]")
        yield from (f"{_quoted(text)} = {_quoted(UNTRANSLATED)}" for text in unknown)


def refuse_lacking(found: ImportMap, records: Records) -> None:
    """Raise UsageError where something goes to an optional column that the workbook lacks."""
    for log in records.logs:
        for target in (*found.columns.values(), *found.constants):
            if target.pillar == log.sheet.pillar and (why := log.lacks(target.name)):
                raise UsageError(f"The map sends something to {target}, and in this workbook {why}")
