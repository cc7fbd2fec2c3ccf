"""The workbooks that the benchmarks measure, made once and kept: `python -m benchmarks.books FOLDER [N …]`.

`book-N.xlsx` is as refundbook writes it. `excel-N.xlsx` is the same workbook as Excel leaves it after a save: every
text in the shared strings, each once, `spans` and `dyDescent` on every row, Excel's declarations, the fastest
compression. What is there is used again, also by another version of refundbook; delete it where the template or the
writer has changed.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from openpyxl.utils import column_index_from_string

from benchmarks.workbooks import make

_BLOCK = 1 << 22
_STRINGS = "xl/sharedStrings.xml"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_EXCELS = (
    b' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    b' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac"'
    b' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
)
_INLINE = re.compile(rb't="inlineStr"><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>')
_ITEM = re.compile(rb"<si>(.*?)</si>", re.DOTALL)
_SHARED = re.compile(rb'<c [^>]*t="s"')
_WIDTH = re.compile(rb'<dimension ref="A1(?::([A-Z]+)\d+)?"')
_ROW = re.compile(rb'<row (r="\d+")([^>]*?)(/?>)')


def refundbook_book(folder: Path, cases: int) -> Path:
    """The workbook of so many cases as refundbook writes it."""
    return _kept(folder / f"book-{cases}.xlsx", lambda path: make(path, cases))


def excel_book(folder: Path, cases: int) -> Path:
    """The same workbook after Excel saved it."""
    source = refundbook_book(folder, cases)
    return _kept(folder / f"excel-{cases}.xlsx", lambda path: save_as_excel(source, path))


def _kept(path: Path, build: Callable[[Path], None]) -> Path:
    """The file, built if it is not there: whole, and without what refundbook keeps beside a workbook (lock,
    backups).
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            built = Path(scratch) / path.name
            build(built)
            built.replace(path)
    return path


class _Strings:
    """Excel's shared strings: each text once, counted as often as a cell shows it."""

    def __init__(self, xml: bytes) -> None:
        self.items = {item: number for number, item in enumerate(_ITEM.findall(xml))}
        self.count = 0

    def share(self, cell: re.Match[bytes]) -> bytes:
        text = cell[1]
        space = b' xml:space="preserve"' if text != text.strip() else b""
        number = self.items.setdefault(b"<t%b>%b</t>" % (space, text), len(self.items))
        return b't="s"><v>%d</v></c>' % number

    def xml(self) -> bytes:
        head = b'<sst xmlns="%b" count="%d" uniqueCount="%d">' % (_MAIN, self.count, len(self.items))
        return _DECLARATION + head + b"".join(b"<si>%b</si>" % item for item in self.items) + b"</sst>"


def save_as_excel(source: Path, target: Path) -> None:
    """Rewrite a workbook of refundbook's as Excel would: part by part, a sheet in blocks of whole rows."""
    with (
        zipfile.ZipFile(source) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        strings = _Strings(before.read(_STRINGS))
        for name in before.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with before.open(name) as reading, after.open(name, "w") as writing:
                    for block in _excel_sheet(_blocks(reading), strings):
                        writing.write(block)
            elif name != _STRINGS:
                after.writestr(name, before.read(name))
        after.writestr(_STRINGS, strings.xml())


def _blocks(sheet: IO[bytes]) -> Iterator[bytes]:
    """A sheet's XML in blocks, none of which cuts a row in two."""
    rest = b""
    while block := sheet.read(_BLOCK):
        whole, end, rest = (rest + block).rpartition(b"</row>")
        yield whole + end
    yield rest


def _excel_sheet(blocks: Iterator[bytes], strings: _Strings) -> Iterator[bytes]:
    head = next(blocks)
    width = _WIDTH.search(head)
    last = column_index_from_string(width[1].decode()) if width and width[1] else 1
    row = rb'<row \1 spans="1:%d"\2 x14ac:dyDescent="0.25"\3' % last
    yield _DECLARATION
    for block in chain([head.replace(b'main">', b'main"' + _EXCELS + b">", 1)], blocks):
        shared = _INLINE.sub(strings.share, block)
        strings.count += len(_SHARED.findall(shared))
        yield _ROW.sub(row, shared)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where they are, or are to be")
    parser.add_argument("sizes", type=int, nargs="*", default=(100, 1_000, 10_000, 100_000), help="numbers of cases")
    given = parser.parse_args()
    for size in given.sizes:
        print(excel_book(given.folder, size))


if __name__ == "__main__":
    main()
