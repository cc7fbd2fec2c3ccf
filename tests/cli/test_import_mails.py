"""`refundbook import` of mails: each comes in once, as a message of its case, with its files kept; or says why not."""

from __future__ import annotations

import mailbox
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import refundbook
from refundbook import Book
from refundbook.importing.mail import plain
from tests.support.books import blank
from tests.support.command import run
from tests.support.msg import msg
from tests.support.samples import TODAY
from tests.support.terminal import at_terminal

PNG = b"\x89PNG fake"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = blank(tmp_path / "tracker.xlsx")
    with refundbook.edit(path, today=TODAY) as opened:
        opened.append_case("GTB-789012", opened="2023-10-20", customer="Ann <ann@example.com>")
        opened.append_case("GTB-789013", opened="2023-10-20")
    return path


def mail(**changes: Any) -> EmailMessage:
    """A reply of support's, with some of it changed: `body`, `html`, headers by name (`From`, `Message_ID`)."""
    made = EmailMessage()
    headers = {
        "From": "Maya of GTBuy <support@gtbuy.com>",
        "To": "me@shop.com",
        "Subject": "Re: GTB-789012",
        "Date": "Sat, 28 Oct 2023 10:15:00 +0000",
        "Message-ID": "<1@gtbuy.com>",
        **{name.replace("_", "-"): value for name, value in changes.items() if name not in ("body", "html")},
    }
    for name, value in headers.items():
        if value is not None:
            made[name] = value
    made.set_content(changes.get("body", "We look into it.\n"))
    if "html" in changes:
        made.add_alternative(changes["html"], subtype="html")
    return made


