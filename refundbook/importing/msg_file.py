"""Outlook's .msg files ([MS-OXMSG]) as mails, read by python-oxmsg (the extra `mail`)."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_string

from refundbook.base.errors import UsageError
from refundbook.importing.mail import Address, Attachment, Mail, headers_of, plain
from refundbook.importing.mail_text import new_text, of_html

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins ([MS-CFB] 2.2)."""


def read_msg(data: bytes, source: str) -> Mail:
    """A mail that Outlook saved. Raises UsageError where it is none, or python-oxmsg is not there."""
    try:
        from oxmsg import Message
    except ImportError as error:
        raise UsageError(
            f'{source} is a mail in Outlook\'s own form: pip install "refundbook[mail]" reads it. Or save it as .eml.'
        ) from error
    try:
        found = Message.load(data)
        text = found.body or of_html(found.html_body or "")
        headers = message_from_string("".join(f"{name}: {value}\n" for name, value in found.message_headers.items()))
        attachments = [Attachment(plain(a.file_name or "") or "file", a.file_bytes or b"") for a in found.attachments]
        people = tuple(Address(plain(r.email_address).casefold(), plain(r.name)) for r in found.recipients)
        sent, sender, subject = found.sent_date, found.sender or "", found.subject or ""
    except Exception as error:  # a file from outside may break the reader in any way
        raise UsageError(f"{source} cannot be read as a mail of Outlook's. Save it as .eml.") from error
    known = headers_of(headers)
    return Mail(
        source,
        data,
        known.message_id,
        known.answers,
        _aware(sent) or known.date,
        known.sender or _address(sender),
        known.recipients or people,
        plain(subject),
        new_text(text.replace("\r\n", "\n")),
        tuple(attachments),
        ending=".msg",
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(said: str) -> Address:
    name, _, rest = plain(said).partition("<")
    address = rest.rstrip(">").strip() or (name if "@" in name else "")
    return Address(address.casefold(), "" if address == name else name.strip(' "'))
