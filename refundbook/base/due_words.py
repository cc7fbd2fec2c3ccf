"""The words in which the Tracker sheet says what is due next, in its formulas as in their results."""

from __future__ import annotations

NO_DATE, OVERDUE = "no date", "overdue"
GATEWAY_WAITS, NO_REPLY_SINCE = "Answer the gateway", "No reply since"
