"""What payment gateways call the things that a case holds, for the person who answers a dispute with them.

Stripe: the Dispute object and its `evidence` (https://docs.stripe.com/api/disputes/object, .../evidence_object).
PayPal: Customer Disputes v1 (https://developer.paypal.com/docs/api/customer-disputes/v1/). Both as documented in 2025;
`docs/evidence.md` says more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from refundbook.base.schema import CASES, REFUND_STATUSES, RESOLUTIONS
from refundbook.record.casefile import CaseFile, text_of

REASONS = {
    "Non-delivery": ("product_not_received", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"),
    "Defective": ("product_unacceptable", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"),
    "Not as described": ("product_unacceptable", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"),
    "Wrong item": ("product_unacceptable", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"),
    "Damaged in transit": ("product_unacceptable", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"),
    "Missing parts": ("product_unacceptable", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"),
    "Duplicate charge": ("duplicate", "DUPLICATE_TRANSACTION"),
    "Other": ("general", "OTHER"),
}
"""A reason of the template to Stripe's and PayPal's `reason`. A reason of one's own has none here: nothing
is guessed.
"""

STATEMENT = ("evidence.uncategorized_text", "evidences[].notes")
FILES_WITH_BUYER = ("evidence.customer_communication", "evidences[].documents[]")
OTHER_FILES = ("evidence.uncategorized_file", "evidences[].documents[]")

_TERMS: dict[str, tuple[str, str]] = {
    "respond_by": ("evidence_details.due_by", "seller_response_due_date"),
    "order": ("", "disputed_transactions[].invoice_number"),
    "customer": ("evidence.customer_name", "disputed_transactions[].buyer.name"),
    "item": ("evidence.product_description", "disputed_transactions[].items[].item_name"),
    "reason": ("reason", "reason"),
    "amount": ("amount", "dispute_amount.value"),
    "currency": ("currency", "dispute_amount.currency_code"),
}
_OWN_NUMBER = {"Stripe": ("id", ""), "PayPal": ("", "dispute_id")}
_OWN_DATE = {"Stripe": ("created", ""), "PayPal": ("", "create_time")}
_STRIPE_PAYMENTS = {"pi_": "payment_intent", "ch_": "charge", "py_": "charge"}
_SHOWN = (
    "number",
    "issuer",
    "opened",
    "respond_by",
    "reason",
    "amount",
    "currency",
    "order",
    "payment",
    "customer",
    "item",
)


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the summary: a column's header, its value as text, and the field that Stripe and PayPal have for it
    (`""`: none).
    """

    label: str
    value: str
    stripe: str = ""
    paypal: str = ""


def summary(file: CaseFile) -> Iterator[Term]:
    """What a gateway asks about a case, as far as the workbook says it. Notes are not among it: they are one's own."""
    for name in _SHOWN:
        value = text_of(CASES, file.case, name)
        if value:
            yield Term(CASES[name].header, value, *_fields(file, name, value))
    if file.related:
        yield Term(CASES["related"].header, ", ".join(file.related))
    yield Term(RESOLUTIONS["status"].header, file.status)
    yield from _refunds(file)


def _fields(file: CaseFile, name: str, value: str) -> tuple[str, str]:
    issuer = text_of(CASES, file.case, "issuer")
    if name == "number":
        return _OWN_NUMBER.get(issuer, ("", ""))
    if name == "opened":
        return _OWN_DATE.get(issuer, ("", ""))
    if name == "payment":
        stripe = _STRIPE_PAYMENTS.get(value[:3], "")
        return stripe, "" if stripe else "disputed_transactions[].seller_transaction_id"
    stripe, paypal = _TERMS.get(name, ("", ""))
    if name == "reason":
        theirs = {reason.casefold(): terms for reason, terms in REASONS.items()}.get(value.strip().casefold())
        return (f"{stripe}: {theirs[0]}", f"{paypal}: {theirs[1]}") if theirs else ("", "")
    return stripe, paypal


def _refunds(file: CaseFile) -> Iterator[Term]:
    """Each refund that the log has. PayPal has a type of evidence for it, and asks for the refund's number, which the
    gateway gives.
    """
    for entry in file.resolutions:
        if entry.get(RESOLUTIONS["status"].header) in REFUND_STATUSES:
            told = [
                text_of(RESOLUTIONS, entry, name, file.currency) for name in ("date", "amount", "currency", "method")
            ]
            yield Term(
                text_of(RESOLUTIONS, entry, "status"),
                " ".join(filter(None, told)),
                "",
                "evidence_type: PROOF_OF_REFUND",
            )
