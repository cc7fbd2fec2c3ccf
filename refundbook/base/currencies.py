"""Currencies: their codes, how many decimals an amount of each has, and the signs that people write for them.

Codes and decimals are those of ISO 4217 (list one of the maintenance agency, SIX, as of January 2026, with codes
withdrawn since 2010, which older workbooks hold).
"""

from __future__ import annotations

import re
from functools import lru_cache

from refundbook.base.text import narrow

_ALL = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD CAD "
    "CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK "
    "LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XCD "
    "XCG XOF XPF YER ZAR ZMK ZMW ZWG ZWL"
)
CODES = frozenset(_ALL.split())

USUAL_DECIMALS = 2
MOST_DECIMALS = 4
"""No currency has more."""

_EXCEPTIONS = {
    0: "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: decimals for decimals, codes in _EXCEPTIONS.items() for code in codes.split()}

_DOLLARS = (
    "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD "  # and pesos:
    "ARS CLP COP CUP DOP MXN UYU"
)
_POUNDS = "GBP EGP FKP GIP LBP SDG SHP SSP SYP"
_RUPEES = "INR LKR MUR NPR PKR SCR"
_SIGNS = {
    "$": _DOLLARS,
    "dollar": _DOLLARS,
    "dollars": _DOLLARS,
    "us$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD NIO",
    "ca$": "CAD",
    "can$": "CAD",
    "hk$": "HKD",
    "mx$": "MXN",
    "nt$": "TWD",
    "nz$": "NZD",
    "r$": "BRL",
    "s$": "SGD",
    "sg$": "SGD",
    "\u20ac": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "\u00a3": _POUNDS,
    "pound": _POUNDS,
    "pounds": _POUNDS,
    "\u00a5": "JPY CNY",
    "cn\u00a5": "CNY",
    "jp\u00a5": "JPY",
    "yen": "JPY",
    "yuan": "CNY",
    "rmb": "CNY",
    "\u5143": "CNY HKD TWD",
    "\u5186": "JPY",
    "\u20b9": "INR",
    "\u20a8": _RUPEES,
    "rs": _RUPEES,
    "rupees": _RUPEES,
    "\u20a9": "KRW KPW",
    "\uc6d0": "KRW KPW",
    "\u20bd": "RUB",
    "\u0440\u0443\u0431": "RUB",
    "\u20ba": "TRY",
    "tl": "TRY",
    "\u20b4": "UAH",
    "\u20ab": "VND",
    "\u0111": "VND",
    "\u20aa": "ILS",
    "\u0e3f": "THB",
    "\u20b1": "PHP",
    "\u20a6": "NGN",
    "\u20a1": "CRC",
    "\u20b2": "PYG",
    "\u20b5": "GHS",
    "\u20b8": "KZT",
    "\u20bc": "AZN",
    "\u20be": "GEL",
    "\u20ad": "LAK",
    "\u20ae": "MNT",
    "\u17db": "KHR",
    "\u09f3": "BDT",
    "z\u0142": "PLN",
    "k\u010d": "CZK",
    "kr": "DKK ISK NOK SEK",
    "ft": "HUF",
    "lei": "MDL RON",
    "\u043b\u0432": "BGN",
    "fr": "CHF",
    "sfr": "CHF",
    "rm": "MYR",
    "rp": "IDR",
}
"""Signs and short names, case-folded and without a closing point, and the currencies that are written with them."""


def decimals_of(currency: str) -> int | None:
    """How many decimals an amount of a currency has at most; None where that is not known, also for a blank."""
    return _DECIMALS.get(currency, USUAL_DECIMALS) if currency in CODES else None


@lru_cache(maxsize=1024)
def _code(text: str) -> str:
    plain = " ".join(narrow(text).split())
    # Other letters than these have an upper case among them, too.
    return plain.upper() if plain.isascii() else plain


def code_of(value: object) -> str:
    """The currency that a cell names, as it is compared: `USD` also for `usd`, for full-width letters, and with blanks
    around it; `""` for none.
    """
    return _code(value) if isinstance(value, str) else ""


def is_code(text: str) -> bool:
    """Whether a text is three letters."""
    return re.fullmatch("[A-Za-z]{3}", text) is not None


def currencies_of(mark: str) -> list[str]:
    """The currencies that a code or a sign beside a figure can mean, those that are written so most first; none where
    it is no such thing.
    """
    if signed := _SIGNS.get(mark.casefold()):
        return signed.split()
    return [code] if (code := code_of(mark)) in CODES else []
