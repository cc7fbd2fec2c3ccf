"""Write the blank workbook to a file: `python -m refundbook.template templates/tracker.xlsx`."""

from __future__ import annotations

import argparse
from pathlib import Path

from refundbook.system import atomic_file
from refundbook.system.refusals import reason
from refundbook.template import build


def main() -> None:
    """Write the workbook to the one path given, whole, in place of a workbook that is there. Wrong usage
    ends with 2.
    """
    parser = argparse.ArgumentParser(prog="python -m refundbook.template", description=__doc__)
    parser.add_argument("path", type=Path, help="the file to write, in place of a workbook that is there")
    path = parser.parse_args().path
    try:
        if not atomic_file.write_own(path, build(), lambda there: there.startswith(b"PK")):
            parser.error(f"{path} is no workbook and is left as it is")
    except OSError as error:
        parser.error(f"{path} cannot be written: {reason(error)}")


if __name__ == "__main__":
    main()
