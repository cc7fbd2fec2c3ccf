"""The public face: a workbook that is checked when it is loaded, appended to by the rules, and saved all or nothing.

`opening` loads, makes and edits one, `book` is the Book that they give, `appending` follows an entry, and `amending`
corrects a cell.
"""

from refundbook.book.book import Book
from refundbook.book.opening import create, edit, glance, load
from refundbook.record.entries import Entry

__all__ = ["Book", "Entry", "create", "edit", "glance", "load"]
