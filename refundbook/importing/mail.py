"""A mail as plain data: who wrote it to whom, when, its new text, and what is attached (RFC 5322, RFC 2045 to 2047).

All of it comes from outside: headers are texts without line breaks and invisible marks, names of attachments are no
paths, nothing is fetched.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from refundbook.base.errors import UsageError
from refundbook.importing.mail_text import NewText, new_text, of_html

MAX_MAIL = 80 << 20
"""Bytes of a mail: one with an attachment of 50 MB is below."""
_ID = re.compile(r"<[^<>\s]{1,900}>")
_TNEF = "winmail.dat"
_LONGEST_NAME = 200
_BEFORE_HEADERS = 64
_MOST_TEXT = 1 << 20
"""Bytes of a mail's text that are read; a cell holds 32,767 characters."""


@dataclass(frozen=True)
class Address:
    """A person in a mail: the address in lower case, and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Attachment:
    name: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """`source` is the file, and the mail in it where it holds several. `answers` are the Message-IDs of those that it
    answers, the nearest first. `remarks` are sentences about what could not be read as it was meant.
    """

    source: str
    data: bytes
    message_id: str
    answers: tuple[str, ...]
    date: datetime | None
    sender: Address
    recipients: tuple[Address, ...]
    subject: str
    text: NewText
    attachments: tuple[Attachment, ...]
    remarks: tuple[str, ...] = ()
    ending: str = ".eml"


@dataclass(frozen=True)
class Headers:
    """What the headers of a mail say; `sender` is None where they name none."""

    message_id: str
    answers: tuple[str, ...]
    date: datetime | None
    sender: Address | None
    recipients: tuple[Address, ...]
    subject: str


def headers_of(message: Message) -> Headers:
    """The headers that count."""
    senders = _addresses(message, "From") or _addresses(message, "Sender")
    return Headers(
        next(iter(_ID.findall(_header(message, "Message-ID"))), ""),
        tuple(dict.fromkeys((*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References"))))),
        _date(message),
        senders[0] if senders else None,
        tuple(address for name in ("To", "Cc") for address in _addresses(message, name)),
        _header(message, "Subject"),
    )


def read_mail(data: bytes, source: str) -> Mail:
    """A mail as RFC 5322 has it. Raises UsageError where it is none, or cannot be read."""
    try:
        return _read(data, source)
    except UsageError:
        raise
    except Exception as error:  # a file from outside may break the parser in any way, as by parts nested without end
        raise UsageError(f"{source} cannot be read as a mail: enter what it says with `refundbook log`.") from error


def _read(data: bytes, source: str) -> Mail:
    message = message_from_bytes(_begun(data), policy=policy.compat32)
    headers = headers_of(message)
    if headers.sender is None and headers.date is None and not headers.subject:
        raise UsageError(f"{source} is no mail: it has neither a sender nor a date nor a subject.")
    text, remarks = _body(message)
    attachments = tuple(_attachments(message))
    if any(one.name.casefold() == _TNEF for one in attachments):
        remarks.append(f"{_TNEF} holds what Outlook attached, in a form of its own: ask for it as ordinary files.")
    return Mail(
        source,
        data,
        headers.message_id,
        headers.answers,
        headers.date,
        headers.sender or Address(""),
        headers.recipients,
        headers.subject,
        new_text(text),
        attachments,
        tuple(remarks),
    )


def headers_in(data: bytes) -> Headers:
    """The headers of a mail of which only the beginning is there."""
    return headers_of(message_from_bytes(_begun(data), policy=policy.compat32))


def _begun(data: bytes) -> bytes:
    """A mail without what editors put before its headers: a byte order mark, blank lines."""
    head = data[:_BEFORE_HEADERS]
    return head.removeprefix(BOM_UTF8).lstrip(b"\r\n") + data[_BEFORE_HEADERS:] if head[:1] in b"\xef\r\n" else data


# Headers


def plain(text: str) -> str:
    """A text from a header on one line, without what cannot be seen or turns what is beside it."""
    shown = "".join(" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join("".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")).split())


def _header(message: Message, name: str) -> str:
    return plain(_decoded(next(iter(_said(message, name)), "")))


def _said(message: Message, name: str) -> list[str]:
    """A header's values as they stand, on one line each; letters beyond ASCII are in UTF-8 (RFC 6532), or else."""
    found = [str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()]
    return [_text_of(one.encode("utf-8", "surrogateescape"), "utf-8")[0].replace("\n", " ") for one in found]


