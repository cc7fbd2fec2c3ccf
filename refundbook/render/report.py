"""How a report of what the rules found is shown: to people, what matters first and not the same thing a thousand times;
to programs, all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from refundbook.base.findings import Finding, Report, Severity
from refundbook.base.text import one_line, safe

MOST = {Severity.ERROR: 20, Severity.WARNING: 3}
"""So many findings of one rule are listed one by one: each error has to be corrected, and of warnings a few show what
is meant.
"""

_CELLS = 5
"""So many cells are named of those that are not listed."""

Titles = Mapping[str, str]
"""What each rule is about, by its code."""


def report_text(report: Report, titles: Titles, *, lists_all: bool = False, errors_only: bool = False) -> str:
    """What was found, errors first, rule by rule, and a line that counts all of it.

    Of a rule that found much the first findings are listed, with how many there are and the next cells; with
    `lists_all` every one, in the order of sheets and rows.
    """
    found = report.errors if errors_only else report.findings
    lines = [_line(finding) for finding in found] if lists_all else list(grouped(found, titles))
    cut = " `refundbook check --all` lists every one." if len(lines) < len(found) else ""
    return "".join(f"{line}\n" for line in (*lines, one_line(report.summary()) + cut))


def grouped(findings: Iterable[Finding], titles: Titles) -> Iterator[str]:
    """Findings as lines, errors first, rule by rule in the order in which they are met. Of many of one rule the first,
    and a line about the others.
    """
    for (severity, code), group in _by_rule(findings):
        most = MOST[severity]
        # A line about the others takes the place of one of them at least.
        listed = group if len(group) <= most + 1 else group[:most]
        yield from map(_line, listed)
        if rest := group[len(listed) :]:
            yield f"{len(rest):,} more of {severity} {code} ({_title(code, titles)}): {_cells(rest)}."


def report_summary(report: Report, titles: Titles, *, errors_only: bool = False) -> str:
    """How often each rule was broken and where first, errors first, and a line that counts all of it."""
    found = report.errors if errors_only else report.findings
    lines = [
        f"{severity} {code}: {len(group):,} × {_title(code, titles)}: {_cells(group)}."
        for (severity, code), group in _by_rule(found)
    ]
    return "".join(f"{line}\n" for line in (*lines, one_line(report.summary())))


def _by_rule(findings: Iterable[Finding]) -> list[tuple[tuple[Severity, str], list[Finding]]]:
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    return sorted(groups.items(), key=lambda group: group[0][0] is not Severity.ERROR)


def _line(finding: Finding) -> str:
    return one_line(f"{finding.where}: {finding.severity} {finding.code}: {finding.message} {finding.hint}")


def _title(code: str, titles: Titles) -> str:
    return one_line(titles.get(code, code))


def _cells(findings: Sequence[Finding]) -> str:
    """The first cells, the sheet named where it changes: `Cases!A2, A3, Resolutions!B2 and 7 more`."""
    named, sheet = [], ""
    for finding in findings[:_CELLS]:
        named.append(finding.cell if finding.sheet == sheet and finding.cell else finding.where)
        sheet = finding.sheet
    rest = len(findings) - len(named)
    return one_line(", ".join(named)) + (f" and {rest:,} more" if rest else "")


def report_github(report: Report, error: str = "") -> str:
    """Findings as workflow commands, which GitHub shows as annotations. `error` says why the workbook could not be
    looked into.
    """
    file = _github(report.book, property=True)
    lines = [f"::error file={file},title=Not checked::{_github(error)}\n"] if error else []
    for finding in report.findings:
        kind = "error" if finding.severity is Severity.ERROR else "warning"
        title = _github(f"{finding.code} {finding.where}", property=True)
        lines.append(f"::{kind} file={file},title={title}::{_github(f'{finding.message} {finding.hint}'.strip())}\n")
    return "".join(lines)


def _github(text: str, *, property: bool = False) -> str:  # noqa: A002  (it is GitHub's word for it)
    text = safe(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))
    return text.replace(":", "%3A").replace(",", "%2C") if property else text
