"""Amounts: what is read as people write it, what is refused and with which readings, and how one is shown
everywhere.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.amounts import Around, amount_text, has_too_many_decimals, money_text, read_amount
from refundbook.base.currencies import CODES, code_of, currencies_of, decimals_of
from refundbook.base.errors import BadValue
from refundbook.base.text import quoted

BLANKS = "\u0020\u00a0\u202f\u2009\u2007\u2008\u200a\u2006\u3000"


def refusal(value: object, around: Around | None = None, **how: Any) -> str:
    with pytest.raises(BadValue) as refused:
        read_amount("Amount", value, around or Around(), **how)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "figure", "currency"),
    [
        ("49.90", "49.90", ""),
        ("49,90", "49.90", ""),
        ("49,9", "49.9", ""),
        ("1.234,56", "1234.56", ""),
        ("1,234.56", "1234.56", ""),
        ("1.234.567", "1234567", ""),
        ("1,234,567.8", "1234567.8", ""),
        ("1,23,456.78", "123456.78", ""),
        ("1'234.50", "1234.50", ""),
        ("1\u2019234.50", "1234.50", ""),
        ("1 234", "1234", ""),
        (".5", "0.5", ""),
        (",5", "0.5", ""),
        ("5.", "5", ""),
        ("+49.90", "49.90", ""),
        ("49,-", "49", ""),
        ("CHF 49.\u2013", "49", "CHF"),
        ("1.234,-", "1234", ""),
        ("1,234.\u2013", "1234", ""),
        ("EUR 1.234,--", "1234", "EUR"),
        ("49,90 Euro", "49.90", "EUR"),
        ("1000 yen", "1000", "JPY"),
        ("100 \u0440\u0443\u0431.", "100", "RUB"),
        ("0,500", "0.500", ""),
        ("1234,5678", "1234.5678", ""),
        ("20 usd", "20", "USD"),
        ("USD 35.00", "35.00", "USD"),
        ("USD35", "35", "USD"),
        ("\u20ac49", "49", "EUR"),
        ("1.234,56 \u20ac", "1234.56", "EUR"),
        ("US$ 5", "5", "USD"),
        ("US $5", "5", "USD"),
        ("$20 CAD", "20", "CAD"),
        ("CN\u00a535", "35", "CNY"),
        ("35 RMB", "35", "CNY"),
        ("20 z\u0142", "20", "PLN"),
        ("Fr. 20", "20", "CHF"),
        ("\uff11\uff12\uff0e\uff15\uff10", "12.50", ""),
        ("\u0664\u0669\u066b\u0669\u0660", "49.90", ""),
        ("\ufeff49\u200b.90\u00ad", "49.90", ""),
    ],
)
def test_what_can_mean_one_thing_is_read(text: str, figure: str, currency: str) -> None:
    amount = read_amount("Amount", text)
    assert (str(amount.figure), amount.currency, amount.unsure) == (figure, currency, "")


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_every_blank_that_programs_write_may_stand_between_thousands(blank: str) -> None:
    assert read_amount("Amount", f"12{blank}345,60{blank}\u20ac").figure == Decimal("12345.60")


@pytest.mark.parametrize(
    ("text", "around", "said"),
    [
        ("1.234", Around("EUR"),
            "can mean 1234.00 or 1.234, and an amount in EUR has at most 2 decimals: write 1234.00 for the one, "
            "1.23 for the other."),
        ("1,234", Around(of_case="EUR"),
            "can mean 1234.00 or 1.234, and an amount in EUR has at most 2 decimals: write 1234.00 for the one, "
            "1.23 for the other."),
        ("12.345", Around("JPY"),
            "can mean 12345 or 12.345, and an amount in JPY has no decimals: write 12345 for the one, "
            "12 for the other."),
        ("1.234", Around(), "can mean 1234.00 or 1.234: write 1234.00, or 1.234 with a currency that has so many decimals."),
        ("1,234", Around("KWD"), "can mean 1234.000 or 1.234: write the one or the other, without a separator between thousands."),
        ("1,234 KWD", Around(), "can mean 1234.000 or 1.234: write the one or the other, without a separator between thousands."),
    ],
)  # fmt: skip
def test_what_can_mean_two_things_is_refused_with_both(text: str, around: Around, said: str) -> None:
    assert refusal(text, around) == f'Amount "{text}" {said}'


def test_a_point_before_three_decimals_is_read_in_a_currency_that_has_three() -> None:
    assert read_amount("Amount", "1.234", Around("KWD")).figure == Decimal("1.234")
    assert read_amount("Amount", "1.234 kwd").figure == Decimal("1.234")
    assert read_amount("Amount", "1.234", decimal=",").figure == Decimal(1234)
    assert read_amount("Amount", "1,234", decimal=",").figure == Decimal("1.234")


@pytest.mark.parametrize(
    ("value", "currency", "said"),
    [
        ("12.5", "JPY", "1 decimal, and an amount in JPY has no decimals"),
        (Decimal("12.5"), "JPY", "1 decimal, and an amount in JPY has no decimals"),
        (1.234, "EUR", "3 decimals, and an amount in EUR has at most 2 decimals"),
        ("1234.567", "EUR", "3 decimals, and an amount in EUR has at most 2 decimals"),
        ("1.2345", "KWD", "4 decimals, and an amount in KWD has at most 3 decimals"),
        ("1.23456", "CLF", "5 decimals, and an amount in CLF has at most 4 decimals"),
        ("1.23456", "", "5 decimals, and no currency has more than 4 decimals"),
    ],
)
def test_no_amount_has_more_decimals_than_its_currency(value: object, currency: str, said: str) -> None:
    message = refusal(value, Around(currency))
    assert said in message
    assert said in refusal(value, Around(of_case=currency))


@pytest.mark.parametrize(("value", "currency"), [("1000.00", "JPY"), (1000.0, "JPY"), (Decimal("49.900"), "EUR"), ("0.00001", "BTC"), ("1.2345", "CLF")])  # fmt: skip
def test_zeros_after_the_decimals_are_none_and_what_is_no_currency_of_iso_4217_has_no_limit(value: object, currency: str) -> None:  # fmt: skip
    assert read_amount("Amount", value, Around(currency)).figure == Decimal(str(value))


@pytest.mark.parametrize("text", ["fifty", "NaN", "inf", "-inf", "1.5e3", "1E5", "1_000", "0x10", "12,34.56", "1.234.-", "49 90", "1 2", "1..5", "5\u00b2", "\u00bd", "2024-01-02", "1\n234", "\u200b", "$", "USD.50", "1" * 200 + "x"])  # fmt: skip
def test_what_is_no_amount_is_refused_and_no_figure_is_made_up(text: str) -> None:
    message = refusal(text)
    assert " is not an amount: " in message
    assert not re.search("[0-9]", message.replace(quoted(text), ""))


TYPED = st.text(st.sampled_from("0123456789.,' \u00a0\u202f\u200b-$\u20acUSDx\x1b\ufeff"), min_size=1, max_size=12)


@given(TYPED)
def test_a_refusal_proposes_a_figure_only_if_its_digits_were_typed(text: str) -> None:
    try:
        read_amount("Amount", text, Around("EUR"))
        return
    except BadValue as error:
        said = str(error).replace(quoted(text), "").replace("at most 2 decimals", "").replace("from 0", "")
    typed = re.sub("[^0-9]", "", text)
    for figure in re.findall(r"[0-9][0-9.]*", re.sub(r"has [0-9]+ decimals?|the 15 digits", "", said)):
        whole, _, decimals = figure.rstrip(".").partition(".")
        assert typed.startswith(whole + decimals.rstrip("0")), said


@pytest.mark.parametrize("value", ["-5", "\u22125", "-$5", "$-5", "$ -5", "(5.00)", "($5.00)", "5-", "5.00- USD", "-1,234.50", -5, -0.5, Decimal("-0.01"), Decimal("-0")])  # fmt: skip
def test_a_negative_amount_is_refused(value: object) -> None:
    assert " is negative: " in refusal(value)


@pytest.mark.parametrize(("text", "mark"), [("\u20ac20", "\u20ac"), ("$20", "$"), ("20 CHF", "CHF"), ("R$ 20", "R$")])
def test_what_contradicts_the_currency_that_is_given_is_refused(text: str, mark: str) -> None:
    expected = f'Amount "{text}" is marked "{mark}", and Currency says GBP: correct the one or the other.'
    assert refusal(text, Around("GBP")) == expected


def test_two_currencies_in_one_amount_and_a_word_that_is_none_are_refused() -> None:
    assert refusal("\u20ac20 USD") == 'Amount "\u20ac20 USD" names two currencies: write the figure and one of them.'
    assert refusal("20 pcs") == 'Amount "20 pcs" is not an amount: "pcs" is no currency that is known. Write the figure alone.'  # fmt: skip


@pytest.mark.parametrize(
    ("around", "currency"),
    [
        (Around("CAD"), "CAD"),
        (Around(of_case="CAD"), "CAD"),
        (Around(of_case="EUR", listed=("EUR", "AUD")), "AUD"),
        (Around(listed=("USD", "EUR")), "USD"),
        (Around(listed=("USD", "CAD")), ""),
        (Around(), ""),
    ],
)
def test_a_sign_that_several_currencies_have_is_read_as_the_one_of_them_that_is_known(around: Around, currency: str) -> None:  # fmt: skip
    amount = read_amount("Amount", "$20", around)
    assert (amount.figure, amount.currency, bool(amount.unsure)) == (Decimal(20), currency, not currency)


def test_a_sign_that_does_not_tell_names_what_it_can_mean() -> None:
    assert read_amount("Amount", "$20", Around(listed=("EUR", "USD", "CAD"))).unsure == 'Currency is blank: "$" beside the amount can mean USD, CAD.'  # fmt: skip
    assert read_amount("Amount", "20 kr").unsure == 'Currency is blank: "kr" beside the amount can mean DKK, ISK, NOK, ….'  # fmt: skip


# In words


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("49.9", "USD", "49.90"),
        ("49.90", "USD", "49.90"),
        ("499", "USD", "499.00"),
        ("1000", "JPY", "1000"),
        ("1000.00", "JPY", "1000"),
        ("1.5", "KWD", "1.500"),
        ("1.5", "CLF", "1.5000"),
        ("1234567.5", "EUR", "1234567.50"),
        ("49.905", "USD", "49.905"),
        ("12.5", "JPY", "12.5"),
        ("20", "", "20.00"),
        ("1E+3", "", "1000.00"),
        ("0.5", "BTC", "0.50"),
        ("NaN", "USD", "NaN"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency_and_never_rounded(
    amount: str, currency: str, text: str
) -> None:
    assert amount_text(Decimal(amount), currency) == text


def test_amounts_of_several_currencies_stand_side_by_side() -> None:
    assert money_text({"USD": Decimal("49.9"), "JPY": Decimal(1000), "": Decimal(5)}) == "49.90 USD, 1000 JPY, 5.00"
    assert money_text({}) == ""


@given(st.sampled_from(sorted(CODES)), st.integers(0, 10**11))
def test_what_is_shown_is_read_back_as_the_same_amount_in_every_currency(currency: str, units: int) -> None:
    amount = Decimal(units).scaleb(-(decimals_of(currency) or 0))
    shown = amount_text(amount, currency)
    assert read_amount("Amount", shown, Around(currency)).figure == amount
    back = read_amount("Amount", f"{shown} {currency}")
    assert (back.figure, back.currency) == (amount, currency)


# Currencies


def test_decimals_are_those_of_iso_4217() -> None:
    assert {code: decimals_of(code) for code in ("USD", "JPY", "KRW", "KWD", "TND", "CLF", "UYW", "HUF", "XYZ", "")} == {
        "USD": 2, "JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "CLF": 4, "UYW": 4, "HUF": 2, "XYZ": None, "": None,
    }  # fmt: skip


def test_every_sign_means_currencies_that_exist() -> None:
    from refundbook.base.currencies import _SIGNS

    for sign in _SIGNS:
        assert set(currencies_of(sign)) <= CODES, sign


@pytest.mark.parametrize("text", ["usd", " USD ", "\uff35\uff33\uff24", "\u00a0USD\u200b", "U\u200bSD"])
def test_a_currency_is_compared_whatever_its_width_case_and_blanks(text: str) -> None:
    assert code_of(text) == "USD"


def test_too_many_decimals_are_those_beyond_any_currency_where_none_is_known() -> None:
    assert not has_too_many_decimals(Decimal("1.2345"), "")
    assert has_too_many_decimals(Decimal("1.23456"), "")
