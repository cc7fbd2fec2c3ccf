"""Amounts, currencies and words of closed lists in whole workbooks: entered, corrected, imported, loaded, and shown in
every form.
"""

from __future__ import annotations

import ast
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np
import openpyxl
import pandas as pd
import pytest

import refundbook
from refundbook import EntryRefused, load
from tests.support.books import blank
from tests.support.command import run

pytestmark = pytest.mark.slow

TODAY = date(2024, 3, 1)
OPENED = {"opened": "2024-01-02"}


def book_at(path: Path) -> refundbook.Book:
    return load(blank(path), today=TODAY)


def typed_in(path: Path, sheet: str, cells: dict[str, Any]) -> Path:
    """The workbook with values typed into cells."""
    book = openpyxl.load_workbook(path)
    for address, value in cells.items():
        book[sheet][address] = value
    book.save(path)
    return path


# Entered


@pytest.mark.parametrize(
    ("amount", "figure", "currency"),
    [
        ("49,90", "49.90", None),
        ("$20", "20", None),
        ("20 usd", "20", "USD"),
        ("1.234,56 €", "1234.56", "EUR"),
        ("€49", "49", "EUR"),
        ("1\u202f234,56", "1234.56", None),
    ],
)
def test_an_amount_is_entered_with_the_currency_that_stands_beside_it(
    tmp_path: Path, amount: str, figure: str, currency: str | None
) -> None:
    book = book_at(tmp_path / "t.xlsx")
    entry = book.append_case("GTB-000001", amount=amount, **OPENED)
    assert (entry.values["amount"], entry.values["currency"]) == (Decimal(figure), currency)
    assert [finding.code for finding in entry.warnings] == (["RB162"] if amount == "$20" else [])
    assert all("USD, CAD, AUD" in finding.message for finding in entry.warnings)


def test_what_is_said_of_a_sign_does_not_depend_on_how_the_workbook_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for cache in ("off", str(tmp_path / "cache")):
        monkeypatch.setenv("REFUNDBOOK_CACHE", cache)
        path = blank(tmp_path / f"{Path(cache).name}.xlsx")
        run(
            "append", "case", "GTB-000001", "--opened", "2024-01-02", "--currency", "CAD", book=path, today="2024-03-01"
        )
        refund = (
            "append",
            "resolution",
            "GTB-000001",
            "--status",
            "Full Refund",
            "--date",
            "2024-01-05",
            "--method",
            "Card",
        )
        told = [
            run(*refund, "--amount", amount, book=path, today="2024-03-01") for amount in ("$1.234", "€5 $", "CA$20")
        ]
        told.append(
            run(
                "append",
                "case",
                "GTB-000002",
                "--opened",
                "2024-01-02",
                "--amount",
                "$20",
                book=path,
                today="2024-03-01",
            )
        )
        said.append([(ran.code, ran.out, ran.err) for ran in told])
    assert said[0] == said[1]
    assert [code for code, _, _ in said[0]] == [1, 1, 0, 0]


