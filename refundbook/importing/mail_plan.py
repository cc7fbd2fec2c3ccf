"""Which case a mail belongs to, whose it is, and the entry that it becomes. What is not told for certain is a sentence,
and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from refundbook.base.clock import local
from refundbook.base.dates import day_of
from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import COMMUNICATIONS
from refundbook.base.settings import Settings
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.importing.mail import Mail, headers_in
from refundbook.record.records import Records

_SUPPORT, _BUYER = COMMUNICATIONS["with_"].choices
_RECEIVED, _SENT = COMMUNICATIONS["direction"].choices
_SUPPORT_WORDS = frozenset(
    ("support", "service", "services", "help", "helpdesk", "dispute", "disputes", "customerservice")
)
_TOKEN = re.compile(
    r"(?i)(?P<before>#|\b(?:case|ticket|claim|rma|number|no)\b[\s.:#]*)?"
    r"(?P<token>[^\s,;:()<>\"'`\[\]{}|!?*=#]+)"
)
_SHORT = 4
"""A number with fewer characters counts only behind # or a word such as case."""
_LONGEST = 16_000
"""Characters of a summary; a cell holds 32,767 UTF-16 code units."""

Evidence = Callable[[str], bytes | None]
"""The beginning of a file that the Evidence column names; None where it cannot be read."""


class Side(NamedTuple):
    """With whom a message was, and which way it went."""

    with_: str
    direction: str


@dataclass(frozen=True)
class Filed:
    """A mail with its case and its entry, of which Evidence is still to be said."""

    mail: Mail
    number: str
    fields: Mapping[str, object]


@dataclass
class MailPlan:
    """What mails come to: those that are entered, in the order of their dates, those that are in the log already, and a
    sentence for each that is neither.
    """

    filed: list[Filed] = field(default_factory=list)
    known: list[Mail] = field(default_factory=list)
    listed: list[tuple[Mail, str]] = field(default_factory=list)


def plan(
    mails: Iterable[Mail], records: Records, evidence: Evidence, *, case: str | None = None, with_: str | None = None
) -> MailPlan:
    """What mails come to. `case` says whose they are, `with_` the side. Raises UsageError where there is no such
    case.
    """
    planning = _Planning(records, evidence, case, with_)
    for mail in sorted(mails, key=lambda one: one.date.timestamp() if one.date else 0.0):
        planning.take(mail)
    return planning.done


class _Planning:
    def __init__(self, records: Records, evidence: Evidence, case: str | None, with_: str | None) -> None:
        self.records = records
        self.evidence = evidence
        self.with_ = with_
        self.done = MailPlan()
        self.case_key = None if case is None else records.key_of(case)
        if self.case_key is not None and records.case(self.case_key) is None:
            raise UsageError(f"There is no case {quoted(case)}.")
        log = records.communications
        self.case_of_source = {str(s): log.keys[at] for at, s in enumerate(log["source"]) if s is not None}
        # What says no source, as all does without that column, is known by case, day and text.
        self.said = {
            (key, _day(log["date"][at]), to_text(log["summary"][at]))
            for at, key in enumerate(log.keys)
            if log["source"][at] is None
        }
        self.sides: dict[str, _Known] = {}

    def take(self, mail: Mail) -> None:
        key = self.case_of_source.get(source_of(mail))
        if key is not None:
            self.done.known.append(mail)
            return
        key = self.case_key or self.case_named(mail)
        if key is None:
            return
        moment = mail.date
        if moment is None:
            self.leave(mail, "It says no date: enter it with `refundbook log`.")
            return
        side = self.side(mail, key)
        if side is None:
            who = mail.sender.address or mail.sender.name
            said = f"Nothing tells whether {quoted(who)} is support or the buyer" if who else "It names no sender"
            self.leave(
                mail, f"{said}: say it by --with, or in Settings." if who else f"{said}: say with whom by --with."
            )
            return
        at = local(moment, self.records.clock.zone)
        summary = _summary(mail)
        if (key, at.date(), summary) in self.said:
            self.done.known.append(mail)
            return
        self.file(mail, key, {"date": at, "with_": side.with_, "direction": side.direction, "summary": summary})

    def file(self, mail: Mail, key: str, fields: dict[str, object]) -> None:
        log, case = self.records.communications, self.records.case(key)
        number = to_text(self.records.cases["number"][case or 0])
        is_agent_s = fields["with_"] == _SUPPORT and fields["direction"] == _RECEIVED
        fields |= {"number": number, "channel": "E-mail", "agent": mail.sender.name if is_agent_s else None}
        if "source" in log.letters:
            fields["source"] = source_of(mail)
        else:
            self.said.add((key, _day(fields["date"]), str(fields["summary"])))
        self.case_of_source[source_of(mail)] = key
        self.done.filed.append(Filed(mail, number, {name: value for name, value in fields.items() if value}))

    def leave(self, mail: Mail, why: str) -> None:
        self.done.listed.append((mail, why))

    # Whose it is

    def case_named(self, mail: Mail) -> str | None:
        """The one case that a mail names, else that of the mail that it answers."""
        named = numbers_in(f"{mail.subject}\n{mail.text.text}", self.records)
        if len(named) > 1:
            numbers = ", ".join(to_text(self.records.cases["number"][self.records.case(key) or 0]) for key in named)
            self.leave(mail, f"It names several cases: {numbers}. Say which one it belongs to by --case.")
            return None
        answered = next((self.case_of_source[one] for one in mail.answers if one in self.case_of_source), None)
        if not named and answered is None:
            self.leave(mail, "It names no case of the workbook, and answers no mail in it: say which one by --case.")
        return named[0] if named else answered

    # With whom it was

    def side(self, mail: Mail, key: str) -> Side | None:
        known = self.sides.setdefault(key, _Known.of(self.records, key, self.evidence))
        sender, others = mail.sender.address, [one.address for one in mail.recipients]
        is_ours = known.is_own(sender)
        to_support = any(known.is_support(one) for one in others)
        if self.with_ is not None:
            is_sent = is_ours or (to_support and not known.is_support(sender))
            return Side(self.with_, _SENT if is_sent else _RECEIVED)
        if is_ours:
            to_buyer = any(known.is_buyer(one) for one in others)
            return Side(_SUPPORT, _SENT) if to_support else Side(_BUYER, _SENT) if to_buyer else None
        if known.is_support(sender):
            return Side(_SUPPORT, _RECEIVED)
        if known.is_buyer(sender):
            return Side(_BUYER, _RECEIVED)
        return Side(_SUPPORT, _SENT) if to_support else None


