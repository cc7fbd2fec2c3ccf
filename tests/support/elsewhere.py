"""SheetJS and ExcelJS, the two common readers and writers of workbooks in JavaScript, run by node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = ("SheetJS", "ExcelJS")
TIMEOUT = 180
_FOLDER = Path(__file__).parents[1] / "node"
_PACKAGES = ("xlsx", "exceljs")

Rows = list[list[object]]


def modules() -> Path:
    """Where npm put them: $REFUNDBOOK_NODE_MODULES, else tests/node/node_modules."""
    return Path(os.environ.get("REFUNDBOOK_NODE_MODULES") or _FOLDER / "node_modules")


def has_javascript_readers() -> bool:
    return shutil.which("node") is not None and all((modules() / name).is_dir() for name in _PACKAGES)


def values(paths: Sequence[Path]) -> dict[Path, dict[str, dict[str, Rows]]]:
    """What each program reads in each workbook: sheet to its rows from A1 on, with None for a blank cell and dates as
    serial numbers of the 1900 system. A sheet `""` stands for what the program could not read at all. Raises
    RuntimeError where node fails.
    """
    answer = json.loads(_run("values.js", given=json.dumps([str(path) for path in paths])))
    return {path: answer[str(path)] for path in paths}


def resaved(program: str, source: Path, target: Path) -> Path:
    """A workbook as one of the `PROGRAMS` saves it. Raises RuntimeError where node fails."""
    _run("resave.js", program, str(source), str(target))
    return target


def _run(script: str, *arguments: str, given: str = "") -> str:
    environment = {**os.environ, "NODE_PATH": str(modules()), "TZ": "UTC"}
    command = ["node", str(_FOLDER / script), *arguments]
    run = subprocess.run(
        command, input=given, capture_output=True, text=True, env=environment, timeout=TIMEOUT, check=False
    )
    if run.returncode:
        raise RuntimeError(f"{script} failed: {run.stderr}")
    return run.stdout
