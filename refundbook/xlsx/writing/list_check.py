"""What may be typed into cells: a data validation that is put into a sheet (ECMA-376 Part 1, 18.3.1.32, 18.3.1.33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from refundbook.base.a1 import Range
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Edit, Element, append_child, escape, set_attribute

LONGEST_LIST = 255
"""Characters of a list that stands in the validation itself, with its quotation marks (Excel's limits)."""
_LONGEST_ERROR = 255
_BEFORE = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
)
"""What stands before the validations of a sheet (18.3.1.99)."""


class Check(NamedTuple):
    """A validation: its type, one formula or two, between which the value must be, and the error that stops others."""

    type: str
    formula1: str
    formula2: str
    error: str


def list_of(values: Sequence[str]) -> str:
    """The formula of a list that is written out."""
    inner = ",".join(values).replace('"', '""')
    return f'"{inner}"'


def check_edits(frame_xml: bytes, frame: Element, after: int, checks: Sequence[tuple[Range, Check]]) -> Iterator[Edit]:
    """Validations of cells, as edits of a sheet's frame, whose rows stood at the offset `after`."""
    known = frame.child("dataValidations")
    made = b"".join(_validation(frame.prefix, cells, check) for cells, check in checks)
    if known is not None:
        yield append_child(frame_xml, known, made)
        if "count" in known.attributes:
            yield set_attribute(frame_xml, known, "count", str(len(known.children) + len(checks)))
        return
    place = max([after, *(child.end for child in frame.children if child.name in _BEFORE)])
    p = frame.prefix
    yield Edit(place, place, b'<%sdataValidations count="%d">%s</%sdataValidations>' % (p, len(checks), made, p))


def _validation(p: bytes, cells: Range, check: Check) -> bytes:
    formulas = [(b"formula1", check.formula1), *([(b"formula2", check.formula2)] if check.formula2 else [])]
    inner = b"".join(b"<%s%s>%s</%s%s>" % (p, name, escape(text), p, name) for name, text in formulas)
    error = check.error if len(check.error) <= _LONGEST_ERROR else check.error[: _LONGEST_ERROR - 1] + "\u2026"
    return (
        b'<%sdataValidation type="%s" allowBlank="1" showInputMessage="1" showErrorMessage="1" error="%s" sqref="%s">'
        b"%s</%sdataValidation>"
    ) % (p, check.type.encode(), escape(error, quote=True), str(cells).encode(), inner, p)
