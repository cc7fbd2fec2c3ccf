"""Text, amounts and case numbers: what is read, what is refused, when two numbers are one, and what a payment card
looks like.
"""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refundbook.base import schema
from refundbook.base.cards import find_card_number
from refundbook.base.clock import Clock
from refundbook.base.errors import BadValue
from refundbook.base.identifiers import canonical, canonical_forms, issuer_of, matches
from refundbook.base.settings import Issuer, Settings
from refundbook.base.values import read, to_text

HUGE = pytest.param(10**5000, id="an int that str() refuses")
CLOCK = Clock(datetime(2023, 11, 1, 12), None, None)
NUMBER = schema.CASES["number"]
ORDER = schema.CASES["order"]
AMOUNT = schema.CASES["amount"]
CURRENCY = schema.CASES["currency"]
REASON = schema.CASES["reason"]
NOTES = schema.CASES["notes"]
ENTRY = schema.COMMUNICATIONS["entry"]
WITH = schema.COMMUNICATIONS["with_"]
STATUS = schema.RESOLUTIONS["status"]

ISSUERS = Settings().issuers
GTBUY, PAYPAL, STRIPE, CARD_ISSUER, _ = ISSUERS


def refusal(column: schema.Column, value: object) -> str:
    with pytest.raises(BadValue) as refused:
        read(column, value, CLOCK)
    return str(refused.value)


@pytest.mark.parametrize(
    "blank",
    [None, "", " ", "\t \n", "\u00a0\u3000", float("nan"), np.float32("nan"), np.datetime64("NaT"), pd.NaT, pd.NA],
)
@pytest.mark.parametrize("column", [c for sheet in schema.SHEETS for c in sheet.columns])
def test_blank_is_none_in_every_column(column: schema.Column, blank: object) -> None:
    assert read(column, blank, CLOCK) is None


@pytest.mark.parametrize("unseen", ["\u200b", "\u200e\u00a0\ufeff", "\u2060 "])
def test_what_nobody_sees_is_nothing_in_a_required_column_and_a_text_in_another(unseen: str) -> None:
    assert read(schema.COMMUNICATIONS["summary"], unseen, CLOCK) is None
    assert read(schema.COMMUNICATIONS["with_"], unseen, CLOCK) is None
    assert read(schema.CASES["notes"], unseen, CLOCK) == unseen


# Amounts


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("49.90", "49.90"),
        (" 1234.5 ", "1234.5"),
        ("0", "0"),
        ("0.00", "0.00"),
        ("007.50", "7.50"),
        ("999999999999999", "999999999999999"),
        ("9999999999999.99", "9999999999999.99"),
        ("0.1234", "0.1234"),
        (5, "5"),
        (np.int64(5), "5"),
        (49.9, "49.9"),
        (np.float64(49.9), "49.9"),
        (1e3, "1000.0"),
        (0.0001, "0.0001"),
        (Decimal("49.90"), "49.90"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_an_amount_is_read_as_it_was_typed(value: object, amount: str) -> None:
    found = read(AMOUNT, value, CLOCK)
    assert isinstance(found, Decimal)
    assert str(found) == amount


@pytest.mark.parametrize("value", ["fifty", float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), True, False, [1], b"5", date(2023, 1, 1), HUGE])  # fmt: skip
def test_what_is_no_amount_is_refused(value: object) -> None:
    assert "is not an amount" in refusal(AMOUNT, value)


@pytest.mark.parametrize("value", ["-5", "\u221212.50", -5, -0.5, Decimal("-0.01"), Decimal("-0")])
def test_a_negative_amount_is_refused(value: object) -> None:
    assert " is negative: amounts count up from 0, write it without the minus." in refusal(AMOUNT, value)


@pytest.mark.parametrize(
    "value", ["12345678901234.56", "1" * 16, "0." + "0" * 15 + "1", 0.1 + 0.2, 10**15, 1e300, 1e-300, Decimal("1E+999999"), Decimal("1E-999999"), Decimal("1E+999999999999999")]
)  # fmt: skip
def test_more_digits_than_excel_keeps_are_refused(value: object) -> None:
    assert refusal(AMOUNT, value).endswith("has more than the 15 digits that Excel keeps: round it.")


# Whole numbers


