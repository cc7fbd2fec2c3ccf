"""A case file for people: as text for a terminal, as Markdown, and as a page of HTML in one file; and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from refundbook.base import html
from refundbook.base.amounts import money_text
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, RESOLUTIONS, Sheet
from refundbook.base.text import one_line
from refundbook.base.values import to_text
from refundbook.record.casefile import CaseFile, Fields, in_words
from refundbook.record.promises import Promise, State
from refundbook.render.text import Paint, Tone, in_markdown, to_markdown, unpainted, wrapped

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

_NO_MESSAGES, _NO_RESOLUTION = f"No {COMMUNICATIONS.name.lower()} yet.", f"No {RESOLUTIONS.pillar} yet."
_ASKED, _PAID = CASES["amount"].header, "Paid"
_INDENT = "  "


def status_tone(status: str) -> Tone:
    """The tone of a case's status: open, made good in one way or another, or not."""
    if status not in FINAL_STATUSES:
        return Tone.SOON
    return {"Denied": Tone.BAD, "Withdrawn": Tone.PLAIN}.get(status, Tone.GOOD)


def case_file_data(file: CaseFile) -> dict[str, object]:
    """A case file as plain data for JSON."""
    return {
        "number": file.number,
        "as_of": file.as_of,
        "status": file.status,
        "open": file.is_open,
        "days_open": file.days_open,
        "asked": dict(file.asked),
        "paid": dict(file.paid),
        "related": list(file.related),
        "same_order": list(file.same_order),
        "same_payment": list(file.same_payment),
        "case": file.case,
        "communications": list(file.messages),
        "promises": [{**asdict(promise), "state": str(promise.state)} for promise in file.promises if promise],
        "resolutions": list(file.resolutions),
    }


# What is said, in whichever form


def _standing(file: CaseFile) -> str:
    """`Pending, open for 8 days`."""
    if file.days_open is None:
        return file.status
    how = "open for" if file.is_open else "closed after"
    return f"{file.status}, {how} {file.days_open} {'day' if file.days_open == 1 else 'days'}"


def _amounts(file: CaseFile) -> dict[str, str]:
    """What was asked and what was paid, where an amount is known of either."""
    if not (file.asked or file.paid):
        return {}
    return {_ASKED: money_text(file.asked) or "no amount", _PAID: money_text(file.paid) or "nothing"}


def _other_cases(file: CaseFile) -> dict[str, str]:
    said = {"Related cases": file.related, "Same order": file.same_order, "Same payment": file.same_payment}
    return {label: ", ".join(numbers) for label, numbers in said.items() if numbers}


def _about(file: CaseFile) -> dict[str, str]:
    """The case's own fields, but those that `_standing`, `_amounts` and `_other_cases` tell, and what is known of other cases."""
    told = ("number", "related", *(("amount", "currency") if file.asked else ()))
    return {**_rest(CASES, file.case, *told), **_other_cases(file)}


def _promised(promise: Promise) -> str:
    due = f", due {to_text(promise.due)}" if promise.due else ""
    return f"{promise.what}{due} ({promise.says})"


_TOLD = ("number", "date", "direction", "with_", "agent", "channel", "summary")
"""The columns of a message that its line tells."""


def _who(message: Fields) -> str:
    return " ".join(_values(COMMUNICATIONS, message, "direction", "with_", "agent", "channel"))


def _from_whom(message: Fields) -> str:
    """As `_who`, with room for prepositions: `Received from Support (Maya), Chat`."""
    direction = _one(COMMUNICATIONS, message, "direction") or COMMUNICATIONS["direction"].choices[0]
    toward = "to" if direction == "Sent" else "from"
    agent = _one(COMMUNICATIONS, message, "agent")
    party = _one(COMMUNICATIONS, message, "with_") + (f" ({agent})" if agent else "")
    return ", ".join([f"{direction} {toward} {party}", *_values(COMMUNICATIONS, message, "channel")])


def _ended(entry: Fields, currency: str) -> str:
    before, after = _values(RESOLUTIONS, entry, "date", "status"), _values(RESOLUTIONS, entry, "method", "outcome")
    return ", ".join([*before, *filter(None, [_paid(entry, currency)]), *after])


def _paid(entry: Fields, currency: str) -> str:
    """The amount of a refund, with its currency where it names one; else it is in the case's."""
    amount = in_words(entry, RESOLUTIONS["amount"].header, currency)
    return " ".join([amount, *_values(RESOLUTIONS, entry, "currency")]).strip()


def _values(sheet: Sheet, fields: Fields, *names: str) -> list[str]:
    """The values of these columns as text, blank ones left out."""
    return [in_words(fields, sheet[name].header) for name in names if sheet[name].header in fields]


def _one(sheet: Sheet, fields: Fields, name: str) -> str:
    return in_words(fields, sheet[name].header)


def _rest(sheet: Sheet, fields: Fields, *told: str) -> dict[str, str]:
    """What an entry holds besides the columns that are told elsewhere."""
    headers = {sheet[name].header for name in told}
    return {header: in_words(fields, header) for header in fields if header not in headers}


