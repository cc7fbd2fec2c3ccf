"""Text on a command line, as the shell that is there reads it."""

from __future__ import annotations

import os
import re

_PLAIN = re.compile(r"[\w.:/\\+~-]+")
"""What neither cmd.exe nor PowerShell makes anything of."""
_BEFORE_QUOTE = re.compile(r'(\\*)("|$)')


def argument(text: str) -> str:
    """`text` as one argument of a command: on Windows for cmd.exe and PowerShell, which both read quotation marks; for
    a POSIX shell elsewhere.

    A program there takes its arguments apart itself: a backslash counts twice before a quotation mark and at the end
    (Microsoft C, "Parsing C command-line arguments").
    """
    if os.name != "nt":
        import shlex

        return shlex.quote(text)
    if _PLAIN.fullmatch(text) and not text.endswith("\\"):
        return text
    escaped = _BEFORE_QUOTE.sub(lambda found: found[1] * 2 + ('\\"' if found[2] else ""), text)
    return f'"{escaped}"'


def without_doubled_backslashes(said: str) -> str:
    """A sentence of Click, which writes a path as Python does, as its reader types the path."""
    return said.replace("\\\\", "\\") if os.name == "nt" else said
