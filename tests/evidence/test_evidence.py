"""The evidence packet: what is gathered, which files are taken, and what is written."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Literal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundbook import Book, CannotWrite, UnknownEntry, UsageError
from refundbook.base.cards import find_card_number
from refundbook.base.settings import Settings
from refundbook.evidence.attachments import NotTaken, is_link, locate, open_regular, own_name, packet_name, references
from refundbook.evidence.gateways import FILES_WITH_BUYER, OTHER_FILES, REASONS, STATEMENT, Term
from refundbook.evidence.packet import Item, Packet, gather, mask
from refundbook.evidence.page import PICTURES, html_page, statement
from refundbook.evidence.write import MANIFEST, PAGE, SUMS, write
from refundbook.evidence.write import STATEMENT as STATEMENT_FILE
from refundbook.system.room import NEW, Room
from tests.support.books import SAMPLE, filled
from tests.support.samples import TODAY, load
from tests.support.systems import make_pipe

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 10
CARD = "4111 1111 1111 1111"
DOCS = Path(__file__).parents[2] / "docs" / "evidence.md"
NUMBER = "GTB-789012"


def book_with(folder: Path, *cells: str, summary: str = "Wrote.", **case: object) -> Book:
    """A workbook with one case, and a message for each Evidence cell."""
    messages = [
        {
            "entry": k,
            "number": NUMBER,
            "date": date(2023, 10, 26 + k),
            "with_": "Support",
            "direction": "Sent",
            "summary": summary,
            "evidence": cell,
        }
        for k, cell in enumerate(cells, 1)
    ]
    opened = {"number": NUMBER, "issuer": "GTBuy", "opened": date(2023, 10, 26), **case}
    return load(filled(folder / "tracker.xlsx", [opened], messages, []))


def packet_of(book: Book, **options: bool) -> Packet:
    return gather(book.records, NUMBER, book.path, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workbook's folder, with two files, beside one that is none of its business."""
    home = tmp_path / "home"
    (home / "shots").mkdir(parents=True)
    (home / "shots" / "chat.png").write_bytes(PNG)
    (home / "receipt.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "private.txt").write_text("private")
    return home


# What is gathered


def test_the_record_is_numbered_in_order_of_time(tmp_path: Path) -> None:
    book = load(filled(tmp_path / "tracker.xlsx"))
    items = packet_of(book).items
    assert [(item.number, item.when, item.what) for item in items] == [
        (1, "2023-10-26", "Case opened"),
        (2, "2023-10-26", "Received from Buyer"),
        (3, "2023-10-27", "Sent to Support"),
        (4, "2023-10-28", "Received from Support (Maya), Chat"),
        (5, "2023-10-30", "Full Refund"),
    ]
    assert items[3].details == (("Promise", "Investigate"), ("Due", "2023-10-30"), ("Kept On", "2023-10-30"))
    assert items[4].text == "Full refund issued to card."


def test_a_pending_entry_has_its_place_by_the_day_on_which_it_was_logged(tmp_path: Path) -> None:
    pending = {"number": NUMBER, "status": "Pending", "outcome": "Wait", "logged_at": datetime(2023, 10, 27, 9)}
    denied = {"number": NUMBER, "status": "Denied", "date": date(2023, 11, 1), "logged_at": datetime(2023, 11, 1, 9)}
    message = {"entry": 1, "number": NUMBER, "date": date(2023, 10, 30), "with_": "Buyer", "summary": "Hello"}
    case = {"number": NUMBER, "opened": date(2023, 10, 26)}
    book = load(filled(tmp_path / "tracker.xlsx", [case], [message], [denied, pending]))
    assert [(item.when, item.what) for item in packet_of(book).items[1:]] == [
        ("entered 2023-10-27", "Pending"),
        ("2023-10-30", "Received from Buyer"),
        ("2023-11-01", "Denied"),
    ]


@pytest.mark.parametrize(
    ("direction", "due", "kept", "said"),
    [
        ("Received", date(2023, 11, 4), None, "not kept as of 2023-11-05"),
        ("Received", TODAY, None, None),
        ("Received", date(2023, 11, 4), date(2023, 11, 3), "2023-11-03"),
        ("Sent", date(2023, 11, 4), None, None),
    ],
)
def test_a_promise_of_the_other_side_that_was_not_kept_in_time_is_said(
    tmp_path: Path, direction: str, due: date, kept: date | None, said: str | None
) -> None:
    message = {
        "entry": 1,
        "number": NUMBER,
        "date": date(2023, 10, 27),
        "with_": "Support",
        "summary": "Soon.",
        "direction": direction,
        "promise": "Refund",
        "due": due,
        "kept_on": kept,
    }
    case = {"number": NUMBER, "opened": date(2023, 10, 26)}
    book = load(filled(tmp_path / "tracker.xlsx", [case], [message], []))
    assert dict(packet_of(book).items[1].details).get("Kept On") == said


def test_the_summary_is_in_the_terms_of_the_gateway_that_gave_the_number(tmp_path: Path) -> None:
    case = {
        "number": "dp_1AbC",
        "issuer": "Stripe",
        "opened": date(2023, 10, 26),
        "payment": "pi_3N",
        "item": "Shoes",
        "reason": "Non-delivery",
        "amount": 49.9,
        "currency": "USD",
        "respond_by": date(2023, 11, 9),
    }
    book = load(filled(tmp_path / "tracker.xlsx", [case], [], []))
    terms = {term.label: term for term in gather(book.records, "dp_1AbC", book.path).summary}
    assert (terms["Case Number"].stripe, terms["Case Number"].paypal) == ("id", "")
    assert terms["Payment Reference"].stripe == "payment_intent"
    assert terms["Amount Requested"].value == "49.90"
    assert terms["Respond By"].stripe == "evidence_details.due_by"
    assert terms["Reason"].paypal == "reason: MERCHANDISE_OR_SERVICE_NOT_RECEIVED"


def test_a_number_that_no_gateway_gave_is_called_nothing_at_one(tmp_path: Path) -> None:
    terms = {term.label: term for term in packet_of(book_with(tmp_path, reason="My own")).summary}
    for label in ("Case Number", "Date Opened", "Reason"):
        assert (terms[label].stripe, terms[label].paypal) == ("", "")


def test_notes_own_columns_and_who_logged_stay_out(tmp_path: Path) -> None:
    case = {"number": NUMBER, "opened": date(2023, 10, 26), "notes": "he lies", "logged_by": "ana", "My column": "mine"}
    book = load(filled(tmp_path / "tracker.xlsx", [case], [], []))
    write(packet_of(book), tmp_path / "packet")
    everything = "".join(path.read_text("utf-8") for path in (tmp_path / "packet").iterdir())
    assert not re.search("he lies|mine|ana\\b", everything)


def test_every_reason_of_the_template_has_the_gateways_terms() -> None:
    assert set(REASONS) == set(Settings().lists["Reasons"])


def test_the_docs_name_every_field_and_every_reason() -> None:
    text = DOCS.read_text("utf-8")
    names = {name for pair in (FILES_WITH_BUYER, OTHER_FILES, STATEMENT, *REASONS.values()) for name in pair}
    assert [name for name in (*names, *REASONS) if name not in text] == []


def test_an_unknown_case_is_refused_with_the_nearest(tmp_path: Path) -> None:
    book = book_with(tmp_path)
    with pytest.raises(UnknownEntry, match="Did you mean GTB-789012"):
        gather(book.records, "GTB-798012", book.path)


# Payment cards


def test_card_numbers_are_masked_wherever_text_is_free(tmp_path: Path) -> None:
    (tmp_path / f"{CARD}.png").write_bytes(PNG)
    cell = f"{CARD}.png; gone {CARD}.png; https://x.test/{CARD}"
    book = book_with(tmp_path, cell, summary=f"Paid with {CARD}.", customer=f"Zoe {CARD}")
    target = tmp_path / "packet"
    write(packet_of(book), target)
    assert [path.name for path in (target / "files").iterdir()] == ["01-411111-1111.png"]
    for path in (path for path in target.iterdir() if path.is_file()):
        assert not re.search(r"4111[ -]?1111[ -]?1111[ -]?1111", path.read_text("utf-8")), path.name
    assert "411111******1111" in (target / "statement.txt").read_text("utf-8")


def test_an_order_number_is_not_mistaken_for_a_card(tmp_path: Path) -> None:
    book = book_with(tmp_path, order="4111111111111111")
    assert {term.label: term.value for term in packet_of(book).summary}["Order Number"] == "4111111111111111"


@given(st.lists(st.sampled_from([CARD, "4111111111111111", "5555-5555-5555-4444", " and ", "12", "é", "\n", "-", " "])))
def test_no_card_number_is_left_and_nothing_else_is_touched(parts: list[str]) -> None:
    text = "".join(parts)
    masked = mask(text)
    assert find_card_number(masked) is None
    if find_card_number(text) is None:
        assert masked == text


def test_every_card_number_in_a_text_is_masked() -> None:
    assert mask(f"{CARD}, 5555-5555-5555-4444, {CARD}") == "411111******1111, 555555******4444, 411111******1111"


# Which files are taken


def test_a_cell_names_several_files_by_lines_or_semicolons() -> None:
    assert references("a.png; b c.png\n\n d.pdf ;\nhttps://x.test/?a;b") == [
        "a.png",
        "b c.png",
        "d.pdf",
        "https://x.test/?a;b",
    ]


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("https://x.test/a", True),
        ("ftp://x.test", True),
        ("mailto:a@x.test", True),
        ("C://x", False),
        ("c:\\x", False),
        ("file:///etc/passwd", False),
        ("chat.png", False),
        ("note: chat.png", False),
    ],
)
def test_what_is_a_link(said: str, is_one: bool) -> None:
    assert is_link(said) is is_one


