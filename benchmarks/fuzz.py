"""Spoils good workbooks at random and tells whether refundbook ever ends in anything but its documented errors.

    nice -n 15 python -m benchmarks.fuzz --count 100000 --run 1

Prints how the workbooks ended, and what happened with each that escaped; `--keep FOLDER` keeps those. Exit code 1 for
any escape.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.support.books import TEMPLATE
from tests.support.fuzzing import Outcome, fuzz
from tests.support.rich import DIALECTS, FEATURES
from tests.support.samples import sample_at

_BATCH = 500
_FEATURES = (
    "full",
    "plain",
    "totals_row_and_calculated_column",
    "starts_at_c4",
    "no_tables",
    "rich_text",
    "x14_validation",
)


def seeds() -> list[bytes]:
    """The template, the sample, the workbook with everything in it, and the dialects of other writers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        builders = [FEATURES[name] for name in _FEATURES]
        builders += [builder for name, builder in DIALECTS.items() if not name.startswith("libreoffice")]
        made = [sample_at(path).read_bytes(), *(builder(path).read_bytes() for builder in builders)]
    return [TEMPLATE.read_bytes(), *made]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="how many workbooks")
    parser.add_argument("--run", type=int, default=1, help="another number spoils them in other ways")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where to put the workbooks that escaped")
    given = parser.parse_args()
    good = seeds()
    begun = time.monotonic()
    total = Outcome()
    batches = [range(at, min(at + _BATCH, given.count)) for at in range(0, given.count, _BATCH)]
    with ProcessPoolExecutor(given.processes) as pool:
        for done in pool.map(fuzz, [good] * len(batches), [given.run] * len(batches), batches):
            total.ends += done.ends
            total.escapes += done.escapes
            for escape in done.escapes:
                print(f"--- {escape.number}\n{escape.what}", flush=True)
                if given.keep:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / f"{given.run}-{escape.number}.xlsx").write_bytes(escape.workbook)
    taken = time.monotonic() - begun
    count = total.ends.total()
    print(f"{count:,} workbooks in {taken:.0f} s ({count / taken:.0f} a second), {len(total.escapes)} escapes")
    for end, number in total.ends.most_common():
        print(f"{number:>9,}  {end}")
    return 1 if total.escapes else 0


if __name__ == "__main__":
    sys.exit(main())
