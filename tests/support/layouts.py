"""Tables of refunds, claims and disputes that people keep elsewhere: headers as public pages tell them to keep, help
desks export, and marketplaces and processors hand out; the rows are invented.

Each column says where its cells belong: any of the places, or several of them; a list: all of them, since one cell
holds several values. `OWN` is a column of the workbook's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

OWN = "own"
NUMBER, OPENED, ORDER, PAYMENT, CUSTOMER, ITEM, REASON, AMOUNT, CURRENCY, RESPOND_BY, NOTES, ISSUER = (
    f"case.{name}"
    for name in [
        "number",
        "opened",
        "order",
        "payment",
        "customer",
        "item",
        "reason",
        "amount",
        "currency",
        "respond_by",
        "notes",
        "issuer",
    ]
)
SUMMARY, EVIDENCE, AGENT, CHANNEL = (f"communication.{name}" for name in ["summary", "evidence", "agent", "channel"])
STATUS, ENDED, REFUNDED, REFUNDED_IN, METHOD, OUTCOME = (
    f"resolution.{name}" for name in ["status", "date", "amount", "currency", "method", "outcome"]
)

Places = tuple[str | list[str], ...]


class Layout(NamedTuple):
    """A table: its columns with their places, and rows of it."""

    columns: Sequence[tuple[str, Places]]
    rows: Sequence[Sequence[str]] = ()

    @property
    def headers(self) -> list[str]:
        return [header for header, _ in self.columns]

    def as_csv(self, delimiter: str = ",") -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([self.headers, *self.rows])
        return out.getvalue()


def is_right(given: Sequence[str], places: Places) -> bool:
    """Whether a column went where its cells belong."""
    if any(sorted(given) == sorted(place if isinstance(place, list) else [place]) for place in places):
        return True
    return len(given) > 1 and set(given) <= {place for place in places if isinstance(place, str)}


_AMOUNT_IN = ([AMOUNT, CURRENCY], [REFUNDED, REFUNDED_IN])

TRACKERS: dict[str, Layout] = {
    "agent's timestamps": Layout(
        [
            ("Case ID", (NUMBER,)),
            ("Timestamp Initiated", (OPENED,)),
            ("Customer/Order #", ([CUSTOMER, ORDER], ORDER)),
            ("Refund Reason", (REASON,)),
            ("Status", (STATUS,)),
            ("Timestamp Updated", (ENDED, OWN)),
            ("Resolution Details", (OUTCOME,)),
            ("Verification", (OWN,)),
        ],
        [
            ("RG-1", "2023-09-15 14:30", "CUST-78234 / ORD-99112", "Defective", "Under Review", "2023-09-16 09:15", "", ""),
            ("RG-2", "2023-09-16 10:00", "CUST-78240 / ORD-99113", "Not rendered", "Completed", "2023-09-20 16:45", "Paid, PPAL-882.", "Yes"),
            ("RG-3", "2023-09-17 08:20", "CUST-78251 / ORD-99120", "Wrong item", "Denied", "2023-09-25 11:00", "Seller refused.", "Yes"),
        ],
    ),
    "claims with a log": Layout(
        [
            ("Refund/Claim ID", (NUMBER,)),
            ("Date Initiated", (OPENED,)),
            ("Reason Code", (REASON,)),
            ("Communication Log", (SUMMARY,)),
            ("Responsible Agent", (AGENT, OWN)),
            ("Status", (STATUS,)),
            ("Resolution Date", (ENDED,)),
            ("Amount & Currency", _AMOUNT_IN),
        ],
        [
            ("RFD-61", "2023-05-02", "Defective Item", "Support asked for photos.", "Lin", "Funds Returned", "2023-05-09", "49.90 USD"),
            ("RFD-62", "2023-05-03", "Late Delivery", "Asked the warehouse.", "Maya", "Under Review", "", "120 CNY"),
            ("RFD-63", "2023-05-04", "Dissatisfied", "", "Maya", "Denied", "2023-05-20", "15 USD"),
        ],
    ),
    "analysis of sellers": Layout(
        [
            ("Refund ID", (NUMBER,)),
            ("Order ID / Date", ([ORDER, OWN], ORDER)),
            ("Seller Name", (OWN,)),
            ("Refund Reason", (REASON,)),
            ("Refund Amount & Currency", _AMOUNT_IN),
            ("Initiation Date", (OPENED,)),
            ("Resolution Date", (ENDED,)),
            ("Resolution Time", (OWN,)),
            ("Status", (STATUS,)),
            ("Responsible Agent", (AGENT, OWN)),
            ("Notes / Evidence Link", (NOTES, EVIDENCE)),
        ],
        [
            ("RF-1", "O-5512 / 2023-02-01", "Shop Nine", "Defective", "USD 35.00", "2023-02-10", "2023-02-18", "8", "Approved", "Ana", "photos/1.jpg"),
            ("RF-2", "O-5513 / 2023-02-03", "Shop Ten", "Wrong Item", "USD 20.00", "2023-02-11", "", "", "Pending", "Ana", ""),
            ("RF-3", "O-5520 / 2023-02-05", "Shop Nine", "Late", "USD 12.50", "2023-02-12", "2023-02-13", "1", "Rejected", "Bo", "chat/3.png"),
        ],
    ),
    "a processor's cases": Layout(
        [
            ("Claimant name", (CUSTOMER,)),
            ("Claimant email address", (OWN, CUSTOMER)),
            ("PayPal transaction ID", (PAYMENT,)),
            ("Transaction date", (OWN,)),
            ("Transaction amount", (OWN,)),
            ("Disputed amount", (AMOUNT,)),
            ("Currency", (CURRENCY,)),
            ("Seller transaction ID", (ORDER, OWN)),
            ("PayPal case ID", (NUMBER,)),
            ("Case type", (OWN,)),
            ("Case reason", (REASON,)),
            ("Case status", (STATUS,)),
            ("Case filing date", (OPENED,)),
            ("Response due date", (RESPOND_BY,)),
            ("Outcome", (OUTCOME,)),
        ],
        [
            ("Ann", "ann@example.com", "8XY1C", "2023-01-02", "59.00", "59.00", "USD", "S-1", "PP-1-890", "Dispute", "Not received", "Waiting for seller response", "2023-01-12", "2023-01-22", ""),
            ("Bob", "bob@example.com", "8XY1D", "2023-01-03", "20.00", "20.00", "EUR", "S-2", "PP-1-891", "Claim", "Not as described", "Resolved", "2023-01-13", "", "Seller favor"),
            ("Cy", "cy@example.com", "8XY1E", "2023-01-05", "75.50", "70.00", "USD", "S-3", "PP-1-892", "Chargeback", "Unauthorized", "Under review", "2023-01-15", "2023-01-25", ""),
        ],
    ),
    "progress of disputes": Layout(
        [
            ("Claim ID", (NUMBER,)),
            ("Date Submitted", (OPENED,)),
            ("Order ID", (ORDER,)),
            ("Customer Name / ID", (CUSTOMER,)),
            ("Dispute Reason", (REASON,)),
            ("Refund Progress", (STATUS,)),
            ("Platform Case #", ("case.related", PAYMENT, OWN)),
        ],
        [
            ("ITAO-61", "2023-10-20", "ORD-7842", "john-doe-89", "Not as Described", "Evidence Submitted", "PP-CASE-98"),
            ("ITAO-62", "2023-10-21", "ORD-7843", "jane-roe-11", "Not Received", "Resolved - Refunded", "PP-CASE-99"),
            ("ITAO-63", "2023-10-22", "ORD-7850", "sam-poe-07", "Damaged", "Resolved - In Your Favor", ""),
        ],
    ),
}  # fmt: skip

HEADERS_ONLY: dict[str, Layout] = {
    "claims of an agent": Layout(
        [
            ("Refund/Claim ID", (NUMBER,)),
            ("Order ID", (ORDER,)),
            ("Customer Details", (CUSTOMER, OWN)),
            ("Issue Date", (OPENED,)),
            ("Reason for Claim", (REASON,)),
            ("Claim Status", (STATUS,)),
            ("Communication Log", (SUMMARY,)),
            ("Resolution Date", (ENDED,)),
            ("Notes/Actions", (NOTES, OWN)),
        ]
    ),
    "initiation and completion": Layout(
        [
            ("Case ID", (NUMBER,)),
            ("Customer Information", (CUSTOMER, OWN)),
            ("Refund Initiation Timestamp", (OPENED,)),
            ("Status Updates", (STATUS, OWN, NOTES)),
            ("Resolution Details", (OUTCOME, OWN)),
            ("Completion Timestamp", (ENDED, OWN)),
        ]
    ),
    "tickets and platforms": Layout(
        [
            ("Ticket/User ID", (NUMBER,)),
            ("Refund Platform & ID", (PAYMENT, OWN)),
            ("Issue Description", (REASON, NOTES, OWN)),
            ("Date Initiated", (OPENED,)),
            ("Communication History Log", (SUMMARY,)),
            ("Status", (STATUS,)),
            ("Proof of Resolution Links", (EVIDENCE, OWN)),
            ("Agent/Handler", (AGENT, OWN)),
        ]
    ),
    "disputes of a shop": Layout(
        [
            ("Claim ID / Case #", (NUMBER,)),
            ("Date Submitted", (OPENED,)),
            ("Customer Order ID", (ORDER,)),
            ("Customer Email", (OWN, CUSTOMER)),
            ("Issue Type", (REASON,)),
            ("Amount Claimed", (AMOUNT,)),
            ("Refund Progress / Status", (STATUS,)),
            ("Responsible Agent", (AGENT, OWN)),
            ("Next Action Date", (OWN,)),
            ("Notes/Resolution Details", (NOTES, OUTCOME)),
            ("Last Updated", (OWN, ENDED)),
        ]
    ),
    "a help desk's tickets": Layout(
        [
            ("Id", (NUMBER,)),
            ("Requester", (CUSTOMER, OWN)),
            ("Requester id", (OWN,)),
            ("Requester email", (OWN,)),
            ("Submitter", (OWN,)),
            ("Assignee", (OWN, AGENT)),
            ("Group", (OWN,)),
            ("Subject", (OWN, NOTES)),
            ("Tags", (OWN,)),
            ("Status", (STATUS,)),
            ("Priority", (OWN,)),
            ("Via", (OWN, CHANNEL)),
            ("Ticket type", (REASON, OWN)),
            ("Created at", (OPENED,)),
            ("Updated at", (OWN,)),
            ("Assigned at", (OWN,)),
            ("Organization", (OWN,)),
            ("Due date", (OWN, RESPOND_BY)),
            ("Initially assigned at", (OWN,)),
            ("Solved at", (ENDED,)),
            ("Resolution time", (OWN,)),
            ("Satisfaction Score", (OWN,)),
        ]
    ),
    "another help desk's": Layout(
        [
            ("Ticket ID", (NUMBER,)),
            ("Subject", (OWN, NOTES)),
            ("Status", (STATUS,)),
            ("Priority", (OWN,)),
            ("Source", (OWN,)),
            ("Type", (REASON, OWN)),
            ("Agent", (OWN, AGENT)),
            ("Group", (OWN,)),
            ("Created time", (OPENED,)),
            ("Due by Time", (OWN, RESPOND_BY)),
            ("Resolved time", (ENDED,)),
            ("Closed time", (OWN,)),
            ("Last update time", (OWN,)),
            ("Initial response time", (OWN,)),
            ("Time tracked", (OWN,)),
            ("First response time (in hrs)", (OWN,)),
            ("Resolution time (in hrs)", (OWN,)),
            ("Agent interactions", (OWN,)),
            ("Resolution status", (OWN,)),
            ("Tags", (OWN,)),
            ("Product", (ITEM, OWN)),
            ("Full name", (CUSTOMER, OWN)),
            ("Email", (OWN,)),
        ]
    ),
    "a log of returns": Layout(
        [
            ("RMA #", (NUMBER,)),
            ("Date Issued", (OPENED,)),
            ("Customer Name", (CUSTOMER,)),
            ("Order No.", (ORDER,)),
            ("SKU", (OWN, ITEM)),
            ("Product Description", (ITEM,)),
            ("Serial Number", (OWN,)),
            ("Qty", (OWN,)),
            ("Reason for Return", (REASON,)),
            ("Condition", (OWN,)),
            ("Tracking Number", (OWN,)),
            ("Action Taken", (OWN, OUTCOME)),
            ("Refund Amount", (AMOUNT, REFUNDED)),
            ("Refund Method", (METHOD,)),
            ("Date Closed", (ENDED,)),
            ("Status", (STATUS,)),
            ("Comments", (NOTES,)),
        ]
    ),
    "a marketplace's returns": Layout(
        [
            ("Order ID", (ORDER,)),
            ("Order date", (OWN,)),
            ("Return request date", (OPENED,)),
            ("Return request status", (STATUS,)),
            ("Amazon RMA ID", (NUMBER,)),
            ("Merchant RMA ID", (OWN,)),
            ("Label type", (OWN,)),
            ("Label cost", (OWN,)),
            ("Currency code", (CURRENCY,)),
            ("Return carrier", (OWN,)),
            ("Tracking ID", (OWN,)),
            ("ASIN", (OWN,)),
            ("Merchant SKU", (OWN,)),
            ("Item Name", (ITEM,)),
            ("Return quantity", (OWN,)),
            ("Return Reason", (REASON,)),
            ("Return type", (OWN,)),
            ("Resolution", (OUTCOME,)),
            ("Invoice number", (OWN,)),
            ("Return delivery date", (OWN,)),
            ("Order Amount", (OWN,)),
            ("SafeT claim id", (OWN,)),
            ("SafeT claim state", (OWN,)),
            ("SafeT claim creation time", (OWN,)),
            ("Refunded Amount", (REFUNDED,)),
        ]
    ),
    "reimbursements": Layout(
        [
            ("approval-date", (OWN, ENDED)),
            ("reimbursement-id", (OWN,)),
            ("case-id", (NUMBER,)),
            ("amazon-order-id", (ORDER,)),
            ("reason", (REASON,)),
            ("sku", (OWN,)),
            ("product-name", (ITEM,)),
            ("condition", (OWN,)),
            ("currency-unit", (CURRENCY,)),
            ("amount-per-unit", (OWN,)),
            ("amount-total", (OWN, AMOUNT)),
            ("quantity-reimbursed-cash", (OWN,)),
        ]
    ),
    "chargebacks of an acquirer": Layout(
        [
            ("Case Number", (NUMBER,)),
            ("Incoming Date", (OPENED, OWN)),
            ("Type", (OWN, REASON)),
            ("Resolved Date", (ENDED,)),
            ("Chargeback Action", (OWN,)),
            ("Monetary Impact", (OWN,)),
            ("Dispute Amount", (AMOUNT,)),
            ("Merchant Amount", (OWN,)),
            ("Debit / Credit", (OWN,)),
            ("Card Brand", (OWN,)),
            ("Reason Code", (REASON,)),
        ]
    ),
    "complaints": Layout(
        [
            ("Complaint ID", (NUMBER,)),
            ("Complaint Date", (OPENED,)),
            ("Response Due Date", (RESPOND_BY, OWN)),
            ("Complainant Name", (CUSTOMER,)),
            ("Contact Number", (OWN,)),
            ("Nature of Complaint", (REASON,)),
            ("Complaint Description", (OWN, NOTES)),
            ("Received By", (OWN,)),
            ("Corrective Action", (OWN, OUTCOME)),
            ("Outcome", (OUTCOME,)),
            ("Date Resolved", (ENDED,)),
            ("Status", (STATUS,)),
        ]
    ),
    "cases of a customer service": Layout(
        [
            ("Case Number", (NUMBER,)),
            ("Account Name", (OWN,)),
            ("Subject", (OWN, NOTES)),
            ("Status", (STATUS,)),
            ("Case Reason", (REASON,)),
            ("Case Origin", (OWN,)),
            ("Date/Time Opened", (OPENED,)),
            ("Date/Time Closed", (ENDED,)),
            ("Case Owner", (OWN,)),
            ("Age (Hours)", (OWN,)),
        ]
    ),
    "a log of complaints by hand": Layout(
        [
            ("No", (NUMBER,)),
            ("Date", (OPENED,)),
            ("Customer", (CUSTOMER,)),
            ("Invoice No", (OWN,)),
            ("Product", (ITEM,)),
            ("Complaint", (OWN, REASON, NOTES)),
            ("Target Date", (OWN,)),
            ("Completion Date", (ENDED,)),
            ("Status", (STATUS,)),
            ("Remarks", (NOTES,)),
        ]
    ),
    "warranty claims": Layout(
        [
            ("Warranty Claim Number", (NUMBER,)),
            ("Purchase Date", (OWN,)),
            ("Claim Date", (OPENED,)),
            ("Claim Status", (STATUS,)),
            ("Credit Memo #", (OWN,)),
        ]
    ),
    "a payment service's disputes": Layout(
        [
            ("id", (NUMBER,)),
            ("Dispute Created (UTC)", (OPENED,)),
            ("Dispute Amount", (AMOUNT,)),
            ("Dispute Currency", (CURRENCY,)),
            ("Charge ID", (PAYMENT,)),
            ("Customer Email", (OWN, CUSTOMER)),
            ("Dispute Reason", (REASON,)),
            ("Dispute Status", (STATUS,)),
            ("Evidence Due (UTC)", (RESPOND_BY,)),
            ("Is Charge Refundable", (OWN,)),
        ]
    ),
}
