"""The example shop: 200 sound cases, the same ones on every computer, with something in them to find."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from refundbook.base.findings import Severity
from refundbook.base.values import to_text
from tests.support.shop import EXAMPLES, maker, shop

pytestmark = pytest.mark.slow


def digest(entries: Any) -> str:
    plain = [(pillar, {name: to_text(value) for name, value in fields.items()}) for pillar, fields in entries]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def test_the_shop_has_200_cases_and_no_errors() -> None:
    assert len(shop().cases) == 200
    assert not [finding for finding in shop().check() if finding.severity is Severity.ERROR]


def test_the_shop_is_the_same_on_every_computer() -> None:
    """Where this changes, the figures in refund_review.ipynb do, too: run it again, and correct its text."""
    assert digest(maker().entries()) == "1be4335945b02a1bfb2b001c18089e61222c783be67a04ca87e86996481dcae1"


def test_another_seed_gives_another_shop_that_is_as_sound(tmp_path: Path) -> None:
    import refundbook

    entries = maker().entries(seed=7)
    assert digest(entries) != digest(maker().entries())
    with refundbook.create(tmp_path / "other.xlsx", today=maker().TODAY, user="ana") as book:
        book.append_many(entries)
    assert not book.check().errors


def test_nothing_happens_after_the_day_on_which_the_shop_looks_back() -> None:
    today = maker().TODAY
    for _, fields in maker().entries():
        for name, value in fields.items():
            if isinstance(value, date) and name not in ("due", "respond_by"):
                moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
                assert moment <= today, (name, value)


def test_people_and_support_rest_at_weekends() -> None:
    days = [fields["date"] for pillar, fields in maker().entries() if pillar == "communication"]
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}


def test_there_is_something_of_everything_to_look_at() -> None:
    frame = shop().insights.cases
    assert {"Refunded", "Denied", "Other", "Open"} == set(frame["standing"])
    assert {"USD", "EUR", "CNY"} == set(frame["currency"])
    assert frame["reason"].value_counts().min() < 5 < 40 < frame["reason"].value_counts().max()
    assert (shop().resolutions["Status"] == "Reopened").any()
    assert shop().communications["Evidence"].notna().any()
    assert set(shop().cases["Logged By"]) == {"ana", "ben"}


def test_the_script_makes_a_workbook_and_overwrites_none(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / "make_shop.py"), "mine.xlsx"]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert "200 cases." in done.stdout
    before = (tmp_path / "mine.xlsx").read_bytes()
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert again.returncode != 0
    assert (tmp_path / "mine.xlsx").read_bytes() == before


@pytest.mark.parametrize("month", range(13))
def test_the_rush_is_in_november_and_december(month: int) -> None:
    counts = shop().insights.outcomes("month").column("Cases")
    assert counts[month] == maker().OPENED_IN_MONTH[month]
    assert sorted(range(13), key=lambda m: -int(str(counts[m])))[:2] == [10, 11]
