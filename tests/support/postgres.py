"""A PostgreSQL of the tests' own, where the programs are there: Debian's package `postgresql`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if os.name != "nt" else []


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is; Debian has them in no folder of the path."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, _OTHERS)]))


IS_THERE = os.name != "nt" and all(map(program, ("initdb", "postgres")))


@contextmanager
def server() -> Iterator[str]:
    """The address of a new, empty database, which is gone afterwards. Nothing but a socket in its folder leads to it."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        who: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            shutil.chown(folder, "nobody")
            who = {"user": "nobody", "cwd": folder}
        data = f"{folder}/data"
        made = ["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([str(program("initdb")), "-D", data, *made], check=True, capture_output=True, **who)
        settings = [f"-cunix_socket_directories={folder}", "-clisten_addresses=", "-cfsync=off"]
        running = subprocess.Popen(
            [str(program("postgres")), "-D", data, *settings], stderr=subprocess.PIPE, text=True, **who
        )
        try:
            assert running.stderr is not None
            for line in running.stderr:
                if "ready to accept connections" in line:
                    break
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            running.terminate()
            running.communicate()
