"""The defined names of the template, put into a workbook: what keeps them out, and which of them formulas use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.storage.renewal import Books, Left
from refundbook.xlsx.package.workbook_part import Table
from refundbook.xlsx.writing.defined_names import Key, Name, names_of, uses
from refundbook.xlsx.writing.package_edit import PackageEdit
from refundbook.xlsx.writing.range_growth import FORMULAS
from refundbook.xlsx.writing.sheet_content import Book
from refundbook.xlsx.writing.sheet_part import SheetPart

_OTHERS = ("xl/charts/", "xl/tables/", "xl/pivotcache/", "xl/ctrlprops/")
"""Parts aside of the sheets in which formulas stand."""


class Names(NamedTuple):
    """What becomes of the names that hold for all sheets: which are new or mean something else from now on, of which a
    person has one of their own, and which nothing of the template needs any more.
    """

    changes: Mapping[Key, Name]
    remade: tuple[Name, ...]
    taken: tuple[Name, ...]
    unneeded: tuple[Name, ...]


def plan_names(books: Books) -> Names:
    """What becomes of the names."""
    mine, old, new = (names_of(book.layout) for book in books)
    changes: dict[Key, Name] = {}
    remade, taken = [], []
    for key, name in new.items():
        here, was = mine.get(key), old.get(key)
        if key[1] or (here is not None and here.text == name.text):
            continue
        if here is not None and was is not None and was.text == name.text:
            continue
        if here is None or (was is not None and here.text == was.text):
            changes[key] = name
            remade += [] if here is None else [here]
        else:
            taken.append(here)
    unneeded = [was for key, was in old.items() if not key[1] and key not in new and mine.get(key) == was]
    return Names(changes, tuple(remade), tuple(taken), tuple(unneeded))


def local_names(books: Books, sheets: Mapping[str, bool]) -> dict[Key, Name | None]:
    """The names that hold for one sheet only, such as what is printed of it, of the `sheets` that are renewed; with
    each, whether its own are to give way whatever they are.
    """
    mine, old, new = (names_of(book.layout) for book in books)
    given_way = {sheet.casefold(): gives_way for sheet, gives_way in sheets.items()}
    found: dict[Key, Name | None] = {}
    for key in dict.fromkeys((*old, *new)):
        if key[1] not in given_way:
            continue
        here, was, now = (names.get(key) for names in (mine, old, new))
        is_as_made = (here and _plain(here.text)) == (was and _plain(was.text))
        if (given_way[key[1]] or is_as_made) and (here and here.text) != (now and now.text):
            found[key] = now
    return found


def _plain(text: str) -> str:
    """What a name stands for without the quotes that a sheet's name need not have."""
    return re.sub(r"'(\w+)'!", r"\1!", text)


def missing_tables(books: Books) -> Iterator[str]:
    """The Tables, and columns of Tables, that the template's formulas name and the workbook does not have."""
    there = {table.name.casefold(): {c.header.casefold() for c in table.columns} for table in _tables(books.mine)}
    texts = " ".join(name.text for name in names_of(books.new.layout).values())
    for table in _tables(books.new):
        if f"{table.name}[" not in texts:
            continue
        if table.name.casefold() not in there:
            yield f"Table {table.name}"
            continue
        for column in table.columns:
            if f"[{column.header}]" in texts and column.header.casefold() not in there[table.name.casefold()]:
                yield f"column {column.header} in the Table {table.name}"


def _tables(book: Book) -> Iterator[Table]:
    for entry in book.layout.sheets:
        if entry.is_grid:
            yield from book.layout.tables(entry)


def still_used(book: Book, edit: PackageEdit, names: Collection[Name]) -> Iterator[Left]:
    """Where the workbook as it is to be still uses one of these names in a formula that stands there today."""
    for name in names:
        is_used = uses([name.name])
        for sheet, formula in _lasting(book, edit, name.name.encode().lower()):
            if is_used(formula):
                yield Left(sheet, "", _used(name))
                break


def _lasting(book: Book, edit: PackageEdit, word: bytes) -> Iterator[tuple[str, str]]:
    """The formulas, with their sheets, that may hold a word and stand there today and in the workbook to be."""
    for entry in book.layout.sheets:
        xml = edit.read(entry.part) if entry.is_grid else b""
        if word in xml.lower():
            before = set(formulas_in(SheetPart(book.package.read(entry.part), entry.part)))
            after = set(formulas_in(SheetPart(xml, entry.part)))
            yield from ((entry.name, formula) for formula in sorted(before & after))
    yield from (("", other.text) for other in names_of(book.layout).values())
    for part in book.package.parts:
        if part.lower().startswith(_OTHERS) and word in (xml := book.package.read(part)).lower():
            yield "", re.sub(r"<[^<>]*>", " ", xml.decode("utf-8", "replace"))


def _used(name: Name) -> str:
    return (
        f"a formula there uses the name {name.name}, which stands for something else in today's formulas; these "
        f"were not put in. Write {name.text} in its place, and repeat"
    )


def formulas_in(sheet: SheetPart) -> Iterator[str]:
    """Every formula of a sheet: of its cells, and of whatever else it has."""
    yield from (sheet.text_of(formula) for formula in sheet.formula_elements() if formula.inner >= 0)
    for name in FORMULAS:
        yield from (element.text for element in sheet.frame.descendants(name))
