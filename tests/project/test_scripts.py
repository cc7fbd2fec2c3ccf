"""Every script of the repository says what it does when it is asked, and does nothing then, nor when it is asked
wrongly.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SCRIPTS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("examples", "docs", "benchmarks", "refundbook")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
]


def ran(script: str, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """A script run in an empty folder; `refundbook.template` and the like by the name of its package."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "benchmarks")))}
    package = script.removesuffix("/__main__.py").replace("/", ".")
    how = ["-m", package] if script.endswith("/__main__.py") else [str(ROOT / script)]
    command = [sys.executable, *how, *args]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_there_are_scripts() -> None:
    assert {"examples/make_shop.py", "docs/make_rules.py", "benchmarks/peers.py", "refundbook/template/__main__.py"} <= set(SCRIPTS)  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_is_printed_and_nothing_is_made(script: str, tmp_path: Path) -> None:
    pages = {page: page.stat().st_mtime_ns for page in (ROOT / "docs").glob("*.md")}
    done = ran(script, tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
    assert list(tmp_path.iterdir()) == []
    assert {page: page.stat().st_mtime_ns for page in pages} == pages


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_option_that_there_is_not_makes_nothing(script: str, tmp_path: Path) -> None:
    done = ran(script, tmp_path, "--no-such-option")
    assert done.returncode == 2
    assert "usage: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