@pytest.mark.parametrize(("value", "number"), [("12", 12), (" 007 ", 7), (12, 12), (12.0, 12), (np.int64(3), 3), ("9" * 15, 10**15 - 1)])  # fmt: skip
def test_a_whole_number_is_read(value: object, number: int) -> None:
    found = read(ENTRY, value, CLOCK)
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize("value", ["0", 0, "-1", -1, "1.5", 1.5, "1e3", "twelve", "1 2", "１", float("inf"), True, 10**15, HUGE, [1]])  # fmt: skip
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    message = refusal(ENTRY, value)
    assert message.startswith('Entry "')
    assert message.endswith(" is not a whole number above 0: write digits only, such as 12.")


# Closed lists and currencies


@pytest.mark.parametrize(
    ("column", "text", "choice"),
    [
        (STATUS, "Full Refund", "Full Refund"),
        (STATUS, "  full   REFUND ", "Full Refund"),
        (STATUS, "full-refund", "Full Refund"),
        (STATUS, "store_credit", "Store Credit"),
        (WITH, "support", "Support"),
        (WITH, "BUYER", "Buyer"),
    ],
)
def test_a_choice_is_found_however_it_is_spelled(column: schema.Column, text: str, choice: str) -> None:
    assert read(column, text, CLOCK) == choice


def test_an_unknown_choice_is_refused_with_the_list_and_the_likely_one() -> None:
    listed = "Pending, Full Refund, Partial Refund, Replacement, Store Credit, Denied, Withdrawn, Reopened."
    assert refusal(STATUS, "Ful refund") == f'Status "Ful refund" is not one of: {listed} Did you mean "Full Refund"?'
    assert refusal(STATUS, "xyz") == f'Status "xyz" is not one of: {listed}'


def test_a_value_that_the_settings_do_not_suggest_is_allowed() -> None:
    assert read(REASON, "Something new", CLOCK) == "Something new"


@pytest.mark.parametrize("text", ["usd", "USD", " Usd "])
def test_a_currency_is_upper_case(text: str) -> None:
    assert read(CURRENCY, text, CLOCK) == "USD"


@pytest.mark.parametrize("text", ["EURO", "€", "US", "U S", "ÄÖÜ", "\u017fsd", "U5D", "US$"])
def test_a_currency_is_three_letters(text: str) -> None:
    assert refusal(CURRENCY, text) == f'Currency "{text}" is not a currency code: write its three letters, such as USD.'


# Text


@pytest.mark.parametrize("text", [" kept as it is ", "a\tb\r\nc\rd\n", "=1+1", "'007", "\U0001f600", "\x7f\x85\ufdd0", "\u200b", "_x000D_"])  # fmt: skip
def test_text_is_kept_exactly(text: str) -> None:
    assert read(NOTES, text, CLOCK) == text
    assert read(REASON, text, CLOCK) == text


CONTROLS = [chr(c) for c in range(0x20) if chr(c) not in "\t\n\r"] + ["\ud800", "\udfff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("bad", CONTROLS, ids=ascii)
@pytest.mark.parametrize("column", [NOTES, REASON, NUMBER, STATUS, CURRENCY])
def test_a_character_that_xml_cannot_hold_is_refused_with_its_place(column: schema.Column, bad: str) -> None:
    message = refusal(column, f"a{bad}b")
    assert message.startswith(f'{column.header} "a\u2039')
    assert "\\" not in message
    assert f"(U+{ord(bad):04X}, at position 2): take it out." in message


@pytest.mark.parametrize(
    ("text", "length"), [("x" * 32_768, "32,768"), ("\U0001f600" * 16_384, "32,768"), ("x" * 100_000, "100,000")]
)
def test_text_longer_than_a_cell_is_refused_with_the_columns_name(text: str, length: str) -> None:
    assert refusal(NOTES, text) == (
        f"Notes is {length} characters long, and a cell holds 32,767: shorten it, or split it over two entries."
    )


def test_text_as_long_as_a_cell_is_read() -> None:
    assert read(NOTES, "x" * 32_767, CLOCK) == "x" * 32_767
    assert read(NOTES, "\U0001f600" * 16_383 + "x", CLOCK) == "\U0001f600" * 16_383 + "x"


@pytest.mark.parametrize("value", [7.0, True, b"x", ["x"], date(2023, 1, 1), Decimal("1.50"), HUGE])
@pytest.mark.parametrize("column", [NUMBER, NOTES, STATUS, CURRENCY])
def test_what_is_no_text_is_refused(column: schema.Column, value: object) -> None:
    assert "is not text: give it as text, in quotation marks, so that no zero is lost." in refusal(column, value)


# Case numbers and other identifiers


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("007", "007"),
        ("  GTB-789012\n", "GTB-789012"),
        ("\ufeffGTB-789012\u200b", "GTB-789012"),
        (" \u200b \u2060GTB-789012\u00ad ", "GTB-789012"),
        ("GTB - 1", "GTB - 1"),
        ("GTB\u2013789012", "GTB\u2013789012"),
        (789012, "789012"),
        (np.int64(7), "7"),
        ("x" * 255, "x" * 255),
        ("\u200b", None),
        (" \u200b\ufeff \u2060 ", None),
        ("\u3164\ufe0f", None),
    ],
)
def test_an_identifier_is_trimmed_of_blanks_and_invisible_characters(value: object, number: str | None) -> None:
    assert read(ORDER, value, CLOCK) == number


