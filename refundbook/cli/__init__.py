"""The command: its exit codes, and never a traceback. The commands are in `commands`; a plain append is run without
Click, which takes as long to import as all else.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


INTERNAL_ERROR = 70
_STOPPED = 130


def command() -> NoReturn:
    """What the shell runs: `main` in a process of its own, which ends as soon as all is said.

    Looking for garbage in cycles, and taking apart at the end what the system frees at once, is a fifth of what a short
    command takes.
    """
    gc.disable()
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with its exit code. Never shows a traceback, unless $REFUNDBOOK_DEBUG is set,
    or with `--debug`.
    """
    _speak_utf8()
    given = list(sys.argv[1:] if args is None else args)
    raise SystemExit(_guarded(lambda: _run(given)))


def _run(args: Sequence[str]) -> int:
    if "append" in args or "log" in args:
        from refundbook.cli import fast_append

        entry = fast_append.parsed(args, os.environ)
        if entry is not None:
            return fast_append.run(entry)
    from refundbook.cli import commands

    return commands.run(args)


def _speak_utf8() -> None:
    """Pipes and files get UTF-8 whatever the computer's own encoding is; a terminal gets escapes for what it cannot
    show.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _guarded(run: Callable[[], int]) -> int:
    from refundbook.base import debug
    from refundbook.base.errors import RefundbookError
    from refundbook.cli.names import Stopped

    if os.environ.get(debug.VARIABLE):
        _speak_of_work()
    try:
        return run()
    except (Stopped, KeyboardInterrupt):
        _complain("Stopped. Nothing was written.")
        return _STOPPED
    except RefundbookError as error:
        for line in error.lines:
            _complain(line)
        return error.exit_code
    except Exception as error:
        if debug.is_on():
            raise
        _complain(
            f"Something went wrong inside refundbook ({type(error).__name__}: {error}). The workbook is unchanged. "
            "Set REFUNDBOOK_DEBUG=1 to see where, and please report it."
        )
        return INTERNAL_ERROR
    finally:
        debug.turn_off()


def _speak_of_work() -> None:
    from refundbook.cli.common import speak_of_work

    speak_of_work()


def _complain(message: str) -> None:
    from refundbook.cli.common import complain

    complain(message)
