"""The sample workbook, made once and then copied, and the day on which the tests read it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import refundbook
from refundbook import Book
from tests.support.books import bare, filled

TODAY = date(2023, 11, 5)


def sample_at(path: Path) -> Path:
    """`filled` with the sample cases, a hundred times as fast from the second time on."""
    path.write_bytes(_sample(filled))
    return path


def bare_sample_at(path: Path) -> Path:
    """The same of the `bare` workbook, which is enough where only the entries matter."""
    path.write_bytes(_sample(bare))
    return path


@cache
def _sample(make: Callable[[Path], Path]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="refundbook-sample-") as folder:
        return make(Path(folder) / "sample.xlsx").read_bytes()


def load(path: Path, *, strict: bool = True) -> Book:
    """The workbook, read on that day by Ana."""
    return refundbook.load(path, strict=strict, today=TODAY, user="ana")
