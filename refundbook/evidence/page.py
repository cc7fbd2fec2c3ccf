"""What a packet says, in three forms: the page for people, the statement to paste into a gateway's form, the manifest
for programs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from refundbook.base.html import escape, page, table
from refundbook.base.text import safe
from refundbook.evidence.gateways import FILES_WITH_BUYER, OTHER_FILES, STATEMENT, Term
from refundbook.evidence.packet import HISTORY, Exhibit, Item, Packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


PICTURES = 20_000_000
"""The bytes of pictures that the page shows at most; further ones are in the packet as files only."""

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_STYLE = """
.summary thead th:first-child { width: 21%; }
.summary thead th:nth-child(2) { width: 31%; }
.record thead th:first-child { width: 2.2rem; }
.record thead th:nth-child(2) { width: 7.5rem; }
.record thead th:nth-child(3) { width: 11rem; }
.record dl { margin: .3rem 0 0; font-size: .88em; color: var(--soft); }
.record dl div { display: flex; gap: .4rem; }
.record dt { flex: none; }
.record dt::after { content: ":"; }
.record dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.files thead th:first-child { width: 34%; }
.files td:nth-child(2) { white-space: nowrap; }
figure { margin: 1.25rem 0; }
figcaption { margin-bottom: .4rem; font-weight: 600; }
figure img { display: block; max-width: 100%; max-height: 230mm; border: 1px solid var(--line); }
@media (max-width: 640px) {
  .record tr th::before { content: "No. "; }
  .stack.record td[data-label]::before { content: none; }
}
@media print { .pictures { break-before: page; } figure img { max-height: 215mm; }
  @page { @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; color: #52606d; } } }
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it lies in the packet: its size in bytes and its SHA-256 in hexadecimal."""

    exhibit: Exhibit
    size: int
    sha256: str


def manifest(packet: Packet, taken: Sequence[Taken]) -> dict[str, object]:
    """The packet as plain data for `manifest.json`."""
    return {
        "case": packet.number,
        "prepared": packet.prepared.isoformat(),
        "summary": [
            {"label": term.label, "value": term.value, "stripe": term.stripe or None, "paypal": term.paypal or None}
            for term in packet.summary
        ],
        "record": [_item_data(item) for item in packet.items],
        "files": [
            {
                "name": file.exhibit.name,
                "own_name": file.exhibit.own_name,
                "size": file.size,
                "sha256": file.sha256,
                "record": list(file.exhibit.items),
                "stripe": _fields(file.exhibit)[0],
                "paypal": _fields(file.exhibit)[1],
            }
            for file in taken
        ],
        "links": [{"address": link.address, "record": list(link.items)} for link in packet.links],
        "not_included": [
            {"own_name": file.own_name, "reason": file.reason, "record": list(file.items)} for file in packet.absent
        ],
    }


def _item_data(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "when": item.when,
        "what": item.what,
        "text": item.text,
        "details": dict(item.details),
    }


def _fields(exhibit: Exhibit) -> tuple[str, str]:
    return FILES_WITH_BUYER if exhibit.with_buyer else OTHER_FILES


def statement(packet: Packet) -> str:
    """The summary and the record as plain text, for a form that takes no files."""
    lines = [f"Case {packet.number}, as of {packet.prepared}", ""]
    lines += [f"{term.label}: {term.value}" for term in packet.summary]
    lines += ["", "Record"]
    for item in packet.items:
        lines.append(f"{item.number}. {item.when}: {item.what}" + (f": {item.text}" if item.text else ""))
        lines += [f"   {label}: {value}" for label, value in item.details]
        lines += [f"   {label}: {', '.join(named)}" for label, named in _evidence(packet, item) if named]
    return "".join(safe(line.replace("\n", "\n   ")) + "\n" for line in lines)


def _evidence(packet: Packet, item: Item) -> list[tuple[str, list[str]]]:
    """What an entry of the record names: files in the packet, links, and files that are not in it."""
    return [
        ("File", [exhibit.name for exhibit in packet.exhibits if item.number in exhibit.items]),
        ("Link", [link.address for link in packet.links if item.number in link.items]),
        ("Not included", [file.own_name for file in packet.absent if item.number in file.items]),
    ]


def html_page(packet: Packet, taken: Sequence[Taken], opened: Callable[[str], BinaryIO]) -> str:
    """The page. `opened` gives one of the packet's files by its name there, from which the pictures are taken."""
    parts = [
        f"<h1>Evidence: case {escape(packet.number)}</h1>",
        f'<p class="soft">As of {packet.prepared} · {_count(packet.items, "entry", "entries")} in the record · '
        f"{_count(packet.exhibits, 'file', 'files')}</p>",
        "<h2>Summary</h2>",
        table(("What", "In this case", "Stripe’s field", "PayPal’s field"), map(_term, packet.summary), name="summary"),
        "<h2>Record</h2>",
        '<p class="soft">In order of time, as the log has it. “Logged At” is what it says of when an entry was '
        "written down.</p>",
        table(("No.", "Date", "What", "Text"), (_item(packet, item) for item in packet.items), name="record"),
        *_history(packet),
        *_files(taken),
        *_links(packet),
        *_absent(packet),
        *_pictures(taken, opened),
    ]
    return page(f"Evidence: case {packet.number}", "\n".join(parts), style=_STYLE)


def _count(things: Sequence[object], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def _term(term: Term) -> tuple[str, str, str, str]:
    value = f'<span class="text">{escape(term.value)}</span>'
    return escape(term.label), value, _field(term.stripe), _field(term.paypal)


def _field(name: str) -> str:
    """A gateway's name for a field, which may break after a dot or an underscore."""
    return re.sub("(?<=[._])", "<wbr>", _code(name))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _item(packet: Packet, item: Item) -> tuple[str, str, str, str]:
    details = [(label, escape(value)) for label, value in item.details]
    for label, named in _evidence(packet, item):
        details += [(label, _code(name)) for name in named]
    pairs = "".join(f"<div><dt>{escape(label)}</dt><dd>{value}</dd></div>" for label, value in details)
    text = f'<span class="text">{escape(item.text)}</span>' if item.text else ""
    return (
        str(item.number),
        escape(item.when),
        f"<b>{escape(item.what)}</b>",
        text + (f"<dl>{pairs}</dl>" if pairs else ""),
    )


def _history(packet: Packet) -> list[str]:
    if HISTORY not in dict(packet.texts):
        return []
    where = f'<a href="{HISTORY}">{HISTORY}</a>'
    said = f"What was entered, corrected and changed by hand in this case, and between which times, stands in {where}"
    return ["<h2>History</h2>", f'<p class="soft">{said}, with what that proves and what not.</p>']


def _files(taken: Sequence[Taken]) -> list[str]:
    if not taken:
        return []
    rows = (
        (
            f'<a href="{escape(file.exhibit.name)}">{escape(file.exhibit.name)}</a>'
            f'<br><span class="soft">{escape(file.exhibit.own_name)}</span>',
            f"{file.size:,}",
            _numbers(file.exhibit.items),
            _code(file.sha256),
        )
        for file in taken
    )
    terms = (
        f'<p class="soft">Stripe takes a file as {_code(FILES_WITH_BUYER[0])} (what was exchanged with the buyer) or '
        f"{_code(OTHER_FILES[0])}, and a statement as {_code(STATEMENT[0])}. "
        f"PayPal takes files as {_code(OTHER_FILES[1])} and a statement as {_code(STATEMENT[1])}.</p>"
    )
    sums = (
        '<p class="soft">A sum tells a file from any other. It was taken when this page was made, not when the file '
        "was.</p>"
    )
    return ["<h2>Files</h2>", terms, sums, table(("File", "Bytes", "Record", "SHA-256"), rows, name="files")]


def _numbers(items: Iterable[int]) -> str:
    return "No. " + ", ".join(map(str, items))


def _links(packet: Packet) -> list[str]:
    if not packet.links:
        return []
    rows = ((_link(link.address), _numbers(link.items)) for link in packet.links)
    return ["<h2>Links</h2>", '<p class="soft">Named in the log; not opened.</p>', table(("Address", "Record"), rows)]


def _link(address: str) -> str:
    if not address.lower().startswith(("https://", "http://")):
        return escape(address)
    return f'<a href="{escape(address)}" rel="noopener noreferrer">{escape(address)}</a>'


def _absent(packet: Packet) -> list[str]:
    if not packet.absent:
        return []
    rows = ((_code(file.own_name), escape(file.reason), _numbers(file.items)) for file in packet.absent)
    return ["<h2>Not included</h2>", table(("Named in the log", "The file", "Record"), rows)]


def _pictures(taken: Sequence[Taken], opened: Callable[[str], BinaryIO]) -> list[str]:
    room, figures = PICTURES, []
    for file in taken:
        with opened(file.exhibit.name) as content:
            begin = content.read(8)
            kind = _picture_kind(begin)
            if not kind or file.size > room:
                continue
            room -= file.size
            data = base64.b64encode(begin + content.read()).decode()
        name = escape(file.exhibit.name)
        figures.append(
            f"<figure><figcaption>{name}</figcaption>"
            f'<img alt="{escape(file.exhibit.own_name)}" src="data:{kind};base64,{data}"></figure>'
        )
    return ['<section class="pictures">', "<h2>Pictures</h2>", *figures, "</section>"] if figures else []


def _picture_kind(begin: bytes) -> str:
    """The media type of a picture, told by its first bytes and never by its name; `""` for anything else."""
    return next((kind for signature, kind in _SIGNATURES.items() if begin.startswith(signature)), "")
