"""The rule on the Settings sheet, which is read before there are records."""

from __future__ import annotations

from refundbook.base.findings import Finding, Severity
from refundbook.base.schema import SETTINGS
from refundbook.record.rules.declare import Scope, warning

UNUSABLE = "RB157"


@warning(UNUSABLE, scope=Scope.SETTINGS)
def unusable_setting(cell: str, value: str, why: str) -> Finding:
    """A setting cannot be used.

    A line of the Settings sheet holds something that it does not accept, such as a time zone that does not exist. The
    default applies, which may be another one than you meant: correct the line. (Read with the settings, before there
    are records.)

        RB157 Settings!B2: setting "Time zone=Mars/Olympus" ; case number=GTB-123456 opened=2023-12-31
        Okay: setting "Time zone=Europe/Berlin" ; case number=GTB-123456 opened=2023-12-31
    """
    return Finding(UNUSABLE, Severity.WARNING, SETTINGS, cell, value, why, "Until then the default applies.")
