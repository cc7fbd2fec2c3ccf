"""A first map of a foreign table, guessed from its headers, for a person to correct. Nothing is imported by a guess."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cache

from refundbook.base.schema import CASES, COMMUNICATIONS, SHEETS
from refundbook.importing.column_map import (
    NUMBER,
    OUTCOME,
    REPLY,
    SUMMARY,
    TRACKER_CELLS,
    TRACKER_MAP,
    ImportMap,
    Target,
    folded,
    tracker_map,
)
from refundbook.importing.source_table import SourceTable

_CLOSE = 0.86
"""How alike a header and a known word must be, from 0 to 1 (difflib's ratio)."""

# What people call these columns, beside the headers of the workbook itself; the first target whose word fits is taken.
_SYNONYMS: dict[Target, tuple[str, ...]] = {
    NUMBER: (
        "case",
        "case id",
        "case no",
        "case #",
        "ticket",
        "ticket #",
        "ticket number",
        "ticket id",
        "dispute id",
        "dispute #",
        "claim number",
        "reference",
        "ref",
    ),
    Target("case", "issuer"): ("platform", "gateway", "processor", "case issuer"),
    Target("case", "opened"): (
        "opened",
        "opened on",
        "open date",
        "date",
        "created",
        "created at",
        "date created",
        "start date",
        "filed on",
    ),
    Target("case", "order"): ("order", "order id", "order no", "order #", "purchase order", "shop order"),
    Target("case", "payment"): ("payment", "payment id", "transaction", "transaction id", "charge id"),
    Target("case", "related"): ("related", "linked case", "see also"),
    Target("case", "customer"): ("buyer", "client", "customer name", "name"),
    Target("case", "item"): ("product", "article", "goods", "item name", "description"),
    Target("case", "reason"): ("issue", "problem", "category", "type", "refund reason", "dispute reason"),
    Target("case", "amount"): (
        "amount",
        "amount claimed",
        "claimed",
        "claim amount",
        "value",
        "sum",
        "price",
        "total",
        "disputed amount",
    ),
    Target("case", "currency"): ("cur", "ccy"),
    Target("case", "respond_by"): ("deadline", "respond by", "response due", "due by", "evidence due"),
    Target("case", "answered_on"): ("answered", "responded on", "response sent", "evidence submitted"),
    Target("case", "notes"): ("note", "remarks", "remark", "comment", "comments"),
    SUMMARY: (
        "communication",
        "communications",
        "communication log",
        "log",
        "message",
        "messages",
        "history",
        "what happened",
        "correspondence",
    ),
    Target("communication", "date"): ("message date", "contact date", "date of message"),
    Target("communication", "agent"): ("support agent", "representative", "rep", "handled by"),
    Target("communication", "channel"): ("via", "medium", "contact method"),
    Target("communication", "promise"): ("promised", "commitment"),
    Target("communication", "due"): ("promised by", "promise due", "follow up", "follow up by"),
    Target("communication", "evidence"): ("attachment", "attachments", "file", "screenshot", "proof"),
    Target(TRACKER_CELLS, REPLY): ("last reply", "last support reply", "last response", "last contact"),
    Target(TRACKER_CELLS, OUTCOME): ("resolution date & outcome", "resolution", "result", "resolution and outcome"),
    Target("resolution", "status"): ("case status", "state"),
    Target("resolution", "date"): (
        "resolved",
        "resolved on",
        "closed",
        "closed on",
        "date resolved",
        "closing date",
        "refund date",
    ),
    Target("resolution", "amount"): (
        "refund",
        "refunded",
        "refund amount",
        "amount refunded",
        "paid back",
        "amount paid",
    ),
    Target("resolution", "method"): ("refund method", "refunded to", "payment method"),
    Target("resolution", "outcome"): ("outcome", "decision"),
}


def is_known(header: str) -> bool:
    """Whether a header is one of the words themselves, by which a header row is found."""
    return folded(header) in _all_words()


def guess(table: SourceTable) -> ImportMap:
    """A first map of a table, for a person to edit: each target is used once, for the header that fits it best."""
    tracker = tracker_map(table)
    pairs = [(score, k, target) for k, header in enumerate(table.headers) for score, target in _scores(header)]
    columns: dict[str, Target] = dict(tracker.columns) if tracker else {}
    for score, k, target in sorted(pairs, key=lambda pair: -pair[0]):
        header = table.headers[k]
        if score >= _CLOSE and header and header not in columns and target not in columns.values():
            columns[header] = target
    return _completed(ImportMap(columns, sheet=table.sheet or None), table)


def _scores(header: str) -> list[tuple[float, Target]]:
    """Targets by how well their words fit, best first."""
    text = folded(header)
    found = [
        (
            max(
                (1.0 if word == text else SequenceMatcher(None, text, word).ratio() * 0.99 for word in words),
                default=0.0,
            ),
            target,
        )
        for target, words in _words().items()
    ]
    return sorted(found, key=lambda pair: -pair[0])


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for words in _words().values() for word in words)


@cache
def _words() -> dict[Target, list[str]]:
    words: dict[Target, list[str]] = {}
    for target, header in ((target, header) for header, target in TRACKER_MAP.columns.items()):
        words.setdefault(target, []).append(folded(header))
    for target, synonyms in _SYNONYMS.items():
        words.setdefault(target, []).extend(map(folded, synonyms))
    for sheet in SHEETS:
        for column in sheet.columns:
            # What other tables call Source is mostly the shop, or the way of a sale.
            is_sought = column.name != "source" and (sheet is CASES or column.name != "number")
            if column.asked and is_sought:
                words.setdefault(Target(sheet.pillar, column.name), []).append(folded(column.header))
    return words


def _completed(found: ImportMap, table: SourceTable) -> ImportMap:
    """The guess with what it lacks: who a message was with; and notes instead of messages where nothing dates them."""
    columns = dict(found.columns)
    targets = set(columns.values())
    dated = {Target(COMMUNICATIONS.pillar, "date"), Target(TRACKER_CELLS, REPLY)} & targets
    if SUMMARY in targets and not dated:
        summary = next(header for header, target in columns.items() if target == SUMMARY)
        notes = Target(CASES.pillar, "notes")
        if notes in targets:
            del columns[summary]
        else:
            columns[summary] = notes
    constants: dict[Target, object] = {}
    with_ = Target(COMMUNICATIONS.pillar, "with_")
    if SUMMARY in columns.values() and with_ not in targets and Target(TRACKER_CELLS, REPLY) not in targets:
        constants[with_] = with_.column.choices[0]
    in_order = {header: columns[header] for header in table.headers if header in columns}
    return ImportMap(in_order, constants, sheet=found.sheet)
