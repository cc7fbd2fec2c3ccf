"""What the word of a status means that somebody else's table has: that a case is open, or that it ended, and then how
it may have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS
from refundbook.base.values import choice_of
from refundbook.importing.status_vocabulary import IN_ENGLISH

PENDING = OPEN_STATUSES[0]


class Meaning(NamedTuple):
    """`status` is one of the schema's where that is certain, else `""`; then `question` asks which, and `proposed` is
    the likeliest answer, or `""`.
    """

    status: str
    question: str = ""
    proposed: str = ""


# The words of help desks (Zendesk, Freshdesk, Jira), marketplaces, PayPal's and Stripe's reports, RMA logs.
_OPEN = re.compile(
    r"\b(new|open|opened|pending|in review|under (?:\w+ )?review|reviewing|in progress|progress|process(?:ing)?|"
    r"in process|investigat(?:ing|ion)|submitted|submit|await\w*|wait\w*|on hold|hold|held|escalated|escalation|"
    r"needs? \w+|need(?:ed|s)?|required|requires \w+|requested|assigned|unassigned|acknowledged|initiated|filed|logged|"
    r"reported|raised|created|draft|follow up|action required|started|not started|to ?do|ongoing|active|unresolved|"
    r"appealed|appeal|in transit|shipped|received|queued?|scheduled|sent to|contacted|negotiat\w+|disputed|in dispute|"
    r"snoozed|inspected|request for information|representment|pre ?arbitration|"
    r"under (?:investigation|appeal|dispute|consideration|process|evaluation))\b"
)
_NOT_YET = re.compile(
    r"\b(pending|await\w*|wait\w*|in progress|processing|being processed|requested|investigat\w+|review|on hold|"
    r"re ?opened|"
    r"unresolved|partly|not|never|no|needs? \w+|appeal\w*|escalated|requires?|required|to be|will be|expected|"
    r"promised|scheduled|until|unless|if)\b"
)
_REFUND = f"{FINAL_STATUSES[0]} or {FINAL_STATUSES[1]}?"
_ANY = f"{', '.join(FINAL_STATUSES[:-1])} or {FINAL_STATUSES[-1]}?"
_UNKNOWN = f"Is it open: {PENDING}? Or did it end:"
_WHO_WON = "Who won: Full Refund, Partial Refund or Denied?"
_MONEY = r"(?:refund|money|funds|payment) (?:was |is )?(?:issued|sent|completed?|done|made|processed|given|received)"
# Words of an end, the question that each leaves, and the likeliest answer; the first that fits counts.
_ENDS: tuple[tuple[str, str, str], ...] = (
    (r"(?:partial(?:ly)?|part)\b.*\b(?:refund\w*|paid|returned|credited)", "Partial Refund?", "Partial Refund"),
    (r"(?:your|our|my|buyers?|customer|seller|merchant|cardholder)\b.*\bfavou?r", _WHO_WON, ""),
    (r"won|lost|win|lose", _WHO_WON, ""),
    (r"prevented", "Was the money given back at once: Full Refund? Or was it blocked: Withdrawn?", ""),
    (r"store credit|credit note|voucher|gift card", "Store Credit?", "Store Credit"),
    (r"replaced|replacement|exchanged|reshipped|resent|repaired", "Replacement?", "Replacement"),
    (r"refunded|reimbursed|paid|repaid|credited|funds returned|money returned|" + _MONEY, _REFUND, ""),
    (r"reject(?:ed)?|declined|refused|denied|disallowed|dismissed|ineligible|invalid", "Denied?", "Denied"),
    (r"cancel(?:l?ed)?|withdrawn|voided?|abandoned|retracted|dropped", "Withdrawn or Denied?", "Withdrawn"),
    (r"expired|lapsed|timed out", "Denied or Withdrawn?", ""),
    (r"approved|accepted|granted|authori[sz]ed|upheld", f"{_REFUND[:-1]}, or still open: {PENDING}?", ""),
    (r"completed?|done|finished|fulfilled|processed", _REFUND, ""),
    (r"resolved|closed|solved|settled|ended|returned|final|finali[sz]ed|archived|concluded", _ANY, ""),
)
# What says one of our statuses in other words.
_CERTAIN = {
    "Full Refund": r"full(?:y)? refund(?:ed)?(?: issued)?|refunded in full|full amount refunded",
    "Partial Refund": r"partial(?:ly)? refund(?:ed)?(?: issued)?|refunded in part|partly refunded",
    "Denied": r"(?:claim|refund|request|case) denied",
    "Reopened": r"re open(?:ed)?",
    "Withdrawn": r"withdrawn by (?:the )?(?:buyer|customer|claimant)|(?:claim|request|case) withdrawn",
}


@lru_cache(maxsize=4096)
def meaning_of(text: str) -> Meaning:
    """What a status in somebody's own words means."""
    said = IN_ENGLISH.get(" ".join(text.split()).casefold(), text)
    if choice := choice_of(RESOLUTIONS["status"], said):
        return Meaning(choice)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", said)
    words = " ".join(re.sub(r"[\W_]+", " ", apart).split()).casefold()
    if certain := next((status for status, said in _CERTAIN.items() if re.fullmatch(said, words)), ""):
        return Meaning(certain)
    end = next(((question, likely) for said, question, likely in _ENDS if re.search(rf"\b(?:{said})\b", words)), None)
    if end is None:
        return Meaning(PENDING) if _OPEN.search(words) else Meaning("", f"{_UNKNOWN} {_ANY}")
    if _NOT_YET.search(words):
        return Meaning("", f"Still open: {PENDING}? Or ended: {end[0]}")
    return Meaning("", *end)


def known_share(texts: Iterable[str]) -> float:
    """How many of the words of a column, from 0 to 1, are words of a status."""
    all_texts = list(texts)
    return sum(_is_known(text) for text in all_texts) / len(all_texts) if all_texts else 0.0


def _is_known(text: str) -> bool:
    meaning = meaning_of(text)
    return bool(meaning.status) or not meaning.question.startswith(_UNKNOWN)
