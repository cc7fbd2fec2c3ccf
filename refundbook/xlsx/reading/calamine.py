"""What python-calamine is given to read, a workbook of one sheet, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO

from python_calamine import CalamineWorkbook

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.xlsx.package.xml_splice import MAIN

Rows = list[list[object]]

SHEET = "xl/worksheets/0.xml"
"""The name of the sheet in an archive for calamine."""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook_of(shared: Iterable[str], *, date_1904: bool) -> dict[str, bytes]:
    """The parts that make a workbook of the one sheet `SHEET` and the `shared` parts, which are called
    `xl/KIND.xml`.
    """
    properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    listed = '<sheets><sheet name="0" sheetId="1" r:id="s"/></sheets>'
    workbook = f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{properties}{listed}</workbook>'
    related = [("s", "worksheet", SHEET.removeprefix("xl/")), *((kind, kind, f"{kind}.xml") for kind in shared)]
    return {
        "_rels/.rels": _relationships([("w", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": workbook.encode(),
        "xl/_rels/workbook.xml.rels": _relationships(related),
    }


def read(data: bytes) -> Rows:
    """The values of the one sheet of a workbook, as rows that begin at A1. Raises UnreadableWorkbook."""
    with calamine_errors():
        sheet = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
        return sheet.to_python(skip_empty_area=False)  # type: ignore[return-value]  # the stubs leave out blanks


def _relationships(related: Iterable[tuple[str, str, str]]) -> bytes:
    items = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in related
    )
    return f'<Relationships xmlns="{_PACKAGE}">{items}</Relationships>'.encode()


@contextmanager
def calamine_errors() -> Iterator[None]:
    """Whatever calamine raises as UnreadableWorkbook."""
    try:
        yield
    except UnreadableWorkbook:
        raise
    except Exception as error:
        raise DamagedWorkbook(f"It is damaged: {error}.") from error
    except BaseException as error:
        # A panic inside the reader arrives as a BaseException of its own.
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedWorkbook("It is damaged in a way that cannot be read.") from error
