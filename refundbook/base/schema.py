"""The sheets and columns of a refundbook workbook, defined once.

Template, rules, DataFrames, shell options and documentation are derived from what stands here; nothing else names a
column's header.
"""

from __future__ import annotations

from enum import StrEnum

from refundbook.base.named_tuple import NamedTuple


class Kind(StrEnum):
    """What a column holds, and so how its cells are read, checked, written and formatted.

    Only people's own columns hold numbers of any kind, or formulas that are filled down.
    """

    IDENTIFIER = "identifier"
    TEXT = "text"
    LONG_TEXT = "long text"
    DATE = "date"
    MOMENT = "date, or date and time"
    MONEY = "amount"
    WHOLE = "whole number"
    NUMBER = "number"
    FORMULA = "formula"


NUMBER_FORMATS = {
    Kind.IDENTIFIER: "@",
    Kind.TEXT: "General",
    Kind.LONG_TEXT: "General",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd",
    Kind.MONEY: "#,##0.00",
    Kind.WHOLE: "0",
    Kind.NUMBER: "General",
    Kind.FORMULA: "General",
}
"""The format code of a column's cells. A conditional format shows the time of a moment that has one."""

_DATES = frozenset((Kind.DATE, Kind.MOMENT))
_TEXTS = frozenset((Kind.IDENTIFIER, Kind.TEXT, Kind.LONG_TEXT))


class Column(NamedTuple):
    """One column of a pillar sheet.

    `name` is the parameter and (with `-` for `_`) the shell option, `header` the text in the header row. `choices` is a
    closed list: no other value is allowed. `suggestions` names a list of the Settings sheet: other values are allowed.
    `filled` columns are filled in by refundbook when blank. A span of time typed for a column counts from the
    column that `counts_from` names. The shell has no option for a column that is not `asked` for. `names_case` where it
    holds a case number. A workbook may lack an `optional` column, as every one does that was made before the column:
    `refundbook upgrade` adds it. The columns that are not `printed` stand right of all others.
    """

    name: str
    header: str
    kind: Kind
    help: str
    width: int
    required: bool = False
    filled: bool = False
    choices: tuple[str, ...] = ()
    suggestions: str = ""
    counts_from: str = ""
    asked: bool = True
    names_case: bool = False
    optional: bool = False
    printed: bool = True

    @property
    def is_date(self) -> bool:
        return self.kind in _DATES

    @property
    def is_text(self) -> bool:
        return self.kind in _TEXTS

    @property
    def option(self) -> str:
        """The shell option, such as `--kept-on`."""
        return "--" + self.name.rstrip("_").replace("_", "-")


class Sheet:
    """One pillar: a sheet, the Excel Table on it (of the same name) and its columns in the template's order."""

    def __init__(self, name: str, pillar: str, help: str, columns: tuple[Column, ...]) -> None:
        self.name = name
        self.pillar = pillar
        self.help = help
        self.columns = columns
        self._by_name = {column.name: column for column in columns}

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __repr__(self) -> str:
        return f"<Sheet {self.name}>"


def _source() -> Column:
    return Column(
        "source",
        "Source",
        Kind.TEXT,
        "Where the entry came from, if from elsewhere: a message's ID, a row of a report.",
        20,
        optional=True,
        printed=False,
    )


def _logged() -> tuple[Column, Column]:
    when = "When this row was entered. Filled in by refundbook."
    who = "Who entered this row. Filled in by refundbook."
    return (
        Column("logged_at", "Logged At", Kind.MOMENT, when, 18, filled=True, asked=False, printed=False),
        Column("logged_by", "Logged By", Kind.TEXT, who, 14, filled=True, asked=False, printed=False),
    )


def _case_number(help: str) -> Column:
    return Column("number", "Case Number", Kind.IDENTIFIER, help, 20, required=True, names_case=True)


_CURRENCY_HELP = "Currency of the amount, three letters, such as USD."

OPEN_STATUSES = ("Pending", "Reopened")
FINAL_STATUSES = ("Full Refund", "Partial Refund", "Replacement", "Store Credit", "Denied", "Withdrawn")
REFUND_STATUSES = ("Full Refund", "Partial Refund")

