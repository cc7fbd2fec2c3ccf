"""`python -m tests.support.ordinary GROUPS ARGS`: the command, run by a user whom permissions bind, also where root
runs the tests.

What is imported late is imported before the user changes, so that it does not matter whether that user may read the
packages.
"""

from __future__ import annotations

import os
import sys

from refundbook.cli import main
from tests.support.killer import warm_up

NOBODY = 65534


def _become(groups: list[int]) -> None:
    os.setgroups(groups)
    os.setgid(NOBODY)
    os.setuid(NOBODY)


if __name__ == "__main__":
    warm_up()
    if os.geteuid() == 0:
        _become([int(group) for group in sys.argv[1].split(",") if group])
    main(sys.argv[2:])
