"""How a table writes dates and amounts: told where its cells prove it, and asked for where they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from refundbook.importing.guess_map import guess
from refundbook.importing.map_file import parse, to_toml
from refundbook.importing.open_table import open_unmapped
from refundbook.importing.plan import Plan, read
from refundbook.importing.written_forms import DateForm, date_form, decimal_sign, in_english
from tests.importing.test_plan import empty_records


def guessed(*dates: str, head: str = "Case ID,Opened,Amount", amount: str = "5") -> Plan:
    """What a table of these days of opening comes to by its guess."""
    rows = [f'A-{k},"{text}","{amount}"' for k, text in enumerate(dates)]
    table = open_unmapped("\n".join([head, *rows]).encode(), "old.csv")
    return read(table, guess(table), empty_records())


def days(plan: Plan) -> list[object]:
    return [entry.fields["opened"] for entry in plan.entries]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["5/1/2023", "5/14/2023"], DateForm(day_first=False)),
        (["1/5/2023 10:00", "14/5/2023 9:00"], DateForm(day_first=True)),
        (["1/5/2023", "2/5/2023"], DateForm()),
        (["14/5/2023", "5/14/2023", "1/2/2023"], DateForm()),
        (["2023-05-01", "5/5/2023"], DateForm()),
        (["01-May-23", "12-May-23"], DateForm(form="%d-%b-%y")),
        (["12/Mar/23 9:41 AM", "13/Jun/23 12:00 PM"], DateForm(form="%d/%b/%y %I:%M %p")),
        (["5/1/23 10:01 AM", "5/14/23 1:00 PM"], DateForm(form="%m/%d/%y %I:%M %p")),
        (["13.05.23", "14.05.23"], DateForm(form="%d.%m.%y")),
        (["23/05/13", "23/05/14"], DateForm(form="%y/%m/%d")),
        (["1/5/23", "2/5/23"], DateForm()),
        (["13/05/23"], DateForm()),
        (["5/14/23", "14 May 2023"], DateForm()),
        ([], DateForm()),
    ],
)
def test_the_order_of_dates_is_what_all_cells_can_be_read_by_and_one_proves(texts: list[str], form: DateForm) -> None:
    assert date_form(texts, is_day_first=False) == form


def test_in_tables_of_languages_with_the_day_first_it_is_so_unless_a_cell_says_otherwise() -> None:
    assert days(guessed("01.05.2023", "02.05.2023", head="Fallnummer,Eröffnet am,Betrag")) == [
        date(2023, 5, 1),
        date(2023, 5, 2),
    ]
    assert date_form(["5/1/2023", "5/14/2023"], is_day_first=True) == DateForm(day_first=False)
    assert date_form(["1/5/23", "2/5/23"], is_day_first=True) == DateForm(form="%d/%m/%y")
    assert len(guessed("01.05.2023").problems) == 1


def test_what_is_proved_is_read_and_what_is_not_is_listed() -> None:
    assert days(guessed("5/1/2023", "5/14/2023")) == [date(2023, 5, 1), date(2023, 5, 14)]
    assert days(guessed("12/Mar/23 9:41 AM")) == [date(2023, 3, 12)]
    assert ["can mean" in str(problem) for problem in guessed("5/1/2023", "5/2/2023").problems] == [True, True]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13. Mai 2023", date(2023, 5, 13)),
        ("1 août 2023", date(2023, 8, 1)),
        ("3 de marzo de 2023", date(2023, 3, 3)),
        ("2 dicembre 2022", date(2022, 12, 2)),
        ("2023年5月3日", date(2023, 5, 3)),
        ("2023年5月3日 10:30", date(2023, 5, 3)),
        ("Mon May 01 2023 10:00:00 GMT+0200 (CEST)", date(2023, 5, 1)),
        ("Mon May 01 2023 10:00:00 GMT+0000 (Coordinated Universal Time)", date(2023, 5, 1)),
    ],
)
def test_dates_as_other_languages_and_programs_write_them(text: str, day: date) -> None:
    assert days(guessed(text, head="Case ID,Opened,Foo")) == [day]


def test_words_that_are_no_months_stay() -> None:
    assert in_english("13 Mars bars") == "13 Mars bars"


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1,234", "40.00"], "."),
        (["$1,234", "$40.50"], "."),
        (["1.234", "49,90 €"], ","),
        (["1.234", "5.678,50"], ","),
        (["1.234", "5.678"], None),
        (["1.234", "40.00", "40,00"], None),
        (["40.00"], None),
    ],
)
def test_the_decimal_sign_is_the_one_that_a_cell_proves(texts: list[str], sign: str | None) -> None:
    assert decimal_sign(texts) == sign


def test_a_thousand_is_read_as_others_of_the_column_prove() -> None:
    table = open_unmapped(b'Case ID,Opened,Amount\nA-1,2023-05-01,"1,234"\nA-2,2023-05-01,40.00\n', "old.csv")
    plan = read(table, guess(table), empty_records())
    assert [entry.fields["amount"] for entry in plan.entries] == [Decimal(1234), Decimal("40.00")]


def test_what_the_cells_prove_stands_in_the_map() -> None:
    table = open_unmapped(b'Case ID,Opened,Amount\nA-1,5/14/2023,"1,234"\nA-2,5/1/2023,40.00\n', "old.csv")
    found = guess(table)
    again = parse(to_toml(found, table), "map.toml")
    assert (again.day_first, again.decimal, again.date_format) == (False, ".", None)
    short = open_unmapped(b"Case ID,Opened\nA-1,5/14/23\n", "old.csv")
    assert parse(to_toml(guess(short), short), "map.toml").date_format == "%m/%d/%y"


@pytest.mark.parametrize("text", ["N/A", "n/a", "-", "\u2014", "none", "TBD"])
def test_a_cell_that_says_nothing_is_blank_where_a_date_or_an_amount_belongs_and_that_is_said(text: str) -> None:
    data = f"Case ID,Opened,Amount,Order,Customer\nA-1,2023-05-01,{text},{text},{text}\nA-2,2023-05-01,40.00,O-1,Lee\n"
    table = open_unmapped(data.encode(), "old.csv")
    plan = read(table, guess(table), empty_records())
    assert (plan.problems, {"amount", "order"} & {*plan.entries[0].fields}) == ((), set())
    assert plan.entries[0].fields["customer"] == text
    assert plan.table.remarks == tuple(f'"{text}" under {header} was read as blank.' for header in ("Amount", "Order"))
