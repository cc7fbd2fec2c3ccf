"""The words in which it is said what is due: by `refundbook due`, and by the formulas of the Tracker sheet."""

from __future__ import annotations

NO_DATE, OVERDUE = "no date", "overdue"
GATEWAY_WAITS, NO_REPLY_SINCE = "Answer the gateway", "No reply since"
