"""The evidence page in a browser: hostile text is text, nothing is fetched, it fits a phone and prints."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import refundbook
from refundbook.evidence.packet import gather
from refundbook.evidence.write import write
from tests.support.browser import printed, requests_of, text_of, width_of

pytestmark = pytest.mark.chromium
HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png">'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    book = refundbook.create(tmp_path / "tracker.xlsx", today=date(2023, 11, 3), user="Mia")
    book.append_case(
        "GTB-789012", opened="2023-10-26", reason="Non-delivery", amount="49.90", currency="USD", item="x" * 200
    )
    book.append_communication(
        "GTB-789012", date="2023-10-27", with_="Support", summary=HOSTILE, evidence="http://evil.example/chat.png"
    )
    book.save()
    write(gather(book.records, "GTB-789012", book.path), tmp_path / "packet")
    return tmp_path / "packet" / "evidence.html"


@pytest.mark.parametrize("screen", [390, 1200])
def test_it_fits_a_phone_without_scrolling_sideways(page: Path, screen: int) -> None:
    assert width_of(page, screen) <= screen


def test_it_shows_hostile_text_as_text_and_asks_the_network_for_nothing(page: Path) -> None:
    assert HOSTILE in text_of(page)
    assert requests_of(page) == set()


def test_it_prints(page: Path, tmp_path: Path) -> None:
    assert printed(page, tmp_path / "evidence.pdf").startswith(b"%PDF")
