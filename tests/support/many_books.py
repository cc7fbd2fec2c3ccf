"""Many workbooks, ten of them broken in ten ways, and every executor to read them: `python -m tests.support.many_books
FOLDER EXECUTOR…` prints what each answers.

A process of its own: its pools are begun where no library has begun threads, and permissions bind it, root too (`bound`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import refundbook
from refundbook import Books, InvalidWorkbook
from refundbook.book.many import Found, find_books
from tests.support.gallery import build
from tests.support.hostile import REFUSED
from tests.support.samples import TODAY

VANISHING = "vanishing.xlsx"
OWNER_FILE = "~$shop-0.xlsx"


def make(folder: Path, count: int) -> None:
    """So many sound workbooks, each with cases, messages and money of its own."""
    for k in range(count):
        number = f"GTB-{100_000 + k}"
        build(
            folder / f"shop-{k}.xlsx",
            f"case number={number} opened=2023-10-01 amount={k}.10 currency=USD ; "
            f'communication number={number} date=2023-10-0{1 + k % 9} with=Support summary="Hello {k}" promise=Money '
            f"due=2023-10-2{k % 9} ; resolution number={number} status=Pending",
        )


def spoil(folder: Path) -> set[str]:
    """Put ten beside them that are broken, each in another way; gives their names."""
    twice = "case number=GTB-1 opened=2023-10-01 ; case number=GTB-1 opened=2023-10-02"
    build(folder / "duplicate.xlsx", twice)
    for name in ("locked.xlsx", VANISHING):
        build(folder / name, "case number=GTB-2 opened=2023-10-01")
    (folder / "locked.xlsx").chmod(0)
    (folder / "text.xlsx").write_text("not a zip")
    (folder / "password.xlsx").write_bytes(REFUSED["encrypted"]())
    (folder / "bomb.xlsx").write_bytes(REFUSED["part_beyond_the_bound"]())
    (folder / "folder.xlsx").mkdir()
    (folder / "link.xlsx").symlink_to("nowhere.xlsx")
    (folder / OWNER_FILE).write_bytes(b"\x04Maya" + bytes(160))
    os.mkfifo(folder / "pipe.xlsx")
    plain = ("duplicate", "locked", "text", "password", "bomb", "folder", "link", "pipe")
    return {*(f"{name}.xlsx" for name in plain), VANISHING, OWNER_FILE}


def tables(books: Books) -> tuple[bytes, ...]:
    """All that is in the tables, as bytes; then all that is said of them."""
    frames = (
        *(books.cases, books.communications, books.resolutions, books.tracker, books.joined()),
        *(books.due().to_frame(), books.check().to_frame(), books.duplicates()),
    )
    return tuple(frame.to_parquet() for frame in frames)


def digest(books: Books) -> str:
    """One text for all that `tables` gives."""
    return sha256(b"".join(tables(books))).hexdigest()


def bound(command: list[str]) -> list[str]:
    """The command as permissions bind it: root may read every file otherwise."""
    if os.geteuid():
        return command
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]


# Executors


@contextmanager
def _loky() -> Iterator[Executor]:
    import loky

    module: Any = loky
    pool = module.get_reusable_executor(max_workers=2)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True)


@contextmanager
def dask_cluster(*, processes: bool) -> Iterator[str]:
    """A Dask cluster on this computer, of processes or in this one: its address."""
    import distributed

    module: Any = distributed
    with module.LocalCluster(
        n_workers=2 if processes else 1,
        threads_per_worker=1,
        processes=processes,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        yield cluster.scheduler_address


@contextmanager
def _dask(*, processes: bool) -> Iterator[Executor]:
    import distributed

    module: Any = distributed
    with dask_cluster(processes=processes) as address, module.Client(address) as client:
        yield client.get_executor()


EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor | None]]] = {
    "none": nullcontext,
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "loky": _loky,
    "dask here": lambda: _dask(processes=False),
    "dask": lambda: _dask(processes=True),
}


def _answered(executor: Executor | None) -> dict[str, object]:
    books = refundbook.load_all("*.xlsx", executor=executor, today=TODAY, strict=True)
    return {
        "books": len(books),
        "tables": digest(books),
        "failed": {
            name: [type(error).__name__, str(error), error.exit_code, len(error.report.errors)]
            if isinstance(error, InvalidWorkbook)
            else [type(error).__name__, str(error), error.exit_code, 0]
            for name, error in books.failed.items()
        },
        "passed over": list(books.passed_over),
    }


def _found_and_lost(given: Any) -> Found:
    """One of the workbooks is there when they are looked for, and gone when they are read."""
    build(Path(VANISHING), "case number=GTB-2 opened=2023-10-01")
    found = find_books(given)
    Path(VANISHING).unlink()
    return found


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    said = {}
    for name in sys.argv[2:]:
        with EXECUTORS[name]() as executor, patch("refundbook.book.books.find_books", _found_and_lost):
            said[name] = _answered(executor)
    print(json.dumps(said))
