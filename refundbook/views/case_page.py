"""A case file for people: as text for a terminal, as Markdown, and as a page of HTML in one file; and as plain data for
programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from refundbook.base import html
from refundbook.base.schema import COMMUNICATIONS, RESOLUTIONS
from refundbook.base.text import one_line
from refundbook.base.tone import Tone
from refundbook.record.casefile import (
    NO_MESSAGES,
    NO_RESOLUTION,
    PAGE_STYLE,
    RESOLUTION_HEADERS,
    TONES,
    CaseFile,
    about,
    amounts,
    case_html,
    ended,
    from_whom,
    joined,
    promised,
    resolution_cells,
    rest_of_message,
    rest_of_resolution,
    standing,
    status_tone,
    text_of,
    who,
)
from refundbook.render.text import Paint, in_markdown, to_markdown, unpainted, wrapped

_INDENT = "  "


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


# For a terminal


def case_file_text(file: CaseFile, width: int, paint: Paint = unpainted) -> str:
    """A case file for a terminal of `width` columns: what it is about, its messages in date order, how it stands."""
    return "".join(_fitted(line, tone, width, paint) for line, tone in _lines(file))


def _lines(file: CaseFile) -> Iterator[tuple[str, Tone]]:
    yield f"{file.number}: {standing(file)}", Tone.TITLE
    if money := amounts(file):
        yield _INDENT + ", ".join(f"{label}: {said}" for label, said in money.items()), Tone.PLAIN
    for label, said in about(file).items():
        yield f"{_INDENT}{label}: {said}", Tone.PLAIN
    yield "", Tone.PLAIN
    yield (COMMUNICATIONS.name, Tone.TITLE) if file.messages else (NO_MESSAGES, Tone.PLAIN)
    for message, promise in zip(file.messages, file.promises, strict=True):
        said = text_of(COMMUNICATIONS, message, "summary")
        yield f"{_INDENT}{text_of(COMMUNICATIONS, message, 'date')} {who(message)}: {said}", Tone.PLAIN
        if promise:
            yield f"{_INDENT * 3}Promise: {promised(promise)}", TONES[promise.state]
        if rest := rest_of_message(message, promise):
            yield f"{_INDENT * 3}{joined(rest)}", Tone.PLAIN
    yield "", Tone.PLAIN
    yield (RESOLUTIONS.name, Tone.TITLE) if file.resolutions else (NO_RESOLUTION, Tone.PLAIN)
    for entry in file.resolutions:
        yield f"{_INDENT}{ended(entry, file.currency)}", status_tone(text_of(RESOLUTIONS, entry, "status"))
        if rest := rest_of_resolution(entry):
            yield f"{_INDENT * 3}{joined(rest)}", Tone.PLAIN


def _fitted(line: str, tone: Tone, width: int, paint: Paint) -> str:
    """A line of a case file, safe, and wrapped with its indentation."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    first, *more = wrapped(one_line(line), max(width, 40) - len(indent) - 4)
    pieces = [(indent, first), *((f"{indent}    ", piece) for piece in more)]
    return "".join(f"{space}{paint(piece, tone)}\n" if piece else "\n" for space, piece in pieces)


# Markdown


def case_file_markdown(file: CaseFile) -> str:
    """A case file in GitHub Flavored Markdown."""
    facts = {"Status": standing(file), **amounts(file), **about(file)}
    parts = [f"# {in_markdown(file.number)}\n", f"As of {file.as_of}.\n", to_markdown(("", ""), facts.items())]
    parts += [f"## {COMMUNICATIONS.name}\n", _messages_markdown(file) if file.messages else f"{NO_MESSAGES}\n"]
    parts += [f"## {RESOLUTIONS.name}\n", _resolutions_markdown(file) if file.resolutions else f"{NO_RESOLUTION}\n"]
    return "\n".join(parts)


def _messages_markdown(file: CaseFile) -> str:
    rows = [
        (
            text_of(COMMUNICATIONS, message, "date"),
            from_whom(message),
            text_of(COMMUNICATIONS, message, "summary"),
            promised(promise) if promise else "",
            joined(rest_of_message(message, promise)),
        )
        for message, promise in zip(file.messages, file.promises, strict=True)
    ]
    headers = [COMMUNICATIONS[name].header for name in ("date", "with_", "summary", "promise")]
    return to_markdown((*headers, "More"), rows)


def _resolutions_markdown(file: CaseFile) -> str:
    rows = [
        (*resolution_cells(entry, file.currency).values(), joined(rest_of_resolution(entry)))
        for entry in file.resolutions
    ]
    return to_markdown((*RESOLUTION_HEADERS, "More"), rows)


# HTML


def case_file_html(file: CaseFile) -> str:
    """A case file as a page of HTML that needs nothing else, fits a phone and prints well. It is in ASCII, whatever a
    file's encoding will be.
    """
    page = html.page(f"Case {file.number}", case_html(file), style=PAGE_STYLE)
    return page.encode("ascii", "xmlcharrefreplace").decode()
