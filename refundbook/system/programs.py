"""Who this user is to the system, and which programs run on this computer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":

    def user_name() -> str:
        """The name of the user that this process runs as, whatever the environment says."""
        from refundbook.system import win32

        return win32.user_name()

    def running() -> Iterator[str]:
        """The names of all programs that run here. Raises OSError where they cannot be told."""
        from refundbook.system import win32

        yield from win32.running_programs()

else:
    _PROCESSES = Path("/proc")
    _ALL_PROCESSES_ARE_VISIBLE = "pid:[4026531836]"
    """The first process namespace (Linux, PROC_PID_INIT_INO); from within another, such as a container's, programs
    outside cannot be seen.
    """

    def user_name() -> str:
        """The name of the user that this process runs as, whatever the environment says."""
        import os
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return ""

    def running() -> Iterator[str]:
        """The names of all programs that run here. Raises OSError where they cannot be told."""
        if str((_PROCESSES / "self/ns/pid").readlink()) != _ALL_PROCESSES_ARE_VISIBLE:
            raise ProcessLookupError("those of other containers cannot be seen")
        yield from (_name(process) for process in _PROCESSES.iterdir() if process.name.isdigit())

    def _name(process: Path) -> str:
        try:
            # One that has ended, and that nobody has taken note of yet, still has its name, but no command line.
            has_ended = not (process / "cmdline").read_bytes()
            return "" if has_ended else (process / "comm").read_text(errors="replace").rstrip("\n")
        except OSError:  # it has just ended
            return ""
