"""Writes docs/library.md from the signatures and docstrings of what `refundbook` offers: `python docs/make_library.py`. A test fails when
the page is stale, and runs every example.
"""

from __future__ import annotations

import argparse
import inspect
import re
from pathlib import Path
from typing import Any

import refundbook

PAGE = Path(__file__).with_name("library.md")

INTRODUCTION = """\
# The library

<!-- Made by docs/make_library.py from signatures and docstrings. Change them, or the examples there; not this page. -->

`import refundbook` gives the names on this page; nothing slow is imported before it is used. The examples follow each other, from an empty folder on, and are run by the tests.

**Stable**: the names on this page, their parameters, the columns and dtypes of their DataFrames, error classes with what they carry ([errors](errors.md)), exit codes, the codes of [rules](rules.md), and the
[schema of an export](export.md). What is added can be left out. **Not stable**: what `Book.records` and `Book.settings` hold, texts of messages, the pages that `_repr_html_` makes, and every
module below `refundbook`, such as `refundbook.book`: import from `refundbook` itself.

**DataFrames**: identifiers and texts are `string` (`007` is not 7), dates and moments `datetime64[s]`, entry numbers `Int64`, closed lists `category`, and amounts Decimal objects in a Book's frames, Arrow's
`decimal128(19, 4)` in those of `Books` (Decimal objects where there is no pyarrow); `frame(…, amounts=…)` and `load_all(…, amounts=…)` say otherwise. Your own columns come last. A column that stands
beside the Table, and not in it, is in no frame: drag the Table's corner over it.

**Typed**: the appends know their parameters and the words of closed lists, so that mypy and pyright find `ammount="3"`. What goes into a column of your own is written `book.append("case", {"number": …, "Seller": …})` there.
"""