def test_a_refund_without_a_currency_is_in_its_cases(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    book.append_case("GTB-000001", currency="JPY", amount=5000, **OPENED)
    refund: dict[str, Any] = {"status": "Full Refund", "date": "2024-01-05", "method": "Card"}
    with pytest.raises(EntryRefused, match=r"can mean 12345 or 12\.345, and an amount in JPY has no decimals"):
        book.append_resolution("GTB-000001", amount="12.345", **refund)
    with pytest.raises(EntryRefused, match="1 decimal, and an amount in JPY has no decimals"):
        book.append_resolution("GTB-000001", amount=49.9, **refund)
    entry = book.append_resolution("GTB-000001", amount="¥5000", **refund)
    assert (entry.values["amount"], entry.values["currency"], entry.warnings) == (Decimal(5000), "JPY", ())


def test_a_correction_is_held_to_the_currency_too(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    book.append_case("GTB-000001", currency="USD", amount="49.90", **OPENED)
    with pytest.raises(EntryRefused, match=r"can mean 1234\.00 or 1\.234"):
        book.amend("GTB-000001", "amount", "1.234")
    with pytest.raises(EntryRefused, match="Currency says USD"):
        book.amend("GTB-000001", "amount", "€5")
    with pytest.raises(EntryRefused, match="Correct the amount first"):
        book.amend("GTB-000001", "currency", "JPY")
    assert book.amend("GTB-000001", "amount", "$1.234,50").values["amount"] == Decimal("1234.50")
    book.amend("GTB-000001", "currency", None)
    with pytest.raises(EntryRefused, match="fill in Currency first"):
        book.amend("GTB-000001", "amount", "€5")


def test_full_width_letters_and_blanks_are_read_as_what_they_mean(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    entry = book.append_case("GTB-000001", currency="\uff35\uff33\uff24\u00a0", amount="\uff14\uff19", **OPENED)
    assert (entry.values["currency"], entry.values["amount"]) == ("USD", Decimal(49))
    entry = book.append_communication("GTB-000001", date="2024-01-03", with_="Support\u00a0\u200b", summary="x", direction="\uff33ent")  # type: ignore[arg-type]  # fmt: skip
    assert (entry.values["with_"], entry.values["direction"]) == ("Support", "Sent")


def test_files_are_read_as_the_shell_is(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    amounts: list[object] = ["1.234", 1.234]
    rows = [
        {"pillar": "case", "Case Number": f"GTB-00000{k}", "Date Opened": "2024-01-02", "Amount Requested": amount, "Currency": "EUR"}
        for k, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ran = run("append", "--from", data, book=path)
    assert ran.code == 1
    assert "can mean 1234.00 or 1.234" in ran.err
    assert "has 3 decimals, and an amount in EUR has at most 2 decimals" in ran.err


def test_an_inbox_keeps_an_amount_as_it_was_read(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    (path.parent / "~$t.xlsx").write_bytes(b"\x03ana".ljust(165, b"\0"))
    assert "inbox" in run("append", "case", "GTB-000001", "--opened", "2024-01-02", "--amount", "1.234 kwd", book=path, today="2024-03-01").err  # fmt: skip
    (path.parent / "~$t.xlsx").unlink()
    run("inbox", "enter", book=path, today="2024-03-01")
    run("append", "case", "GTB-000002", "--opened", "2024-01-02", book=path, today="2024-03-01")
    case = load(path, today=TODAY).cases.loc["GTB-000001"]
    assert (case["Amount Requested"], case["Currency"]) == (Decimal("1.234"), "KWD")


def test_an_import_reads_the_currency_beside_an_amount(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    (tmp_path / "map.toml").write_text('[columns]\nA = "case.number"\nB = "case.opened"\nC = "case.amount"\n', encoding="utf-8")  # fmt: skip
    (tmp_path / "old.csv").write_text('A,B,C\nGTB-000001,2024-01-02,"1.234,50 €"\nGTB-000002,2024-01-02,$20\n', encoding="utf-8")  # fmt: skip
    assert run("import", tmp_path / "old.csv", "--map", tmp_path / "map.toml", book=path, today="2024-03-01").code == 0
    cases = load(path, today=TODAY).cases
    assert cases["Amount Requested"].tolist() == [Decimal("1234.5"), Decimal(20)]
    assert cases["Currency"].fillna("").tolist() == ["EUR", ""]
    (tmp_path / "old.csv").write_text('A,B,C\nGTB-000003,2024-01-02,"1,234"\n', encoding="utf-8")
    refused = run("import", tmp_path / "old.csv", "--map", tmp_path / "map.toml", book=path, today="2024-03-01")
    assert (refused.code, "can mean 1234.00 or 1.234" in refused.err) == (1, True)


# In cells


def test_what_stands_in_cells_is_named_in_words(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    with load(path, today=TODAY) as book:
        book.append_case("GTB-000001", currency="EUR", amount="49.90", **OPENED)
        book.append_communication("GTB-000001", date="2024-01-03", with_="Support", summary="x")
        book.append_resolution("GTB-000001", status="Pending")
    typed_in(path, "Cases", {"J2": "1\u202f234,56\u00a0€", "K2": "\uff25\uff35\uff32"})
    typed_in(path, "Communications", {"D2": "Support\u00a0"})
    typed_in(path, "Resolutions", {"B2": "\u200bPending"})
    report = load(path, strict=False, today=TODAY).check()
    said = {f"{f.code} {f.sheet}!{f.cell}": f"{f.message} {f.hint}" for f in report.findings}
    assert said["RB103 Cases!J2"] == 'Amount Requested "1‹narrow no-break space›234,56‹no-break space›€" is not a number. It reads as 1234.56: type that as a number.'  # fmt: skip
    assert said["RB162 Cases!K2"] == 'Currency "ＥＵＲ" is read as EUR, and formulas do not read it so. Type EUR.'
    assert said["RB105 Communications!D2"].startswith('With "Support‹no-break space›" is not one of the accepted values. Did you mean Support?')  # fmt: skip
    assert said["RB105 Resolutions!B2"].startswith('Status "‹zero width space›Pending" is not one of the accepted values. Did you mean Pending?')  # fmt: skip


def test_a_workbook_that_an_older_version_wrote_with_too_many_decimals_loads_and_is_appended_to(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    with load(path, today=TODAY) as book:
        book.append_case("GTB-000001", currency="EUR", amount="49.90", **OPENED)
    typed_in(path, "Cases", {"J2": 1.234})
    with load(path, today=TODAY) as book:
        assert [(f.code, f.cell) for f in book.check().warnings if f.code == "RB161"] == [("RB161", "J2")]
        book.append_case("GTB-000002", **OPENED)


def test_no_sentence_of_ours_shows_what_people_typed_as_a_program_would() -> None:
    """`{value!r}` writes `'Support\\xa0'`. Only what programmers see, a repr or a bug, may have it."""
    package = Path(refundbook.__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {
            inner
            for node in ast.walk(tree)
            if (isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "__getattr__"))
            or (isinstance(node, ast.Raise) and ast.unparse(node).startswith(("raise TypeError", "raise ValueError")))
            for inner in ast.walk(node)
        }
        found += [
            f"{path.relative_to(package)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.FormattedValue) and node.conversion in (ord("r"), ord("a")) and node not in own
        ]
    assert found == []


# Shown


def test_one_amount_is_shown_alike_everywhere(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    with load(path, today=TODAY) as book:
        for number, amount, currency in (("GTB-000001", "1499,9", "USD"), ("GTB-000002", "1000.00", "JPY"), ("GTB-000003", "2", "KWD")):  # fmt: skip
            book.append_case(number, amount=amount, currency=currency, **OPENED)
            book.append_resolution(number, status="Full Refund", date="2024-01-05", amount=amount, method="Card")
    for number, shown, never in (
        ("GTB-000001", "1499.90", ("1499.9 ", "1,499", "1499.9\n")),
        ("GTB-000002", "1000", ("1000.0", "1,000")),
        ("GTB-000003", "2.000", ("2.00 ", "2 KWD")),
    ):
        file = load(path, today=TODAY).case_file(number)
        packet = tmp_path / number
        assert run("evidence", number, "-o", packet, book=path, today="2024-03-01").code == 0
        pages = [
            *(
                run("show", number, "--format", form, book=path, today="2024-03-01").out
                for form in ("text", "markdown")
            ),
            file._repr_html_(),
            *(page.read_text(encoding="utf-8") for page in packet.rglob("*") if page.suffix in (".html", ".txt")),
            run("find", shown, book=path, today="2024-03-01").out,
        ]
        for page in pages:
            assert shown in page
            assert not any(wrong in page for wrong in never), page
    for args in (
        ["list"],
        ["list", "--format", "csv"],
        ["insights"],
        ["insights", "--format", "csv"],
    ):
        ran = run(*args, book=path, today="2024-03-01")
        for shown in ("1499.90", "1000", "2.000"):
            assert (ran.code, shown in ran.out) == (0, True), ran.out


# Out of DataFrames


@pytest.mark.parametrize("kind", ["D", "h", "m", "s", "ms", "us", "ns"])
def test_a_date_of_numpy_is_taken_whatever_its_unit(tmp_path: Path, kind: str) -> None:
    book = book_at(tmp_path / "t.xlsx")
    value: Any = np.datetime64("2024-01-02", kind)  # type: ignore[call-overload]
    assert book.append_case("GTB-000001", opened=value).values["opened"] == date(2024, 1, 2)


def test_a_period_of_pandas_is_the_date_that_it_says(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    entry = book.append_case("GTB-000001", opened=pd.Period("2024-01-02"), respond_by=pd.Period("2024-02-01 12:00", "h"))  # type: ignore[arg-type]  # fmt: skip
    assert (entry.values["opened"], entry.values["respond_by"]) == (date(2024, 1, 2), datetime(2024, 2, 1, 12))


def test_a_month_of_numpy_or_pandas_is_no_whole_date(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    for value in (np.datetime64("2024"), np.datetime64("2024-01"), pd.Period("2024"), pd.Period("2024-01")):
        with pytest.raises(EntryRefused, match="is not a whole date"):
            book.append_case("GTB-000001", opened=value)  # type: ignore[arg-type]


def test_scalars_out_of_a_frame_are_taken_everywhere(tmp_path: Path) -> None:
    book = book_at(tmp_path / "t.xlsx")
    frame = pd.DataFrame(
        {
            "Case Number": [np.str_("GTB-000001"), "GTB-000002"],
            "Date Opened": np.array(["2024-01-02", "2024-01-03"], "datetime64[ns]"),
            "Amount Requested": np.array([49.9, np.nan], "float64"),
            "Currency": pd.array(["USD", pd.NA], "string"),
            "Respond By": [pd.Timestamp("2024-02-01 12:30"), pd.NaT],
            "Order Number": np.array([7, 8], "int64"),
        }
    )
    one, two = book.append_many([("case", cast("dict[str, object]", row)) for row in frame.to_dict("records")])
    assert (one.values["number"], one.values["opened"], one.values["amount"], one.values["order"]) == ("GTB-000001", date(2024, 1, 2), Decimal("49.9"), "7")  # fmt: skip
    assert type(one.values["number"]) is str
    assert book.append_case("GTB-000003", amount=np.float32(49.9), **OPENED).values["amount"] == Decimal("49.9")  # type: ignore[arg-type]
    assert one.values["respond_by"] == datetime(2024, 2, 1, 12, 30)
    assert (two.values["amount"], two.values["currency"], two.values["respond_by"]) == (None, None, None)
    many = book.append_many(
        [("case", {**dict(row), "Case Number": f"GTB-1{k}"}) for k, (_, row) in enumerate(frame.iterrows())]
    )
    assert [entry.values["amount"] for entry in many] == [Decimal("49.9"), None]
    entry = book.append_communication(np.str_("GTB-000001"), date=np.datetime64("2024-01-03T10:30"), with_=np.str_("Support"), summary=np.str_("x"), promise="y", due=np.datetime64("2024-01-05"))  # type: ignore[arg-type]  # fmt: skip
    assert (entry.values["date"], entry.values["due"]) == (datetime(2024, 1, 3, 10, 30), date(2024, 1, 5))
    number: Any = np.int64(str(entry.values["entry"]))
    assert book.amend(number, "summary", np.str_("z")).values["summary"] == "z"
    assert book.keep(number, np.datetime64("2024-01-04")).values["kept_on"] == date(2024, 1, 4)
    assert book.amend(number, "kept_on", np.datetime64("NaT")).values["kept_on"] is None
    book.save()
    assert load(book.path, today=TODAY).cases.loc["GTB-000001", "Amount Requested"] == Decimal("49.9")


@pytest.mark.parametrize("value", [np.bool_(True), np.array([1, 2]), np.timedelta64(1, "D"), np.complex128(1), np.bytes_(b"5"), np.array("x", dtype=object)])  # fmt: skip
def test_a_scalar_that_is_no_amount_is_refused_in_words(tmp_path: Path, value: object) -> None:
    with pytest.raises(EntryRefused, match="is not an amount"):
        book_at(tmp_path / "t.xlsx").append_case("GTB-000001", amount=value, **OPENED)  # type: ignore[arg-type]
