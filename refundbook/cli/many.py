"""Commands on many workbooks: which ones `-b` names, who does the work, and what becomes of those that fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from refundbook.base.addresses import without_password
from refundbook.base.errors import MissingWorkbook, RefundbookError, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BOOK
from refundbook.cli.common import complain, loaded, say_what_waits, shown, today
from refundbook.cli.many_options import CLUSTER, JOBS
from refundbook.cli.names import PATTERN_SIGNS
from refundbook.cli.output import echo_rows

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from refundbook.base.tone import Tone
    from refundbook.book import Book

Result = TypeVar("Result")
Row = Sequence[object]

READS_MANY = ("check", "due", "list", "find", "insights", "tracker", "history", "export")
"""The commands that take several workbooks."""
_MOST_PROCESSES = 61
"""More Windows cannot wait for (`concurrent.futures.ProcessPoolExecutor`)."""


class Chosen(NamedTuple):
    """Several workbooks, or those that a pattern names. Each goes by its path from the current folder, or, unless they
    `are_named` so, by its whole path.
    """

    paths: tuple[Path, ...]
    are_named: bool = True


Asked = Path | Chosen
"""What a command that reads is given."""


def choose(command: str | None, given: Sequence[str]) -> Asked:
    """The workbook that is meant, or the workbooks. Raises UsageError where a command that takes one is given several,
    MissingWorkbook for a pattern that fits nothing.
    """
    if len(given) == 1 and (command == "init" or not _is_pattern(given[0])):
        return Path(given[0])
    from refundbook.book.many import find_books

    found = find_books(given)
    for path in found.passed_over:
        complain(f"{shown(path)} is passed over: it is no workbook of its own, but an owner file or a backup.")
    if not found.paths:
        raise MissingWorkbook("No workbook is left: name one, such as tracker.xlsx.")
    if command in READS_MANY:
        return Chosen(found.paths)
    if len(found.paths) > 1:
        raise UsageError(
            f"`refundbook {command}` takes exactly one workbook, and -b names {len(found.paths):,}. Several are taken "
            f"by {', '.join(READS_MANY)}."
        )
    return found.paths[0]


def _is_pattern(text: str) -> bool:
    if not any(sign in text for sign in PATTERN_SIGNS):
        return False
    from refundbook.book.many import is_pattern

    return is_pattern(text)


class Answers(Generic[Result]):
    """What each workbook answered, by its name (`""` where only one was asked for), and the errors of the others."""

    def __init__(self, are_many: bool) -> None:
        self.are_many = are_many
        self.found: dict[str, Result] = {}
        self.failed: dict[str, RefundbookError] = {}

    def failed_records(self) -> list[dict[str, object]]:
        """Those that failed, for JSON."""
        return [
            {"book": name, "error": " ".join(error.lines), "exit_code": error.exit_code}
            for name, error in self.failed.items()
        ]

    def finish(self, code: int = 0) -> None:
        """End the command with the highest exit code, where that is not 0."""
        code = max([code, *(error.exit_code for error in self.failed.values())])
        if code:
            raise SystemExit(code)


def ask(asked: Asked, work: Callable[[Book], Result], *, strict: bool = True) -> Answers[Result]:
    """What `work`, a function of a module, gives for each workbook. One that cannot be read is named on standard error,
    and costs no other its answer. Raises what it raises where only one was asked for.
    """
    if isinstance(asked, Path):
        alone: Answers[Result] = Answers(are_many=False)
        alone.found[""] = work(loaded(asked, strict=strict))
        return alone
    from refundbook.book.many import answers

    together: Answers[Result] = Answers(are_many=True)
    with _executor(len(asked.paths)) as executor, _progress(len(asked.paths)) as step:
        for name, answer in answers(asked.paths, work, executor=executor, today=today(), strict=strict):
            step()
            if isinstance(answer, RefundbookError):
                together.failed[name] = answer
            else:
                together.found[name] = answer
    # What was asked in a wrong way is said once, not by every workbook.
    for line in dict.fromkeys(line for error in together.failed.values() for line in error.lines):
        complain(line)
    for path in asked.paths:
        say_what_waits(path)
    return together


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label="Reading workbooks", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


@contextmanager
def _executor(count: int) -> Iterator[Executor | None]:
    given = click.get_current_context().meta
    if cluster := given.get(CLUSTER):
        with _dask(cluster) as executor:
            yield executor
    elif (jobs := given.get(JOBS, 1)) > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # The same on every system, and no copy of what this process holds.
        workers = min(jobs, count, _MOST_PROCESSES)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool
    else:
        yield None


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            'A Dask cluster needs the package distributed, which is not installed: pip install "refundbook[cluster]".'
        ) from error
    try:
        client = _untyped(distributed).Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"No Dask cluster answers at {without_password(address)}: start one with `dask scheduler` and "
            "`dask worker`, or read with --jobs."
        ) from error
    with client:
        yield client.get_executor()


def _untyped(module: Any) -> Any:
    return module


def echo_many(
    form: str,
    header: Sequence[str],
    answers: Answers[Result],
    rows: Callable[[Result], Sequence[Row]],
    data: Callable[[Result], Sequence[Mapping[str, object]]],
    *,
    whole: Collection[int] = (),
    tones: Callable[[Result], Sequence[Mapping[int, Tone]]] | None = None,
) -> None:
    """Print rows as `output.echo_rows` does; of several workbooks each row begins with its Book, and JSON is an object
    of `rows`, each with its `book`, and `failed`.
    """
    found, shift = answers.found, int(answers.are_many)

    def records() -> object:
        if not answers.are_many:
            return next(map(data, found.values()))
        every = [{"book": name, **record} for name, one in found.items() for record in data(one)]
        return {"rows": every, "failed": answers.failed_records()}

    coloured = [tone for one in found.values() for tone in (tones(one) if tones else ())]
    echo_rows(
        form,
        [BOOK, *header] if answers.are_many else header,
        [(name, *row) if shift else row for name, one in found.items() for row in rows(one)],
        records,
        whole=[column + shift for column in whole],
        tones=[{column + shift: tone for column, tone in of_row.items()} for of_row in coloured],
    )
