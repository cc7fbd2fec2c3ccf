"""LibreOffice as a second reader: what it computes, how it prints, and what python-calamine then reads."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from lxml import etree
from python_calamine import CalamineWorkbook

TIMEOUT = 180
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@cache
def _program() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def has_libreoffice() -> bool:
    return _program() is not None


@cache
def _profile() -> Path:
    """One LibreOffice profile a process: two that run at the same time must not share one, and making one takes
    seconds.
    """
    folder = Path(tempfile.mkdtemp(prefix="refundbook-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def recalculated(path: Path, out_dir: Path, *, drop_cached: bool = True) -> Path:
    """The workbook after LibreOffice has opened it, computed it and saved it as .xlsx in `out_dir`.

    LibreOffice computes only formula cells without a cached value, so these are taken out first. Raises RuntimeError as
    `converted` does.
    """
    with tempfile.TemporaryDirectory(prefix="refundbook-input-") as folder:
        source = Path(folder) / path.name
        if drop_cached:
            without_cached_values(path, source)
        else:
            shutil.copyfile(path, source)
        return converted([source], out_dir)[0]


def to_pdf(path: Path, out_dir: Path) -> Path:
    """The workbook as LibreOffice prints it. Raises RuntimeError as `converted` does."""
    return converted([path], out_dir, "pdf", "pdf")[0]


def sheet_values(path: Path, sheet: str) -> list[list[object]]:
    """The values of a sheet from A1 on, as python-calamine reads them."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [list(row) for row in rows]


def ods_formulas(path: Path, sheet: str) -> list[str]:
    """The formulas of a sheet of an .ods. LibreOffice may show one as the text that stood beside it, so its values do
    not tell.
    """
    with zipfile.ZipFile(path) as archive:
        root = etree.fromstring(archive.read("content.xml"))
    (table,) = (table for table in root.iter(f"{TABLE}table") if table.get(f"{TABLE}name") == sheet)
    formulas = (cell.get(f"{TABLE}formula") for cell in table.iter(f"{TABLE}table-cell"))
    return [str(formula) for formula in formulas if formula is not None]


def error_cells(path: Path) -> list[str]:
    """Cells that show an error value, as `xl/worksheets/sheet6.xml!G5`. python-calamine reads an error as an empty
    text, so it cannot be asked.
    """
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                cells = etree.fromstring(archive.read(name)).iter(f"{MAIN}c")
                found += [f"{name}!{cell.get('r')}" for cell in cells if cell.get("t") == "e"]
    return found


def without_cached_values(path: Path, target: Path) -> Path:
    """A copy of a workbook in which no formula cell has a result."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.endswith(".xml") and "worksheets/" in info.filename:
                content = _without_results(content)
            copy.writestr(info.filename, content)
    return target


def _without_results(sheet: bytes) -> bytes:
    root = etree.fromstring(sheet)
    for cell in root.iter(f"{MAIN}c"):
        result = cell.find(f"{MAIN}v")
        if cell.find(f"{MAIN}f") is not None and result is not None:
            cell.remove(result)
            cell.attrib.pop("t", "")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def converted(
    paths: Sequence[Path], out_dir: Path, suffix: str = "xlsx", target: str = "xlsx:Calc MS Excel 2007 XML"
) -> list[Path]:
    """The files as LibreOffice opens and saves them, in one run. Their names without suffix must differ.

    Raises RuntimeError, with what LibreOffice said, where a file is missing at the end, subprocess.TimeoutExpired where
    it hangs.
    """
    program = _program()
    if program is None:
        raise RuntimeError("LibreOffice is not installed.")
    made = [out_dir / f"{path.stem}.{suffix}" for path in paths]
    if {path.resolve() for path in made} & {path.resolve() for path in paths}:
        raise ValueError(f"A file in {out_dir} would be overwritten by its own conversion: choose another folder.")
    out_dir.mkdir(parents=True, exist_ok=True)
    for path in made:
        path.unlink(missing_ok=True)
    profile = f"-env:UserInstallation={_profile().as_uri()}"
    options = [profile, "--headless", "--norestore", "--convert-to", target, "--outdir", str(out_dir)]
    said = _run([program, *options, *map(str, paths)])
    missing = [path.name for path in made if not path.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not make {', '.join(missing)} ({said or 'it said nothing'}).")
    return made


def _run(command: list[str]) -> str:
    """What the program wrote. The whole process group ends at the time limit: `soffice` is a script that starts the
    real program.
    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return (err or out).strip()
