"""The case file: all that the workbook holds about one case, as plain data, in words and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from refundbook.base import html
from refundbook.base.amounts import amount_text, money_text
from refundbook.base.currencies import code_of
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, RESOLUTIONS, Sheet
from refundbook.base.text import counted
from refundbook.base.tone import Tone
from refundbook.base.values import to_text
from refundbook.record.promises import Promise, State

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case. `case`, `messages` and `resolutions` hold values by header, blank ones left out; messages are in date
    order, resolutions oldest first.

    `related` are the numbers of related cases, both ways; `same_order` and `same_payment` those of the other cases with
    the same order number or payment reference. `days_open` runs to the final resolution, or to today. `promises` runs
    parallel to `messages`, None where nothing was promised. `asked` and `paid` are amounts by currency (`""` where none
    is given); `paid` adds up the refunds. `as_of` is the day on which all this was so.
    """

    number: str
    status: str
    is_open: bool
    days_open: int | None
    related: tuple[str, ...]
    case: Fields
    messages: tuple[Fields, ...]
    resolutions: tuple[Fields, ...]
    same_order: tuple[str, ...]
    same_payment: tuple[str, ...]
    promises: tuple[Promise | None, ...]
    asked: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]
    as_of: date

    @property
    def currency(self) -> str:
        """The code of the case's currency; `""` where none is given."""
        return code_of(self.case.get(CASES["currency"].header))

    def _repr_html_(self) -> str:
        return html.fragment(case_html(self), style=_NOTEBOOK_STYLE)


NO_MESSAGES, NO_RESOLUTION = f"No {COMMUNICATIONS.name.lower()} yet.", f"No {RESOLUTIONS.pillar} yet."
_ASKED, _PAID_LABEL = CASES["amount"].header, "Paid"


def in_words(fields: Fields, header: str, currency: str = "") -> str:
    """One value of an entry as text, `""` for a blank: an amount with the decimals of its currency, or of `currency`
    where the entry has none.
    """
    value = fields.get(header)
    if isinstance(value, Decimal):
        return amount_text(value, code_of(fields.get(CASES["currency"].header)) or currency)
    return to_text(value)


# What is said of it, in whichever form


def standing(file: CaseFile) -> str:
    """`Pending, open for 8 days`."""
    if file.days_open is None:
        return file.status
    how = "open for" if file.is_open else "closed after"
    return f"{file.status}, {how} {counted(file.days_open, 'day')}"


def amounts(file: CaseFile) -> dict[str, str]:
    """What was asked and what was paid, where an amount is known of either."""
    if not (file.asked or file.paid):
        return {}
    return {_ASKED: money_text(file.asked) or "no amount", _PAID_LABEL: money_text(file.paid) or "nothing"}


def _other_cases(file: CaseFile) -> dict[str, str]:
    said = {"Related cases": file.related, "Same order": file.same_order, "Same payment": file.same_payment}
    return {label: ", ".join(numbers) for label, numbers in said.items() if numbers}


def about(file: CaseFile) -> dict[str, str]:
    """The case's own fields, but those that `standing`, `amounts` and `_other_cases` tell, and what is known of other
    cases.
    """
    told = ("number", "related", *(("amount", "currency") if file.asked else ()))
    return {**_rest(CASES, file.case, *told), **_other_cases(file)}


def promised(promise: Promise) -> str:
    due = f", due {to_text(promise.due)}" if promise.due else ""
    return f"{promise.what}{due} ({promise.says})"


_TOLD = ("number", "date", "direction", "with_", "agent", "channel", "summary")
"""The columns of a message that its line tells."""


def who(message: Fields) -> str:
    return " ".join(_values(COMMUNICATIONS, message, "direction", "with_", "agent", "channel"))


def from_whom(message: Fields) -> str:
    """As `who`, with room for prepositions: `Received from Support (Maya), Chat`."""
    direction = text_of(COMMUNICATIONS, message, "direction") or COMMUNICATIONS["direction"].choices[0]
    toward = "to" if direction == "Sent" else "from"
    agent = text_of(COMMUNICATIONS, message, "agent")
    party = text_of(COMMUNICATIONS, message, "with_") + (f" ({agent})" if agent else "")
    return ", ".join([f"{direction} {toward} {party}", *_values(COMMUNICATIONS, message, "channel")])


