"""Who is at the computer, as the log and the history name them."""

from __future__ import annotations

import os


def login_name() -> str:
    """$REFUNDBOOK_USER, else the name that this user logged in with; `""` where the system does not say."""
    if named := os.environ.get("REFUNDBOOK_USER"):
        return named
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
