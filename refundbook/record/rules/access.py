"""The rules on sheets that something else fills, or that somebody protected: what is written there may be lost, or not
be wanted; and on columns beside the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from refundbook.base.access import QUERY, SHEET, WORKBOOK, XML
from refundbook.base.text import quoted
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.declare import Hit, Scope, warning
from refundbook.record.rules.scan import logs_in


def _about(log: Log, message: str, hint: str) -> Hit:
    """A hit about the sheet as a whole."""
    return Hit(log, None, "number", message, hint)


@warning("RB259", scope=Scope.SHEET)
def filled_by_a_query(records: Records, at: Positions) -> Iterator[Hit]:
    """A query fills the sheet.

    Its next refresh writes the rows anew, and throws away what was entered by hand. So nothing is entered there:
    click into the table and choose Table Design > Unlink, and it is yours from then on; or enter new rows where the
    query reads from, and refresh it.

        RB259 Cases: case number=GTB-123456 opened=2023-12-31 ; fill Cases=queryTable
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for log in logs_in(records, at):
        if log.access.filled_by == QUERY:
            message = f"A query fills {log.sheet.name}: its next refresh throws away what was entered by hand."
            hint = (
                "Click into the table and choose Table Design > Unlink, or enter new rows where the query reads from."
            )
            yield _about(log, message, hint)


@warning("RB260", scope=Scope.SHEET)
def filled_from_xml(records: Records, at: Positions) -> Iterator[Hit]:
    """The table is mapped to an XML file.

    Entries are made, and stay as long as the map's data are not imported or refreshed again, which may replace all rows.
    Developer > Source > XML Maps > Delete takes the map away and leaves the rows.

        RB260 Resolutions: case number=GTB-123456 opened=2023-12-31 ; fill Resolutions=xml
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for log in logs_in(records, at):
        if log.access.filled_by == XML:
            message = (
                f"The table on {log.sheet.name} is mapped to an XML file: "
                "to import or refresh that may replace what was entered."
            )
            yield _about(log, message, "Developer > Source > XML Maps > Delete takes the map away and leaves the rows.")


@warning("RB261", scope=Scope.SHEET)
def protected(records: Records, at: Positions) -> Iterator[Hit]:
    """A protected sheet, or a workbook that asks for a password before it is changed.

    The protection keeps people from typing there in Excel; it does not keep a program from writing, and what is entered is
    written. If it is meant to stay as it is, ask whoever protected it. Review > Unprotect Sheet takes the protection
    off; for the workbook it is File > Save As > Tools > General Options.

        RB261 Cases: case number=GTB-123456 opened=2023-12-31 ; protect Cases
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    logs = logs_in(records, at)
    for log in logs:
        if log.access.protected == SHEET:
            message = f"The sheet {log.sheet.name} is protected, and refundbook writes to it all the same."
            hint = (
                "If it is to stay as it is, ask whoever protected it; "
                "Review > Unprotect Sheet takes the protection off."
            )
            yield _about(log, message, hint)
    reserved = next((log for log in logs if log.access.protected == WORKBOOK), None)
    if reserved is not None:
        message = (
            "The workbook asks for a password before it is changed, or to be opened for reading only, "
            "and refundbook writes to it all the same."
        )
        hint = "If it is to stay as it is, ask whoever set it; File > Save As > Tools > General Options takes it off."
        yield _about(reserved, message, hint)


@warning("RB262", scope=Scope.SHEET, at_entry=False)
def beside_the_table(records: Records, at: Positions) -> Iterator[Hit]:
    """A column that stands beside the table.

    It has a header in the row of the headers and values in the rows of the entries, but the table ends left of it. So
    sorting the table tears it apart, new rows do not continue it, and refundbook can neither fill it nor ask for it.
    Drag the table's corner over it (in LibreOffice: Data > Define Range), and it is a column of the table; or leave a
    blank column between the two, if it is something else.

        RB262 Cases: case number=GTB-123456 opened=2023-12-31 ; cell Cases!P1=Seller ; cell "Cases!P2=Shop Nine"
        Okay: case number=GTB-123456 opened=2023-12-31 ; cell Cases!P1=Seller
        Okay: case number=GTB-123456 opened=2023-12-31 ; cell Cases!Q1=Seller ; cell "Cases!Q2=Shop Nine"
    """
    for log in logs_in(records, at):
        for header, cell in log.beside.items():
            message = f"The column {quoted(header)} ({log.sheet.name}!{cell}) stands beside the table, and not in it."
            hint = (
                "Drag the table's corner over it, or, if it is no column of it, leave a blank column between the two."
            )
            yield _about(log, message, hint)