def ended(entry: Fields, currency: str) -> str:
    before, after = _values(RESOLUTIONS, entry, "date", "status"), _values(RESOLUTIONS, entry, "method", "outcome")
    return ", ".join([*before, *filter(None, [paid_text(entry, currency)]), *after])


def paid_text(entry: Fields, currency: str) -> str:
    """The amount of a refund, with its currency where it names one; else it is in the case's."""
    amount = text_of(RESOLUTIONS, entry, "amount", currency)
    return " ".join([amount, *_values(RESOLUTIONS, entry, "currency")]).strip()


def _values(sheet: Sheet, fields: Fields, *names: str) -> list[str]:
    """The values of these columns as text, blank ones left out."""
    return [in_words(fields, sheet[name].header) for name in names if sheet[name].header in fields]


def text_of(sheet: Sheet, fields: Fields, name: str, currency: str = "") -> str:
    """The text of one column among an entry's fields. `currency` is that of an amount in an entry without one."""
    return in_words(fields, sheet[name].header, currency)


def _rest(sheet: Sheet, fields: Fields, *told: str) -> dict[str, str]:
    """What an entry holds besides the columns that are told elsewhere."""
    headers = {sheet[name].header for name in told}
    return {header: in_words(fields, header) for header in fields if header not in headers}


def rest_of_message(message: Fields, promise: Promise | None) -> dict[str, str]:
    return _rest(COMMUNICATIONS, message, *_TOLD, *(("promise", "due", "kept_on") if promise else ()))


def rest_of_resolution(entry: Fields) -> dict[str, str]:
    return _rest(RESOLUTIONS, entry, "number", "date", "status", "amount", "currency", "method", "outcome")


RESOLUTION_NAMES = ("date", "status", "amount", "method", "outcome")
RESOLUTION_HEADERS = tuple(RESOLUTIONS[name].header for name in RESOLUTION_NAMES)


def resolution_cells(entry: Fields, currency: str) -> dict[str, str]:
    """A table's cells of a resolution, by column name; the amount with its currency."""
    return {
        name: paid_text(entry, currency) if name == "amount" else text_of(RESOLUTIONS, entry, name)
        for name in RESOLUTION_NAMES
    }


def joined(fields: Mapping[str, str]) -> str:
    return "; ".join(f"{header}: {value}" for header, value in fields.items())


# How it stands, at a glance

TONES = {
    State.KEPT_ON_TIME: Tone.GOOD,
    State.KEPT: Tone.GOOD,
    State.KEPT_LATE: Tone.SOON,
    State.DUE: Tone.SOON,
    State.UNDATED: Tone.SOON,
    State.OVERDUE: Tone.BAD,
    State.NOT_KEPT: Tone.BAD,
}
"""The tone of a promise's state."""


def status_tone(status: str) -> Tone:
    """The tone of a case's status: open, made good in one way or another, or not."""
    if status not in FINAL_STATUSES:
        return Tone.SOON
    return {"Denied": Tone.BAD, "Withdrawn": Tone.PLAIN}.get(status, Tone.GOOD)


# As HTML

PAGE_STYLE = """
.badge { display: inline-block; padding: .05rem .6rem; border: 1px solid currentColor; border-radius: 1rem;
  font-weight: 600; font-size: .9rem; }
.good { color: #1d6b3a; } .soon { color: #8a5300; } .bad { color: #a61b1b; } .plain { color: var(--soft); }
.standing { margin: .3rem 0 1.2rem; }
.standing .soft { white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem 1.5rem;
  margin: 0 0 1.2rem; }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { margin: 0; }
.facts > div { min-width: 0; }
.facts .wide { grid-column: 1 / -1; }
.figures { padding: .8rem 1rem; background: var(--shade); border-radius: .4rem; }
.figures dd { font-size: 1.2rem; font-weight: 600; }
ol.timeline { margin: 0; padding: .2rem 0 0 7px; list-style: none; }
.timeline > li { position: relative; padding: 0 0 1.1rem 1.4rem; border-left: 2px solid var(--line); }
.timeline > li:last-child { padding-bottom: .2rem; }
.timeline > li::before { content: ""; position: absolute; left: -7px; top: .4rem; width: 12px; height: 12px;
  border-radius: 50%;
  background: var(--accent); border: 2px solid #fff; }
.timeline > li.sent::before { background: #fff; border-color: var(--accent); }
.timeline p { margin: .1rem 0; }
.promise { margin: .35rem 0; padding: .3rem .7rem; border-left: 4px solid currentColor; background: var(--shade); }
.promise span { color: var(--ink); } .promise strong { display: inline-block; }
.more { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
@media print { .badge, .figures, .promise, .timeline > li::before { print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
  .timeline > li { break-inside: avoid; } }
"""


