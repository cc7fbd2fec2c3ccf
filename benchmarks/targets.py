"""What the figures are to show: each claim with what was measured, the target, and whether it was met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks import contests as names
from benchmarks.measure import Series

Results = Mapping[tuple[str, int], Mapping[str, Series]]
"""The series of each contender by its name, of each contest by its name and the number of cases."""

WARM = {100: 3.0, 1_000: 10.0, 10_000: 80.0, 100_000: 600.0}
COLD = {100: 2.5, 1_000: 8.0, 10_000: 20.0, 100_000: 35.0}
WARM_MEGABYTES = 60
COLD_MEGABYTES = {100_000: 500}
WARM_GROWTH = 1.5
ONE_CASE_TO_APPEND = 1.5
CHECK_TO_OPENPYXL, CHECK_TO_CALAMINE = 12.0, 1.5
BULK_TO_ONE, FRAME_TO_PANDAS, HELP_TO_CLICK = 2.0, 1.0, 1.5


@dataclass(frozen=True)
class Claim:
    """One line of the table of claims."""

    what: str
    cases: int
    measured: str
    target: str
    met: bool


def times(ratio: float) -> str:
    """A ratio in three digits."""
    return f"{ratio:,.0f}×" if ratio >= 100 else f"{ratio:.3g}×"


def claims(results: Results) -> Iterator[Claim]:
    """All claims of which the figures were measured."""
    for (contest, cases), found in results.items():
        measured = {name: series for name, series in found.items() if series.figures and not series.failure}
        if contest == "append":
            yield from _warm(cases, measured)
            yield from _cold(cases, measured)
        elif contest == "one_case":
            for name in (names.LOG, names.AMEND, names.RENAME, names.UNDO, names.SHOW, names.EVIDENCE):
                yield from _within(cases, measured, name, names.WARM, ONE_CASE_TO_APPEND)
        elif contest == "check":
            for suffix in ("", names.SAVED):
                check, read_only, calamine = (
                    f"{name}{suffix}" for name in (names.CHECK, names.READ_ONLY, names.CALAMINE)
                )
                yield from _faster(cases, measured, check, read_only, CHECK_TO_OPENPYXL)
                yield from _within(cases, measured, check, calamine, CHECK_TO_CALAMINE)
        elif contest == "bulk":
            yield from _within(cases, measured, names.BULK, names.COLD, BULK_TO_ONE)
        elif contest == "frame":
            yield from _within(cases, measured, names.FRAME, names.READ_EXCEL, FRAME_TO_PANDAS)
        elif contest == "start":
            yield from _within(cases, measured, names.HELP, names.CLICK, HELP_TO_CLICK)
    yield from _growth(results)


def _warm(cases: int, measured: Mapping[str, Series]) -> Iterator[Claim]:
    if cases in WARM:
        yield from _faster(cases, measured, names.WARM, "openpyxl", WARM[cases])
    peers = [name for name in names.PEERS if name in measured]
    if names.WARM in measured and peers:
        fastest = min(peers, key=lambda name: measured[name].seconds)
        yield from _faster(cases, measured, names.WARM, fastest, 1.0, "the fastest peer, ")
    yield from _memory(cases, measured, names.WARM, WARM_MEGABYTES)


def _cold(cases: int, measured: Mapping[str, Series]) -> Iterator[Claim]:
    for suffix in ("", names.SAVED):
        if cases in COLD:
            yield from _faster(cases, measured, names.COLD + suffix, "openpyxl" + suffix, COLD[cases])
        yield from _memory(cases, measured, names.COLD + suffix, COLD_MEGABYTES.get(cases))


def _faster(
    cases: int, measured: Mapping[str, Series], ours: str, peer: str, target: float, kind: str = ""
) -> Iterator[Claim]:
    if ours in measured and peer in measured:
        ratio = measured[peer].seconds / measured[ours].seconds
        yield Claim(f"{ours}: times faster than {kind}{peer}", cases, times(ratio), f"≥ {target:g}×", ratio >= target)


def _within(cases: int, measured: Mapping[str, Series], ours: str, other: str, target: float) -> Iterator[Claim]:
    if ours in measured and other in measured:
        ratio = measured[ours].seconds / measured[other].seconds
        yield Claim(f"{ours}: times what {other} takes", cases, times(ratio), f"≤ {target:g}×", ratio <= target)


def _memory(cases: int, measured: Mapping[str, Series], ours: str, target: int | None) -> Iterator[Claim]:
    if target is not None and ours in measured:
        peak = measured[ours].megabytes
        yield Claim(f"{ours}: peak memory", cases, f"{peak:.0f} MB", f"≤ {target} MB", peak <= target)


def _growth(results: Results) -> Iterator[Claim]:
    """At the largest size a warm append takes little more than at the smallest, and what the larger file takes to
    write.
    """
    appends = {cases: found for (contest, cases), found in results.items() if contest == "append"}
    small, large = appends[min(appends)], appends[max(appends)]
    if small is large or not (small[names.WARM].figures and large[names.WARM].figures):
        return
    target = WARM_GROWTH * small[names.WARM].seconds + large[names.COPY].seconds
    taken = large[names.WARM].seconds
    said = (
        f"≤ {target:.2f} s ({WARM_GROWTH:g} × {small[names.WARM].seconds:.2f} s at {min(appends):,}, and {names.COPY})"
    )
    yield Claim(f"{names.WARM}: seconds", max(appends), f"{taken:.2f} s", said, taken <= target)
