"""Values out of DataFrames and arrays, as Python's own: NumPy is neither needed nor imported for it."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_OWN = frozenset((str, int, float, bool, Decimal, type(None)))
_MISSING = frozenset(("NAType", "NaTType"))
"""The types of pandas' marks for a blank cell."""
_PERIOD = "Period"


def plain(value: object) -> object:
    """`value` as a Python object: a NumPy scalar is taken out of its type, and what marks a blank cell (NaN, NaT, NA)
    is None.

    Of a `datetime64` of whole years or months, and of pandas' `Period` of any length, the text is given, as `2024-01`:
    it need be no whole date, and is to be read as what it says.
    """
    if value.__class__ in _OWN:
        return None if value.__class__ is float and value != value else value
    if isinstance(value, str):
        return str.__str__(value)
    if type(value).__name__ in _MISSING:
        return None
    if type(value).__name__ == _PERIOD:
        return str(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return plain(_from_numpy(value))
    if numpy is not None and isinstance(value, numpy.ndarray) and value.ndim == 0:
        return plain(value[()])
    return plain(float(value)) if isinstance(value, float) else value


def _from_numpy(value: Any) -> object:
    kind: str = value.dtype.kind
    if kind == "M":
        return _from_datetime64(value)
    if kind == "f":
        # Its shortest text: a float32 of 49.9 is 49.900001525878906 as a Python float.
        return float(str(value))
    found: object = value.item()
    return value if type(found) is type(value) else found


def _from_datetime64(value: Any) -> object:
    """NumPy gives an int where Python's datetime has not the precision, or not the range; the text is taken then, to be
    refused as it reads.
    """
    text = str(value)
    if text == "NaT":
        return None
    if len(text) <= len("2024-01"):
        return text
    found: object = value.astype("datetime64[us]").item()
    return found if isinstance(found, date) else text