@pytest.mark.parametrize(("text", "what"), [("a\tb", "tab"), ("a\nb", "line break"), ("a\r\nb", "line break"), ("a\u2028b", "line break"), ("a\x85b", "line break")])  # fmt: skip
def test_an_identifier_stands_on_one_line(text: str, what: str) -> None:
    assert f"has a {what} in it: write the number on one line." in refusal(NUMBER, text)


@pytest.mark.parametrize("text", ["x" * 256, "\U0001f600" * 128])
def test_an_identifier_is_no_longer_than_excel_can_look_up(text: str) -> None:
    assert "is 256 characters long, and Excel looks up 255 at most" in refusal(NUMBER, text)


@pytest.mark.parametrize(
    "number",
    [
        "GTB-789012",
        "gtb-789012",
        "  GTB-789012 ",
        "GTB\u2010789012",
        "GTB\u2011789012",
        "GTB\u2013789012",
        "GTB\u2212789012",
        "GTB\uff0d789012",
        "GTB-\u200b789012",
        "\ufeffGTB-789\u00ad012",
        "GTB-789012\ufe0f",
        "ＧＴＢ-７８９０１２",
    ],
)
def test_spellings_of_one_number_have_one_canonical_form(number: str) -> None:
    assert canonical(number, ISSUERS) == "gtb-789012"


def test_letters_that_an_invisible_character_kept_apart_are_joined() -> None:
    assert canonical("e\u200b\u0301", ISSUERS) == "\u00e9" == canonical("\u00c9", ISSUERS)


def test_blanks_inside_a_number_count_once() -> None:
    assert canonical("GTB \u00a0\t 1", ISSUERS) == "gtb 1" == canonical("GTB 1", ISSUERS)
    assert canonical("GTB 1", ISSUERS) != canonical("GTB1", ISSUERS)


def test_upper_and_lower_case_differ_in_numbers_of_a_case_sensitive_issuer_only() -> None:
    assert canonical("dp_1AbC", ISSUERS) == "dp_1AbC"
    assert canonical(" dp_1AbC\u200b", ISSUERS) == "dp_1AbC"
    assert canonical("dp_1AbC", ISSUERS) != canonical("dp_1aBC", ISSUERS)
    assert canonical("DP_1AbC", ISSUERS) == "dp_1abc"
    assert canonical("dp_1AbC", ()) == "dp_1abc"
    assert canonical("PP-AbC", ISSUERS) == "pp-abc"


def test_canonical_follows_the_issuers_that_it_is_given() -> None:
    strict = (Issuer("Strict", ("GTB-*",), case_sensitive=True),)
    assert [canonical("GTB-1", given) for given in (ISSUERS, strict, ISSUERS, strict)] == ["gtb-1", "GTB-1", "gtb-1", "GTB-1"]  # fmt: skip


def test_every_dash_of_unicode_is_one_dash() -> None:
    dashes = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Pd"]
    assert len(dashes) > 20
    assert {canonical(f"1{dash}2", ()) for dash in dashes} == {"1-2"}


NUMBERS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u200b\u200d\u00ad\ufe0f\u034f\u2212\u2013\u0345\u1fb3\u01c5\u00dfſK\u0130ı \t-_09OolI"),
        st.characters(categories=["Mn", "Cf", "Pd", "Lm"]),
    ),
    max_size=12,
)


@given(st.one_of(NUMBERS, NUMBERS.map("dp_".__add__)))
def test_the_canonical_form_is_its_own_canonical_form(number: str) -> None:
    form = canonical(number, ISSUERS)
    assert canonical(form, ISSUERS) == form
    assert canonical(f" {number}\u200b", ISSUERS) == form
    assert form == " ".join(form.split())
    assert "\u200b" not in form


@given(st.text(st.characters(max_codepoint=127), max_size=12))
def test_the_quick_way_for_ascii_gives_what_the_long_way_gives(number: str) -> None:
    assert canonical(number + "\u200b", ISSUERS) == canonical(number, ISSUERS)


