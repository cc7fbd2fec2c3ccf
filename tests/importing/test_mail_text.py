"""What of a mail is new, as each program quotes, and its HTML as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.importing.mail_text import new_text, of_html
from refundbook.importing.promises import Promise, promises_in

NEW = "We look into it.\n\nThanks,\nMaya"
OLD = "> Where is my parcel?\n> GTB-1\n"


@pytest.mark.parametrize(
    "quoted",
    [
        f"On Fri, Oct 27, 2023 at 9:01 AM Ann <ann@example.com> wrote:\n\n{OLD}",  # Gmail
        f"On Fri, Oct 27, 2023 at 9:01 AM Ann Veryverylongname\n<ann@example.com> wrote:\n\n{OLD}",  # wrapped
        f"On 27 Oct 2023, at 09:01, Ann <ann@example.com> wrote:\n\n{OLD}",  # Apple Mail
        f"Am 27.10.2023 um 09:01 schrieb Ann:\n{OLD}",  # Thunderbird, German
        f"Le 27 oct. 2023 à 09:01, Ann <ann@example.com> a écrit :\n{OLD}",
        f"El vie, 27 oct 2023 a las 9:01, Ann (<ann@example.com>) escribió:\n{OLD}",
        "-----Original Message-----\nFrom: Ann\nSent: Friday\nTo: Maya\nSubject: GTB-1\n\nWhere is my parcel?",  # Outlook
        "________________________________\nFrom: Ann <ann@example.com>\nSent: Friday\nTo: x\nSubject: y\n\nWhere?",
        "From: Ann <ann@example.com>\nSent: Friday, October 27, 2023 9:01 AM\nTo: Maya\nSubject: GTB-1\n\nWhere?",
        "*From:* Ann <ann@example.com>\n*Sent:* Friday\n*To:* Maya\n*Subject:* GTB-1\n\nWhere?",  # as plain text of HTML
        "Von: Ann\nGesendet: Freitag\nAn: Maya\nBetreff: GTB-1\n\nWo?",
        f"Ann <ann@example.com> wrote:\n{OLD}",
        "---------- Forwarded message ---------\nFrom: Ann\n\nWhere?",
        "Begin forwarded message:\n\nFrom: Ann\n\nWhere?",
        "On Oct 27, 2023, Ann wrote:\n\nWhere is my parcel?",  # without a mark before each line
        "Date: Fri, 27 Oct 2023 09:01:00 +0200\nSubject: GTB-1\nFrom: ann@example.com\nTo: maya@example.com\n\nWhere?",  # Hotmail
        f'27.10.2023, 09:01, "Анна" <ann@example.com>:\n{OLD}',  # Yandex
        f"Fri, 27 Oct 2023 09:01:00 +0300 от Анна <ann@example.com>:\n{OLD}",  # Mail.ru
        f'27.10.2023 09:01 пользователь "ann@example.com" <\nann@example.com> написал:\n{OLD}',  # Android
        "От: Анна\nОтправлено: пятница, 27 октября 2023 г. 09:01\nКому: Maya\n\nWhere?",  # Windows Mail
        f"On Fri, Oct 27, 2023 at 9:01 AM Ann <ann@example.com> wrote:\n{OLD}\n-- \nMaya Example\nGTBuy",  # signed below
        "在 2023年10月27日，Ann <ann@example.com> 写道：\n> 哪里",
        OLD,
    ],
)
def test_what_is_quoted_is_left_out(quoted: str) -> None:
    found = new_text(f"{NEW}\r\n\r\n" + quoted.replace("\n", "\r\n"))
    assert (found.text, found.is_unsure) == (NEW, False)
    assert found.quoted


def test_what_stands_right_above_what_is_quoted_is_not_lost() -> None:
    for quoted in (
        f'27.10.2023, 09:01, "Анна" <ann@example.com>:\n{OLD}',
        "> On 27 Oct 2023, at 09:01, Ann <a@b.c> wrote:\n> x",
    ):
        assert new_text(f"{NEW}\n{quoted}").text == NEW


def test_an_answer_below_what_it_quotes_is_what_is_new() -> None:
    found = new_text(f"On Fri, Ann <a@b.c> wrote:\n{OLD}\n{NEW}\n")
    assert (found.text, found.is_unsure) == (NEW, False)


@pytest.mark.parametrize(
    "text",
    [
        f"Hello,\n{OLD}\nIt is lost.\n> And the money?\nIt comes back.",
        f"{OLD}",
        "> When?\nOn Monday.\n> How much?\nAll of it.",
        "-----Original Message-----\nFrom: Ann\n\nWhere?",
    ],
)
def test_where_it_is_not_sure_all_of_it_is_kept(text: str) -> None:
    found = new_text(text)
    assert (found.text, found.is_unsure) == (text.strip(), True)


@pytest.mark.parametrize(
    "text",
    [
        "We wrote:\nno.",
        "From: the start, it was late.",
        "--\nMaya",
        "5 > 4",
        "",
        "Date: 2023-10-30\nTo: your card\nAmount: 49.90",
        "At 10:30 we wrote to <help@example.com>: no answer.",
        "Write to Maya <maya@example.com>:\nshe knows.",
    ],
)
def test_what_only_looks_like_a_quotation_is_text(text: str) -> None:
    assert new_text(text).text == text


@given(st.text(max_size=300))
def test_no_text_is_lost_or_breaks_it(text: str) -> None:
    found = new_text(text)
    assert found.text or not text.strip() or found.quoted


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c&nbsp;&amp; d</p>", "a\nb\nc & d"),
        ("<table><tr><td>x</td><td>y</td></tr></table>", "xy"),
        ("a<script>alert('<p>')</script>b<style>p{}</style>", "ab"),
        ("<div>a</div><blockquote>b<blockquote>c</blockquote></blockquote>", "a\n> b\n> > c"),
        ('<div>a</div><div id="divRplyFwdMsg"><b>From:</b> Ann</div>', "a\n-----Original Message-----\nFrom: Ann"),
        ("<p>a<p>b<b>c", "a\nbc"),
        ("<<a>", "<"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert [line for line in of_html(html).split("\n") if line] == text.split("\n")


@given(st.text("<>/abp =\"'&;!-", max_size=60))
def test_any_html_is_some_text(html: str) -> None:
    of_html(html)


@pytest.mark.parametrize(
    ("text", "promises"),
    [
        ("We will answer within 48 hours.", [("We will answer within 48 hours.", "48 hours")]),
        ("Hi. You will get it in 3-5 business days!", [("You will get it in 3-5 business days!", "5 business days")]),
        ("We refund you by October 30, 2023.", [("We refund you by October 30, 2023.", "October 30, 2023")]),
        ("Expect it on 3rd November 2023.", [("Expect it on 3rd November 2023.", "3 November 2023")]),
        ("It was 3 days late. Thanks.", []),
        ("We look into it.", []),
    ],
)
def test_promises_with_a_day(text: str, promises: list[tuple[str, str]]) -> None:
    assert list(promises_in(text)) == [Promise(*one) for one in promises]