@pytest.mark.parametrize(
    "said", ["shots/chat.png", "shots\\chat.png", "./shots/../shots/chat.png", "../home/shots/chat.png"]
)
def test_a_file_beside_the_workbook_is_found_whichever_way_it_is_named(folder: Path, said: str) -> None:
    assert locate(said, folder / "tracker.xlsx") == (folder / "shots" / "chat.png").resolve()


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_cell", ["NFC", "NFD"])
def test_a_file_is_found_whichever_way_its_accents_are_written(
    folder: Path, on_disk: Literal["NFC", "NFD"], in_cell: Literal["NFC", "NFD"]
) -> None:
    """macOS writes them apart, and a file that was copied from there keeps them so."""
    name = unicodedata.normalize(on_disk, "reçu é.png")
    (folder / name).write_bytes(b"x")
    found = locate(unicodedata.normalize(in_cell, "reçu é.png"), folder / "tracker.xlsx")
    assert found.read_bytes() == b"x"


@pytest.mark.posix("Windows lets few users make links")
def test_a_file_is_found_beside_a_workbook_that_is_reached_through_a_link(folder: Path, tmp_path: Path) -> None:
    book_with(folder, "receipt.pdf")
    (tmp_path / "link.xlsx").symlink_to(folder / "tracker.xlsx")
    book = load(tmp_path / "link.xlsx")
    assert len(packet_of(book).exhibits) == 1


