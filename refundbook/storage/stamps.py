"""Time stamps (RFC 3161) of a history's head: the request for one, the answer kept beside the journal, and what it
proves. What is stamped is the SHA-256 of a line, so `openssl ts` can verify it too. Nothing goes over the network here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from refundbook.base.errors import BadValue, CannotWrite, UnknownEntry, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.history.cells import canonical
from refundbook.record.history.chain import Line, hashed
from refundbook.storage.history_forks import hashes_elsewhere
from refundbook.storage.history_reader import lines_of
from refundbook.storage.journal import Journal
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file
from refundbook.system.nofollow import read_file
from refundbook.system.refusals import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse, VerifierBuilder

MAX_ANSWER = 1 << 20
"""Bytes of an answer, and of a file of certificates."""
_FOLDER = ".stamps"
_ANSWER, _CERTIFICATES = ".tsr", ".pem"
_MISSING = 'Time stamps need the package rfc3161-client, which is not installed: pip install "refundbook[stamp]".'

_ByHash = Mapping[str, tuple[int, str]]
"""The number of a line by its hash, and `Stamp.of`."""


class Stamp(NamedTuple):
    """A stamp beside the journal: of which line (0 for none of it), when, whether it was `verified` with certificates
    that lie beside it, and what is wrong with it, as a sentence. `of` is the other computer's history that the line is
    of, where it is none of this one's.
    """

    file: Path
    line: int
    at: datetime | None
    verified: bool
    problem: str = ""
    of: str = ""

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        how = "verified" if self.verified else "present, not verified: give its authority's root with --tsa-cert"
        of = f" of another computer's history, {self.of}," if self.of else ""
        return f"Line {self.line}{of} was stamped at {self.at:%Y-%m-%d %H:%M:%S} UTC ({how})."


def stamp_request(path: Path) -> bytes:
    """A request (RFC 3161, TimeStampReq in DER) for a stamp of the newest line. Raises UsageError, UnknownEntry."""
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise UsageError(_MISSING) from error
    lines = lines_of(path)
    if not lines:
        raise UnknownEntry(f"{path} has no history yet: there is nothing to stamp.")
    made = TimestampRequestBuilder(_hashed(lines[-1]), HashAlgorithm.SHA256).build()
    return made.as_bytes()


def _hashed(line: Line) -> bytes:
    """What a line's hash is the SHA-256 of."""
    return hashed(canonical(line.header), line.digests)


def keep_stamp(path: Path, answer: bytes, certificates: bytes | None) -> Stamp:
    """Keep the answer to a request (TimeStampResp in DER) beside the journal, with the certificates (PEM) of the
    authority's root. Raises BadValue where it is no stamp of a line of this history, or does not verify; CannotWrite.
    """
    at = WorkbookFile(path)
    by_hash = {line.hash: (line.number, "") for line in lines_of(path)}
    stamp = _judged(Path("the answer"), answer, certificates, by_hash)
    if stamp.problem:
        raise BadValue(stamp.problem)
    name = f"{stamp.line}-{stamp.at:%Y%m%dT%H%M%S}"
    try:
        folder = at.make_home(at.path.name + _FOLDER)
        with at.locked():
            atomic_file.write_over(folder / f"{name}{_ANSWER}", answer, like=at.path)
            if certificates is not None:
                atomic_file.write_over(folder / f"{name}{_CERTIFICATES}", certificates, like=at.path)
    except OSError as error:
        raise CannotWrite(f"The stamp was not kept: {reason(error)}.") from error
    return stamp._replace(file=folder / f"{name}{_ANSWER}")


def stamps_of(path: Path, lines: list[Line] | None = None) -> list[Stamp]:
    """The stamps that lie beside a workbook's journal, the oldest line's first."""
    at = WorkbookFile(path)
    files: list[Path] = []
    with suppress(OSError):
        files = [file for file in (at.home / f"{at.path.name}{_FOLDER}").iterdir() if file.suffix == _ANSWER]
    if not files:
        return []
    by_hash = hashes_elsewhere(Journal(at))
    by_hash.update((line.hash, (line.number, "")) for line in (lines_of(path) if lines is None else lines))
    found = [_read(file, by_hash) for file in files]
    return sorted(found, key=lambda stamp: (stamp.of, stamp.line, stamp.file.name))


def stamp_files(path: Path, lines: list[Line]) -> list[tuple[str, str, bytes]]:
    """Of each stamp of this history with which nothing is wrong: a sentence, a name for it in a packet, its bytes."""
    found = []
    for stamp in stamps_of(path, lines):
        with suppress(OSError):
            if not (stamp.problem or stamp.of):
                found.append((str(stamp), f"stamp-{stamp.file.name}", read_file(stamp.file, MAX_ANSWER)))
    return found


def _read(file: Path, by_hash: _ByHash) -> Stamp:
    certificates = None
    with suppress(OSError):
        certificates = read_file(file.with_suffix(_CERTIFICATES), MAX_ANSWER)
    try:
        return _judged(file, read_file(file, MAX_ANSWER), certificates, by_hash)
    except OSError as error:
        return Stamp(file, 0, None, verified=False, problem=f"The stamp {file.name} cannot be read: {reason(error)}.")
    except UsageError as error:
        return Stamp(file, 0, None, verified=False, problem=str(error))


def _judged(file: Path, answer: bytes, certificates: bytes | None, by_hash: _ByHash) -> Stamp:
    """Raises UsageError where the package is not there."""
    try:
        from rfc3161_client import decode_timestamp_response
    except ImportError as error:
        raise UsageError(_MISSING) from error
    wrong = Stamp(file, 0, None, verified=False)
    try:
        found = decode_timestamp_response(answer)
        imprint, at = found.tst_info.message_imprint.message.hex(), found.tst_info.gen_time.astimezone(UTC)
    except Exception:  # whatever the package says of bytes that are none
        return wrong._replace(problem=f"{file.name} is no answer of a time-stamping authority, or one that refuses.")
    if imprint not in by_hash:
        why = "it is of no line of this history: that was made anew or cut off since, or it is another one's"
        return wrong._replace(at=at, problem=f"{file.name} was stamped at {at:%Y-%m-%d %H:%M:%S} UTC; {why}.")
    line, of = by_hash[imprint]
    stamp = Stamp(file, line, at, verified=False, of=of)
    if certificates is None:
        return stamp
    why = _refused(found, bytes.fromhex(imprint), certificates)
    return stamp._replace(verified=not why, problem=f"{file.name} does not verify: {why}." if why else "")


def _refused(found: TimeStampResponse, digest: bytes, certificates: bytes) -> str:
    """Why a stamp does not verify; `""` where it does. Certificates that signed themselves are roots."""
    import rfc3161_client
    from cryptography.x509 import load_pem_x509_certificates

    try:
        builder = rfc3161_client.VerifierBuilder()
        for certificate in load_pem_x509_certificates(certificates):
            builder = _with(builder, certificate)
        builder.build().verify(found, digest)
    except (ValueError, rfc3161_client.VerificationError) as error:
        return str(error).rstrip(".") or type(error).__name__
    return ""


def _with(builder: VerifierBuilder, certificate: Certificate) -> VerifierBuilder:
    if certificate.issuer == certificate.subject:
        return builder.add_root_certificate(certificate)
    return builder.add_intermediate_certificate(certificate)