def written(path: Path, content: EmailMessage | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
    return path


def log_of(book: Path) -> Book:
    return refundbook.load(book, today=TODAY)


def messages(book: Path) -> list[tuple[object, ...]]:
    log = log_of(book).records.communications
    names = ("number", "date", "with_", "direction", "agent", "summary", "source")
    return list(zip(*(log[name] for name in names), strict=True))


def test_a_mail_is_a_message_of_the_case_that_it_names_with_its_files_and_comes_in_once(
    book: Path, tmp_path: Path
) -> None:
    one = mail()
    one.add_attachment(PNG, maintype="image", subtype="png", filename="label.png")
    file = written(tmp_path / "reply.eml", one)
    ran = run("import", file, book=book)
    assert (ran.code, ran.err) == (0, "")
    at = datetime(2023, 10, 28, 10, 15)
    ((number, moment, *rest),) = messages(book)
    assert (number, rest) == (
        "GTB-789012",
        ["Support", "Received", "Maya of GTBuy", "We look into it.", "<1@gtbuy.com>"],
    )
    assert isinstance(moment, datetime)
    assert abs((moment - at).total_seconds()) <= 14 * 3600
    folder = tmp_path / "evidence" / "GTB-789012"
    sums = (folder / "SHA256SUMS").read_text()
    assert sorted(path.name for path in folder.iterdir()) == [
        "2023-10-28 Re_ GTB-789012.eml",
        "SHA256SUMS",
        "label.png",
    ]
    assert sums.count("\n") == 2
    assert log_of(book).records.communications["evidence"] == [
        "evidence/GTB-789012/2023-10-28 Re_ GTB-789012.eml; evidence/GTB-789012/label.png"
    ]
    before = book.read_bytes()
    again = run("import", file, book=book)
    assert (again.code, again.out, book.read_bytes() == before) == (0, "In the log already: 1 mail.\n", True)


def test_a_dry_run_writes_neither_the_workbook_nor_files(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    ran = run("import", written(tmp_path / "reply.eml", mail()), "--dry-run", book=book)
    assert (ran.code, ran.out.startswith("Would enter GTB-789012")) == (0, True)
    assert (book.read_bytes() == before, (tmp_path / "evidence").exists()) == (True, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Subject": "Hello", "Message_ID": "<2@x>"}, "It names no case of the workbook"),
        ({"body": "About GTB-789013, too."}, "It names several cases: GTB-789012, GTB-789013."),
        ({"Subject": "Hello", "body": "Hi.\n\nOn Mon, Maya wrote:\n> GTB-789012\n"}, "It names no case"),
        ({"From": "Jo <jo@nowhere.org>"}, 'Nothing tells whether "jo@nowhere.org" is support or the buyer'),
        ({"Date": None}, "It says no date"),
        ({"Date": "Sat, 28 Oct 2123 10:15:00 +0000"}, "in the future"),
    ],
)
def test_a_mail_that_does_not_tell_is_listed_and_not_guessed(
    book: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    before = book.read_bytes()
    ran = run("import", written(tmp_path / "reply.eml", mail(**changes)), book=book)
    assert (ran.code, ran.err.startswith("refundbook: reply.eml: "), said in ran.err) == (1, True, True), ran.err
    assert (book.read_bytes() == before, (tmp_path / "evidence").exists()) == (True, False)


def test_the_case_and_the_side_can_be_said(book: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "a.eml", mail(Subject="Hello", From="Jo <jo@nowhere.org>"))
    assert run("import", file, "--case", "789013", "--with", "buyer", book=book).code == 0
    assert [row[0] for row in messages(book)] == ["GTB-789013"]
    assert [row[2:5] for row in messages(book)] == [("Buyer", "Received", None)]


def test_a_mail_that_names_no_number_belongs_to_the_case_of_the_one_that_it_answers(book: Path, tmp_path: Path) -> None:
    run("import", written(tmp_path / "a.eml", mail()), book=book)
    answer = mail(
        Subject="Hello", Message_ID="<2@x>", References="<0@x> <1@gtbuy.com>", Date="Sun, 29 Oct 2023 10:00:00 +0000"
    )
    assert run("import", written(tmp_path / "b.eml", answer), book=book).code == 0
    assert [row[0] for row in messages(book)] == ["GTB-789012", "GTB-789012"]


def test_numbers_are_found_however_they_are_written(book: Path, tmp_path: Path) -> None:
    files = []
    for k, text in enumerate(["Case gtb\u2013789012.", "(#GTB-789012)", "\u201cGTB-789012\u201d,", "re:GTB-789012/2"]):
        files.append(written(tmp_path / f"{k}.eml", mail(Subject="x", body=text, Message_ID=f"<{k}@x>")))
    ran = run("import", *files, book=book)
    assert (ran.code, len(messages(book))) == (0, 4), ran.err


# With whom


def test_what_went_before_in_the_case_teaches_whose_an_address_is(book: Path, tmp_path: Path) -> None:
    first = written(tmp_path / "a.eml", mail(From="Jo <jo@nowhere.org>"))
    assert run("import", first, "--with", "support", book=book).code == 0
    second = mail(From="Jo <jo@nowhere.org>", Message_ID="<2@x>", Date="Sun, 29 Oct 2023 10:00:00 +0000")
    assert run("import", written(tmp_path / "b.eml", second), book=book).code == 0
    answer = mail(
        From="me@shop.com",
        To="jo@nowhere.org",
        Message_ID="<3@x>",
        Date="Mon, 30 Oct 2023 10:00:00 +0000",
        body="Thanks.",
    )
    assert run("import", written(tmp_path / "c.eml", answer), "--with", "support", book=book).code == 0
    assert [row[2:4] for row in messages(book)][:2] == [("Support", "Received")] * 2


def test_a_mail_to_support_was_sent_and_one_from_the_case_s_customer_was_received_from_the_buyer(
    book: Path, tmp_path: Path
) -> None:
    sent = mail(From="me@shop.com", To="Disputes <disputes@paypal.com>", Message_ID="<2@x>")
    theirs = mail(From="Ann <ANN@example.com>", Message_ID="<3@x>", Date="Sun, 29 Oct 2023 10:00:00 +0000")
    ran = run("import", written(tmp_path / "a.eml", sent), written(tmp_path / "b.eml", theirs), book=book)
    assert ran.code == 0, ran.err
    assert [row[2:5] for row in messages(book)] == [("Support", "Sent", None), ("Buyer", "Received", None)]


def test_settings_say_whose_addresses_are(book: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    edited = load_workbook(book)
    for row in edited["Settings"].iter_rows():
        for cell in row:
            if cell.value == "Your e-mail addresses":
                cell.offset(column=1).value = "support@gtbuy.com; @shop.com"
            if cell.value == "Support's e-mail addresses":
                cell.offset(column=1).value = "@nowhere.org"
    edited.save(book)
    mails = [
        mail(To="jo@nowhere.org"),
        mail(From="jo@nowhere.org", Message_ID="<2@x>", Date="Sun, 29 Oct 2023 10:00:00 +0000"),
    ]
    files = [written(tmp_path / f"{k}.eml", one) for k, one in enumerate(mails)]
    assert run("import", *files, book=book).code == 0
    assert [row[2:4] for row in messages(book)] == [("Support", "Sent"), ("Support", "Received")]


# What stands in mails


def test_multipart_html_with_script_is_text(book: Path, tmp_path: Path) -> None:
    one = mail(html="<p>ignored</p>")
    two = EmailMessage()
    for name, value in mail(Message_ID="<2@x>", Date="Sun, 29 Oct 2023 10:00:00 +0000").items():
        if not name.lower().startswith(("content", "mime")):
            two[name] = value
    html = (
        "<html><head><style>p{}</style><title>t</title></head><body><script>alert(1)</script><p>We <b>refund</b> you.</p>"
        '<p style="display:none">GTB-789013</p><div class="gmail_quote">On Fri, me wrote:<blockquote>GTB-789013</blockquote>'
        "</div></body></html>"
    )
    two.set_content(html, subtype="html", cte="base64")
    files = [written(tmp_path / "a.eml", one), written(tmp_path / "b.eml", two)]
    ran = run("import", *files, book=book)
    assert ran.code == 0, ran.err
    assert [row[5] for row in messages(book)] == ["We look into it.", "We refund you."]


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (b"text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", b"Zo=C3=AB =\nwrote", "Zoë wrote"),
        (b"text/plain; charset=us-ascii", "Zoë".encode(), "Zoë"),
        (b"text/plain; charset=klingon", "Zoë".encode(), "Zoë"),
        (b"text/plain; charset=utf-8", "Zoë".encode("cp1252"), "Zoë"),
        (b"text/plain", b"a\x07b\r\nc", "ab\nc"),
    ],
)
def test_encodings(book: Path, tmp_path: Path, head: bytes, body: bytes, text: str) -> None:
    data = (
        b"From: support@gtbuy.com\nSubject: GTB-789012\nDate: Sat, 28 Oct 2023 10:15:00 -0000\nContent-Type: "
        + head
        + b"\n\n"
        + body
    )
    assert run("import", written(tmp_path / "a.eml", data), book=book).code == 0
    assert [row[5] for row in messages(book)] == [text]
    assert run("import", tmp_path / "a.eml", book=book).out == "In the log already: 1 mail.\n"


def test_the_text_of_a_mail_that_is_attached_is_not_that_of_the_mail(book: Path, tmp_path: Path) -> None:
    one, inner = mail(body="Please see the mail attached."), mail(Subject="GTB-789013", body="About GTB-789013.")
    one.add_attachment(inner)
    ran = run("import", written(tmp_path / "a.eml", one), book=book)
    assert ran.code == 0, ran.err
    assert [(row[0], row[5]) for row in messages(book)] == [("GTB-789012", "Please see the mail attached.")]
    assert len(list((tmp_path / "evidence/GTB-789012").glob("*.eml"))) == 2


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n", b"\r\n\r\n", b"\xef\xbb\xbf\r\n"])
def test_what_an_editor_put_before_the_headers_is_passed_over(book: Path, tmp_path: Path, before: bytes) -> None:
    ran = run("import", written(tmp_path / "a.txt", before + mail().as_bytes()), book=book)
    assert (ran.code, [row[5] for row in messages(book)]) == (0, ["We look into it."]), ran.err


def test_a_mail_as_apple_mail_keeps_it(book: Path, tmp_path: Path) -> None:
    data = mail().as_bytes()
    file = written(tmp_path / "1.emlx", b"%-10d\n" % len(data) + data + b'<?xml version="1.0"?><plist></plist>\n')
    assert run("import", file, book=book).code == 0
    assert [row[5] for row in messages(book)] == ["We look into it."]


def test_a_mail_of_parts_that_cannot_be_told_apart_keeps_its_text_and_that_is_said(book: Path, tmp_path: Path) -> None:
    data = mail().as_bytes().replace(b'text/plain; charset="utf-8"', b"multipart/mixed")
    ran = run("import", written(tmp_path / "a.eml", data), book=book)
    assert (ran.code, [row[5] for row in messages(book)]) == (0, ["We look into it."])
    assert "Its parts cannot be told apart." in ran.err


def test_a_mail_without_a_sender_says_so(book: Path, tmp_path: Path) -> None:
    ran = run("import", written(tmp_path / "a.eml", mail(From=None)), book=book)
    assert (ran.code, "It names no sender: say with whom by --with." in ran.err) == (1, True)
    assert run("import", tmp_path / "a.eml", "--with", "support", book=book).code == 0


def test_names_of_attachments_are_no_paths(book: Path, tmp_path: Path) -> None:
    one = mail()
    for name, data in [("../../x", b"1"), ("CON", b"2"), ("a.txt", b""), ("a.txt", b"3"), ("winmail.dat", b"4")]:
        one.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    ran = run("import", written(tmp_path / "a.eml", one), book=book)
    assert (ran.code, "winmail.dat holds what Outlook attached" in ran.err) == (0, True)
    names = sorted(path.name for path in (tmp_path / "evidence" / "GTB-789012").iterdir())
    assert names == ["2023-10-28 Re_ GTB-789012.eml", "SHA256SUMS", "_CON", "a-2.txt", "a.txt", "winmail.dat", "x"]
    assert not (tmp_path.parent / "x").exists()


def test_spoofed_headers_make_no_line_of_their_own(book: Path, tmp_path: Path) -> None:
    data = (
        b"From: =?utf-8?q?Ma=0Aya=E2=80=AE=1B=5B31m?= <support@gtbuy.com>\nSubject: GTB-789012 =?utf-8?q?=0Afake=E2=80=AE?=\n"
        b"Date: Sat, 28 Oct 2023 10:15:00 +0000\n\nHello.\n"
    )
    ran = run("import", written(tmp_path / "a.eml", data), book=book)
    assert ran.code == 0, ran.err
    assert [row[4] for row in messages(book)] == ["Ma ya[31m"]
    assert "\u202e" not in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("said", "shown"), [("a\u202eb\u200f", "ab"), ("a\r\n b\x1b[31m", "a b [31m"), ("Zo\u00eb\u2028x", "Zoë x")]
)
def test_a_header_is_one_line_of_what_can_be_seen(said: str, shown: str) -> None:
    assert plain(said) == shown


