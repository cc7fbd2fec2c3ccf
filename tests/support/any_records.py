"""Records in memory, without a file: a few rows by hand, or any rows whatever for Hypothesis."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Clock
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Sheet
from refundbook.base.settings import Settings
from refundbook.record.records import Log, Records
from tests.support.gallery import TODAY

CARD = "4111 1111 1111 1111"


def log_of(sheet: Sheet, rows: list[dict[str, Any]]) -> Log:
    letters = {column.name: column_letters(at) for at, column in enumerate(sheet.columns, 1)}
    log = Log(sheet, Settings().issuers, letters, columns={column.name: [] for column in sheet.columns})
    for number, row in enumerate(rows, 2):
        log.add(row, number)
    return log


def records_of(
    cases: list[dict[str, Any]] | None = None,
    communications: list[dict[str, Any]] | None = None,
    resolutions: list[dict[str, Any]] | None = None,
) -> Records:
    logs = (
        log_of(CASES, cases or []),
        log_of(COMMUNICATIONS, communications or []),
        log_of(RESOLUTIONS, resolutions or []),
    )
    settings = Settings()
    return Records(*logs, settings=settings, clock=Clock.for_settings(settings, TODAY))


NUMBERS = st.sampled_from(
    ["GTB-100000", "gtb-100000 ", "GTB-1O0000", "GTB-100001", "dp_1a", "dp_1A", "du_1a", "?", None]
)
DATES = st.dates(date(2023, 12, 20), date(2024, 1, 5)) | st.datetimes(datetime(2023, 12, 28), datetime(2024, 1, 2)).map(
    lambda moment: moment.replace(microsecond=0)
)
JUNK = (
    st.none()
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.times()
    | st.timedeltas()
    | st.dates()
    | st.datetimes()
    | st.decimals(allow_nan=False)
    | st.sampled_from(
        [
            "#REF!",
            "2023-02-30",
            "03/04/2023",
            "\x00",
            "\ud800",
            CARD,
            "48 hrs",
            Decimal("-0"),
            Decimal("NaN"),
            -0.0,
            10**400,
        ]
    )
)
PLAUSIBLE = {
    "number": NUMBERS,
    "related": NUMBERS,
    "issuer": st.sampled_from(["GTBuy", "stripe ", None]),
    "with_": st.sampled_from(["Support", "Buyer"]),
    "direction": st.sampled_from(["Received", "Sent", None]),
    "status": st.sampled_from(RESOLUTIONS["status"].choices),
    "entry": st.integers(1, 4) | st.none(),
    "amount": st.decimals(0, 60, places=2) | st.none(),
    "currency": st.sampled_from(["USD", "usd", "EUR", None]),
    "summary": st.sampled_from(["Hello", "hello ", "Bye"]),
    "promise": st.sampled_from(["Refund", None]),
}


def _rows(sheet: Sheet, junk: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    def values(name: str) -> st.SearchStrategy[Any]:
        usual = PLAUSIBLE.get(name, (DATES | st.none()) if sheet[name].is_date else st.none())
        return st.one_of(usual, JUNK) if junk else usual

    return st.lists(st.fixed_dictionaries({column.name: values(column.name) for column in sheet.columns}), max_size=6)


def any_records(junk: bool) -> st.SearchStrategy[Records]:
    return st.builds(records_of, *(_rows(sheet, junk) for sheet in SHEETS))
