"""`refundbook evidence`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, loaded, say, shown
from refundbook.display import one_line
from refundbook.errors import RulesRefuse


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
@click.option(
    "--allow-missing", is_flag=True, help="Make the packet without the files that cannot be taken, and list them in it."
)
@click.option(
    "--force", is_flag=True, help="Replace an evidence packet that stands there. Nothing else is ever replaced."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def evidence(
    book: Path, number: str, output: Path, allow_outside: bool, allow_missing: bool, force: bool, as_json: bool
) -> None:
    """Make the packet that a payment gateway asks for in a dispute over the case NUMBER.

    \b
    refundbook evidence GTB-789012 -o GTB-789012.zip
    refundbook evidence GTB-789012 -o packet --allow-missing

    A page to print or send (evidence.html), the same as text to paste (statement.txt), the files that the Evidence column names, and
    their sizes and SHA-256 sums (manifest.json, SHA256SUMS). Links are listed and never opened. Full payment card numbers in texts are masked.

    Exit code 1, and nothing is made, where a file is missing or lies outside the workbook's folder.
    """
    from refundbook.evidence import gather
    from refundbook.packet import write

    opened = loaded(book)
    packet = gather(opened.records, number, opened.path, allow_outside=allow_outside)
    for file in packet.absent:
        complain(f"{_entries(file.items)}: {one_line(file.own_name)} {file.reason}.")
    if packet.absent and not allow_missing:
        raise RulesRefuse(_refusal(len(packet.absent), any(file.outside for file in packet.absent)))
    taken = write(packet, output, force=force)
    if as_json:
        echo_json(
            {
                "case": packet.number,
                "packet": str(output),
                "files": [{"name": f.exhibit.name, "size": f.size, "sha256": f.sha256} for f in taken],
                "links": [link.address for link in packet.links],
                "not_included": [{"own_name": f.own_name, "reason": f.reason} for f in packet.absent],
            }
        )
        return
    entries, files = len(packet.items), len(taken)
    say(
        f"Made {shown(output)}: {entries} {'entry' if entries == 1 else 'entries'}, {files} {'file' if files == 1 else 'files'}. "
        "Read it before you send it."
    )


def _entries(numbers: tuple[int, ...]) -> str:
    return f"Record No. {', '.join(map(str, numbers))}"


def _refusal(count: int, some_outside: bool) -> str:
    files = "1 file" if count == 1 else f"{count} files"
    outside = " or take what lies outside with --allow-outside," if some_outside else ""
    return f"The packet was not made: {files} cannot be taken. Correct the Evidence column,{outside} or leave them out with --allow-missing."