def test_headers_in_utf_8_as_they_stand(book: Path, tmp_path: Path) -> None:
    data = "From: Zoë\u202e <support@gtbuy.com>\nSubject: GTB-789012 ü\nDate: Sat, 28 Oct 2023 10:15:00 +0000\n\nHi.\n"
    assert run("import", written(tmp_path / "a.eml", data.encode()), book=book).code == 0
    assert [row[4] for row in messages(book)] == ["Zoë"]


def test_a_mail_that_is_too_large_is_said_and_costs_no_other(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refundbook.importing.mail_files.MAX_MAIL", 1 << 20)
    large = written(tmp_path / "large.eml", mail(body="x\n" * 600_000, Message_ID="<9@x>"))
    ran = run("import", large, written(tmp_path / "a.eml", mail()), book=book)
    assert (ran.code, "large.eml: It is larger than 1 MiB" in ran.err, len(messages(book))) == (0, True, 1)


NESTED = "".join(f"Content-Type: multipart/mixed; boundary=B{k}\n\n--B{k}\n" for k in range(3_000))
BROKEN = 'Content-Type: text/plain; charset="a\0b"\nContent-Transfer-Encoding: 8bit\n\n\u00fc'


@pytest.mark.parametrize("parts", [NESTED, BROKEN], ids=["nested", "charset"])
def test_a_mail_that_breaks_the_parser_is_said_and_costs_no_other(book: Path, tmp_path: Path, parts: str) -> None:
    head = "From: support@gtbuy.com\nDate: Sat, 28 Oct 2023 10:15:00 +0000\nSubject: GTB-789012\n"
    bad = written(tmp_path / "bad.eml", f"{head}{parts}\nx".encode())
    ran = run("import", bad, written(tmp_path / "other.eml", mail()), book=book)
    assert len(messages(book)) == 1
    assert "bad.eml cannot be read as a mail: enter what it says with `refundbook log`." in ran.err


def test_what_the_rules_refuse_is_listed_and_the_others_are_entered(book: Path, tmp_path: Path) -> None:
    early = mail(Message_ID="<2@x>", Date="Sat, 28 Oct 2022 10:15:00 +0000")
    ran = run("import", written(tmp_path / "a.eml", early), written(tmp_path / "b.eml", mail()), book=book)
    assert (ran.code, "a.eml: " in ran.err, [row[6] for row in messages(book)]) == (0, True, ["<1@gtbuy.com>"])
    assert len(list((tmp_path / "evidence" / "GTB-789012").iterdir())) == 2


def test_two_mails_of_one_day_that_say_the_same_are_two_and_one_that_was_logged_by_hand_is_one(
    book: Path, tmp_path: Path
) -> None:
    with refundbook.edit(book, today=TODAY) as opened:
        opened.append_communication("GTB-789012", date="2023-10-28", with_="Support", summary="Noted.")
    bodies = ["Thanks.", "Thanks.", "Noted."]
    files = [
        written(tmp_path / f"{k}.eml", mail(body=f"{body}\n", Message_ID=f"<{k}@x>")) for k, body in enumerate(bodies)
    ]
    ran = run("import", *files, book=book)
    assert (ran.code, "In the log already: 1 mail." in ran.out) == (0, True)
    assert [row[5] for row in messages(book)] == ["Noted.", "Thanks.", "Thanks."]
    assert run("import", *files, book=book).out == "In the log already: 3 mails.\n"


# Promises

PROMISED = "We look into it. You will hear from us within 48 hours.\nWe refund you by November 20, 2023."
OFFER = 'GTB-789012: "You will hear from us within 48 hours." Enter it as a promise, due 48 hours [y/N]:'
OTHER_OFFER = 'GTB-789012: "We refund you by November 20, 2023." Enter it as a promise, due November 20, 2023 [y/N]:'


@pytest.mark.slow
def test_a_promise_with_a_day_is_offered_at_a_terminal_and_entered_if_wanted(book: Path, tmp_path: Path) -> None:
    promising = written(tmp_path / "a.eml", mail(body=PROMISED))
    sent = mail(From="me@shop.com", To="support@gtbuy.com", Message_ID="<2@x>", body=PROMISED)
    before = book.read_bytes()
    ran = run("import", promising, "--dry-run", book=book)
    assert (ran.code, "Enter it as a promise" in ran.out + ran.err, book.read_bytes() == before) == (0, False, True)
    # The first is declined, the second taken; what we promise ourselves is not asked for.
    code, shown = at_terminal(
        *("-b", book, "import", promising, written(tmp_path / "b.eml", sent)),
        answers=[(OFFER, "n"), (OTHER_OFFER, "y")], COLUMNS="200",
    )  # fmt: skip
    assert (code, shown.count("Enter it as a promise")) == (0, 2), shown
    log = log_of(book).records.communications
    promises = dict(zip(log["source"], zip(log["promise"], log["due"], strict=True), strict=True))
    assert promises == {
        "<1@gtbuy.com>": ("We refund you by November 20, 2023.", date(2023, 11, 20)),
        "<2@x>": (None, None),
    }


def test_without_a_terminal_no_promise_is_entered(book: Path, tmp_path: Path) -> None:
    assert run("import", written(tmp_path / "a.eml", mail(body=PROMISED)), book=book).code == 0
    assert log_of(book).records.communications["promise"] == [None]


# Files and folders


def test_an_mbox_a_maildir_and_a_folder(book: Path, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "old.mbox")
    box.add(mail())
    box.add(mail(Message_ID="<2@x>", Date="Sun, 29 Oct 2023 10:00:00 +0000"))
    box.close()
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    maildir.add(mail(Message_ID="<3@x>", Date="Mon, 30 Oct 2023 10:00:00 +0000"))
    maildir.close()
    folder = tmp_path / "mails"
    folder.mkdir()
    written(folder / "a.eml", mail(Message_ID="<4@x>", Date="Tue, 31 Oct 2023 10:00:00 +0000"))
    written(folder / "notes.txt", b"no mail")
    ran = run("import", tmp_path / "old.mbox", tmp_path / "Maildir", folder, book=book)
    assert ran.code == 0, ran.err
    assert [row[6] for row in messages(book)] == ["<1@gtbuy.com>", "<2@x>", "<3@x>", "<4@x>"]


def test_a_mail_that_outlook_saved(book: Path, tmp_path: Path) -> None:
    pytest.importorskip("oxmsg")
    headers = "From: Maya <support@gtbuy.com>\r\nTo: me@shop.com\r\nMessage-ID: <7@gtbuy.com>\r\n"
    body = "We look into it.\r\n\r\nFrom: Me\r\nSent: Friday\r\nTo: Maya\r\nSubject: x\r\n\r\nGTB-789013?"
    data = msg("GTB-789012: Zoë", body, headers, datetime(2023, 10, 28, 10, 15, tzinfo=UTC), {"a.png": PNG * 1000})
    file = written(tmp_path / "reply.msg", data)
    ran = run("import", file, book=book)
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert [(r[0], *r[2:]) for r in messages(book)] == [
        ("GTB-789012", "Support", "Received", "Maya", "We look into it.", "<7@gtbuy.com>")
    ]
    names = sorted(path.name for path in (tmp_path / "evidence" / "GTB-789012").iterdir())
    assert names == ["2023-10-28 GTB-789012_ Zoë.msg", "SHA256SUMS", "a.png"]
    assert run("import", file, book=book).out == "In the log already: 1 mail.\n"


def test_what_only_seems_to_be_a_mail_of_outlook_s_is_said(book: Path, tmp_path: Path) -> None:
    pytest.importorskip("oxmsg")
    ran = run("import", written(tmp_path / "a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), book=book)
    assert (ran.code, "a.msg cannot be read as a mail of Outlook's" in ran.err) == (1, True), ran.err


def test_while_the_workbook_is_open_the_files_are_kept_and_the_entry_waits(book: Path, tmp_path: Path) -> None:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03Ana" + b" " * 161)
    file = written(tmp_path / "a.eml", mail())
    ran = run("import", file, book=book)
    assert (ran.code, "in the inbox" in ran.out + ran.err) == (0, True), ran.err
    assert (tmp_path / "evidence" / "GTB-789012" / "2023-10-28 Re_ GTB-789012.eml").exists()
    owner.unlink()
    run("inbox", "enter", book=book)
    assert run("import", file, book=book).out == "In the log already: 1 mail.\n"
    assert len(messages(book)) == 1


def test_a_workbook_without_the_column_source_knows_a_mail_by_case_date_and_text(tmp_path: Path) -> None:
    import shutil

    path = Path(
        shutil.copyfile(Path(__file__).parents[1] / "storage" / "data" / "tracker-0.1.0.xlsx", tmp_path / "t.xlsx")
    )
    number = str(log_of(path).records.cases["number"][0])
    file = written(tmp_path / "a.eml", mail(Subject=number))
    first = run("import", file, book=path)
    assert (first.code, first.err) == (0, ""), first.err
    assert run("import", file, book=path).out == "In the log already: 1 mail.\n"


def test_options_of_tables_are_not_for_mails_and_the_other_way_round(book: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "a.eml", mail())
    ran = run("import", file, "--update", book=book)
    assert (ran.code, "--update is for tables, and these are mails" in ran.err) == (2, True)
    table = written(tmp_path / "a.csv", b"Ticket,Opened\n1,2023-10-26\n")
    assert run("import", table, "--case", "1", book=book).code == 2
    assert date(2023, 10, 26)
