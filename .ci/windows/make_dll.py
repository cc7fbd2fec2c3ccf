"""Writes a 64-bit Windows DLL that only hands on to functions of others: make_dll.py OUT.dll EXPORT=dll.Name …

Wine 8 has no bcryptprimitives.dll, which Rust's standard library asks for one function (PE format: Microsoft, "The
.edata section").
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

PAGE, ALIGNMENT = 0x1000, 0x200
DIRECTORY = 40


def main(out: str, *exports: str) -> None:
    path = Path(out)
    path.write_bytes(library(path.name, dict(export.split("=") for export in exports)))


def library(name: str, forwards: dict[str, str]) -> bytes:
    """The bytes of a DLL called `name` whose exports are other DLLs' functions (`dll.Name`)."""
    section = _exports(name, forwards)
    size = len(section)
    raw = section + b"\0" * (-size % ALIGNMENT)
    head = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0"
    head += struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    head += struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, len(raw), 0, 0, PAGE)
    versions = (6, 0, 0, 0, 6, 0)
    head += struct.pack("<QII6HIIIIHH", 0x180000000, PAGE, ALIGNMENT, *versions, 0, 2 * PAGE, ALIGNMENT, 0, 3, 0x160)
    head += struct.pack("<QQQQII", 0x100000, PAGE, 0x100000, PAGE, 0, 16)
    head += struct.pack("<II", PAGE, size) + b"\0" * 8 * 15
    head += struct.pack("<8sIIIIIIHHI", b".rdata", size, PAGE, len(raw), ALIGNMENT, 0, 0, 0, 0, 0x40000040)
    return head + b"\0" * (ALIGNMENT - len(head)) + raw


def _exports(name: str, forwards: dict[str, str]) -> bytes:
    names = sorted(forwards)
    count = len(names)
    functions = PAGE + DIRECTORY
    pointers = functions + 4 * count
    ordinals = pointers + 4 * count
    pool = b""

    def put(text: str) -> int:
        nonlocal pool
        at = ordinals + 2 * count + len(pool)
        pool += text.encode() + b"\0"
        return at

    own = put(name)
    named = [put(each) for each in names]
    targets = [put(forwards[each]) for each in names]
    table = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, own, 1, count, count, functions, pointers, ordinals)
    table += struct.pack(f"<{count}I", *targets) + struct.pack(f"<{count}I", *named)
    return table + struct.pack(f"<{count}H", *range(count)) + pool


if __name__ == "__main__":
    main(*sys.argv[1:])
