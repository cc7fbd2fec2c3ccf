"""The command, run in this process: what it prints, what it complains of, and the exit code it ends with."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from refundbook.cli import main

TODAY = "2023-11-05"
"""The day on which the commands are run."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(today: str = TODAY) -> dict[str, str]:
    """What a command sees besides its arguments: a day, a user, a terminal's width, and no workbook of its own."""
    return {"REFUNDBOOK_TODAY": today, "REFUNDBOOK_USER": "ana", "REFUNDBOOK": "", "COLUMNS": "100"}


def run(*args: str | Path, book: Path | None = None, today: str = TODAY, **env: str) -> Ran:
    """`refundbook -b BOOK ARGS`, without a terminal, in the environment `env`."""
    return _run(args, book, io.StringIO(), {**environment(today), **env})


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run_at_terminal(*args: str | Path, book: Path | None = None) -> Ran:
    """The same, as if it printed to a terminal without colours."""
    return _run(args, book, _Terminal(), {**environment(), "NO_COLOR": "1"})


def _run(args: Sequence[str | Path], book: Path | None, out: io.StringIO, env: dict[str, str]) -> Ran:
    given = [*(["-b", str(book)] if book else []), *map(str, args)]
    err = io.StringIO()
    with patch.dict(os.environ, env), redirect_stdout(out), redirect_stderr(err):
        try:
            main(given)
        except SystemExit as end:
            return Ran(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("the command did not end its process")
