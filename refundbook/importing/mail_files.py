"""The mails in what a person names: a file (.eml, .emlx, .msg, .mbox), a Maildir, or a folder of them."""

from __future__ import annotations

import mailbox
import os
import re
from collections.abc import Iterator
from pathlib import Path

from refundbook.base.errors import UsageError
from refundbook.importing.mail import MAX_MAIL, Mail, is_mail, read_mail
from refundbook.importing.msg_file import COMPOUND, read_msg
from refundbook.system import bounds, regular_file
from refundbook.system.refusals import NO_FILE, reason

_APPLE = ".emlx"
_ENDINGS = (".eml", ".msg", ".mbox", _APPLE)
_MAILDIR = ("cur", "new")
_MBOX = b"From "
Found = Mail | tuple[str, str]
"""A mail, or the name of what holds none that can be read, with a sentence why."""


def holds_mails(path: Path) -> bool:
    """Whether a path is to be read as mails, not as a table: by its name, or by how it begins."""
    if _is_folder(path) or path.suffix.casefold() in _ENDINGS:
        return True
    try:
        with regular_file.opened(path) as file:
            return is_mail(file.read(4096))
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  (a Path raises where a name is too long)


def mails_in(path: Path) -> Iterator[Found]:
    """The mails in a file or folder, one by one. Raises UsageError where the path itself cannot be read."""
    if _is_folder(path):
        folders = [path / name for name in _MAILDIR if (path / name).is_dir()] or [path]
        files = [one for folder in folders for one in sorted(folder.iterdir()) if one.is_file()]
        if folders == [path]:
            files = [one for one in files if one.suffix.casefold() in _ENDINGS]
            if not files:
                raise UsageError(f"{path} is a folder, and holds no mails (.eml, .emlx, .msg, .mbox).")
        for one in files:
            yield from _of_file(one)
        return
    if not os.path.exists(path):  # noqa: PTH110  (as below)
        raise UsageError(f"{path} cannot be read: there is no such file.")
    yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Found]:
    try:
        with regular_file.opened(path) as file:
            begins = file.read(8)
    except OSError as error:
        yield path.name, f"It cannot be read: {reason(error, NO_FILE)}."
        return
    if begins.startswith(_MBOX):
        yield from _of_mbox(path)
        return
    try:
        data = regular_file.read(path, MAX_MAIL)
        data = _of_apple(data) if path.suffix.casefold() == _APPLE else data
        yield read_msg(data, path.name) if data.startswith(COMPOUND) else read_mail(data, path.name)
    except bounds.TooLarge:
        yield (
            path.name,
            f"It is larger than {MAX_MAIL >> 20} MiB, and is no mail to be kept: enter it with `refundbook log`.",
        )
    except OSError as error:
        yield path.name, f"It cannot be read: {reason(error, NO_FILE)}."
    except UsageError as error:
        yield path.name, str(error)


def _of_apple(data: bytes) -> bytes:
    """The mail in a file of Apple Mail's, which has its length before it, and marks of the program behind it."""
    length = re.match(rb"\s*(\d{1,12})\s*\n", data)
    return data[length.end() :][: int(length[1])] if length else data


def _of_mbox(path: Path) -> Iterator[Found]:
    """The mails of an mbox (RFC 4155)."""
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            name = f"{path.name}, mail {number}"
            with box.get_file(key) as file:
                data = file.read(MAX_MAIL + 1)
            if len(data) > MAX_MAIL:
                yield name, f"It is larger than {MAX_MAIL >> 20} MiB: enter what it says with `refundbook log`."
                continue
            try:
                yield read_mail(data, name)
            except UsageError as error:
                yield name, str(error)
    finally:
        box.close()
