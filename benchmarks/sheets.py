"""`make bench-sheet`: what the workbook's formulas and conditional formats cost in LibreOffice, beside the same values
on bare sheets.

    python -m benchmarks.sheets [N …]

Each workbook is converted headless, in a process and profile of its own; what counts is the ratio of processor time to
that of the bare sheets. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from benchmarks.measure import run
from benchmarks.workbooks import make
from tests.support.office import without_cached_values

PILLARS = ("Cases", "Communications", "Resolutions")


def bare(source: Path, target: Path) -> Path:
    """The values of the pillars on sheets without a format, Table or formula."""
    book, copy = openpyxl.load_workbook(source, read_only=True), openpyxl.Workbook(write_only=True)
    for name in PILLARS:
        page = copy.create_sheet(name)
        for row in book[name].iter_rows(values_only=True):
            page.append(row)
    copy.save(target)
    return target


def without_formats(source: Path, target: Path) -> Path:
    """The workbook without its conditional formats."""
    book = openpyxl.load_workbook(source)
    for page in book.worksheets:
        page.conditional_formatting = type(page.conditional_formatting)()
    book.save(target)
    return target


def without_formulas(source: Path, target: Path, *sheets: str) -> Path:
    """The workbook without its conditional formats, and without the formulas of these sheets."""
    book = openpyxl.load_workbook(without_formats(source, target))
    for name in sheets:
        for row in book[name].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.value = None
    book.save(target)
    return target


VARIANTS: dict[str, Callable[[Path, Path], Path]] = {
    "bare sheets": bare,
    "as saved": lambda source, _: source,
    "all results taken out": without_cached_values,
    "no conditional formats": without_formats,
    "nor formulas on the Tracker and Insights": lambda s, t: without_formulas(s, t, "Tracker", "Insights"),
    "nor on Calculation": lambda s, t: without_formulas(s, t, "Tracker", "Insights", "Calculation"),
}


def converted(path: Path, folder: Path) -> float:
    """Seconds of processor time."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    target = ("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"))
    return run(["soffice", profile, "--headless", "--norestore", *target, str(path)], {}).cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=(1_000, 5_000), help="numbers of cases")
    given = parser.parse_args()
    print("| cases | workbook | CPU s | of bare sheets |\n|---|---|---|---|")
    for cases in given.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = folder / "book.xlsx"
            make(source, cases)
            converted(bare(source, folder / "first.xlsx"), folder)  # the profile is made
            seconds = {
                variant: converted(build(source, folder / f"{k}.xlsx"), folder)
                for k, (variant, build) in enumerate(VARIANTS.items())
            }
            for variant, taken in seconds.items():
                print(f"| {cases:,} | {variant} | {taken:.1f} | {taken / seconds['bare sheets']:.1f} |", flush=True)


if __name__ == "__main__":
    main()
