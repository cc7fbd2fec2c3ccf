"""Reads the Settings sheet. It is a person's sheet: lines may be moved about, and what cannot be used is pointed out
and the default applies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Clock
from refundbook.base.errors import BadValue
from refundbook.base.findings import Finding
from refundbook.base.headers import plain_header
from refundbook.base.settings import (
    ADDRESS_LINES,
    ISSUER_HEADERS,
    LIST_HEADERS,
    SETTING_CHOICES,
    SETTING_HEADERS,
    SETTING_LINES,
    Issuer,
    SettingLine,
    Settings,
)
from refundbook.base.text import quoted
from refundbook.record.rules.settings import unusable_setting

Rows = Sequence[Sequence[object]]


def read_settings(rows: Rows) -> tuple[Settings, list[Finding]]:
    """The settings in a sheet's values (rows from A1), and a warning for each that cannot be used.

    Each table is found by its headers, wherever it stands, and read down to its first blank cell.
    """
    settings = Settings()
    findings: list[Finding] = []
    values: dict[str, object] = {}
    lines = {line.label.casefold(): line for line in SETTING_LINES}
    for row, column, label in _below(rows, SETTING_HEADERS[0]):
        line = lines.get(plain_header(label).casefold())
        if line is None:
            continue
        text = _text(_at(rows, row, column + 1))
        try:
            values[line.name] = _setting(line, text, getattr(settings, line.name))
        except BadValue as error:
            cell = f"{column_letters(column + 2)}{row + 1}"
            findings.append(unusable_setting(cell, text, str(error)))
    lists = {
        **settings.lists,
        **{name: found for name in LIST_HEADERS if (found := tuple(_list(rows, LIST_HEADERS[name])))},
    }
    issuers = tuple(_issuers(rows)) or settings.issuers
    return settings._replace(**values, lists=lists, issuers=issuers), findings  # type: ignore[arg-type]  # each value is of its line's type


def _setting(line: SettingLine, text: str, default: object) -> object:
    if not text:
        return default
    if line.name in SETTING_CHOICES:
        wanted = {name.casefold(): value for name, value in SETTING_CHOICES[line.name].items()}
        if text.casefold() in wanted:
            return wanted[text.casefold()]
    elif line.name == "response_target":
        try:
            hours = float(text)
        except ValueError:
            hours = 0.0
        if 0 < hours < 1e6:
            return hours
    elif line.name in ADDRESS_LINES:
        found = tuple(one for one in re.split(r"[\s,;]+", text) if one)
        if all(re.fullmatch(r"[^@\s]*@[^@\s]+", one) for one in found):
            return found
    elif _is_zone(text):
        return text
    raise BadValue(f"{line.label} is {quoted(text)}; it must be {line.accepts}.")


def _is_zone(name: str) -> bool:
    try:
        Clock.for_settings(Settings(time_zone=name))
    except BadValue:
        return False
    return True


def _issuers(rows: Rows) -> Iterator[Issuer]:
    for row, column, name in _below(rows, ISSUER_HEADERS[0]):
        patterns = _text(_at(rows, row, column + 1)).replace(",", " ").split()
        yield Issuer(_text(name), tuple(patterns), _text(_at(rows, row, column + 2)).casefold() in ("yes", "true", "1"))


def _list(rows: Rows, header: str) -> Iterator[str]:
    return (_text(value) for _, _, value in _below(rows, header))


def _below(rows: Rows, header: str) -> Iterator[tuple[int, int, object]]:
    """Position (from 0) and value of the cells under the first cell that holds `header`, down to the first
    blank one.
    """
    cells = ((r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
    found = next(((r, c) for r, c, value in cells if plain_header(value).casefold() == header.casefold()), None)
    if found is None:
        return
    row, column = found
    for below in range(row + 1, len(rows)):
        value = _at(rows, below, column)
        if not _text(value):
            return
        yield below, column, value


def _at(rows: Rows, row: int, column: int) -> object:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
