"""The wheel carries all that refundbook needs: installed elsewhere, it makes a workbook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
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
    assert {"refundbook/py.typed", "refundbook/templates/released/0.1.0.xlsx"} <= {*names}
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


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_there_are_wheels_for_windows_of_all_that_pip_would_take_there(python: str) -> None:
    """`.ci/windows/lock` writes the list: run it when a dependency changes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for name in extras.keys() - {"bench", "dev"} for line in extras[name])]
    lines = (ROOT / ".ci" / "windows" / "wheels").read_text("utf-8").splitlines()
    wheels = [line.split()[1] for line in lines if line.split()[0] == python]
    names = {wheel.partition("-")[0].replace("_", "-").lower() for wheel in wheels}
    assert {re.split(r"[\[<>=; ]", line, maxsplit=1)[0].lower() for line in wanted} <= names
    assert all(wheel.endswith(("win_amd64.whl", "none-any.whl")) for wheel in wheels)
