"""The command as a process of its own: with pipes, or at a terminal that answers its questions."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from unicodedata import combining, east_asian_width

from tests.support.command import Ran, environment
from tests.support.systems import needs_posix

ROOT = Path(__file__).parents[2]
TIMEOUT = 60.0


def process(*args: str | Path, stdin: bytes = b"", cwd: Path | None = None, **env: str) -> Ran:
    """`python -m refundbook ARGS`, with pipes."""
    done = subprocess.run(
        _command(args), input=stdin, capture_output=True, cwd=cwd, env=_environment(env), timeout=TIMEOUT, check=False
    )
    out, err = (said.decode().replace(os.linesep, "\n") for said in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err)


def at_terminal(*args: str | Path, answers: Sequence[tuple[str, str]] = (), **env: str) -> tuple[int, str]:
    """The exit code and all that was shown, when each question that ends with the first text is answered with the
    second.

    Raises TimeoutError, with what was shown, when a question does not come.
    """
    return typed_at_terminal(_command(args), [(question, f"{answer}\n") for question, answer in answers], **env)


def typed_at_terminal(command: Sequence[str], answers: Sequence[tuple[str, str]] = (), **env: str) -> tuple[int, str]:
    """The same of any command. What is typed is typed as it is, without Enter after it."""
    needs_posix("a terminal of the tests is a pseudo-terminal")
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=_environment(env), start_new_session=True
    ) as running:
        os.close(theirs)
        shown = ""
        end = time.monotonic() + TIMEOUT
        left = list(answers)
        while True:
            if not select.select([ours], [], [], max(0.0, end - time.monotonic()))[0]:
                running.kill()
                raise TimeoutError(f"no {left[:1]} in: {shown}")
            try:
                data = os.read(ours, 65_536)
            except OSError:  # Linux: the other side is closed
                data = b""
            if not data:
                break
            shown += data.decode(errors="replace")
            if left and shown.rstrip().endswith(left[0][0]):
                os.write(ours, left.pop(0)[1].encode())
        code = running.wait()
    os.close(ours)
    return code, shown.replace("\r\n", "\n")


def _command(args: Sequence[str | Path]) -> list[str]:
    return [sys.executable, "-m", "refundbook", *map(str, args)]


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **environment(), "PYTHONPATH": str(ROOT), **more}


def columns_of(line: str) -> int:
    """The columns of a terminal that a line takes up (UAX #11)."""
    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in line)
