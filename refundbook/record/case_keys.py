"""The keys of case numbers, by which two numbers are one: case-folded, unless the number's issuer tells upper and lower
case apart.

A pattern of the Settings sheet says so of a number by itself (`values.canonical`). Of a number with no such pattern the
Issuer column of its case does, and that case stands on one sheet while its messages and its end stand on others: so the
keys are found for all three together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from refundbook.base.identifiers import canonical, normal
from refundbook.base.settings import Issuer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


if TYPE_CHECKING:

    class NumberedRows(Protocol):
        """The rows of one sheet, by position, with their numbers and the keys that these have: a `records.Log`."""

        keys: list[str]
        by_case: dict[str, list[int]]

        def __getitem__(self, name: str) -> list[object]: ...

        def rekey(self, position: int, key: str) -> None: ...


class CaseKeys:
    """Gives the numbers in the logs of a workbook their keys; `logs` begin with that of the cases.

    Numbers that differ only by upper and lower case are a group, named by their canonical form. They are one number,
    unless a case among them is of an issuer whose numbers are case-sensitive: then each is compared as it is written. A
    spelling that no case has means the one case of the group, or, where there are several, none.
    """

    def __init__(self, logs: Sequence[NumberedRows], issuers: tuple[Issuer, ...]) -> None:
        self._logs = logs
        self._issuers = issuers
        self._sensitive = frozenset(_name(issuer.name) for issuer in issuers if issuer.case_sensitive)
        self._cases: dict[str, set[str]] = {}
        """Of each group whose numbers are compared as they are written: its cases."""
        self._spellings: dict[str, set[str]] = {}
        """Of such groups: the keys that their rows have or had."""
        cases = logs[0]
        if any(map(self._is_sensitive, set(cases["issuer"]))):
            keys = {cases.keys[i] for i, issuer in enumerate(cases["issuer"]) if self._is_sensitive(issuer)}
            for group in {canonical(key, issuers) for key in keys if key}:
                self._sort(group)

    def of(self, number: str) -> str:
        """The key of a number, wherever it stands or is asked for; `""` for a blank one."""
        group = canonical(number, self._issuers)
        return self._in_group(group, number) if self._cases else group

    def of_case(self, number: str, issuer: object) -> str:
        """The key that a case with this number and issuer would have."""
        return normal(number) if self._is_sensitive(issuer) else self.of(number)

    def placed(self, log: NumberedRows, position: int) -> None:
        """Take note of a row that was added, or whose number or issuer is another one."""
        is_case = log is self._logs[0]
        tells_cases_apart = is_case and self._is_sensitive(log["issuer"][position])
        number = log["number"][position]
        if not (self._cases or tells_cases_apart) or not isinstance(number, str):
            return
        group = canonical(number, self._issuers)
        # Rows without a number are no group.
        if group and (group in self._cases or tells_cases_apart):
            self._spellings.setdefault(group, {group}).add(log.keys[position])
            if is_case:
                self._sort(group)

    def removed(self, log: NumberedRows, number: object) -> None:
        """Take note of a case that is gone, or has another number."""
        if isinstance(number, str) and log is self._logs[0]:
            group = canonical(number, self._issuers)
            if group in self._cases:
                self._sort(group)

    def in_group_of(self, key: str) -> Iterable[str]:
        """The keys of all rows on which a row with this key can bear: its own, and those that differ from it by upper
        and lower case.
        """
        return self._spellings.get(canonical(key, self._issuers), (key,)) if self._spellings else (key,)

    def _is_sensitive(self, issuer: object) -> bool:
        return isinstance(issuer, str) and _name(issuer) in self._sensitive

    def _in_group(self, group: str, number: str) -> str:
        cases = self._cases.get(group)
        if cases is None:
            return group
        return next(iter(cases)) if len(cases) == 1 else normal(number)

    def _sort(self, group: str) -> None:
        """Give every row of a group the key that it has now."""
        rows = list(self._rows(group))
        cases = [(log, i) for log, i in rows if log is self._logs[0]]
        if any(self._is_sensitive(log["issuer"][i]) for log, i in cases):
            self._cases[group] = {normal(str(log["number"][i])) for log, i in cases}
        else:
            self._cases.pop(group, None)
        keys = self._spellings.setdefault(group, {group})
        for log, i in rows:
            key = self._in_group(group, str(log["number"][i]))
            keys.add(key)
            if key != log.keys[i]:
                log.rekey(i, key)

    def _rows(self, group: str) -> Iterator[tuple[NumberedRows, int]]:
        for log in self._logs:
            for key in self._spellings.get(group, (group,)):
                for i in log.by_case.get(key, ()):
                    yield log, i


def _name(issuer: str) -> str:
    return issuer.strip().casefold()
