"""The names of what refundbook keeps beside a workbook."""

from __future__ import annotations

HOME = ".refundbook"
"""The folder beside a workbook that holds its inbox, its journal and its backups."""


INBOX = ".inbox.jsonl"
"""How the name of a workbook's inbox goes on after the workbook's own."""


JOURNAL = ".journal.jsonl"
"""How the name of a workbook's journal goes on after the workbook's own."""
