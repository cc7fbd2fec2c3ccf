"""Write the blank workbook to a file: `python -m refundbook.template templates/tracker.xlsx`."""

from __future__ import annotations

import argparse
from pathlib import Path

from refundbook.template import build


def main() -> None:
    """Write the workbook to the one path given, in place of what is there. Wrong usage ends with 2."""
    parser = argparse.ArgumentParser(prog="python -m refundbook.template", description=__doc__)
    parser.add_argument("path", type=Path, help="the file to write, in place of one that is there")
    parser.parse_args().path.write_bytes(build())


if __name__ == "__main__":
    main()