def _decoded(text: str) -> str:
    """A header's text with its encoded words read (RFC 2047); as it stands where they cannot be."""
    from email.header import decode_header

    try:
        parts = decode_header(text.replace("\r", "").replace("\n", " "))
    except Exception:  # whatever a header holds, it is some text
        return text
    return "".join(part if isinstance(part, str) else _text_of(part, said or "utf-8")[0] for part, said in parts)


def _addresses(message: Message, name: str) -> list[Address]:
    said = getaddresses(_said(message, name))
    found = [(plain(_decoded(shown)), plain(address).casefold()) for shown, address in said]
    return [Address(address, shown[:_LONGEST_NAME]) for shown, address in found if "@" in address]


def _ids(message: Message, name: str) -> list[str]:
    return _ID.findall(_header(message, name))


def _date(message: Message) -> datetime | None:
    """When it was sent, else when the last server received it; None where neither can be read. -0000 is UTC."""
    received = [str(value).rpartition(";")[2] for value in message.get_all("Received", [])[:1]]
    for said in (message["Date"], *received):
        try:
            moment = parsedate_to_datetime(str(said).strip()) if said else None
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if moment is not None:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


# The body


def _body(message: Message) -> tuple[str, list[str]]:
    """The text that is shown, and what is to be said of it: the plain one, else that of its HTML."""
    for kind in ("text/plain", "text/html"):
        remarks: list[str] = []
        texts = []
        for part in _shown(message):
            if part.get_content_type() == kind:
                text, is_sure = _text_of(_beginning(_payload(part)), part.get_content_charset() or "utf-8")
                texts.append(of_html(text) if kind == "text/html" else text)
                if not is_sure:
                    remarks.append("Its letters are in no encoding that it names: look at the mail itself.")
        if any(text.strip() for text in texts):
            return "\n\n".join(text.strip() for text in texts if text.strip()), remarks[:1]
    if not message.is_multipart() and message.get_content_maintype() == "multipart":
        return _text_of(_beginning(_payload(message)), "utf-8")[0], ["Its parts cannot be told apart."]
    return "", []


def _shown(message: Message) -> Iterator[Message]:
    """The parts that are shown as the mail's text: none of a mail that is attached to it."""
    parts: object = message.get_payload()
    for part in parts if isinstance(parts, list) else (message,):
        if not isinstance(part, Message) or _is_attached(part):
            continue
        if part.get_content_maintype() == "text":
            yield part
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            yield from _shown(part)


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _payload(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _beginning(data: bytes) -> bytes:
    """As much of a text as counts, to the end of a line: the whole of it is in the mail that is kept."""
    return data if len(data) <= _MOST_TEXT else data[:_MOST_TEXT].rpartition(b"\n")[0] or data[:_MOST_TEXT]


def _text_of(data: bytes, charset: str) -> tuple[str, bool]:
    """Bytes as text, and whether they are in the encoding that is named, or in UTF-8."""
    for name in (charset, "utf-8"):
        try:
            return _readable(data.decode(name)), True
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return _readable(data.decode("cp1252", "replace")), False


def _readable(text: str) -> str:
    """A text without what no cell holds, and what turns the order of its letters."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))


def _attachments(message: Message) -> Iterator[Attachment]:
    inside: set[int] = set()
    for part in message.walk():
        if id(part) in inside or (part is message and part.get_content_maintype() in ("text", "multipart")):
            continue
        if part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            mails: Sequence[object] = payload if isinstance(payload, list) else []
            inside |= {id(one) for mail in mails if isinstance(mail, Message) for one in mail.walk()}
            for mail in mails:
                if isinstance(mail, Message):
                    yield Attachment(f"{_header(mail, 'Subject') or 'mail'}.eml", mail.as_bytes())
        elif not part.is_multipart() and (
            _is_attached(part) or part.get_content_maintype() not in ("text", "multipart")
        ):
            name = plain(_decoded(part.get_filename() or "")) or f"part.{part.get_content_subtype()}"
            yield Attachment(name, _payload(part))


def is_mail(data: bytes) -> bool:
    """Whether a file begins as a mail does: with lines of headers, one of which a mail has."""
    head = _begun(data[:4096]).decode("latin-1").replace("\r\n", "\n")
    lines = head.partition("\n\n")[0].split("\n")
    names = {line.partition(":")[0].casefold() for line in lines if re.match(r"[!-9;-~]+:", line)}
    known = {"from", "date", "subject", "message-id", "received", "mime-version", "return-path", "delivered-to"}
    return bool(re.match(r"(?:From \S+ |[!-9;-~]+:)", head)) and len(names & known) >= 2
