"""The text of a mail: its HTML as text, and what of it is new, without what it quotes.

Outlook, Gmail, Apple Mail, Thunderbird and mobile clients each quote in their own way. Where it is not sure what is
new, all of the text is kept.
"""

# Libraries were tried on the mails of tests/importing/test_mail_text.py, and on the real ones that talon and
# quotequail are tested with. Of those that tell what is quoted, mail-parser-reply 1.36 keeps what Gmail and Apple
# forward, Spanish, Chinese, and `Ann <ann@…> wrote:`, and takes the quotation for new where the answer is below it
# (Thunderbird); quotequail 0.5.4 (with lxml, 12 MB) keeps the last two, and a quotation with no line above it; both
# keep all that Russian clients quote. email-reply-parser 0.5.12 (of 2020) knows English alone and drops `Sent from
# …`; talon is of 2022. None says where it is not sure. Of those that make text of HTML, html2text 2025.4 writes
# Markdown (`\--------`, `* * *`, tables with bars), inscriptis 2.7 loses which lines are quoted, and brings lxml and
# requests; Beautiful Soup and selectolax parse, as html.parser does.

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

from refundbook.base.named_tuple import NamedTuple

_DROPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "svg", "object"))
_BREAKS = frozenset(
    ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "hr")
)
_VOID = frozenset(("br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source"))
_QUOTES = re.compile(
    r"(?i)gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|divRplyFwdMsg|appendonsend|OLK_SRC"
)
"""Classes and ids that mail programs give to what they quote (Gmail, Yahoo, Thunderbird, Outlook)."""
_DIVIDER = "-----Original Message-----"

_SAYS = (
    r"(?:wrote|writes|schrieb[^:]{0,120}|a écrit|escribió|schreef[^:]{0,120}|ha scritto|escreveu|skrev[^:]{0,120}|"
    r"napsal\(?a?\)?|napisał\(?a?\)?|написала?|写道)\s*[:：]\s*"
)
_ON = r"(?i)(?:(?:on|am|le|el|op|il|em|den|dne)\b|w dniu\b|在|\d{4}[-/年])"
_WROTE = re.compile(rf"{_ON}.{{4,300}}?{_SAYS}")
_SENDER_WROTE = re.compile(rf"(?i)[^<>]{{0,200}}<\S+@\S+>\)?,?\s*{_SAYS}")
_DAY = re.compile(r"\s*(?:\w{2,12},?\s+)?\d")
_STAMPED = re.compile(r"(?=.{0,60}\d:\d\d).{8,300}<\s*[^<>\s@]+@[^<>\s]+\s*>[^:：<>]{0,40}[:：]\s*")
"""A day and a time, a name, and an address, in whatever language: `26.06.2014, 14:41, "Ann" <ann@example.com>:`."""
_HEADING = re.compile(
    r"(?i)\s*(?:>\s*)?[-_*]{2,}\s*(?:original message|forwarded message|original appointment|reply message|"
    r"urspr\w+ nachricht|weitergeleitete nachricht|message d.origine|message transf\w+|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht|原始邮件)\s*[-_*]*\s*|begin forwarded message:\s*|_{20,}\s*"
)
_FROM = re.compile(r"(?i)\s*\*?(?:from|von|de|van|da|от|发件人)\s*:\*?\s+\S.*")
_BESIDE_FROM = re.compile(
    r"(?i)\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado|verzonden|inviato|отправлено|дата|to|an|кому|subject|тема|"
    r"发送时间)\s*:"
)
_HEADERS = 5
"""Lines below the first of a quoted mail's headers among which the others stand."""
_SIGNATURE = "--"
_WRAPPED = 3
"""Lines over which a line such as `On … wrote:` may be wrapped."""


class NewText(NamedTuple):
    """What of a mail's text is new, what it quotes, and whether that is not sure: then all of it is kept."""

    text: str
    quoted: str
    is_unsure: bool = False


