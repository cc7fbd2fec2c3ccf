"""That what is known of a workbook is not enough."""

from __future__ import annotations


class NotEnough(Exception):
    """Something must be done on the whole workbook; says why. The cause, where there is one, is what went wrong
    without it.
    """
