"""`refundbook evidence`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from refundbook.base.errors import RulesRefuse
from refundbook.base.text import counted, one_line
from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, say, say_what_waits, shown, today

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.evidence.packet import Absent, Packet
    from refundbook.evidence.page import Taken


@click.command()
@click.argument("number", shell_complete=completion.cases)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE.zip",
    help="The folder to make, or the ZIP archive where the name ends with .zip.",
)
@click.option("--allow-outside", is_flag=True, help="Take files from outside the workbook's folder too.")
@click.option("--allow-linked", is_flag=True, help="Take files that have a second name somewhere (hard links) too.")
@click.option(
    "--allow-missing", is_flag=True, help="Make the packet without the files that cannot be taken, and list them in it."
)
@click.option(
    "--with-chain",
    is_flag=True,
    help="Also take the history's chain (history.jsonl), by which anybody can verify it: with this case's changes as "
    "they are (its notes, your own columns and the users' names among them), and all others left out.",
)
@click.option(
    "--force", is_flag=True, help="Replace an evidence packet that stands there. Nothing else is ever replaced."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def evidence(
    book: Path,
    number: str,
    output: Path,
    allow_outside: bool,
    allow_linked: bool,
    allow_missing: bool,
    with_chain: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Make the packet that a payment gateway asks for in a dispute over the case NUMBER.

    \b
    refundbook evidence GTB-789012 -o GTB-789012.zip
    refundbook evidence GTB-789012 -o packet --allow-missing

    A page to print or send (evidence.html), the same as text to paste (statement.txt), the files that the Evidence
    column names, and their sizes and SHA-256 sums (manifest.json, SHA256SUMS). Links are listed and never opened. Full
    payment card numbers in texts are masked.

    What was done to the case, by commands and by hand, stands in history.txt.

    The workbook, its backups and any other workbook of cases are never taken. Exit code 1, and nothing is made, where a
    file is missing, lies outside the workbook's folder, has a second name or is one of those.
    """
    from refundbook.book import glance
    from refundbook.evidence.packet import packet_of
    from refundbook.evidence.write import write

    say_what_waits(book)
    with glance(book, today=today()) as read:
        file = read.case_file(read.number_meant(number))
        packet = packet_of(file, read.path, allow_outside=allow_outside, allow_linked=allow_linked)
        _say_absent(packet.absent, allow_missing)
        packet = replace(packet, texts=_history(read, packet, whole=with_chain))
    taken = write(packet, output, force=force)
    _say_made(packet, output, taken, as_json=as_json)


def _say_made(packet: Packet, output: Path, taken: Sequence[Taken], *, as_json: bool) -> None:
    if as_json:
        echo_json(_as_json(packet, output, taken))
        return
    entries = "1 entry" if len(packet.items) == 1 else f"{len(packet.items)} entries"
    say(f"Made {shown(output)}: {entries}, {counted(len(taken), 'file')}. Read it before you send it.")


def _history(book: Book, packet: Packet, *, whole: bool) -> tuple[tuple[str, str | bytes], ...]:
    """The case's history in words, the time stamps of it, and where the `whole` is asked for the chain."""
    from refundbook.evidence.history import history_text
    from refundbook.evidence.packet import CHAIN, HISTORY
    from refundbook.record.history.words import events
    from refundbook.storage.history_reader import chain_about, told_of_case
    from refundbook.storage.stamps import stamp_files

    case = told_of_case(book.path, book.key_of(packet.number), book.key_of)
    lines = case.lines
    if not lines:
        return ()
    head = f"{lines[-1].number} {lines[-1].hash}"
    stamps = stamp_files(book.path, lines)
    told = history_text(packet, events(lines, case.is_meant), head, [said for said, _, _ in stamps])
    chain = [(CHAIN, chain_about(book.path, case))] if whole else []
    return ((HISTORY, told), *chain, *((name, data) for _, name, data in stamps))


def _say_absent(absent: Sequence[Absent], allow_missing: bool) -> None:
    for file in absent:
        complain(f"{_entries(file.items)}: {one_line(file.own_name)} {file.reason}.")
    if absent and not allow_missing:
        raise RulesRefuse(_refusal(absent))


def _as_json(packet: Packet, output: Path, taken: Sequence[Taken]) -> dict[str, object]:
    return {
        "case": packet.number,
        "packet": str(output),
        "files": [{"name": f.exhibit.name, "size": f.size, "sha256": f.sha256} for f in taken],
        "links": [link.address for link in packet.links],
        "not_included": [{"own_name": f.own_name, "reason": f.reason} for f in packet.absent],
    }


def _entries(numbers: tuple[int, ...]) -> str:
    return f"Record No. {', '.join(map(str, numbers))}"


def _refusal(absent: Sequence[Absent]) -> str:
    files = counted(len(absent), "file")
    ways = [
        *(["take what lies outside with --allow-outside"] if any(file.outside for file in absent) else []),
        *(["take what has a second name with --allow-linked"] if any(file.linked for file in absent) else []),
    ]
    or_else = "".join(f" or {way}," for way in ways)
    return (
        f"The packet was not made: {files} cannot be taken. Correct the Evidence column,{or_else} "
        "or leave them out with --allow-missing."
    )
