"""Case numbers that were typed or pasted with characters that look like others: one way to write them, at entry and at
every save of a whole workbook.
"""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import InvalidWorkbook
from refundbook.base.identifiers import are_normal, canonical, normal, unusual_in
from refundbook.base.schema import SHEETS
from refundbook.base.settings import Issuer
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.warm import readings
from tests.support.zips import Parcel

pytestmark = pytest.mark.slow

ISSUERS = (Issuer("GTBuy", ("GTB-######",)), Issuer("Stripe", ("dp_*", "pi_*"), case_sensitive=True))
SPELLINGS = {
    "GTB\u2013789012": "the dash \u2013",
    "GTB\u2012789012": "the dash \u2012",
    "GTB\u2212789012": "the dash \u2212",
    "GTB-789012\u00a0": "a no-break space",
    "GTB-789012\u2009": "an unusual blank",
    " GTB-789012": "a blank too many",
    "GTB-\u200b789012": "an invisible character",
    "\ufeffGTB-789012": "an invisible character",
    "GTB-789\u00ad012": "an invisible character",
    "\uff27\uff34\uff22-\uff17\uff18\uff19012": "full-width characters",
    "gtb\uff0d789012": "the dash \uff0d",
}
"""One number in the ways that people's programs write it, and what is said of each."""

numbers = st.text("GTBgtb\u0412-0129 \u00a0\u2013\u2212\u200b\u200d\uff27\uff11\u0301e\ufb01\u3000_\ufe0f\t\u0130", max_size=12)  # fmt: skip


@pytest.mark.parametrize(("number", "what"), SPELLINGS.items())
def test_each_way_to_write_a_number_has_the_same_normal_form_and_a_name(number: str, what: str) -> None:
    assert normal(number) == ("gtb-789012" if number.startswith("g") else "GTB-789012")
    assert unusual_in(number) == [what]


@given(number=numbers)
def test_the_normal_form_is_its_own_and_keeps_what_numbers_are_compared_by(number: str) -> None:
    form = normal(number)
    assert normal(form) == form
    assert canonical(form, ISSUERS) == canonical(number, ISSUERS)
    assert bool(unusual_in(number)) == (form != number)
    assert not are_normal([number]) or form == number


@given(number=st.text("GTBgtb\u0412\u041eOoIl1-0129_", max_size=12))
def test_letters_stay_as_they_are(number: str) -> None:
    assert normal(number) == number


def typed(path: Path, **cells: str) -> Path:
    """The sample with cells typed over, such as `Cases_A2`."""
    sample_at(path)
    book = openpyxl.load_workbook(path)
    for address, text in cells.items():
        sheet, _, cell = address.partition("_")
        book[sheet][cell] = text
    book.save(path)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return typed(
        tmp_path / "b.xlsx",
        Cases_A3="GTB\u2013789045",
        Cases_F2="GTB-789045\u00a0",
        Communications_B2="\uff27\uff34\uff22-789012",
        Resolutions_A2="GTB-\u200b789012",
    )


def test_a_load_warns_and_names_the_cells(book: Path) -> None:
    found = [finding for finding in load(book).check() if finding.code == "RB166"]
    assert [(f.where, f.value) for f in found] == [
        ("Cases!F2", "GTB-789045"),
        ("Cases!A3", "GTB-789045"),
        ("Communications!B2", "GTB-789012"),
        ("Resolutions!A2", "GTB-789012"),
    ]
    assert "\\x" not in run("check", book=book).out


