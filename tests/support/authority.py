"""A time-stamping authority of the tests' own: `openssl ts` with certificates made here (RFC 3161)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def has_openssl() -> bool:
    """Whether `openssl` is there."""
    return shutil.which("openssl") is not None


class Authority:
    """It answers requests. `root` is its root certificate, in PEM."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.root = folder / "root.pem"
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder.as_posix()), encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        new = ["req", "-newkey", "rsa:2048", "-nodes", "-config", "openssl.cnf"]
        self._run(
            *new,
            "-x509",
            "-days",
            "36500",
            "-extensions",
            "root",
            "-subj",
            "/CN=Root",
            "-keyout",
            "root.key",
            "-out",
            "root.pem",
        )
        self._run(*new, "-subj", "/CN=Stamps", "-keyout", "leaf.key", "-out", "leaf.csr")
        signing = [
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-extfile",
            "openssl.cnf",
            "-extensions",
            "leaf",
        ]
        self._run("x509", "-req", "-in", "leaf.csr", *signing, "-days", "36500", "-out", "leaf.pem")

    def answer(self, request: Path, target: Path) -> Path:
        """The answer to a request, written to `target`."""
        self._run(
            "ts",
            "-reply",
            "-config",
            "openssl.cnf",
            "-queryfile",
            str(request),
            "-signer",
            "leaf.pem",
            "-inkey",
            "leaf.key",
            "-out",
            str(target),
        )
        return target

    def verifies(self, digest: str, answer: Path) -> bool:
        """Whether openssl finds an answer to be a stamp of this SHA-256."""
        args = [
            "openssl",
            "ts",
            "-verify",
            "-digest",
            digest,
            "-in",
            str(answer),
            "-CAfile",
            "root.pem",
            "-untrusted",
            "leaf.pem",
        ]
        return subprocess.run(args, cwd=self._folder, capture_output=True, check=False).returncode == 0

    def _run(self, *args: str) -> None:
        subprocess.run(["openssl", *args], cwd=self._folder, capture_output=True, check=True)