CASES = Sheet(
    "Cases",
    "case",
    "One row a case: the number you were given, entered at once.",
    (
        _case_number("The number that GTBuy or the payment processor gave the case. Each number stands here once."),
        Column(
            "issuer",
            "Issuer",
            Kind.TEXT,
            "Who gave the number. Filled in from the number's pattern when blank.",
            9,
            filled=True,
            suggestions="Issuers",
        ),
        Column(
            "opened", "Date Opened", Kind.DATE, "The day the case was opened. Not in the future.", 17, required=True
        ),
        Column("order", "Order Number", Kind.IDENTIFIER, "The order that the case is about.", 12),
        Column("payment", "Payment Reference", Kind.IDENTIFIER, "The payment's or transaction's reference.", 12),
        Column(
            "related",
            "Related Case",
            Kind.IDENTIFIER,
            "The number of another case about the same matter.",
            11,
            names_case=True,
        ),
        Column("customer", "Customer", Kind.TEXT, "Who bought, or whom you buy for.", 11),
        Column("item", "Item", Kind.TEXT, "What was bought.", 12),
        Column(
            "reason",
            "Reason",
            Kind.TEXT,
            "Why a refund is asked for. The list is on the Settings sheet.",
            11,
            suggestions="Reasons",
        ),
        Column("amount", "Amount Requested", Kind.MONEY, "How much money is asked for. Not negative.", 13),
        Column("currency", "Currency", Kind.TEXT, _CURRENCY_HELP, 9, suggestions="Currencies"),
        Column("respond_by", "Respond By", Kind.MOMENT, "The payment gateway's own deadline for your answer.", 17),
        Column(
            "answered_on",
            "Answered On",
            Kind.DATE,
            "The day your answer went to the payment gateway, which ends Respond By.",
            12,
            optional=True,
        ),
        Column("notes", "Notes", Kind.LONG_TEXT, "Anything else worth keeping.", 14),
        *_logged(),
    ),
)

COMMUNICATIONS = Sheet(
    "Communications",
    "communication",
    "One row for every message with support or with the buyer: what was said, what was promised, by when.",
    (
        Column(
            "entry",
            "Entry",
            Kind.WHOLE,
            "A number for this entry, unique. Filled in by refundbook.",
            10,
            filled=True,
            asked=False,
        ),
        _case_number("The case that the message belongs to, as it stands on the Cases sheet."),
        Column(
            "date",
            "Date",
            Kind.MOMENT,
            "When the message was sent or received: a date, or a date and time.",
            17,
            required=True,
        ),
        Column(
            "with_",
            "With",
            Kind.TEXT,
            "Support (of GTBuy or the payment processor) or Buyer.",
            10,
            required=True,
            choices=("Support", "Buyer"),
        ),
        Column(
            "direction",
            "Direction",
            Kind.TEXT,
            "Received or Sent. Received when left blank.",
            11,
            filled=True,
            choices=("Received", "Sent"),
        ),
        Column(
            "channel",
            "Channel",
            Kind.TEXT,
            "How: chat, e-mail, phone. The list is on the Settings sheet.",
            10,
            suggestions="Channels",
        ),
        Column("agent", "Agent", Kind.TEXT, "The name of the support agent.", 11),
        Column("summary", "Summary", Kind.LONG_TEXT, "What was said, in a sentence or two.", 44, required=True),
        Column(
            "promise",
            "Promise",
            Kind.LONG_TEXT,
            "What was promised, if anything: by support when received, by you when sent.",
            18,
        ),
        Column(
            "due", "Due", Kind.MOMENT, "By when it was promised: a date, or a date and time.", 18, counts_from="date"
        ),
        Column("kept_on", "Kept On", Kind.DATE, "The day the promise was kept. Blank while it is not.", 11),
        Column(
            "evidence",
            "Evidence",
            Kind.TEXT,
            "A file beside the workbook (screenshots/chat.png), or a link.",
            28,
            printed=False,
        ),
        _source(),
        *_logged(),
    ),
)

RESOLUTIONS = Sheet(
    "Resolutions",
    "resolution",
    "How each case stands and ended: status, date, amount, method. A case may have several rows; the newest counts.",
    (
        _case_number("The case, as it stands on the Cases sheet."),
        Column(
            "status",
            "Status",
            Kind.TEXT,
            "Pending and Reopened are open; all others end the case.",
            16,
            required=True,
            choices=OPEN_STATUSES[:1] + FINAL_STATUSES + OPEN_STATUSES[1:],
        ),
        Column("date", "Resolution Date", Kind.DATE, "The day the case ended. Blank while Pending.", 18),
        Column("amount", "Amount", Kind.MONEY, "How much was refunded. Not negative.", 13),
        Column("currency", "Currency", Kind.TEXT, _CURRENCY_HELP, 10, suggestions="Currencies"),
        Column(
            "method",
            "Method",
            Kind.TEXT,
            "How the money came back: card, store credit. The list is on the Settings sheet.",
            16,
            suggestions="Methods",
        ),
        Column("outcome", "Outcome", Kind.LONG_TEXT, "How it ended, or what is awaited, in one sentence.", 56),
        _source(),
        *_logged(),
    ),
)

SHEETS = (CASES, COMMUNICATIONS, RESOLUTIONS)
BY_PILLAR = {sheet.pillar: sheet for sheet in SHEETS}

BOOK = "Book"
"""The header of the column that says which workbook a row is of, where there are several."""
TRACKER = "Tracker"
TRACKER_HEADERS = (
    "GTBuy Case #",
    "Date Opened",
    "Communication Log Summary",
    "Last Support Reply (Date)",
    "Resolution Date & Outcome",
)
TRACKER_WORKING_HEADERS = ("Status", "Days Open", "Amount", "Currency", "Next Due", "Go To")
"""To the right of the Tracker's columns, on the sheet only: what the day's work needs."""
INSIGHTS = "Insights"
READ_ME = "Read Me"
SETTINGS = "Settings"
