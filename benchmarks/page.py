"""The page and the plot that show one run: Markdown tables, and time over the number of cases."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.contests import COPY, PEERS, READ_ONLY, SAVED
from benchmarks.measure import Series
from benchmarks.targets import Results, claims, times

_TITLES = {
    "append": "One message appended",
    "one_case": "What concerns one case, of a known workbook",
    "check": "Everything read and checked",
    "bulk": "A message for each case in one command",
    "frame": "The log as a DataFrame",
    "start": "Start-up",
}
_HOW = """\
How a warm append works: when refundbook saves a workbook, it keeps in the user's cache folder (one SQLite file a workbook) what an append must know
of it: each case's rows, where the Tables end, what the Tracker shows, and of the sheets the part around their rows; with the SHA-256 of the
file. While the file has that digest, an entry is judged by the rows of its case and of those whose numbers look alike, with the same rules. It is
put into what surrounds the sheet's rows; these are copied as the deflated bytes that they are, because each run of rows was written as a segment of
its own, and the check sum of the whole is worked out from those of the pieces. What was made is read back; what was copied is not. To correct a cell
(`amend`, `keep`, `rename`), the run that its row is in, a megabyte at most, is expanded, and deflated again with the row as it is now. Whatever is not as it
should be in the cache or in the sheet, what asks for all cases, and every refusal is left to a reading of the whole workbook, which is what a cold
append does; where another program saved the file, its next append is one. The file is the same either way (`docs/guarantees.md`).

Reading a whole workbook: a row is matched by one pattern, which is made for the formats and kinds of cells that most rows of the sheet have; one for the
others takes what that leaves. A sheet of more than 1 MB is read in two halves, the second by a copy of the process on another processor (on
Linux, in a process without threads; its memory is counted in). An append then runs the rules that refuse a workbook;
`check` runs all. From 5,000 rows on these too are shared between two processors, and what is to be known of the file is made ready beside its writing."""
_BASES = {"append": "openpyxl", "check": READ_ONLY}
"""The contender that the ratios of a contest refer to, on the same file."""


def machine() -> str:
    """The machine and the versions, as one sentence each."""
    model = next(_cpu_models(), platform.processor() or platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {_version(name)}" for name in ("refundbook", "python-calamine", *PEERS, "XlsxWriter"))
    return (
        f"{len(os.sched_getaffinity(0))} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; load average when it began "
        f"{os.getloadavg()[0]:.1f}. {versions}."
    )


def _cpu_models() -> Iterator[str]:
    path = Path("/proc/cpuinfo")
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if line.startswith("model name"):
            yield line.partition(":")[2].strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def page(results: Results, machine: str, floor: float, plot: str) -> str:
    """The page as Markdown. `floor` (MB) is the peak below which none can be told, `plot` the file name of the plot
    beside the page.
    """
    runs = max(len(series.figures) for found in results.values() for series in found.values())
    parts = [
        "# Performance",
        "Made by `make bench` in one run, `benchmarks/` says how. Each figure is of a whole process, from its start "
        f"to its end: the median of {_runs(runs)}, taken in turn with the others (fewer of what is slow, as it says "
        f"there), processor time, and the highest peak of memory (from the {floor:.0f} MB of the harness on: less "
        "can't be told). N is the number of cases; each has three messages, every second one is resolved. Times vary "
        "with the machine; the ratios vary less.",
        f"The machine: {machine}",
        "**warm**: the workbook is as refundbook left it. **cold**: refundbook knows nothing of the file, its cache "
        "is empty. **Excel saved it**: the same workbook with shared strings, as Excel leaves it. All others get a "
        "fresh copy each time, and do the same as refundbook: look the case up, refuse an unknown one, add the entry "
        "below the last, extend the Table (excelize can't; pandas keeps nothing but values).",
        _HOW,
        f"![One message appended: seconds over the number of cases]({plot})",
    ]
    for contest, title in _TITLES.items():
        of_contest = {cases: found for (name, cases), found in results.items() if name == contest}
        if of_contest:
            parts += [f"## {title}", _contest_table(of_contest, _BASES.get(contest))]
    return "\n\n".join([*parts, "## Against the targets", _claims_table(results)]) + "\n"


def _contest_table(of_contest: Mapping[int, Mapping[str, Series]], base: str | None) -> str:
    names = dict.fromkeys(name for found in of_contest.values() for name in found)
    most = max(len(series.figures) for found in of_contest.values() for series in found.values())
    head = ["", *(f"N = {cases:,}" if cases else "whole process" for cases in of_contest)]
    rows = [[name, *(_cell(found, name, base, most) for found in of_contest.values())] for name in names]
    note = f"In bold: how many times faster than {base} on the same file.\n\n" if base else ""
    return note + _table(head, rows)


def _cell(found: Mapping[str, Series], name: str, base: str | None, most: int) -> str:
    series = found.get(name)
    if series is None:
        return ""
    if series.failure:
        return f"failed: {series.failure}"
    compared = found.get(f"{base}{SAVED}" if name.endswith(SAVED) else f"{base}")
    ratio = f"**{times(compared.seconds / series.seconds)}**, " if compared and compared.figures else ""
    fewer = f" ({_runs(len(series.figures))})" if len(series.figures) < most else ""
    return f"{_seconds(series.seconds)}, {ratio}CPU {_seconds(series.cpu)}, {series.megabytes:,.0f} MB{fewer}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def _claims_table(results: Results) -> str:
    rows = [
        [
            claim.what,
            f"{claim.cases:,}" if claim.cases else "",
            claim.measured,
            claim.target,
            "yes" if claim.met else "**no**",
        ]
        for claim in claims(results)
    ]
    return _table(["", "N", "measured", "target", "met"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def draw(results: Results, path: Path) -> None:
    """One line for each contender of the appends, both axes logarithmic, as an SVG that is the same for the same
    figures.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "refundbook"
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    appends = {cases: found for (contest, cases), found in results.items() if contest == "append"}
    for name in dict.fromkeys(name for found in appends.values() for name in found):
        points = [(n, found[name].seconds) for n, found in appends.items() if name in found and found[name].figures]
        if not points:
            continue
        ours = name.startswith("refundbook")
        style = ":" if name == COPY else "-" if ours else "--"
        axes.plot(
            *zip(*points, strict=True), style, marker="o", markersize=4, linewidth=2.5 if ours else 1.2, label=name
        )
    axes.set(xscale="log", yscale="log", xlabel="cases", ylabel="seconds, whole process", title=_TITLES["append"])
    axes.grid(which="major", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, format="svg", metadata={"Date": None})