class _ToText(HTMLParser):
    """HTML as text. Nothing of it is fetched or run; what it quotes has `> ` before each line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.open: list[tuple[str, bool, bool]] = []  # tag, whether it is dropped, whether it quotes

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_hidden = tag in _DROPPED or re.search(r"display\s*:\s*none", said.get("style", "")) is not None
        marked = _QUOTES.search(f"{said.get('class', '')} {said.get('id', '')}")
        if tag in _BREAKS or tag == "blockquote":
            self._end_line()
        if marked and tag != "blockquote" and marked[0].casefold() in ("divrplyfwdmsg", "appendonsend", "olk_src"):
            self.lines += [_DIVIDER, ""]
        if tag not in _VOID:
            self.open.append((tag, is_hidden, tag == "blockquote"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS or tag == "blockquote":
            self._end_line()
        names = [name for name, _, _ in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if any(hidden for _, hidden, _ in self.open):
            return
        text = re.sub(r"\s+", " ", data)
        if not self.lines[-1].strip(" >"):
            depth = sum(quotes for _, _, quotes in self.open)
            self.lines[-1] = ("> " * depth if text.strip() else "") + text.lstrip()
        else:
            self.lines[-1] += text

    def _end_line(self) -> None:
        if self.lines[-1].strip():
            self.lines.append("")


def of_html(html: str) -> str:
    """The text of a page of HTML, a line a paragraph."""
    parser = _ToText()
    parser.feed(html)
    parser.close()
    return "\n".join(line.rstrip() for line in parser.lines).strip()


def new_text(text: str) -> NewText:
    """What of a mail's text is new."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at, length = _first_quote(lines)
    if at is None:
        return NewText(text.strip(), "")
    head, rest = lines[:at], lines[at + length :]
    tail = [line for line in rest if not line.lstrip().startswith(">")]
    is_marked = any(line.lstrip().startswith(">") for line in rest) or (length == 0 and at < len(lines))
    above, below = _joined(head), _joined(tail) if is_marked else ""
    is_between = bool(above) and below.partition("\n")[0] != _SIGNATURE
    if below and (is_between or _alternates(rest)):
        return NewText(text.strip(), "", is_unsure=True)  # answers stand between what is quoted
    if not (above or below):
        return NewText(text.strip(), "", is_unsure=bool(text.strip()))
    return NewText(
        above or below, _joined(lines[at:]) if above else _joined([line for line in lines if line not in tail])
    )


def _alternates(lines: list[str]) -> bool:
    """Whether quoted lines stand below others, as where each question is answered below it."""
    is_quoted = [line.lstrip().startswith(">") for line in lines if line.strip()]
    return any(not above and below for above, below in pairwise(is_quoted))


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _attribution(lines: list[str]) -> int:
    """Over how many lines one is wrapped that says who wrote what follows, such as `On … wrote:`; 0 where it does not
    stand there.
    """
    joined, is_dated = "", _DAY.match(lines[0]) is not None
    for count, line in enumerate(lines, 1):
        if not line.strip():
            break
        joined = f"{joined} {line.strip()}".strip()
        if (
            _WROTE.fullmatch(joined)
            or (is_dated and _STAMPED.fullmatch(joined))
            or (count == 1 and _SENDER_WROTE.fullmatch(joined))
        ):
            return count
    return 0


def _is_headers(lines: list[str]) -> bool:
    """Whether a quoted mail's headers begin here: from whom it was, and two more."""
    others = sum(bool(_BESIDE_FROM.match(line)) for line in lines)
    begins = _FROM.fullmatch(lines[0]) or _BESIDE_FROM.match(lines[0])
    return bool(begins) and others >= 2 and any(map(_FROM.fullmatch, lines))


def _first_quote(lines: list[str]) -> tuple[int | None, int]:
    """The line that a quotation begins with, and how many lines say whose it is."""
    for k, line in enumerate(lines):
        if not line.strip():
            continue
        if line.lstrip().startswith(">"):
            return k, 0
        if count := _attribution(lines[k : k + _WRAPPED]):
            return k, count
        if _HEADING.fullmatch(line):
            return k, 1
        if _is_headers(lines[k : k + 1 + _HEADERS]):
            return k, 1
    return None, 0
