"""Takes an entry out of a log in memory, as an undo does: those behind it move up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from refundbook.record.records import Log

Mark = TypeVar("Mark")


def take_out(log: Log, position: int) -> None:
    """Nothing may have been corrected in memory since the file was read."""
    number = log["number"][position]
    log.rows.pop(position)
    for column in (*log.columns.values(), *log.extra.values()):
        column.pop(position)
    log.keys.pop(position)
    log.by_case = {}
    for at, key in enumerate(log.keys):
        log.by_case.setdefault(key, []).append(at)
    log.forget_lookups()
    log.formulas = _moved_up(log.formulas, position)
    log.own_formulas = _moved_up(log.own_formulas, position)
    log.formula_texts = _kept(log.formula_texts, position)
    log.numeric = {at for at, _ in _moved_up(((at, "") for at in log.numeric), position)}
    log.turned, log.errors = _kept(log.turned, position), _kept(log.errors, position)
    log.merged = _kept(log.merged, position)
    if log.case_keys:
        log.case_keys.removed(log, number)


def _moved_up(cells: Iterable[tuple[int, str]], position: int) -> set[tuple[int, str]]:
    """Cells by position and name once there is no row at a position any more."""
    return {(at - (at > position), name) for at, name in cells if at != position}


def _kept(marks: Mapping[tuple[int, str], Mark], position: int) -> dict[tuple[int, str], Mark]:
    return {(at - (at > position), name): mark for (at, name), mark in marks.items() if at != position}