_NOTEBOOK_STYLE = (
    ".refundbook h1 { font-size: 1.3em; margin: .3em 0; } .refundbook h2 { font-size: 1.1em; margin: .8em 0 .3em; } "
    ".refundbook .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9em, 1fr)); gap: .4em "
    "1.5em; } .refundbook .facts .wide { grid-column: 1 / -1; } .refundbook dt, .refundbook .more { font-size: .9em; "
    "opacity: .75; } .refundbook dd { margin: 0; } .refundbook .text { white-space: pre-wrap; } .refundbook "
    ".timeline { padding-left: 1.5em; }"
)


def case_html(file: CaseFile) -> str:
    """A case file as markup, the same in a page and in a notebook."""
    since = html.escape(standing(file).removeprefix(file.status).removeprefix(", "))
    badge = f'<span class="badge {status_tone(file.status)}">{html.escape(file.status)}</span> {since}'
    body = [
        f"<header>\n<h1>{html.escape(file.number)}</h1>",
        f'<p class="standing">{badge} <span class="soft">(as of {file.as_of})</span></p>',
        _facts(amounts(file), "figures"),
        "</header>\n<main>",
        _facts(about(file)),
        f"<h2>{COMMUNICATIONS.name}</h2>",
        _timeline(file) if file.messages else f"<p>{NO_MESSAGES}</p>",
        f"<h2>{RESOLUTIONS.name}</h2>",
        _resolutions_html(file) if file.resolutions else f"<p>{NO_RESOLUTION}</p>",
        "</main>",
    ]
    return "\n".join(filter(None, body))


_LONG = 60
"""Characters from which a fact gets a line of its own."""


def _facts(facts: Mapping[str, str], kind: str = "") -> str:
    if not facts:
        return ""
    lines = [
        f"<div{' class=wide' if len(said) > _LONG else ''}><dt>{html.escape(label)}</dt><dd "
        f'class="text">{html.escape(said)}</dd></div>'
        for label, said in facts.items()
    ]
    return f'<dl class="{f"facts {kind}".strip()}">\n' + "\n".join(lines) + "\n</dl>"


def _timeline(file: CaseFile) -> str:
    items = []
    for message, promise in zip(file.messages, file.promises, strict=True):
        sent = text_of(COMMUNICATIONS, message, "direction") == "Sent"
        lines = [
            f"<p><strong>{html.escape(text_of(COMMUNICATIONS, message, 'date'))}</strong> "
            f"{html.escape(from_whom(message))}</p>",
            f'<p class="text">{html.escape(text_of(COMMUNICATIONS, message, "summary"))}</p>',
        ]
        if promise:
            said = f"Promise: {promised(promise).removesuffix(f' ({promise.says})')}"
            tone = TONES[promise.state]
            lines.append(
                f'<p class="promise {tone}"><span class="text">{html.escape(said)}</span> '
                f"<strong>{html.escape(promise.says)}</strong></p>"
            )
        if rest := rest_of_message(message, promise):
            lines.append(f'<p class="more">{html.escape(joined(rest))}</p>')
        items.append(f"<li{' class=sent' if sent else ''}>\n" + "\n".join(lines) + "\n</li>")
    return '<ol class="timeline">\n' + "\n".join(items) + "\n</ol>"


def _resolutions_html(file: CaseFile) -> str:
    rows = []
    for entry in file.resolutions:
        cells = {name: html.escape(said) for name, said in resolution_cells(entry, file.currency).items()}
        tone = status_tone(text_of(RESOLUTIONS, entry, "status"))
        cells["status"] = f'<span class="{tone}">{cells["status"]}</span>'
        more = html.escape(joined(rest_of_resolution(entry)))
        rows.append([*cells.values(), f'<span class="more">{more}</span>' if more else ""])
    if not any(row[-1] for row in rows):
        return html.table(RESOLUTION_HEADERS, [row[:-1] for row in rows])
    return html.table([*RESOLUTION_HEADERS, "More"], rows)
