"""What is needed to know which command is meant, before anything of it is imported."""

from __future__ import annotations

DEFAULT_BOOK = "tracker.xlsx"
VARIABLE = "REFUNDBOOK"
"""The environment variable that names the workbook."""
COMPLETE = "_REFUNDBOOK_COMPLETE"
"""The one by which a shell asks what to offer when Tab is pressed."""
POWERSHELL = "powershell"
"""How PowerShell asks begins so, as Click has it for the shells that it knows."""

PATTERN_SIGNS = "*?["
"""A path with one of these that does not exist is a pattern."""


class Stopped(Exception):
    """The user stopped the command."""