def test_a_save_writes_them_plainly_and_says_which(book: Path) -> None:
    before = openpyxl.load_workbook(book)
    ran = run("append", "case", "GTB-000001", "--opened", "2023-11-01", book=book)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        'refundbook: Mended Cases!A3: Case Number "GTB-789045" was written with the dash \u2013, '
        "and is written plainly now.",
        'refundbook: Mended Cases!F2: Related Case "GTB-789045" was written with a no-break space, '
        "and is written plainly now.",
        'refundbook: Mended Communications!B2: Case Number "GTB-789012" was written with full-width characters, '
        "and is written plainly now.",
        'refundbook: Mended Resolutions!A2: Case Number "GTB-789012" was written with an invisible character, '
        "and is written plainly now.",
    ]
    after = openpyxl.load_workbook(book)
    changed = {
        f"{sheet.name}!{cell.coordinate}": cell.value
        for sheet in SHEETS
        for row in before[sheet.name].iter_rows()
        for old in row
        if (cell := after[sheet.name][old.coordinate]).value != old.value
    }
    assert changed == {
        "Cases!A3": "GTB-789045",
        "Cases!F2": "GTB-789045",
        "Communications!B2": "GTB-789012",
        "Resolutions!A2": "GTB-789012",
    }
    for sheet, cell in (where.split("!") for where in changed):
        assert after[sheet][cell].number_format == before[sheet][cell].number_format
        assert after[sheet][cell].style_id == before[sheet][cell].style_id
    assert not [finding for finding in load(book).check() if finding.code == "RB166"]


def test_after_one_save_there_is_nothing_left_to_look_for(book: Path) -> None:
    assert run("append", "case", "GTB-000001", "--opened", "2023-11-01", book=book).code == 0
    with readings() as seen:
        assert run("append", "case", "GTB-000002", "--opened", "2023-11-01", book=book).err == ""
    assert seen.count == 0


def test_an_entry_stores_the_plain_number(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "b.xlsx")
    assert run("append", "case", "GTB\u2013000001", "--opened", "2023-11-01", "--related", "GTB-789012\u00a0", book=book).code == 0  # fmt: skip
    assert run("append", "case", "Gtb\u00a0\u00a05", "--opened", "2023-11-01", book=book).code == 0
    with load(book) as opened:
        opened.append_resolution("\uff27\uff34\uff22-000001", status="Pending")
        opened.amend("GTB-789045", "Related Case", "GTB\u2212000001")
    read = load(book).records
    assert read.cases["number"][-2:] == ["GTB-000001", "Gtb 5"]
    assert read.cases["related"] == [None, "GTB-000001", "GTB-789012", None]
    assert read.resolutions["number"][-1] == "GTB-000001"


def test_a_formula_is_left_alone(tmp_path: Path) -> None:
    path = typed(tmp_path / "b.xlsx", Communications_B2='="GTB"&"x"')
    parcel = Parcel(path)
    (part,) = (name for name, xml in parcel.parts.items() if b'GTB"&amp;' in xml and name.startswith("xl/worksheets/"))
    parcel.rewrite(
        part, lambda xml: re.sub(r'<c r="B2"(.*?</f>)<v ?/?>(</v>)?', '<c r="B2" t="str"\\1<v>GTB\u2013789012</v>', xml)
    )
    parcel.save(path)
    (found,) = (finding for finding in load(path).check() if finding.code == "RB166")
    assert "Let the formula give the number plainly" in found.hint
    with load(path) as opened:
        opened.append_case("GTB-000001", opened="2023-11-01")
    assert opened.mended == ()
    assert openpyxl.load_workbook(path)["Communications"]["B2"].value == '="GTB"&"x"'


def test_what_would_become_one_number_is_refused_first(tmp_path: Path) -> None:
    path = typed(tmp_path / "b.xlsx", Cases_A2="dp_1Ab", Cases_A3="dp_1Ab\u00a0")
    before = path.read_bytes()
    with pytest.raises(InvalidWorkbook, match="RB201"):
        load(path)
    assert run("append", "case", "GTB-000001", "--opened", "2023-11-01", "--no-inbox", book=path).code == 1
    assert path.read_bytes() == before


def test_a_save_that_fails_leaves_the_records_as_they_were(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = load(book)
    opened.append_case("GTB-000001", opened="2023-11-01")
    numbers = list(opened.records.cases["number"])
    said = opened.to_mend
    monkeypatch.setattr("refundbook.storage.workbook_file.WorkbookFile.replace", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        opened.save()
    assert (opened.records.cases["number"], opened.to_mend, opened.mended) == (numbers, said, ())
    monkeypatch.undo()
    opened.save()
    assert opened.mended == said
    assert load(book).records.cases["number"] == ["GTB-789012", "GTB-789045", "GTB-000001"]
