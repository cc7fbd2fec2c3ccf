"""The two common type checkers, as somebody runs them who uses the library: mypy, and pyright by node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.elsewhere import modules

Errors = list[tuple[int, str]]
"""The lines, from 1, and what is wrong in each."""


def has_pyright() -> bool:
    return shutil.which("node") is not None and _pyright().is_file()


def by_mypy(code: str, folder: Path) -> Errors:
    """What is wrong in a module in this folder. Raises RuntimeError where mypy fails."""
    path = _written(code, folder)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(folder / "cache"),
        str(path),
    ]
    said = _said(command, folder)
    found = (re.fullmatch(rf"{re.escape(path.name)}:(\d+): error: (.*)", line) for line in said.splitlines())
    return [(int(match[1]), match[2]) for match in found if match]


def by_pyright(code: str, folder: Path) -> Errors:
    """As `by_mypy`."""
    path = _written(code, folder)
    said = _said(["node", str(_pyright()), "--outputjson", "--pythonpath", sys.executable, str(path)], folder)
    found = json.loads(said)["generalDiagnostics"]
    return [(at["range"]["start"]["line"] + 1, at["message"]) for at in found if at["severity"] == "error"]


TYPE_CHECKERS: dict[str, Callable[[str, Path], Errors]] = {"mypy": by_mypy, "pyright": by_pyright}


def _pyright() -> Path:
    return modules() / "pyright" / "index.js"


def _written(code: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "user.py"
    path.write_text(code, encoding="utf-8")
    return path


def _said(command: list[str], folder: Path) -> str:
    """Both end with 1 where something is wrong in the code."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout
