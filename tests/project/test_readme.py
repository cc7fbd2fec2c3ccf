"""What the README shows is what happens: its commands print what stands under them, its Python runs, its links lead
somewhere.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TODAY = "2023-11-03"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[tuple[str, str]]:
    """Each command of the console blocks, in order, with the output under it."""
    found = []
    for block in blocks("console"):
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = piece.partition("\n")
            found.append((command, output))
    return found


def run(command: list[str] | str, folder: Path) -> str:
    env = {**os.environ, "REFUNDBOOK_TODAY": TODAY, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    env.pop("REFUNDBOOK", None)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr


def test_the_commands_print_what_the_readme_says(tmp_path: Path) -> None:
    assert len(commands()) >= 7
    for command, expected in commands():
        program, *arguments = shlex.split(command)
        assert program == "refundbook"
        assert run([sys.executable, "-m", "refundbook", *arguments], tmp_path) == expected, command


@pytest.mark.windows
def test_the_command_prompt_of_windows_runs_them_as_they_stand(tmp_path: Path) -> None:
    for command, expected in [*commands(), ("refundbook list --format csv > cases.csv", "")]:
        line = command.replace("refundbook", f'"{sys.executable}" -m refundbook', 1)
        done = run(f'cmd.exe /d /s /c "{line}"', tmp_path)
        assert done == expected, command
    assert (tmp_path / "cases.csv").read_text("utf-8-sig").startswith("Case Number,")
    assert (tmp_path / "cases.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_runs(block: str, tmp_path: Path) -> None:
    done = run([sys.executable, "-W", "error", "-c", block], tmp_path)
    assert "Traceback" not in done
    assert done.endswith("cases.xlsx: no errors, no warnings.\n") or "no errors" in done.splitlines()[-1]


def test_every_local_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_the_make_targets_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_quickstart_shows_the_designs_two_rows_and_two_refusals(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "REFUNDBOOK_TODAY": TODAY,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TMPDIR": str(tmp_path),
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["sh", str(ROOT / "examples" / "quickstart.sh")], env=env, capture_output=True, encoding="utf-8", check=True
    )
    shown = " ".join(done.stdout.split())
    for cell in (
        "2023-10-28 (Agent: Maya)",
        "2023-10-30 - Full refund issued to card.",
        "2023-11-02 (Agent: David)",
        "Pending - Awaiting return shipment scan.",
    ):
        assert cell in shown
    assert "is already in row 2 of Cases" in done.stderr
    assert "is in the future" in done.stderr
