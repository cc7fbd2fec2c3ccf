"""A second process for work that the tests want done in one: the numerical libraries that other tests import have begun
threads in this one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from refundbook.system import forked

POSSIBLE = hasattr(os, "fork") and hasattr(os, "sched_getaffinity")


@contextmanager
def second_process() -> Iterator[None]:
    """Have work done in a copy of this process, as in the command, which has one thread, on a computer with two
    processors.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forked, "_threads", lambda: 1)
        patch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
        yield