OUTSIDE = [
    "../private.txt",
    "..\\private.txt",
    "shots/../../private.txt",
    "C:\\private.txt",
    pytest.param("c:private.txt", marks=pytest.mark.posix("on Windows it lies beside a workbook on C:")),
    "\\\\server\\share\\x",
    "//server/share/x",
]


@pytest.mark.parametrize("said", OUTSIDE)
def test_a_path_out_of_the_folder_is_not_taken(folder: Path, said: str) -> None:
    with pytest.raises(NotTaken, match="outside") as caught:
        locate(said, folder / "tracker.xlsx")
    assert caught.value.outside


@pytest.mark.posix("Windows lets few users make links")
def test_an_absolute_path_and_a_symbolic_link_out_of_the_folder_are_not_taken(folder: Path, tmp_path: Path) -> None:
    private = tmp_path / "private.txt"
    (folder / "innocent.txt").symlink_to(private)
    (folder / "shortcut").symlink_to(tmp_path)
    for said in (str(private), "innocent.txt", "shortcut/private.txt", "/etc/passwd", "/dev/zero"):
        with pytest.raises(NotTaken, match="outside"):
            locate(said, folder / "tracker.xlsx")
    assert locate("innocent.txt", folder / "tracker.xlsx", allow_outside=True) == private.resolve()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("nothing.png", "is not there"),
        ("receipt.pdf/x", "is not there"),
        ("x" * 5000, "cannot be read|is not there"),
        ("shots", "is a folder"),
        (".", "is a folder"),
        ("tracker.xlsx", "is the workbook itself"),
        ("file:///etc/passwd", "is a file: address"),
        ("pipe", "not a file, but a device or pipe"),
        ("loop", "not a path|cannot be read|is not there"),
    ],
)
def test_what_is_no_file_is_said_and_never_waited_for(folder: Path, said: str, why: str) -> None:
    (folder / "tracker.xlsx").write_bytes(b"PK")
    make_pipe(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    with pytest.raises(NotTaken, match=why) as caught:
        locate(said, folder / "tracker.xlsx")
    assert not caught.value.outside


@pytest.mark.posix("devices are no files of a folder on Windows")
def test_a_device_is_not_read_even_where_outside_is_allowed(folder: Path) -> None:
    with pytest.raises(NotTaken, match="device"):
        locate("/dev/zero", folder / "tracker.xlsx", allow_outside=True)
    with pytest.raises(NotTaken, match="Windows"):
        locate("C:\\x.png", folder / "tracker.xlsx", allow_outside=True)


@pytest.mark.posix("Windows lets few users make links")
def test_what_became_a_link_since_it_was_looked_at_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "swapped").symlink_to(tmp_path / "private.txt")
    with pytest.raises(NotTaken, match="cannot be read"):
        open_regular(folder / "swapped")


