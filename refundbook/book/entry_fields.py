"""The types of what an entry is made of: the parameters of `Book.append_case` and its like.

Made by docs/make_entry_fields.py from the schema. Change that, not this module.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict

Text = str | int
"""A text; a whole number is taken for its digits."""
Day = str | date
"""A date, or date and time (datetime, pandas.Timestamp), or a text that says one: `2023-10-26`, `yesterday`."""
Amount = str | int | float | Decimal
"""An amount: `49.90`, `$20`, Decimal("49.90")."""
Whole = str | int

With = Literal["Support", "Buyer"]
Direction = Literal["Received", "Sent"]
Status = Literal[
    "Pending", "Full Refund", "Partial Refund", "Replacement", "Store Credit", "Denied", "Withdrawn", "Reopened"
]


class CaseFields(TypedDict, total=False):
    """The columns of Cases that an entry may leave blank, by parameter name."""

    issuer: Text | None
    order: Text | None
    payment: Text | None
    related: Text | None
    customer: Text | None
    item: Text | None
    reason: Text | None
    amount: Amount | None
    currency: Text | None
    respond_by: Day | None
    answered_on: Day | None
    notes: Text | None
    logged_at: Day | None
    logged_by: Text | None


class CommunicationFields(TypedDict, total=False):
    """The columns of Communications that an entry may leave blank, by parameter name."""

    entry: Whole | None
    direction: Direction | None
    channel: Text | None
    agent: Text | None
    promise: Text | None
    due: Day | None
    kept_on: Day | None
    evidence: Text | None
    source: Text | None
    logged_at: Day | None
    logged_by: Text | None


class ResolutionFields(TypedDict, total=False):
    """The columns of Resolutions that an entry may leave blank, by parameter name."""

    date: Day | None
    amount: Amount | None
    currency: Text | None
    method: Text | None
    outcome: Text | None
    source: Text | None
    logged_at: Day | None
    logged_by: Text | None
