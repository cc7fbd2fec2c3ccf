"""Wakes up when something in a folder changes, and every half second in any case: on a network drive nobody says that
something did.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.5
"""Seconds between two looks at the most."""


def ticks(folder: Path) -> Iterator[None]:
    """Give a tick at once when something in the folder changes, as far as watchfiles is installed and the system says
    so, and at least one every half second. Ends with KeyboardInterrupt.
    """
    try:
        import watchfiles
    except ImportError:
        while True:
            time.sleep(EVERY)
            yield
    milliseconds = int(1000 * EVERY)
    for _ in watchfiles.watch(
        folder, recursive=False, debounce=100, step=50, rust_timeout=milliseconds, yield_on_timeout=True
    ):
        yield