# What holds other customers' data


def left_out(folder: Path, said: str, **options: bool) -> str:
    """Why a file is not taken."""
    packet = packet_of(book_with(folder, said), **options)
    assert packet.exhibits == ()
    (absent,) = packet.absent
    return absent.reason


@pytest.mark.parametrize("name", ["other.xlsx", "photo.png", "no ending", "notes.xlsm"])
def test_no_workbook_of_cases_is_taken_whatever_it_is_called(folder: Path, name: str) -> None:
    filled(folder / "made.xlsx").rename(folder / name)
    assert "workbook of cases" in left_out(folder, name, allow_outside=True, allow_linked=True)


def test_a_workbook_of_cases_that_breaks_rules_is_one(folder: Path) -> None:
    filled(folder / "made.xlsx", [{"number": NUMBER}, {"number": NUMBER}], [], [])
    assert "workbook of cases" in left_out(folder, "made.xlsx")


def test_another_workbook_is_taken(folder: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "Cases"  # type: ignore[union-attr]
    made.save(folder / "order.xlsx")
    assert len(packet_of(book_with(folder, "order.xlsx")).exhibits) == 1


@pytest.mark.posix("Windows lets few users make links")
@pytest.mark.parametrize("said", [".refundbook/backups/old.xlsx", ".refundbook/tracker.xlsx.inbox.jsonl", ".REFUNDBOOK/x", "a/../.refundbook/x", "link.txt", "folder/x", "other/.refundbook/x"])  # fmt: skip
def test_nothing_that_refundbook_keeps_is_taken_by_whatever_link(folder: Path, said: str) -> None:
    for home in (folder / ".refundbook", folder / ".REFUNDBOOK", folder / "other" / ".refundbook"):
        (home / "backups").mkdir(parents=True, exist_ok=True)
        for name in ("x", "backups/old.xlsx", "tracker.xlsx.inbox.jsonl"):
            (home / name).write_text("others")
    (folder / "a").mkdir()
    (folder / "link.txt").symlink_to(".refundbook/x")
    (folder / "folder").symlink_to(".refundbook")
    assert "lies in .refundbook" in left_out(folder, said, allow_outside=True, allow_linked=True)


@pytest.mark.posix("Windows lets few users make links")
@pytest.mark.parametrize("how", [os.link, os.symlink])
def test_another_name_of_the_workbook_is_the_workbook(folder: Path, how: Callable[[Path, Path], None]) -> None:
    book = book_with(folder, "innocent.txt")
    how(book.path, folder / "innocent.txt")
    (absent,) = packet_of(book, allow_linked=True).absent
    assert "is the workbook itself" in absent.reason


def test_a_file_with_a_second_name_is_taken_only_when_that_is_said(folder: Path, tmp_path: Path) -> None:
    os.link(tmp_path / "private.txt", folder / "innocent.txt")
    book = book_with(folder, "innocent.txt")
    (absent,) = packet_of(book).absent
    assert absent.linked
    assert "second name" in absent.reason
    assert len(packet_of(book, allow_linked=True).exhibits) == 1


def test_what_is_left_out_is_said_on_the_page(folder: Path) -> None:
    filled(folder / "other.xlsx")
    found = page_of(folder, book_with(folder, "other.xlsx"))
    assert "is a workbook of cases, with those of other customers" in found.text


def swapped_file(folder: Path, private: Path) -> None:
    (folder / "shots" / "chat.png").unlink()
    (folder / "shots" / "chat.png").symlink_to(private)


def swapped_folder(folder: Path, private: Path) -> None:
    (folder / "shots").rename(folder / "aside")
    private.rename(private.with_name("chat.png"))
    (folder / "shots").symlink_to(private.parent)


def another_file(folder: Path, private: Path) -> None:
    private.rename(folder / "shots" / "chat.png")


@pytest.mark.posix("Windows renames to no name that is taken")
@pytest.mark.parametrize("swap", [swapped_file, swapped_folder, another_file])
def test_what_is_put_in_the_place_of_a_file_meanwhile_is_not_taken(
    folder: Path, tmp_path: Path, swap: Callable[[Path, Path], None]
) -> None:
    packet = packet_of(book_with(folder, "shots/chat.png"))
    swap(folder, tmp_path / "private.txt")
    with pytest.raises(CannotWrite, match="The packet was not made"):
        write(packet, tmp_path / "packet")
    assert not (tmp_path / "packet").exists()


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="folders are held open on POSIX")
def test_a_packet_is_made_where_nobody_can_put_a_link(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may write to the folder moves away what is being made, and puts links in its place."""
    packet = packet_of(book_with(folder, "receipt.pdf"))
    make = Room.make_folder

    def swapping(self: Room, name: str = NEW) -> None:
        make(self, name)
        if self.path.exists() and not (folder / "aside").exists():
            self.path.rename(folder / "aside")
            (self.path / name / "files").mkdir(parents=True)
            for file in (PAGE, STATEMENT_FILE, MANIFEST, SUMS):
                (self.path / name / file).symlink_to(tmp_path / "private.txt")

    monkeypatch.setattr(Room, "make_folder", swapping)
    write(packet, folder / "packet.zip")
    assert (tmp_path / "private.txt").read_text("utf-8") == "private"
    with zipfile.ZipFile(folder / "packet.zip") as made:
        assert made.testzip() is None


def test_a_file_that_two_messages_name_is_taken_once(folder: Path) -> None:
    packet = packet_of(book_with(folder, "shots/chat.png", "receipt.pdf\nshots\\chat.png"))
    assert [(e.name, e.items) for e in packet.exhibits] == [
        ("files/01-chat.png", (2, 3)),
        ("files/02-receipt.pdf", (3,)),
    ]


def test_links_and_what_is_missing_are_listed_with_their_entries(folder: Path) -> None:
    packet = packet_of(book_with(folder, "https://x.test/1", "https://x.test/1; gone.png; ../private.txt"))
    assert [(link.address, link.items) for link in packet.links] == [("https://x.test/1", (2, 3))]
    assert [(a.own_name, a.reason, a.items, a.outside) for a in packet.absent] == [
        ("gone.png", "is not there", (3,), False),
        ("private.txt", "lies outside the workbook's folder", (3,), True),
    ]


def test_a_packet_tells_nothing_of_the_folders_outside() -> None:
    assert own_name("shots/chat.png") == "shots/chat.png"
    for said in ("/home/ana/chat.png", "C:\\Users\\ana\\chat.png", "../ana/chat.png", "\\\\ana\\x\\chat.png"):
        assert own_name(said) == "chat.png"


# Names


@given(st.text(max_size=80), st.integers(1, 999))
def test_a_name_in_a_packet_is_safe_everywhere_whatever_the_file_is_called(said: str, number: int) -> None:
    name = packet_name(number, 3, said)
    # PayPal's pattern for document names, without its blanks, and for files without an ending.
    assert re.fullmatch(r"[0-9]{3}-[A-Za-z0-9-]{1,60}(\.[a-z0-9]{1,8})?", name)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("shots/chat with Maya.PNG", "01-chat-with-Maya.png"),
        ("../../etc/passwd", "01-passwd"),
        ("Café Zoë.jpeg", "01-Cafe-Zoe.jpeg"),
        ("截图.png", "01-file.png"),
        ("archive.tar.gz", "01-archive-tar.gz"),
        ("CON", "01-CON"),
        (".htaccess", "01-file.htaccess"),
        ("a.png\u202egpj.exe", "01-a-pnggpj.exe"),
        ("..", "01-file"),
    ],
)
def test_names_in_a_packet(said: str, name: str) -> None:
    assert packet_name(1, 2, said) == name


# What is written


def contents(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_a_packet_holds_the_files_as_they_are_with_size_and_sum(folder: Path) -> None:
    packet = packet_of(book_with(folder, "shots/chat.png; receipt.pdf; https://x.test; gone.png"))
    write(packet, folder / "packet")
    found = contents(folder / "packet")
    assert set(found) == {PAGE, MANIFEST, SUMS, "statement.txt", "files/01-chat.png", "files/02-receipt.pdf"}
    manifest = json.loads(found[MANIFEST])
    assert manifest["files"][0] == {
        "name": "files/01-chat.png",
        "own_name": "shots/chat.png",
        "size": len(PNG),
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "record": [2],
        "stripe": OTHER_FILES[0],
        "paypal": OTHER_FILES[1],
    }
    assert manifest["links"] == [{"address": "https://x.test", "record": [2]}]
    assert manifest["not_included"] == [{"own_name": "gone.png", "reason": "is not there", "record": [2]}]
    assert [item["number"] for item in manifest["record"]] == [1, 2]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_the_sums_are_as_sha256sum_checks_them(folder: Path) -> None:
    write(packet_of(book_with(folder, "shots/chat.png")), folder / "packet")
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS], cwd=folder / "packet", capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout.count("OK")) == (0, 4)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_the_sums_prove_nothing_against_who_can_write_them_and_no_page_says_that_they_do(folder: Path) -> None:
    write(packet_of(book_with(folder, "shots/chat.png")), folder / "packet")
    forged = folder / "packet" / "files" / "01-chat.png"
    old, new = (hashlib.sha256(data).hexdigest() for data in (PNG, PNG + b"forged"))
    forged.write_bytes(PNG + b"forged")
    sums = folder / "packet" / SUMS
    sums.write_text(sums.read_text("utf-8").replace(old, new))
    assert subprocess.run(["sha256sum", "--check", SUMS], cwd=folder / "packet", capture_output=True).returncode == 0
    assert_claims_nothing(DOCS.read_text(encoding="utf-8"))
    assert "Whoever changes a file can change its sum too" in " ".join(DOCS.read_text(encoding="utf-8").split())


def test_logged_at_is_what_the_workbook_says_and_no_page_says_more(folder: Path) -> None:
    """It is a free cell: this one lies, and nothing tells."""
    book = book_with(folder, "", logged_at=datetime(2023, 10, 26, 12), notes="written much later")
    packet = packet_of(book)
    said = page_of(folder, book).text
    assert ("Logged At", "2023-10-26 12:00") in packet.items[0].details
    assert "it says of when an entry was written down" in said
    for text in (said, statement(packet), contents(folder / "packet")[MANIFEST].decode()):
        assert_claims_nothing(text)
    assert "a cell like any other" in DOCS.read_text(encoding="utf-8")


def assert_claims_nothing(text: str) -> None:
    """A page may say what is proved by nothing; in the words of a gateway, "proof" is a kind of evidence."""
    for sentence in re.split(r"(?<=[.:|])\s", " ".join(text.split())):
        claims = re.search(r"(?i)\b(prove[sn]?|proof|guarantees?|tamper\w*|authentic\w*|at the time)\b", sentence)
        assert not claims or re.search(r"(?i)\bnot\b|only to somebody|What it proves", sentence), sentence


def test_what_was_exchanged_with_the_buyer_has_its_own_field_at_stripe(folder: Path) -> None:
    rows = [{**row, "evidence": "receipt.pdf"} for row in SAMPLE.communications if row["entry"] == 1]
    book = load(filled(folder / "tracker.xlsx", SAMPLE.cases, rows, []))
    write(packet_of(book), folder / "packet")
    assert json.loads(contents(folder / "packet")[MANIFEST])["files"][0]["stripe"] == FILES_WITH_BUYER[0]


def test_an_archive_is_the_same_bytes_each_time_and_holds_what_the_folder_does(folder: Path) -> None:
    book = book_with(folder, "shots/chat.png; receipt.pdf")
    write(packet_of(book), folder / "a.zip")
    os.utime(folder / "receipt.pdf", (1, 1))
    write(packet_of(load(book.path)), folder / "b.zip")
    write(packet_of(book), folder / "packet")
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()
    with zipfile.ZipFile(folder / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(entry.create_system, entry.external_attr >> 16) for entry in archive.infolist()} == {(3, 0o100644)}
        assert {name: archive.read(name) for name in archive.namelist()} == contents(folder / "packet")


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".") and not path.name.endswith(".lock")]


def test_what_stands_there_is_left_as_it_is(folder: Path) -> None:
    packet = packet_of(book_with(folder, "receipt.pdf"))
    (folder / "a.zip").write_text("mine")
    (folder / "full").mkdir()
    (folder / "full" / "mine.txt").write_text("mine")
    for name in ("a.zip", "full"):
        with pytest.raises(UsageError, match="exists already"):
            write(packet, folder / name)
        with pytest.raises(UsageError, match="not an evidence packet"):
            write(packet, folder / name, force=True)
    assert (folder / "a.zip").read_text("utf-8") == (folder / "full" / "mine.txt").read_text("utf-8") == "mine"
    assert leftovers(folder) == []


def test_a_packet_is_replaced_only_when_told_and_only_while_nothing_was_added(folder: Path) -> None:
    packet = packet_of(book_with(folder, "receipt.pdf"))
    for name in ("packet", "packet.zip"):
        write(packet, folder / name)
        with pytest.raises(UsageError, match="--force"):
            write(packet, folder / name)
        write(packet, folder / name, force=True)
    (folder / "packet" / "files" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds more"):
        write(packet, folder / "packet", force=True)
    assert leftovers(folder) == []


def test_an_empty_folder_is_filled(folder: Path) -> None:
    (folder / "packet").mkdir()
    write(packet_of(book_with(folder, "receipt.pdf")), folder / "packet")
    assert (folder / "packet" / PAGE).exists()


@pytest.mark.parametrize("name", ["packet", "packet.zip"])
def test_a_file_that_goes_missing_meanwhile_leaves_nothing_behind(folder: Path, name: str) -> None:
    packet = packet_of(book_with(folder, "receipt.pdf"))
    (folder / "receipt.pdf").unlink()
    with pytest.raises(Exception, match="not made"):
        write(packet, folder / name)
    assert not (folder / name).exists()
    assert leftovers(folder) == []


# The page


class Reading(HTMLParser):
    """A page as a browser takes it: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(folder: Path, book: Book) -> Reading:
    write(packet_of(book), folder / "packet", force=True)
    return Reading((folder / "packet" / PAGE).read_text("utf-8"))


HOSTILE = (
    "</td><script>alert(1)</script><img src=https://x.test/a onerror=alert(1)>\"' & <style>*{display:none}</style>"
)


def test_hostile_text_is_text(folder: Path) -> None:
    link = 'https://x.test/?"><script>alert(1)</script>'
    rows = [
        {
            **SAMPLE.communications[0],
            "summary": HOSTILE,
            "agent": HOSTILE,
            "channel": HOSTILE,
            "evidence": f"{link}\njavascript://x%0aalert(1)",
        }
    ]
    case = {**SAMPLE.cases[0], "customer": HOSTILE, "item": HOSTILE, "reason": HOSTILE}
    found = page_of(folder, load(filled(folder / "tracker.xlsx", [case], rows, [])))
    assert HOSTILE in found.text
    assert not {"script", "img", "iframe", "object", "link"} & {tag for tag, _ in found.tags}
    assert [tag for tag, _ in found.tags].count("style") == 1
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert [attributes["href"] for tag, attributes in found.tags if tag == "a"] == [link]


def test_the_page_asks_the_network_for_nothing(folder: Path) -> None:
    found = page_of(folder, book_with(folder, "shots/chat.png; https://x.test"))
    policy = next(
        a["content"] or ""
        for tag, a in found.tags
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for tag, attributes in found.tags:
        assert not {"srcset", "data", "action", "background", "ping"} & set(attributes), tag
        assert (attributes.get("src") or "data:").startswith("data:")
    assert "url(" not in found.text
    assert "@import" not in found.text


def test_pictures_are_told_by_their_bytes_and_shown_on_the_page(folder: Path) -> None:
    (folder / "fake.png").write_bytes(b"<svg onload=alert(1)>")
    (folder / "photo").write_bytes(b"\xff\xd8\xff" + b"jpeg")
    found = page_of(folder, book_with(folder, "shots/chat.png; fake.png; photo"))
    sources = [str(attributes["src"])[:22] for tag, attributes in found.tags if tag == "img"]
    assert sources == ["data:image/png;base64,", "data:image/jpeg;base64"]


def test_pictures_beyond_the_limit_are_only_files(folder: Path) -> None:
    (folder / "big.png").write_bytes(PNG + bytes(PICTURES))
    found = page_of(folder, book_with(folder, "big.png; shots/chat.png"))
    assert [a["alt"] for tag, a in found.tags if tag == "img"] == ["shots/chat.png"]
    assert "files/01-big.png" in found.text


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=50, deadline=None)
@given(summary=TEXTS, agent=TEXTS)
def test_whatever_a_message_says_the_page_and_the_statement_show_it(summary: str, agent: str) -> None:
    packet = Packet(NUMBER, TODAY, (Term("Customer", agent),), (Item(1, "2023-10-26", agent, summary),), (), (), ())
    found = Reading(html_page(packet, (), lambda _: BytesIO()))
    visible = html.unescape(found.text)
    plain = re.sub("[\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\U0001fffe-\U0010ffff]", "", summary)
    if plain == summary:
        assert summary in visible
    tags = [tag for tag, _ in found.tags]
    assert tags.count("table") == 2
    assert tags.count("script") == 0
    assert statement(packet).startswith(f"Case {NUMBER}, as of 2023-11-05\n")


def test_what_hides_or_reorders_text_is_shown_as_what_it_is(folder: Path) -> None:
    found = page_of(folder, book_with(folder, "https://x.test/\u202egpj", summary="Refund\u202edenied\x80"))
    assert "Refund\u2039right-to-left override\u203adenied\u2039control character U+0080\u203a" in found.text
    assert "https://x.test/\u2039right-to-left override\u203agpj" in found.text


def test_the_statement_says_what_the_page_says(folder: Path) -> None:
    text = statement(packet_of(book_with(folder, "shots/chat.png", summary="First line.\nSecond \u202eline.")))
    assert (
        "2. 2023-10-27: Sent to Support: First line.\n   Second \u2039right-to-left override\u203aline.\n   File: "
        "files/01-chat.png\n" in text
    )


@pytest.mark.parametrize("quotes", ["", '"'])
def test_a_full_path_within_the_workbooks_folder_is_taken_as_copy_as_path_gives_it(tmp_path: Path, quotes: str) -> None:
    """On Windows such a path begins with a drive."""
    (tmp_path / "my shots").mkdir()
    (said,) = references(f"{quotes}{tmp_path / 'my shots' / 'chat.png'}{quotes}")
    with pytest.raises(NotTaken, match="is not there"):
        locate(said, tmp_path / "t.xlsx")
    (tmp_path / "my shots" / "chat.png").write_bytes(b"shot")
    assert locate(said, tmp_path / "t.xlsx") == (tmp_path / "my shots" / "chat.png").resolve()
    (outside,) = references(f"{quotes}{tmp_path.parent / 'other.png'}{quotes}")
    with pytest.raises(NotTaken, match="outside"):
        locate(outside, tmp_path / "t.xlsx")