PLAIN = st.from_regex(r"(GTB-|gtb|dp_|re_|PP-|[!-~])?[A-Za-z0-9-]{0,4}", fullmatch=True)


@given(
    st.lists(PLAIN, max_size=6, unique=True), st.lists(NUMBERS, max_size=1, unique=True), st.sampled_from([ISSUERS, ()])
)
@example(["dp_1AbC", "GTB-1", "dp_1AbC-"], [], ISSUERS)
@example(["GTB-1", ""], [], ISSUERS)
@example(["a", "b c"], [" "], ISSUERS)
@example([], [], ISSUERS)
def test_many_numbers_have_the_forms_that_each_has(
    plain: list[str], odd: list[str], issuers: tuple[Issuer, ...]
) -> None:
    numbers = list(dict.fromkeys([*plain, *odd]))
    assert canonical_forms(numbers, issuers) == {number: canonical(number, issuers) for number in numbers}


# Patterns


@pytest.mark.parametrize(
    ("pattern", "number", "fits"),
    [
        ("GTB-######", "GTB-789012", True),
        ("GTB-######", "gtb-789012", True),
        ("GTB-######", " GTB\u2013789012\u200b", True),
        ("GTB-######", "GTB-78901", False),
        ("GTB-######", "GTB-7890123", False),
        ("GTB-######", "GTB-78901A", False),
        ("GTB-######", "xGTB-789012", False),
        ("@@-?", "ab-9", True),
        ("@@-?", "a1-9", False),
        ("@@-?", "ab--", False),
        ("@", "é", False),
        ("@", "ı", False),
        ("#", "٣", False),
        ("PP-*", "PP-", True),
        ("PP-*", "PP-R-abc-123", True),
        ("PP-*", "PP-a_b", False),
        ("PP-*", "PP-a b", False),
        ("*-*", "a-b", True),
        ("*-*", "ab", False),
        ("*##", "123", True),
        ("*##", "12a", False),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "ab", False),
        ("*_*", "a_b", True),
        ("*_*", "a_b_c", False),
        ("a.b", "a.b", True),
        ("a.b", "axb", False),
        ("(a|b)[c]", "(a|b)[c]", True),
        ("GTB\u2013#", "GTB-1", True),
    ],
)
def test_patterns(pattern: str, number: str, fits: bool) -> None:
    assert matches(number, Issuer("Any", (pattern,))) is fits


def test_an_issuer_without_patterns_accepts_any_number() -> None:
    assert matches("anything at all", CARD_ISSUER)


def test_one_of_several_patterns_is_enough() -> None:
    assert matches("du_1", STRIPE)
    assert matches("re_1", STRIPE)
    assert not matches("xx_1", STRIPE)
    assert not matches("dp_1du_1", STRIPE)


def test_case_counts_in_the_patterns_of_a_case_sensitive_issuer() -> None:
    assert not matches("DP_1", STRIPE)
    assert matches("pp-1", PAYPAL)


@pytest.mark.parametrize(
    ("number", "issuer"),
    [("GTB-789012", "GTBuy"), ("PP-R-123", "PayPal"), ("re_3Nx", "Stripe"), ("RE_3Nx", None), ("12345", None)],
)
def test_the_issuer_is_known_by_the_pattern(number: str, issuer: str | None) -> None:
    assert issuer_of(number, ISSUERS) == issuer


def test_the_first_issuer_that_fits_is_meant() -> None:
    assert issuer_of("A-1", (Issuer("None"), Issuer("One", ("A-*",)), Issuer("Two", ("A-#",)))) == "One"


@given(st.text("a-_#@?*", max_size=8), st.text("a1-_", max_size=10))
def test_a_pattern_means_what_its_plain_reading_means(pattern: str, number: str) -> None:
    classes = {"#": "[0-9]", "@": "[A-Za-z]", "?": "[A-Za-z0-9]", "*": "[A-Za-z0-9-]*"}
    plain = "".join(classes.get(c) or re.escape(c) for c in pattern)
    expected = re.fullmatch(plain, number) is not None if pattern else number == ""
    assert matches(number, Issuer("Any", (pattern, "zz"))) is expected


def test_no_pattern_takes_long() -> None:
    hard = Issuer("Hard", ("*a" * 30 + "b", "*" * 200 + "_", "?*" * 40 + "#_"))
    started = time.perf_counter()
    assert not matches("a" * 255, hard)
    assert time.perf_counter() - started < 1.0


