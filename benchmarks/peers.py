"""One message appended to a workbook with the uniqueness check, as scripts on other libraries do it: `python peers.py PEER WORKBOOK NUMBER`."""

from __future__ import annotations

import sys
from datetime import date

HEADERS = {
    "Case Number": 0,
    "Date": date(2023, 12, 1),
    "With": "Support",
    "Direction": "Received",
    "Summary": "Support will look into it.",
}


def with_openpyxl(path: str, number: str) -> None:
    """Load, look the case up, append below the Table, extend the Table, save."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    cases, log = book["Cases"], book["Communications"]
    if number not in {cell.value for cell in cases["A"]}:
        raise SystemExit(f"unknown case {number}")
    header = [cell.value for cell in log[1]]
    row = log.max_row + 1
    for name, value in {**HEADERS, "Case Number": number}.items():
        log.cell(row, header.index(name) + 1, value)
    table = log.tables["Communications"]
    first, _, last = table.ref.partition(":")
    table.ref = table.autoFilter.ref = f"{first}:{last.rstrip('0123456789')}{row}"
    book.save(path)


def with_pandas(path: str, number: str) -> None:
    """Read all three sheets (calamine), add the row, write all three (XlsxWriter)."""
    import pandas as pd

    sheets = pd.read_excel(path, sheet_name=["Cases", "Communications", "Resolutions"], engine="calamine")
    if number not in set(sheets["Cases"]["Case Number"]):
        raise SystemExit(f"unknown case {number}")
    row = pd.DataFrame([{**HEADERS, "Case Number": number, "Date": pd.Timestamp(2023, 12, 1)}])
    sheets["Communications"] = pd.concat([sheets["Communications"], row], ignore_index=True)
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)


PEERS = {"openpyxl": with_openpyxl, "pandas": with_pandas}

if __name__ == "__main__":
    PEERS[sys.argv[1]](sys.argv[2], sys.argv[3])