EXAMPLES = {
    "create": """
        with refundbook.create("cases.xlsx", today="2023-11-05") as book:
            book.append_case("GTB-789012", opened="2023-10-26", amount="49.90", currency="USD")""",
    "load": """
        book = refundbook.load("cases.xlsx", today="2023-11-05")
        assert list(book.cases.index) == ["GTB-789012"]
        from pathlib import Path
        in_memory = refundbook.load(Path("cases.xlsx").read_bytes())""",
    "edit": """
        with refundbook.edit("cases.xlsx", today="2023-11-05") as locked:
            locked.append_case("GTB-789045", opened="2023-10-28", reason="Defective")
        book = refundbook.load("cases.xlsx", today="2023-11-05")""",
    "load_all": """
        books = refundbook.load_all("*.xlsx", today="2023-11-05")
        assert list(books.books) == ["cases.xlsx"]""",
    "Book.path": """assert book.path.name == "cases.xlsx\"""",
    "Book.records": """assert len(book.records.cases) == 2""",
    "Book.settings": """assert book.settings.response_target == 48""",
    "Book.check": """assert not book.check().errors""",
    "Book.append_case": """book.append_case("PP-R-ABC-1", opened="2023-11-01", amount="20 usd", order="0042")""",
    "Book.append_communication": """
        entry = book.append_communication("GTB-789012", date="2023-10-28", with_="Support", agent="Maya",
                                          summary="They ask for 48 hours.", promise="Investigate", due="48 hrs")
        assert entry.values["entry"] == 1""",
    "Book.append_resolution": """book.append_resolution("GTB-789012", status="Full Refund", date="2023-10-30", amount="49.90", currency="USD", method="Card")""",
    "Book.append": """book.append("case", {"Case Number": "GTB-789046", "Date Opened": "2023-11-02"})""",
    "Book.append_many": """
        book.append_many([("communication", {"number": "GTB-789046", "date": "2023-11-03", "with": "Buyer", "summary": "Photos."})])
        book.append_many([{"number": "GTB-789046", "status": "Pending"}], "resolution")""",
    "Book.append_frame": """
        import pandas as pd
        book.append_frame(pd.DataFrame({"Case Number": ["GTB-789047"], "Date Opened": ["2023-11-04"]}), "case")""",
    "Book.add_columns": """
        book.add_columns("case", {"Seller": "text"})
        book.append("case", {"number": "GTB-789048", "opened": "2023-11-04", "Seller": "Shop Nine"})""",
    "Book.amend": """book.amend("GTB-789045", "Item", "Blue shoes, size 42")""",
    "Book.amend_many": """book.amend_many(1, {"Channel": "Chat", "Agent": "Maya"})""",
    "Book.own_columns": """assert [column.header for column in book.own_columns(refundbook_sheet("case"))] == ["Seller"]""",
    "Book.save": """
        book.save()
        refundbook.load("cases.xlsx").save(to="copy.xlsx")""",
    "Book.places": """assert book.places("GTB-789045", ["Item"]) == ["Cases!H3"]""",
    "Book.number_meant": """assert book.number_meant("789045") == "GTB-789045\"""",
    "Book.last_agent": """assert book.last_agent("GTB-789012") == "Maya\"""",
    "Book.key_of": """assert book.key_of("gtb–789012") == book.key_of("GTB-789012")""",
    "Book.rename": """
        book.rename("GTB-789048", "GTB-789049")
        book.save()""",
    "Book.undoable": """
        with refundbook.edit("cases.xlsx", today="2023-11-05", command="append") as locked:
            locked.append_case("GTB-999999", opened="2023-11-05")
        with refundbook.edit("cases.xlsx", today="2023-11-05") as locked:
            locked.undoable()""",
    "Book.undo": """
        with refundbook.edit("cases.xlsx", today="2023-11-05") as locked:
            locked.undo()
        book = refundbook.load("cases.xlsx", today="2023-11-05")
        assert "GTB-999999" not in book.cases.index""",
    "Book.refuse_invalid": """book.refuse_invalid()""",
    "Book.mended": """assert book.mended == ()""",
    "Book.notices": """assert book.notices() == ()""",
    "Book.to_mend": """assert book.to_mend == ()""",
    "Book.cases": """assert float(book.cases["Amount Requested"].dropna().sum()) == 69.9""",
    "Book.communications": """assert book.communications["Entry"].max() == 2""",
    "Book.resolutions": """assert list(book.resolutions["Status"]) == ["Full Refund", "Pending"]""",
    "Book.tracker": """assert book.tracker.index.name == "GTBuy Case #\"""",
    "Book.frame": """assert book.frame("cases", amounts="float")["Amount Requested"].dtype == "float64\"""",
    "Book.joined": """assert "Currency (Cases)" in book.joined().columns""",
    "Book.export": """assert book.export("tables.csv").rows["communications"] == 2""",
    "Book.case_file": """assert book.case_file("GTB-789012").number == "GTB-789012\"""",
    "Book.due": """assert len(book.due("30 days").to_frame()) == len(book.due("30 days"))""",
    "Book.keep": """
        promised = book.append_communication("GTB-789045", date="2023-11-03", with_="Support", summary="A label.", promise="Send it", due="1 week")
        book.keep(promised.values["entry"], "2023-11-04")""",
    "Book.answered": """
        book.amend("PP-R-ABC-1", "Respond By", "2023-11-10")
        book.answered("PP-R-ABC-1", "2023-11-04")
        book.save()""",
    "Book.history": """assert {"at", "by", "column"} <= set(book.history.to_frame().columns)""",
    "Book.insights": """assert book.insights.outcomes("reason").to_frame()["Cases"].sum() == len(book.cases)""",
    "Books.books": """
        books = refundbook.load_all(["cases.xlsx", "copy.xlsx"], today="2023-11-05")
        assert books.books["copy.xlsx"].path.name == "copy.xlsx\"""",
    "Books.failed": """
        Path("broken.xlsx").write_text("no workbook")
        assert isinstance(refundbook.load_all("*.xlsx").failed["broken.xlsx"], refundbook.UnreadableWorkbook)""",
    "Books.passed_over": """assert books.passed_over == ()""",
    "Books.cases": """assert books.cases.index.names == ["Book", "Case Number"]""",
    "Books.communications": """assert books.communications.loc["cases.xlsx", "Summary"].notna().all()""",
    "Books.resolutions": """assert set(books.resolutions.index.get_level_values("Book")) == {"cases.xlsx", "copy.xlsx"}""",
    "Books.tracker": """assert books.tracker.index.names == ["Book", "GTBuy Case #"]""",
    "Books.frame": """assert books.frame("cases", amounts="float")["Amount Requested"].sum() > 100""",
    "Books.joined": """assert books.joined().columns.is_unique""",
    "Books.check": """assert {finding.code for finding in books.check().findings} >= {"RB451"}""",
    "Books.due": """assert all(deadline.book for deadline in books.due())""",
    "Books.history": """
        assert books.history["cases.xlsx"].head == book.history.head
        assert books.history.verify() == {}
        assert books.history.to_frame().columns[0] == "Book\"""",
    "Books.insights": """assert [row[0] for row in books.insights.outcomes("book").rows] == ["cases.xlsx", "copy.xlsx"]""",
    "Books.export": """assert books.export("shops.csv").books == ("cases.xlsx", "copy.xlsx")""",
    "Books.duplicates": """assert "gtb-789012" in set(books.duplicates()["Compared As"])""",
    "Report": """
        report = book.check()
        assert report.summary().endswith("warnings.") or report.summary().endswith("warning.")
        assert list(report.to_frame().columns) == list(refundbook.Finding._fields)""",
    "Reports": """
        reports = books.check()
        assert reports["copy.xlsx"].findings and reports.exit_code == 0
        assert reports.to_frame().columns[0] == "Book\"""",
    "Finding": """
        finding = next(finding for finding in books.check()["copy.xlsx"] if finding.code == "RB451")
        assert (finding.where, finding.column) == ("Cases!A2", "Case Number")""",
    "Severity": """assert finding.severity is refundbook.Severity.WARNING""",
    "Entry": """
        entry = book.append_case("GTB-789050", opened="2023-11-05")
        assert (entry.sheet, entry.values["issuer"]) == ("Cases", "GTBuy")""",
    "RefundbookError": """
        try:
            book.append_case("gtb-789012", opened="2023-11-05")
        except refundbook.EntryRefused as error:
            assert [finding.code for finding in error.findings] == ["RB201"]
            assert error.exit_code == 1""",
    "__version__": """assert refundbook.__version__.count(".") >= 2""",
}  # fmt: skip
"""One for each name, run one after another."""

