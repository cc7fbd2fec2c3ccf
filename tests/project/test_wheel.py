"""The wheel carries all that refundbook needs: installed elsewhere, it makes a workbook."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_it_holds_the_template_and_the_type_marker_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        assert file.read("refundbook/templates/tracker.xlsx") == (ROOT / "templates" / "tracker.xlsx").read_bytes()
    assert "refundbook/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_installed_elsewhere_it_makes_a_workbook_and_takes_an_entry(wheel: Path, tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "folder"
    folder.mkdir()
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    env = {**os.environ, "PYTHONPATH": str(site), "REFUNDBOOK_TODAY": "2023-11-03"}
    env.pop("REFUNDBOOK", None)
    where = subprocess.run(
        [sys.executable, "-c", "import refundbook.book as b; print(b.__file__)"],
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(site)
    for arguments in (["init"], ["append", "case", "GTB-789012", "--opened", "2023-10-26"], ["check"]):
        subprocess.run(
            [sys.executable, "-m", "refundbook", *arguments], cwd=folder, env=env, check=True, capture_output=True
        )
    assert (folder / "tracker.xlsx").exists()
