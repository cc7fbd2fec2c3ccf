"""A workbook part with a defined name that holds for one of its sheets (ECMA-376 Part 1, 18.2.5)."""

from __future__ import annotations


def book_with_name(name: str, sheet: int, text: str) -> bytes:
    """The sheets are Cases and tracker; `sheet` is the place of the one that the name holds for, from 0."""
    return (
        '<workbook><sheets><sheet name="Cases"/><sheet name="tracker"/></sheets><definedNames>'
        f'<definedName name="{name}" localSheetId="{sheet}">{text}</definedName></definedNames></workbook>'
    ).encode()
