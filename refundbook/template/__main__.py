"""Write the blank workbook to a file: `python -m refundbook.template templates/tracker.xlsx`."""

from __future__ import annotations

import sys
from pathlib import Path

from refundbook.template import build


def main(arguments: list[str]) -> int:
    """Write the workbook to the one path given; return the exit code, 2 for wrong usage."""
    if len(arguments) != 1:
        print("Usage: python -m refundbook.template PATH", file=sys.stderr)
        return 2
    Path(arguments[0]).write_bytes(build())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
