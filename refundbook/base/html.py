"""What the HTML pages share: escaping, the head with its policy, and the style sheet. A page is one file that asks the
network for nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence

from refundbook.base.text import named

# Neither can stand in an HTML document (WHATWG HTML, 13.2.3.5) or they reorder the text around them (UAX #9).
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)

STYLE = """
:root { --ink: #1f2933; --soft: #52606d; --line: #d3dae2; --shade: #f3f6f9; --accent: #1f5673; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 60rem; background: #fff; color: var(--ink);
  font: 16px/1.5 "Segoe UI", system-ui, -apple-system, "Noto Sans", "Liberation Sans", "Noto Sans CJK SC", sans-serif; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .6rem; padding-bottom: .25rem; border-bottom: 2px solid var(--accent); color: var(--accent);
  font-size: 1.2rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft { color: var(--soft); font-weight: 400; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .85em/1.4 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
td:last-child, th:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--soft); color: var(--soft); font-size: .82rem; font-weight: 600;
  overflow-wrap: normal; }
tbody th { font-weight: 600; }
a { color: var(--accent); overflow-wrap: anywhere; }
@media (max-width: 640px) {
  body { padding: 1.25rem 1rem 2rem; }
  table.stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; width: auto; }
  .stack thead { display: none; }
  .stack tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .stack th, .stack td { padding: .1rem 0; border: 0; }
  .stack td:empty { display: none; }
  .stack td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: .85em; }
}
@page { size: A4; margin: 18mm 16mm 20mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  h2, h2 + p, thead { break-after: avoid; }
  th, td { padding-top: .3rem; padding-bottom: .3rem; }
  tr, figure { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
"""


def escape(text: str) -> str:
    """`text` for an HTML document, also within an attribute in quotation marks; what hides or reorders text is shown as
    an escape.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    visible = _HIDDEN.sub(lambda match: named(match[0]), lines)
    return html.escape(visible)


def page(title: str, body: str, *, style: str = "") -> str:
    """A whole document. `body` is markup, `title` is text; `style` is added to the shared style sheet.

    The policy (Content Security Policy Level 3) lets nothing be loaded or run: only this style sheet counts, and
    pictures that are in the page.
    """
    sheet = STYLE + style
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, name: str = "") -> str:
    """A table of cells that are markup; `header` is text. On a phone each row becomes a block, its cells named after
    their columns.
    """
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in header)
    lines = [_row(header, row) for row in rows]
    kind = f"stack {name}".strip()
    return (
        f'<table class="{escape(kind)}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{"".join(lines)}</tbody>\n</table>'
    )


def _row(header: Sequence[str], row: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(
        f'<td data-label="{escape(label)}">{cell}</td>' if cell else "<td></td>"
        for label, cell in zip(header[1:], others, strict=True)
    )
    return f'<tr><th scope="row">{first}</th>{cells}</tr>\n'


ROWS = 20
"""So many cases or findings are shown; the others are counted."""


# Notebooks align every cell to the right, and their own colours (a dark theme's, too) stay.
_STYLE = (
    ".refundbook th, .refundbook td { text-align: left !important; vertical-align: top; white-space: normal; } "
    ".refundbook.figures td { text-align: right !important; } .refundbook p { margin: .3em 0; } "
    ".refundbook .note { font-size: .9em; opacity: .75; } "
)


def more(number: int) -> str:
    """How many rows are not shown, where there are more than ROWS."""
    return f'<p class="note">{number - ROWS:,} more not shown.</p>' if number > ROWS else ""


def fragment(*parts: str, kind: str = "", style: str = "") -> str:
    """Markup as a notebook shows it. `style` is added to what all have in common; its rules begin with `.refundbook`,
    so that they end with it.
    """
    return f'<div class="{f"refundbook {kind}".strip()}"><style>{_STYLE}{style}</style>{"".join(parts)}</div>'