@dataclass
class _Known:
    """The addresses of each side, as Settings and a case's own log say."""

    settings: Settings
    own: set[str] = field(default_factory=set)
    support: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, records: Records, key: str, evidence: Evidence) -> _Known:
        """What is known for a case: the mails that are kept of it teach, and the addresses that stand in its row."""
        known = cls(records.settings)
        case, cases = records.case(key), records.cases
        if case is not None:
            texts = [to_text(values[case]) for values in (*cases.columns.values(), *cases.extra.values())]
            known.buyers |= {word for text in texts for word in re.findall(r"[^\s<>,;]+@[^\s<>,;]+", text.casefold())}
        log = records.communications
        for at in log.by_case.get(key, ()):
            for path in to_text(log["evidence"][at]).split("; "):
                if path.endswith(".eml") and (data := evidence(path)) is not None:
                    known.learn(data, Side(to_text(log["with_"][at]), to_text(log["direction"][at])))
        return known

    def learn(self, data: bytes, side: Side) -> None:
        headers = headers_in(data)
        theirs = self.support if side.with_ == _SUPPORT else self.buyers
        if side.direction == _SENT:
            theirs |= {one.address for one in headers.recipients}
            self.own |= {headers.sender.address} if headers.sender else set()
        elif headers.sender:
            theirs.add(headers.sender.address)

    def is_own(self, address: str) -> bool:
        return _is_one(address, self.settings.own_addresses) or address in self.own

    def is_support(self, address: str) -> bool:
        if self.is_own(address) or address in self.buyers:
            return False
        if _is_one(address, self.settings.support_addresses) or address in self.support:
            return True
        return bool(_SUPPORT_WORDS & set(re.split(r"[^a-z]+", address)))

    def is_buyer(self, address: str) -> bool:
        return address in self.buyers and not self.is_own(address)


def _is_one(address: str, listed: Sequence[str]) -> bool:
    """Whether an address is one of a list, whose entries may be domains, such as @gtbuy.com."""
    return any(address == one or (one.startswith("@") and address.endswith(one)) for one in map(str.casefold, listed))


def source_of(mail: Mail) -> str:
    """What tells a mail from every other: its Message-ID, else what it holds."""
    from hashlib import sha256

    return mail.message_id or f"mail {sha256(mail.data).hexdigest()[:16]}"


def numbers_in(text: str, records: Records) -> list[str]:
    """The keys of the cases that a text names, in its order."""
    found: dict[str, None] = {}
    for match in _TOKEN.finditer(text):
        for token in dict.fromkeys((match["token"], *match["token"].split("/"))):
            word = token.strip("._-\u2013\u2014/\u201c\u201d\u2018\u2019")
            key = records.key_of(word) if word else ""
            if (len(word) >= _SHORT or match["before"]) and records.case(key) is not None:
                found[key] = None
    return list(found)


def _summary(mail: Mail) -> str:
    text = mail.text.text or mail.subject or "(no text)"
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rstrip()} … (cut; the whole text is in the mail that is kept)"


def _day(value: object) -> object:
    try:
        return day_of(value)  # type: ignore[arg-type]  # what is no date stands for itself
    except (AttributeError, TypeError):
        return value