# Payment cards


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "411111******1111"),
        ("4111 1111 1111 1111", "411111******1111"),
        ("4111-1111-1111-1111", "411111******1111"),
        ("4111\u00a01111\u00a01111\u00a01111", "411111******1111"),
        ("Paid with 4111 1111 1111 1111, thanks", "411111******1111"),
        ("Card no.4111111111111111.", "411111******1111"),
        ("on 2023-10-26 4111111111111111", "411111******1111"),
        ("2023-10-26 4111 1111 1111 1111 12/26", "411111******1111"),
        ("4111 1111 1111 1111 1226", "411111******1111"),
        ("4222222222222", "422222***2222"),
        ("4000000000000000006", "400000*********0006"),
        ("5555555555554444", "555555******4444"),
        ("5105105105105100", "510510******5100"),
        ("2221000000000009", "222100******0009"),
        ("2720990000000007", "272099******0007"),
        ("3782 822463 10005", "378282*****0005"),
        ("343434343434343", "343434*****4343"),
        ("6011111111111117", "601111******1117"),
        ("6500000000000002", "650000******0002"),
        ("6440000000000005", "644000******0005"),
        ("3530111333300000", "353011******0000"),
        ("30569309025904", "305693****5904"),
        ("3852 000002 3237", "385200****3237"),
        ("36227206271667", "362272****1667"),
        ("6212345678901232", "621234******1232"),
    ],
)
def test_a_payment_card_is_found_and_masked(text: str, masked: str) -> None:
    assert find_card_number(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits at all",
        "4111 1111 1111",
        "4111111111111112",  # check digit
        "9111111111111114",  # no network begins so
        "411111111111116",  # no Visa has 15 digits
        "2220000000000000",
        "2721000000000004",
        "14111111111111111",  # part of a longer number
        "41111111111111110",
        "41111111111111110000000",
        "4111  1111  1111  1111",
        "4111.1111.1111.1111",
        "4111--1111--1111--1111",
        "ch_4111111111111111",
        "4111111111111111a",
        "0.4111111111111111",
        "4111111111111111.5",
        "GTB-789012, order 123456, on 2023-10-26 at 14:30",
        "1Z 999 AA1 01 2345 6784",
    ],
)
def test_what_is_no_payment_card_is_left_alone(text: str) -> None:
    assert find_card_number(text) is None


@given(st.text(st.sampled_from("0123456789 -\u00a0.,x"), max_size=80))
def test_what_is_found_has_a_cards_length_and_is_never_whole(text: str) -> None:
    found = find_card_number(text)
    assert found is None or re.fullmatch(r"[0-9]{6}\*{3,9}[0-9]{4}", found)


@given(st.integers(4 * 10**14, 5 * 10**14 - 1))
def test_every_card_with_its_check_digit_is_found_and_with_another_is_not(stem: int) -> None:
    found = [find_card_number(f"{stem}{check}") for check in range(10)]
    assert sum(f is not None for f in found) == 1


# What people are shown, and round trips


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("x", "x"),
        (" x ", " x "),
        (7, "7"),
        (7.0, "7"),
        (7.25, "7.25"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        (Decimal("49.90"), "49.90"),
        (Decimal("49.9"), "49.90"),
        (Decimal("1E+3"), "1000.00"),
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_how_values_are_shown(value: object, text: str) -> None:
    assert to_text(value) == text


@given(st.integers(0, 10**15 - 1), st.integers(0, 4))
def test_an_amount_that_was_read_is_read_again_as_the_same(digits: int, places: int) -> None:
    amount = Decimal(digits).scaleb(-places)
    assert read(AMOUNT, amount, CLOCK) == amount


@given(st.text())
def test_text_that_is_read_is_the_text_that_was_written(text: str) -> None:
    try:
        found = read(NOTES, text, CLOCK)
    except BadValue:
        assert any(c in CONTROLS or "\ud800" <= c <= "\udfff" for c in text)
    else:
        assert found == (text if text.strip() else None)


COLUMNS = st.sampled_from([c for sheet in schema.SHEETS for c in sheet.columns])
ANYTHING = st.one_of(
    st.text(),
    st.text("0123456789.,-+eE $€%'NaInf"),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.binary(max_size=5),
    st.datetimes(),
    st.dates(),
    st.lists(st.integers(), max_size=2),
)


@given(COLUMNS, ANYTHING)
def test_anything_is_read_or_refused_in_a_sentence_that_names_the_column(column: schema.Column, value: object) -> None:
    try:
        found = read(column, value, CLOCK)
    except BadValue:
        message = refusal(column, value)
        assert message.startswith(f"{column.header} ")
        assert message.isprintable()
    else:
        assert read(column, found, CLOCK) == found
