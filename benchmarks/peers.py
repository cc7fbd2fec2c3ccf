"""What scripts on other libraries do, one whole process each: `python peers.py JOB WORKBOOK [NUMBER]`.

`append-…` adds one message: look the case's number up on Cases, refuse an unknown one, put the next entry below the
last of Communications, extend the Table where the library can. `read-…` reads the cells of the three sheets. Each is
what the library's documentation shows for the job.
"""

from __future__ import annotations

import sys
from datetime import date
from types import ModuleType
from typing import Any

SHEETS = ("Cases", "Communications", "Resolutions")
LOG = "Communications"
COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MESSAGE = {
    "Date": date(2023, 12, 1),
    "With": "Support",
    "Direction": "Received",
    "Summary": "Support will look into it.",
}


def one_row_longer(ref: str) -> tuple[str, int]:
    """A Table's range with one more row, and that row's number."""
    start, _, end = ref.partition(":")
    row = int(end.lstrip(COLUMNS)) + 1
    return f"{start}:{end.rstrip('0123456789')}{row}", row


def refuse_unknown(known: bool, number: str) -> None:
    if not known:
        raise SystemExit(f"unknown case {number}")


def _append_as_openpyxl_does(module: ModuleType, path: str, number: str, **opening: Any) -> None:
    book = module.load_workbook(path, **opening)
    numbers = book["Cases"].iter_rows(min_col=1, max_col=1, values_only=True)
    refuse_unknown((number,) in set(numbers), number)
    log = book[LOG]
    header = [cell.value for cell in log[1]]
    table = log.tables[LOG]
    ref, row = one_row_longer(table.ref)
    entry = log.cell(row - 1, 1).value + 1
    for name, value in {"Entry": entry, "Case Number": number, **MESSAGE}.items():
        log.cell(row, header.index(name) + 1, value)
    table.ref = table.autoFilter.ref = ref
    book.save(path)


def append_openpyxl(path: str, number: str) -> None:
    import openpyxl

    _append_as_openpyxl_does(openpyxl, path, number)


def append_wolfxl(path: str, number: str) -> None:
    """Its mode that keeps what was not changed."""
    import wolfxl

    _append_as_openpyxl_does(wolfxl, path, number, modify=True)


def append_xlsxedit(path: str, number: str) -> None:
    """Its mode for large files. The new row's dimension is told apart, or other readers do not see it."""
    from xlsxedit import Workbook

    book = Workbook.open(path, large=True)
    refuse_unknown(any(cells[0].value == number for _, cells in book["Cases"].iter_rows() if cells), number)
    log = book[LOG]
    table = next(table for table in log.tables if table.name == LOG)
    ref, row = one_row_longer(table.ref)
    entry = log[f"A{row - 1}"].value + 1
    message = {"Entry": entry, "Case Number": number, **MESSAGE}
    log.write_rows([[message.get(name) for name in table.columns]], at_cell=f"A{row}")
    log[f"{COLUMNS[table.columns.index('Date')]}{row}"].apply_date_format()
    table.resize(ref)
    log.update_dimension()
    book.save(path)


def append_excelize(path: str, number: str) -> None:
    """It has no way to extend a Table: the row stands below it."""
    import excelize

    book = excelize.open_file(path)
    refuse_unknown(bool(book.search_sheet("Cases", number)), number)
    ref, row = one_row_longer(book.get_sheet_dimension(LOG))
    entry = int(book.get_cell_value(LOG, f"A{row - 1}")) + 1
    message = {"Entry": entry, "Case Number": number, **MESSAGE}
    rows = book.rows(LOG)
    rows.next()
    header = rows.columns()
    rows.close()
    book.set_sheet_row(LOG, f"A{row}", [message.get(name) for name in header])
    date_cell = f"{COLUMNS[header.index('Date')]}{row}"
    book.set_cell_style(
        LOG, date_cell, date_cell, book.get_cell_style(LOG, f"{COLUMNS[header.index('Date')]}{row - 1}")
    )
    book.set_sheet_dimension(LOG, ref)
    book.save()
    book.close()


def append_pandas(path: str, number: str) -> None:
    """All three sheets read through calamine and written anew through XlsxWriter: nothing but the values is kept."""
    import pandas as pd

    sheets = pd.read_excel(path, sheet_name=list(SHEETS), engine="calamine")
    refuse_unknown(number in set(sheets["Cases"]["Case Number"]), number)
    log = sheets[LOG]
    message = {
        "Entry": log["Entry"].iloc[-1] + 1,
        "Case Number": number,
        **MESSAGE,
        "Date": pd.Timestamp(MESSAGE["Date"]),
    }
    sheets[LOG] = pd.concat([log, pd.DataFrame([message])], ignore_index=True)
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)


def read_openpyxl(path: str) -> None:
    """Its read-only mode, values only."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for name in SHEETS:
        list(book[name].iter_rows(values_only=True))


def read_calamine(path: str) -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    for name in SHEETS:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def frame_pandas(path: str) -> None:
    """The log as a DataFrame."""
    import pandas as pd

    pd.read_excel(path, sheet_name=LOG, engine="calamine")


def frame_refundbook(path: str) -> None:
    """The log as a DataFrame, checked."""
    import refundbook

    _ = refundbook.load(path).communications


JOBS = {
    name.replace("_", "-"): job for name, job in globals().items() if name.startswith(("append_", "read_", "frame_"))
}


def explain() -> None:
    """Print what there is. argparse is imported here only, so that no job is measured with it."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("workbook")
    parser.add_argument("number", nargs="?", help="of the case, for a job that appends")
    parser.parse_args()
    parser.error("say what to do to which workbook, and to append also for which case")


if __name__ == "__main__":
    _, *arguments = sys.argv
    if arguments[:1] and arguments[0] in JOBS and len(arguments) == (3 if arguments[0].startswith("append") else 2):
        JOBS[arguments[0]](*arguments[1:])
    else:
        explain()
