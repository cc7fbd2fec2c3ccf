"""What refundbook says of its own work to who looks for a fault, or for what takes long: through `logging`, to the
logger `refundbook`, at level DEBUG.

Nothing else of refundbook imports `logging`: that takes longer than the rules take to judge an entry. A program which
has imported it, and uses refundbook as a library, gets what is said there as from any other package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

VARIABLE = "REFUNDBOOK_DEBUG"
"""The environment variable that has the command speak."""
_NAME = "refundbook"


def debug(message: str, *values: object) -> None:
    """Say something; the values go into the message as `logging` puts them there."""
    if logging := sys.modules.get("logging"):
        logging.getLogger(_NAME).debug(message, *values)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Say how long this took, also where it failed."""
    begin = perf_counter()
    try:
        yield
    finally:
        debug("%s: %.1f ms", name, 1000 * (perf_counter() - begin))


_undo: list[Callable[[], None]] = []


def turn_on(say: Callable[[str], None]) -> None:
    """Have `say` called with whatever is said, until `turn_off`."""
    import logging

    class Said(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    turn_off()
    logger, handler = logging.getLogger(_NAME), Said()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    _undo.extend((lambda: logger.removeHandler(handler), lambda: logger.setLevel(level)))


def turn_off() -> None:
    """Be as silent as before."""
    while _undo:
        _undo.pop()()


def is_on() -> bool:
    """Whether `turn_on` was called last."""
    return bool(_undo)
