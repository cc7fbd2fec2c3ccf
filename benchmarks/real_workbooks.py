"""Whether an append keeps everything in real workbooks: `python benchmarks/real_workbooks.py FOLDER`.

FOLDER holds other people's workbooks, at any depth; none are in this repository. The test suites of other projects have
some that every kind of program has made, and their source archives bring them along:

    pip download --no-deps --no-binary :all: agate-excel csvkit frictionless petl pyexcel pyexcel-xlsx tablib
    xlcalculator xlsx2csv

Into a copy of each the three sheets with their Tables are put; then an entry is made on each sheet, with refundbook and
with openpyxl (which is told the Tables' new ranges). Counted is in how many workbooks every part but the three sheets,
their Tables and the workbook part is byte for byte what it was, and in how many the entries stand inside the Tables.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
from lxml import etree
from python_calamine import CalamineWorkbook

sys.path.insert(0, str(Path(__file__).parents[1]))

import refundbook
from refundbook.base.a1 import column_letters
from refundbook.base.schema import SHEETS, Sheet
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.styles import DATE, Styles
from refundbook.xlsx.package.workbook_part import Layout

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TODAY = datetime(2023, 12, 1, 12)

FIRST: dict[str, dict[str, object]] = {
    "Cases": {"number": "GTB-100000", "opened": date(2023, 11, 1)},
    "Communications": {
        "entry": 1,
        "number": "GTB-100000",
        "date": date(2023, 11, 2),
        "with_": "Buyer",
        "summary": "Sent photos.",
    },
    "Resolutions": {"number": "GTB-100000", "status": "Pending"},
}
NEXT: dict[str, dict[str, object]] = {
    "Cases": {"number": "GTB-100001", "opened": date(2023, 11, 3)},
    "Communications": {
        "entry": 2,
        "number": "GTB-100001",
        "date": date(2023, 11, 4),
        "with_": "Buyer",
        "summary": "Asked.",
    },
    "Resolutions": {"number": "GTB-100001", "status": "Pending"},
}


def with_our_sheets(source: Path, target: Path) -> Path:
    """A copy of a workbook with the three sheets, one entry in each. Raises RefundbookError where it is none that
    refundbook reads.
    """
    package = Package(source.read_bytes())
    layout = Layout(package)
    with zipfile.ZipFile(source) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    names = {name.lower(): name for name in parts}
    book = names[layout.part.lower()]
    folder, _, book_name = book.rpartition("/")
    rels = names[f"{folder}/_rels/{book_name}.rels".lstrip("/").lower()]
    styles = names[package.related(layout.part, "styles")[0].lower()]
    epoch = date(1904, 1, 1) if layout.date_1904 else date(1899, 12, 30)
    formats = Styles(package.read(styles), styles)
    style = formats.with_number_format(0, DATE)
    parts[styles] = formats.xml
    roots = {name: etree.fromstring(parts[name]) for name in (book, rels, names["[content_types].xml"])}
    types = roots[names["[content_types].xml"]]
    for number, sheet in enumerate(SHEETS, 9001):
        sheet_part, table_part = f"xl/worksheets/ours{number}.xml", f"xl/tables/ours{number}.xml"
        parts[sheet_part], parts[table_part] = _sheet(sheet, style, epoch), _table(sheet, number)
        parts[f"xl/worksheets/_rels/ours{number}.xml.rels"] = (
            f'<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="rId1" Type="{OFFICE}/table" '
            f'Target="/{table_part}"/></Relationships>'
        ).encode()
        for part, kind in ((sheet_part, "worksheet"), (table_part, "table")):
            etree.SubElement(
                types, f"{{{TYPES}}}Override", PartName=f"/{part}", ContentType=f"{SPREADSHEET}.{kind}+xml"
            )
        attributes = {"Id": f"ours{number}", "Type": f"{OFFICE}/worksheet", "Target": f"/{sheet_part}"}
        etree.SubElement(roots[rels], f"{{{RELATIONSHIPS}}}Relationship", attributes)
        listed = roots[book].find(f"{{{MAIN}}}sheets")
        entry = {"name": sheet.name, "sheetId": str(number), f"{{{OFFICE}}}id": f"ours{number}"}
        etree.SubElement(listed, f"{{{MAIN}}}sheet", entry)
    for name, root in roots.items():
        parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target


def _sheet(sheet: Sheet, style: int, epoch: date) -> bytes:
    headers = "".join(_text(f"{column_letters(n)}1", column.header) for n, column in enumerate(sheet.columns, 1))
    cells = []
    for n, column in enumerate(sheet.columns, 1):
        value = FIRST[sheet.name].get(column.name)
        address = f"{column_letters(n)}2"
        if isinstance(value, date):
            cells.append(f'<c r="{address}" s="{style}"><v>{(value - epoch).days}</v></c>')
        elif isinstance(value, str):
            cells.append(_text(address, value))
        elif value is not None or column.is_date:
            cells.append(
                f'<c r="{address}" s="{style if column.is_date else 0}">{f"<v>{value}</v>" if value else ""}</c>'
            )
    rows = f'<row r="1">{headers}</row><row r="2">{"".join(cells)}</row>'
    table = f'<tableParts count="1"><tablePart xmlns:r="{OFFICE}" r:id="rId1"/></tableParts>'
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{table}</worksheet>'.encode()


def _text(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def _table(sheet: Sheet, number: int) -> bytes:
    ref = f"A1:{column_letters(len(sheet.columns))}2"
    columns = "".join(f'<tableColumn id="{n}" name="{column.header}"/>' for n, column in enumerate(sheet.columns, 1))
    return (
        f'<table xmlns="{MAIN}" id="{number}" name="{sheet.name}" displayName="{sheet.name}" ref="{ref}"><autoFilter '
        f'ref="{ref}"/><tableColumns count="{len(sheet.columns)}">{columns}</tableColumns></table>'
    ).encode()


def by_refundbook(path: Path) -> None:
    with refundbook.load(path, today=TODAY, user="bench") as book:
        book.append_many((sheet.pillar, NEXT[sheet.name]) for sheet in SHEETS)


def by_openpyxl(path: Path) -> None:
    book = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
    for sheet in SHEETS:
        table = book[sheet.name].tables[sheet.name]
        for n, column in enumerate(sheet.columns, 1):
            book[sheet.name].cell(3, n).value = NEXT[sheet.name].get(column.name)
        table.ref = table.autoFilter.ref = table.ref.removesuffix("2") + "3"
    book.save(path)


def is_kept(before: Path, after: Path) -> bool:
    """Whether every part but the three sheets, their Tables and the workbook part is what it was."""
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after) as new:
        ours = {name for name in old.namelist() if "/ours900" in name} | {Layout(Package(before.read_bytes())).part}
        there = set(new.namelist())
        return all(name in there and old.read(name) == new.read(name) for name in set(old.namelist()) - ours)


def is_in_tables(path: Path) -> bool:
    """Whether the entry stands in the last row of each Table, as python-calamine reads it."""
    book = CalamineWorkbook.from_path(str(path), load_tables=True)
    return all(NEXT[sheet.name]["number"] in book.get_table_by_name(sheet.name).to_python()[-1] for sheet in SHEETS)


PROGRAMS: dict[str, Callable[[Path], None]] = {"refundbook": by_refundbook, "openpyxl": by_openpyxl}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found = sorted(path for path in parser.parse_args().folder.rglob("*.xls[xm]") if not path.name.startswith("~$"))
    kept: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    taken = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in found:
            before = Path(folder, f"before{source.suffix}")
            try:
                with_our_sheets(source, before)
            except (refundbook.RefundbookError, zipfile.BadZipFile, IndexError, ValueError) as error:
                print(f"left out: {source.name}: {error}")
                continue
            taken += 1
            for name, program in PROGRAMS.items():
                after = Path(folder, f"after{source.suffix}")
                after.write_bytes(before.read_bytes())
                try:
                    program(after)
                    kept[name] += is_kept(before, after)
                    inside[name] += is_in_tables(after)
                except Exception as error:
                    print(f"{name} failed on {source.name}: {type(error).__name__}: {error}")
    for name in PROGRAMS:
        print(
            f"{name}: of {taken} workbooks, every other part kept in {kept[name]}, the entries inside the Tables in "
            f"{inside[name]}"
        )


if __name__ == "__main__":
    main()