def _rest_of_message(message: Fields, promise: Promise | None) -> dict[str, str]:
    return _rest(COMMUNICATIONS, message, *_TOLD, *(("promise", "due", "kept_on") if promise else ()))


def _rest_of_resolution(entry: Fields) -> dict[str, str]:
    return _rest(RESOLUTIONS, entry, "number", "date", "status", "amount", "currency", "method", "outcome")


_RESOLUTION_NAMES = ("date", "status", "amount", "method", "outcome")
_RESOLUTION_HEADERS = tuple(RESOLUTIONS[name].header for name in _RESOLUTION_NAMES)


def _resolution_cells(entry: Fields, currency: str) -> dict[str, str]:
    """A table's cells of a resolution, by column name; the amount with its currency."""
    return {
        name: _paid(entry, currency) if name == "amount" else _one(RESOLUTIONS, entry, name)
        for name in _RESOLUTION_NAMES
    }


def _joined(fields: Mapping[str, str]) -> str:
    return "; ".join(f"{header}: {value}" for header, value in fields.items())


# For a terminal


def case_file_text(file: CaseFile, width: int, paint: Paint = unpainted) -> str:
    """A case file for a terminal of `width` columns: what it is about, its messages in date order, how it stands."""
    return "".join(_fitted(line, tone, width, paint) for line, tone in _lines(file))


def _lines(file: CaseFile) -> Iterator[tuple[str, Tone]]:
    yield f"{file.number}: {_standing(file)}", Tone.TITLE
    if amounts := _amounts(file):
        yield _INDENT + ", ".join(f"{label}: {said}" for label, said in amounts.items()), Tone.PLAIN
    for label, said in _about(file).items():
        yield f"{_INDENT}{label}: {said}", Tone.PLAIN
    yield "", Tone.PLAIN
    yield (COMMUNICATIONS.name, Tone.TITLE) if file.messages else (_NO_MESSAGES, Tone.PLAIN)
    for message, promise in zip(file.messages, file.promises, strict=True):
        said = _one(COMMUNICATIONS, message, "summary")
        yield f"{_INDENT}{_one(COMMUNICATIONS, message, 'date')} {_who(message)}: {said}", Tone.PLAIN
        if promise:
            yield f"{_INDENT * 3}Promise: {_promised(promise)}", TONES[promise.state]
        if rest := _rest_of_message(message, promise):
            yield f"{_INDENT * 3}{_joined(rest)}", Tone.PLAIN
    yield "", Tone.PLAIN
    yield (RESOLUTIONS.name, Tone.TITLE) if file.resolutions else (_NO_RESOLUTION, Tone.PLAIN)
    for entry in file.resolutions:
        yield f"{_INDENT}{_ended(entry, file.currency)}", status_tone(_one(RESOLUTIONS, entry, "status"))
        if rest := _rest_of_resolution(entry):
            yield f"{_INDENT * 3}{_joined(rest)}", Tone.PLAIN


