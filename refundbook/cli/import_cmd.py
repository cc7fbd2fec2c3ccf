"""`refundbook import`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundbook.base.errors import UsageError
from refundbook.base.schema import SHEETS
from refundbook.base.text import one_line
from refundbook.cli.common import MAX_SETTING, MAX_TABLE, complain, echo_json, editing, given_bytes, say, shown
from refundbook.importing.source_table import ImportRefused

if TYPE_CHECKING:
    from refundbook.importing.column_map import ImportMap
    from refundbook.importing.plan import Plan
    from refundbook.record.entries import Entry


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", type=click.Path(path_type=Path), metavar="MAP.toml", help="Which column goes where.")
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook that has several.")
@click.option(
    "--write-map",
    type=click.Path(path_type=Path),
    metavar="MAP.toml",
    help="Write a first guess of the map, to be corrected, and import nothing.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def import_(
    book: Path,
    file: Path,
    map_file: Path | None,
    sheet: str | None,
    write_map: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take over the cases of another tracker: a workbook or a CSV file.

    \b
    refundbook import old.xlsx --dry-run
    refundbook import old.csv --write-map map.toml
    refundbook import old.csv --map map.toml

    A tracker with the five columns that `refundbook tracker` prints needs no map. All rows or none: what cannot be read
    is listed with its cell, and is never guessed.
    """
    data = given_bytes(file, MAX_TABLE)
    if write_map is not None:
        _write_map(data, file, sheet, write_map)
        return
    from refundbook.importing.open_table import open_table
    from refundbook.importing.plan import enter, read

    table, found = open_table(data, file.name, _map(map_file), sheet)
    with editing(book, dry_run) as opened:
        plan = read(table, found, opened.records)
        try:
            entries = enter(opened, plan)
        except ImportRefused as refused:
            if as_json:
                problems = [{"where": p.where, "value": p.value, "message": p.message} for p in refused.problems]
                echo_json({"entered": [], "problems": problems})
            raise
    _answer(plan, entries, opened.path, dry_run, as_json)


def _map(path: Path | None) -> ImportMap | None:
    from refundbook.importing.column_map import parse

    if path is None:
        return None
    try:
        return parse(given_bytes(path, MAX_SETTING).decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8, as TOML must be: save it so.") from error


def _write_map(data: bytes, file: Path, sheet: str | None, target: Path) -> None:
    from refundbook.importing.column_map import to_toml
    from refundbook.importing.guess_map import guess
    from refundbook.importing.open_table import open_unmapped
    from refundbook.storage.workbook_file import create

    table = open_unmapped(data, file.name, sheet)
    found = guess(table)
    try:
        create(target, to_toml(found, table).encode())
    except FileExistsError as error:
        raise UsageError(f"{target} exists already and is left as it is. Name another file.") from error
    count = sum(map(bool, table.headers))
    say(
        f"Made {shown(target)}: {len(found.columns)} of {count} columns have a place. Read and correct it, then: "
        f"refundbook import {shown(file)} --map {shown(target)} --dry-run"
    )


def _answer(plan: Plan, entries: Sequence[Entry], path: Path, dry_run: bool, as_json: bool) -> None:
    counts = Counter(entry.sheet for entry in entries)
    for remark in plan.table.remarks:
        complain(f"warning: {remark}")
    if as_json:
        done = {sheet.name: counts[sheet.name] for sheet in SHEETS}
        warnings = [
            {"code": w.code, "cell": w.where, "message": w.message} for entry in entries for w in entry.warnings
        ]
        echo_json(
            {"would_enter" if dry_run else "entered": done, "not_taken": list(plan.untaken), "warnings": warnings}
        )
        return
    said = ", ".join(f"{counts[sheet.name]} in {sheet.name}" for sheet in SHEETS)
    say(f"{'Would enter' if dry_run else 'Entered'} from {one_line(plan.table.source)}: {said}.")
    if plan.untaken:
        say(f"Not taken: {', '.join(map(one_line, plan.untaken))}.")
    by_code = Counter(warning.code for entry in entries for warning in entry.warnings)
    for code, count in by_code.items():
        first = next(warning for entry in entries for warning in entry.warnings if warning.code == code)
        more = f" ({count} like this)" if count > 1 else ""
        complain(f"warning {code}: {first.where}: {first.message} {first.hint}".strip() + more)
    if dry_run:
        say(f"{shown(path)} was not changed.")