_FUNCTIONS = ("load", "create", "edit", "load_all")
_CLASSES = ("Book", "Books", "Report", "Reports", "Finding", "Severity", "Entry")
_HELD = {"Books": ("books", "failed", "passed_over")}
"""Attributes that have no docstring of their own: the class's says what they are."""


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, "## Functions\n", *(_function(name, getattr(refundbook, name)) for name in _FUNCTIONS)]
    return "\n".join([*parts, *map(_class, _CLASSES), _errors(), _version()])


def members(name: str) -> list[str]:
    """The public members of a class that the page tells one by one: of Book and Books."""
    if name not in ("Book", "Books"):
        return []
    own = [member for member in vars(getattr(refundbook, name)) if not member.startswith("_")]
    return [*_HELD.get(name, ()), *own]


def names() -> list[str]:
    """All that must have an example."""
    listed = [f"{name}.{member}" for name in _CLASSES for member in members(name)]
    return [*_FUNCTIONS, *listed, *(name for name in _CLASSES if not members(name)), "RefundbookError", "__version__"]


def code(name: str) -> str:
    """An example as it is run."""
    return inspect.cleandoc(EXAMPLES[name]).replace('refundbook_sheet("case")', "refundbook.base.schema.CASES")


def _example(name: str) -> str:
    return f"```python\n{code(name)}\n```\n"


def _function(name: str, function: Any) -> str:
    return f"### `refundbook.{name}`\n\n{_signature(name, function)}\n{_prose(function)}\n\n{_example(name)}"


def _signature(name: str, function: Any) -> str:
    given = inspect.signature(function)
    parameters = [str(p) for p in given.parameters.values() if p.name != "self"]
    returns = str(given.return_annotation).strip("'")
    lines = "".join(f"    {_plain(parameter)},\n" for parameter in parameters)
    body = f"(\n{lines})" if lines else "()"
    return f"```text\n{name}{body} -> {returns}\n```\n"


def _plain(parameter: str) -> str:
    return re.sub(r": '([^']*)'", r": \1", parameter)


def _prose(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


def _class(name: str) -> str:
    thing = getattr(refundbook, name)
    told = [_member(name, member) for member in members(name)]
    listed = "" if told else _listed(thing) + "\n" + _example(name)
    return "\n".join([f"## `{name}`\n", f"{_prose(thing)}\n", *told, listed])


def _member(name: str, member: str) -> str:
    found = inspect.getattr_static(getattr(refundbook, name), member, None)
    heading = f"### `{name}.{member}`\n"
    if found is None:
        return f"{heading}\nAn attribute: see above.\n\n{_example(f'{name}.{member}')}"
    if inspect.isfunction(found):
        return f"{heading}\n{_signature(member, found)}\n{_prose(found)}\n\n{_example(f'{name}.{member}')}"
    return f"{heading}\nA property. {_prose(found)}\n\n{_example(f'{name}.{member}')}"


def _listed(thing: Any) -> str:
    own = [member for member in vars(thing) if not member.startswith("_")]
    return f"It has {', '.join(f'`{member}`' for member in own)}.\n"


def _errors() -> str:
    errors = [name for name in refundbook.__all__ if isinstance(getattr(refundbook, name), type)]
    classes = [name for name in errors if issubclass(getattr(refundbook, name), refundbook.RefundbookError)]
    lines = "\n".join(f"- `{name}`: {_first(getattr(refundbook, name))}" for name in classes)
    return f"## Errors\n\nAll of them can be pickled; what each carries: [errors.md](errors.md).\n\n{lines}\n\n{_example('RefundbookError')}"


def _first(thing: Any) -> str:
    return " ".join(_prose(thing).partition("\n\n")[0].split())


def _version() -> str:
    return f"## `__version__`\n\nThe version, as a text.\n\n{_example('__version__')}"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    PAGE.write_text(page(), encoding="utf-8")