def _fitted(line: str, tone: Tone, width: int, paint: Paint) -> str:
    """A line of a case file, safe, and wrapped with its indentation."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    first, *more = wrapped(one_line(line), max(width, 40) - len(indent) - 4)
    pieces = [(indent, first), *((f"{indent}    ", piece) for piece in more)]
    return "".join(f"{space}{paint(piece, tone)}\n" if piece else "\n" for space, piece in pieces)


# Markdown


def case_file_markdown(file: CaseFile) -> str:
    """A case file in GitHub Flavored Markdown."""
    facts = {"Status": _standing(file), **_amounts(file), **_about(file)}
    parts = [f"# {in_markdown(file.number)}\n", f"As of {file.as_of}.\n", to_markdown(("", ""), facts.items())]
    parts += [f"## {COMMUNICATIONS.name}\n", _messages_markdown(file) if file.messages else f"{_NO_MESSAGES}\n"]
    parts += [f"## {RESOLUTIONS.name}\n", _resolutions_markdown(file) if file.resolutions else f"{_NO_RESOLUTION}\n"]
    return "\n".join(parts)


def _messages_markdown(file: CaseFile) -> str:
    rows = [
        (
            _one(COMMUNICATIONS, message, "date"),
            _from_whom(message),
            _one(COMMUNICATIONS, message, "summary"),
            _promised(promise) if promise else "",
            _joined(_rest_of_message(message, promise)),
        )
        for message, promise in zip(file.messages, file.promises, strict=True)
    ]
    headers = [COMMUNICATIONS[name].header for name in ("date", "with_", "summary", "promise")]
    return to_markdown((*headers, "More"), rows)


def _resolutions_markdown(file: CaseFile) -> str:
    rows = [
        (*_resolution_cells(entry, file.currency).values(), _joined(_rest_of_resolution(entry)))
        for entry in file.resolutions
    ]
    return to_markdown((*_RESOLUTION_HEADERS, "More"), rows)


# HTML

_STYLE = """
.badge { display: inline-block; padding: .05rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-weight: 600; font-size: .9rem; }
.good { color: #1d6b3a; } .soon { color: #8a5300; } .bad { color: #a61b1b; } .plain { color: var(--soft); }
.standing { margin: .3rem 0 1.2rem; }
.standing .soft { white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem 1.5rem; margin: 0 0 1.2rem; }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { margin: 0; }
.facts > div { min-width: 0; }
.facts .wide { grid-column: 1 / -1; }
.figures { padding: .8rem 1rem; background: var(--shade); border-radius: .4rem; }
.figures dd { font-size: 1.2rem; font-weight: 600; }
ol.timeline { margin: 0; padding: .2rem 0 0 7px; list-style: none; }
.timeline > li { position: relative; padding: 0 0 1.1rem 1.4rem; border-left: 2px solid var(--line); }
.timeline > li:last-child { padding-bottom: .2rem; }
.timeline > li::before { content: ""; position: absolute; left: -7px; top: .4rem; width: 12px; height: 12px; border-radius: 50%;
  background: var(--accent); border: 2px solid #fff; }
.timeline > li.sent::before { background: #fff; border-color: var(--accent); }
.timeline p { margin: .1rem 0; }
.promise { margin: .35rem 0; padding: .3rem .7rem; border-left: 4px solid currentColor; background: var(--shade); }
.promise span { color: var(--ink); } .promise strong { display: inline-block; }
.more { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
@media print { .badge, .figures, .promise, .timeline > li::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .timeline > li { break-inside: avoid; } }
"""


def case_file_html(file: CaseFile) -> str:
    """A case file as a page of HTML that needs nothing else, fits a phone and prints well. It is in ASCII, whatever a file's encoding will be."""
    standing = html.escape(_standing(file).removeprefix(file.status).removeprefix(", "))
    badge = f'<span class="badge {status_tone(file.status)}">{html.escape(file.status)}</span> {standing}'
    body = [
        f"<header>\n<h1>{html.escape(file.number)}</h1>",
        f'<p class="standing">{badge} <span class="soft">(as of {file.as_of})</span></p>',
        _facts(_amounts(file), "figures"),
        "</header>\n<main>",
        _facts(_about(file)),
        f"<h2>{COMMUNICATIONS.name}</h2>",
        _timeline(file) if file.messages else f"<p>{_NO_MESSAGES}</p>",
        f"<h2>{RESOLUTIONS.name}</h2>",
        _resolutions_html(file) if file.resolutions else f"<p>{_NO_RESOLUTION}</p>",
        "</main>",
    ]
    page = html.page(f"Case {file.number}", "\n".join(filter(None, body)), style=_STYLE)
    return page.encode("ascii", "xmlcharrefreplace").decode()


_LONG = 60
"""Characters from which a fact gets a line of its own."""


def _facts(facts: Mapping[str, str], kind: str = "") -> str:
    if not facts:
        return ""
    lines = [
        f'<div{" class=wide" if len(said) > _LONG else ""}><dt>{html.escape(label)}</dt><dd class="text">{html.escape(said)}</dd></div>'
        for label, said in facts.items()
    ]
    return f'<dl class="{f"facts {kind}".strip()}">\n' + "\n".join(lines) + "\n</dl>"


def _timeline(file: CaseFile) -> str:
    items = []
    for message, promise in zip(file.messages, file.promises, strict=True):
        sent = _one(COMMUNICATIONS, message, "direction") == "Sent"
        lines = [
            f"<p><strong>{html.escape(_one(COMMUNICATIONS, message, 'date'))}</strong> {html.escape(_from_whom(message))}</p>",
            f'<p class="text">{html.escape(_one(COMMUNICATIONS, message, "summary"))}</p>',
        ]
        if promise:
            said = f"Promise: {_promised(promise).removesuffix(f' ({promise.says})')}"
            tone = TONES[promise.state]
            lines.append(
                f'<p class="promise {tone}"><span class="text">{html.escape(said)}</span> <strong>{html.escape(promise.says)}</strong></p>'
            )
        if rest := _rest_of_message(message, promise):
            lines.append(f'<p class="more">{html.escape(_joined(rest))}</p>')
        items.append(f"<li{' class=sent' if sent else ''}>\n" + "\n".join(lines) + "\n</li>")
    return '<ol class="timeline">\n' + "\n".join(items) + "\n</ol>"


def _resolutions_html(file: CaseFile) -> str:
    rows = []
    for entry in file.resolutions:
        cells = {name: html.escape(said) for name, said in _resolution_cells(entry, file.currency).items()}
        tone = status_tone(_one(RESOLUTIONS, entry, "status"))
        cells["status"] = f'<span class="{tone}">{cells["status"]}</span>'
        more = html.escape(_joined(_rest_of_resolution(entry)))
        rows.append([*cells.values(), f'<span class="more">{more}</span>' if more else ""])
    if not any(row[-1] for row in rows):
        return html.table(_RESOLUTION_HEADERS, [row[:-1] for row in rows])
    return html.table([*_RESOLUTION_HEADERS, "More"], rows)
