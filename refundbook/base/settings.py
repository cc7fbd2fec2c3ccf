"""What the Settings sheet may say, what holds where it says nothing, and how its lines and lists are headed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from refundbook.base.named_tuple import NamedTuple


class Issuer(NamedTuple):
    """Who gives case numbers, the patterns they follow, and whether upper and lower case differ in them.

    In a pattern `#` is a digit, `@` a letter, `?` a letter or digit, `*` any number of letters, digits and dashes;
    every other character stands for itself. An issuer without patterns accepts any number.
    """

    name: str
    patterns: tuple[str, ...] = ()
    case_sensitive: bool = False


class Settings(NamedTuple):
    """What the Settings sheet says; the defaults apply where the sheet, or a line of it, is missing.

    `time_zone` is an IANA name, or `""` for the computer's own zone. `day_first` is None where `03/04/2023` is to be
    refused as ambiguous. `response_target` is in hours. `backups` says whether the first save of a day keeps the file
    as it was, `history` whether each command, and what was changed without one, is noted beside the workbook.
    `own_addresses` and `support_addresses` are e-mail addresses, or domains such as `@gtbuy.com`.
    """

    time_zone: str = ""
    day_first: bool | None = None
    response_target: float = 48.0
    backups: bool = True
    history: bool = True
    own_addresses: tuple[str, ...] = ()
    support_addresses: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            "Reasons": (
                "Non-delivery",
                "Defective",
                "Not as described",
                "Wrong item",
                "Damaged in transit",
                "Missing parts",
                "Duplicate charge",
                "Other",
            ),
            "Channels": ("Chat", "E-mail", "Phone", "Ticket", "Dispute portal"),
            "Methods": ("Card", "PayPal", "Bank transfer", "Store credit", "Replacement sent"),
            "Currencies": ("USD", "EUR", "GBP", "CNY", "CAD", "AUD", "JPY", "PLN"),
        }
    )
    issuers: tuple[Issuer, ...] = (
        Issuer("GTBuy", ("GTB-######",)),
        Issuer("PayPal", ("PP-*",)),
        Issuer("Stripe", ("dp_*", "du_*", "re_*"), case_sensitive=True),
        Issuer("Card issuer"),
        Issuer("Other"),
    )


class SettingLine(NamedTuple):
    """One line of the Settings sheet's first table: its label, the values it accepts, and what it is for."""

    name: str
    label: str
    accepts: str
    help: str


SETTING_HEADERS = ("Setting", "Value", "What it does")
ISSUER_HEADERS = ("Issuer", "Case Number Patterns", "Upper/Lower Case Differ")
LIST_HEADERS = {"Reasons": "Reason", "Channels": "Channel", "Methods": "Method", "Currencies": "Currency"}
DAY_FIRST_VALUES = {"Refuse": None, "Day first": True, "Month first": False}
ON_OFF = {"On": True, "Off": False}
SETTING_CHOICES: dict[str, dict[str, bool | None]] = {
    "day_first": {**DAY_FIRST_VALUES},
    "backups": {**ON_OFF},
    "history": {**ON_OFF},
}
"""The settings that accept one of a few words: the words and what they mean."""

SETTING_LINES = (
    SettingLine(
        "time_zone",
        "Time zone",
        "an IANA time zone, such as Europe/Berlin, or blank for this computer's own",
        "An IANA name such as Europe/Berlin or Asia/Shanghai. Decides what day it is, and converts times typed with "
        "an offset. Blank: the zone of the computer.",
    ),
    SettingLine(
        "day_first",
        "03/04/2023 means",
        ", ".join(DAY_FIRST_VALUES),
        "How a date such as 03/04/2023, typed at the command, is read: Day first (3 April), Month first (4 March), "
        "or Refuse, and ask for 2023-04-03.",
    ),
    SettingLine(
        "response_target",
        "Response target (hours)",
        "a number of hours above 0, such as 48",
        "An open case without a reply from support for longer than this is pointed out.",
    ),
    SettingLine(
        "backups",
        "Backups",
        ", ".join(ON_OFF),
        "On: before refundbook's first save of a day, the workbook as it was is kept in the folder .refundbook "
        "beside it, the newest 10. `refundbook restore` brings one back.",
    ),
    SettingLine(
        "history",
        "Keep a history",
        ", ".join(ON_OFF),
        "On: what each command enters and corrects, and what was changed by hand since the one before, is noted in the "
        "folder .refundbook beside the workbook. `refundbook history` tells it.",
    ),
    SettingLine(
        "own_addresses",
        "Your e-mail addresses",
        "addresses with commas between, or @ and a domain, such as me@shop.com, @shop.com",
        "A mail that is imported from one of these was sent by you. Several with commas between; @shop.com is every "
        "address there.",
    ),
    SettingLine(
        "support_addresses",
        "Support's e-mail addresses",
        "addresses with commas between, or @ and a domain, such as help@gtbuy.com, @paypal.com",
        "A mail that is imported from one of these was received from support. Several with commas between.",
    ),
)

ADDRESS_LINES = ("own_addresses", "support_addresses")
"""The settings that are e-mail addresses."""
