"""What speaks against writing to a sheet: a query or an XML file that fills it anew, or a password."""

from __future__ import annotations

from refundbook.base.errors import UnsupportedEdit
from refundbook.base.named_tuple import NamedTuple

QUERY, XML = "query", "xml"


SHEET, WORKBOOK = "sheet", "workbook"


class Access(NamedTuple):
    """`filled_by` is what fills the data anew when it is refreshed (`QUERY`, `XML`, or `""`), `protected` what of the
    workbook is (`SHEET`, `WORKBOOK`, or `""`).
    """

    filled_by: str = ""
    protected: str = ""

    def refuse_refreshed(self, sheet: str) -> None:
        """Raise UnsupportedEdit where what is entered is thrown away by the next refresh."""
        if self.filled_by == QUERY:
            raise UnsupportedEdit(
                f"{sheet}: a query fills the rows of this sheet, and its next refresh would throw away what is "
                "entered here. Click into the table and choose Table Design > Unlink, and it is yours; or enter it "
                "where the query reads from."
            )
