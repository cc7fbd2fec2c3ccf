"""How things are shown: text that is safe for a terminal, tables and lines that fit its width, CSV, JSON
and Markdown.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from refundbook.base.text import UNSAFE, named, one_line
from refundbook.base.tone import Tone
from refundbook.base.values import to_text

# Of these, what does harm also in a file that is shown with `cat`; the others belong to the text, as a right-to-left
# mark belongs to Hebrew.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Where a cell may begin: with the text, and, where a program splits at its country's separator, which is not ours, also
# within it. Blanks, quotation marks and what is not seen before a formula do not stop it; East Asian versions of Excel
# take the wide signs too (OWASP, CSV Injection).
_BEFORE = r"""((?:^|[;|\t\n])[\s"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*)"""
# Its own apostrophes count too, or the one that is put there could not be told from them.
_FORMULA = _BEFORE + r"(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_APOSTROPHE = _BEFORE + r"'(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_compiled = lru_cache(re.compile)
# What is known to be one column wide each: Latin, dashes, quotation marks, the ellipsis. Counting them one by one would
# make a long table slow.
_SINGLE = re.compile("[\x00-\u02ff\u2013-\u2026]*")
_LINE_END = re.compile("\r\n?")
_GAP = "  "
_NARROWEST = 8
_NARROWEST_PARAGRAPH = 20


Paint = Callable[[str, Tone], str]
"""Gives a piece of safe text the look of its tone."""


def unpainted(text: str, tone: Tone) -> str:
    """For files, pipes and terminals without colour."""
    return text


def without_controls(text: str) -> str:
    """Text for a file: what would steer a terminal is named in words; marks of direction, joiners and the like are
    text.
    """
    return _CONTROL.sub(lambda match: named(match[0]), text)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV (RFC 4180, with `\\n`), safe for a terminal and for Excel: what it could take for a formula gets an
    apostrophe before it.
    """
    return "".join(_csv_row(row) for row in (header, *rows))


def _csv_row(row: Sequence[object]) -> str:
    import csv

    out = io.StringIO()
    # csv quotes a line break only where it is one of the terminator's (up to Python 3.12).
    csv.writer(out, lineterminator="\r\n").writerow([_inert(value) for value in row])
    return out.getvalue().removesuffix("\r\n") + "\n"


def _inert(value: object) -> str:
    text = to_text(value)
    return (
        _compiled(_FORMULA).sub(r"\1'", without_controls(_LINE_END.sub("\n", text))) if isinstance(value, str) else text
    )


def without_apostrophes(cell: str) -> str:
    """The text of a CSV cell: the apostrophes that `to_csv`, and other programs, put before what looks like a formula
    are not part of it.
    """
    return _compiled(_APOSTROPHE).sub(r"\1", cell) if "'" in cell else cell


def to_json(value: object) -> str:
    """JSON with amounts as numbers, dates in ISO 8601, indented, and safe for a terminal."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    return re.sub(UNSAFE, lambda match: f"\\u{ord(match.group()):04x}", text)


def to_json_line(value: object) -> str:
    """The same on one line, as JSON Lines has it."""
    text = json.dumps(value, default=_plain, ensure_ascii=False)
    return re.sub(UNSAFE, lambda match: f"\\u{ord(match.group()):04x}", text)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def to_markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in GitHub Flavored Markdown (section 4.10)."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(in_markdown(cell) for cell in line) + " |" for line in lines) + "\n"


def in_markdown(value: object) -> str:
    """A value as text on one line that Markdown shows as it is."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", without_controls(" ".join(to_text(value).split()))).replace("<", "&lt;")
    return re.sub(r"[\\`*_\[|~]", r"\\\g<0>", text)


def to_table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    width: int,
    *,
    whole: Collection[int] = (),
    tones: Sequence[Mapping[int, Tone]] = (),
    paint: Paint = unpainted,
) -> str:
    """A table for a terminal of `width` columns: long cells are wrapped, the longest column giving way first.

    The columns numbered in `whole` give way last, and only between words. Where that is not enough, each row is a
    paragraph, one line a cell. `tones` are those of each row's cells, by column; cells without one are plain, the
    header is a title.
    """
    cells = [[one_line(to_text(value)) for value in row] for row in (header, *rows)]
    widths = [max(1, *(_wide(row[k]) for row in cells)) for k in range(len(header))]
    room = width - len(_GAP) * (len(header) - 1)
    _fit(widths, dict.fromkeys((k for k in range(len(header)) if k not in whole), _NARROWEST), room)
    if sum(widths) > room:
        _fit(widths, {k: max(_wide(word) for row in cells for word in row[k].split() or [""]) for k in whole}, room)
    looks: list[Mapping[int, Tone]] = [dict.fromkeys(range(len(header)), Tone.TITLE), *tones]
    if sum(widths) > room:
        return "\n".join(_paragraphs(cells, max(width, _NARROWEST_PARAGRAPH), looks, paint))
    lines: list[str] = []
    for number, row in enumerate(cells):
        look = looks[number] if number < len(looks) else {}
        lines += _wrapped_row(row, widths, look, paint)
        if number == 0:
            lines.append(_GAP.join("─" * w for w in widths))
    return "\n".join(lines) + "\n"


def _paragraphs(
    cells: Sequence[Sequence[str]], width: int, looks: Sequence[Mapping[int, Tone]], paint: Paint
) -> Iterator[str]:
    """Each row's cells that hold something, each after its heading, on a line of its own; the first one stands out."""
    header = cells[0]
    for number, row in enumerate(cells[1:], start=1):
        look = looks[number] if number < len(looks) else {}
        lines: list[str] = []
        for k, cell in enumerate(row):
            if cell or k == 0:
                first, *rest = wrapped(f"{header[k]}: {cell}", width - len(_GAP) * 2)
                tone = look.get(k, Tone.PLAIN if k else Tone.TITLE)
                lines.append(_GAP * (k > 0) + paint(first, tone))
                lines += [_GAP * 2 + paint(line, tone) for line in rest]
        yield "\n".join(lines) + "\n"


def _wide(text: str) -> int:
    """The columns of a terminal that `text` takes up (UAX #11)."""
    return len(text) if text.isascii() or _SINGLE.fullmatch(text) else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def cut(text: str, width: int) -> str:
    """A text on one line, of at most so many columns, with an ellipsis where something is left out."""
    if _wide(text) <= width:
        return text
    left, kept = max(width, 1) - 1, []
    for character in text:
        left -= _columns(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "\u2026"


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1


def _fit(widths: list[int], least: Mapping[int, int], room: int) -> None:
    """Make columns narrower until all of them together fit into the room, or none can give way any more. `least` are
    those that may, and how far.
    """
    while (surplus := sum(widths) - room) > 0:
        able = sorted((k for k in least if widths[k] > least[k]), key=lambda k: -widths[k])
        if not able:
            return
        widest, second = able[0], widths[able[1]] if len(able) > 1 else 0
        widths[widest] = max(least[widest], widths[widest] - max(1, min(surplus, widths[widest] - second)))


def _wrapped_row(row: Sequence[str], widths: Sequence[int], look: Mapping[int, Tone], paint: Paint) -> Iterator[str]:
    cells = [wrapped(cell, w) for cell, w in zip(row, widths, strict=True)]
    for k in range(max(map(len, cells))):
        line, gap = "", ""
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            piece = cell[k] if k < len(cell) else ""
            if piece:
                line += gap + paint(piece, look.get(column, Tone.PLAIN))
                gap = ""
            gap += " " * (width - _wide(piece)) + _GAP
        yield line


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines that fit the width, broken at spaces, and within a word only where it is wider than a line: never
    at a number's dashes.

    `textwrap` counts characters, of which the Chinese ones are two columns wide.
    """
    words = text.split()
    whole = " ".join(words)
    if _wide(whole) <= width:
        return [whole]
    lines: list[str] = []
    used = 0
    for word in words:
        for number, piece in enumerate(_pieces(word, width)):
            wide = _wide(piece)
            if number == 0 and lines and used + 1 + wide <= width:
                lines[-1] += f" {piece}"
                used += 1 + wide
            else:
                lines.append(piece)
                used = wide
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    if _wide(word) <= width:
        yield word
        return
    start = used = 0
    for at, character in enumerate(word):
        wide = _columns(character)
        if used + wide > width and at > start:
            yield word[start:at]
            start, used = at, 0
        used += wide
    yield word[start:]
