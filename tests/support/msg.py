"""Mails as Outlook saves them: a compound file ([MS-CFB]) with the properties of a message ([MS-OXMSG])."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SENT, _TEXT, _DATA, _TIME = 0x0039, 0x001F, 0x0102, 0x0040
Tree = Mapping[str, "bytes | Tree"]


class _Node(NamedTuple):
    name: str
    kind: int
    data: bytes
    children: list[int]


def msg(subject: str, body: str, headers: str, sent: datetime, attachments: Mapping[str, bytes]) -> bytes:
    """A .msg file."""
    ticks = int((sent.astimezone(UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    tree = _properties(
        {0x0037: subject, 0x1000: body, 0x007D: headers, 0x001A: "IPM.Note"},
        bytes(8) + struct.pack("<4I", 0, len(attachments), 0, len(attachments)) + bytes(8),
        [struct.pack("<2HIQ", _TIME, _SENT, 6, ticks)],
    )
    for number, (name, data) in enumerate(attachments.items()):
        tree[f"__attach_version1.0_#{number:08X}"] = _properties({0x3707: name, 0x3701: data}, bytes(8), [])
    return _compound(tree)


def _properties(values: Mapping[int, str | bytes], head: bytes, fixed: list[bytes]) -> dict[str, bytes | Tree]:
    found: dict[str, bytes | Tree] = {}
    for tag, value in values.items():
        kind, data = (_TEXT, value.encode("utf-16-le")) if isinstance(value, str) else (_DATA, value)
        found[f"__substg1.0_{tag:04X}{kind:04X}"] = data
        fixed.append(struct.pack("<2H3I", kind, tag, 6, len(data) + 2 * (kind == _TEXT), 0))
    found["__properties_version1.0"] = head + b"".join(fixed)
    return found


def _compound(tree: Tree) -> bytes:
    nodes = [_Node("Root Entry", 5, b"", [])]
    _add(nodes, 0, tree)
    mini, mini_fat, sectors, fat = bytearray(), list[int](), bytearray(), list[int]()
    starts = []
    for node in nodes:
        small = len(node.data) < _CUTOFF
        store, chain, size = (mini, mini_fat, _MINI) if small else (sectors, fat, _SECTOR)
        starts.append(_put(store, chain, size, node.data) if node.data else _END)
    starts[0] = _put(sectors, fat, _SECTOR, bytes(mini))
    sizes = [len(node.data) for node in nodes]
    sizes[0] = len(mini)
    entries = b"".join(_entry(nodes, k, starts[k], sizes[k]) for k in range(len(nodes)))
    directory = _put(sectors, fat, _SECTOR, entries)
    mini_at = _put(sectors, fat, _SECTOR, struct.pack(f"<{len(mini_fat)}I", *mini_fat))
    mini_sectors = -(-4 * len(mini_fat) // _SECTOR)
    at = len(fat)
    fat_sectors = 1
    while fat_sectors * 128 < at + fat_sectors:
        fat_sectors += 1
    fat += [_FAT] * fat_sectors
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * _SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, fat_sectors, directory, 0, _CUTOFF, mini_at, mini_sectors, _END, 0)
    difat = [at + k for k in range(fat_sectors)] + [_FREE] * (109 - fat_sectors)
    return header + struct.pack("<109I", *difat) + bytes(sectors) + table


def _add(nodes: list[_Node], parent: int, tree: Tree) -> None:
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        value = tree[name]
        nodes[parent].children.append(len(nodes))
        nodes.append(_Node(name, 2, value, []) if isinstance(value, bytes) else _Node(name, 1, b"", []))
        if not isinstance(value, bytes):
            _add(nodes, len(nodes) - 1, value)


def _put(store: bytearray, chain: list[int], size: int, data: bytes) -> int:
    """Put data into sectors; gives the first."""
    first, count = len(chain), max(1, -(-len(data) // size))
    chain += [first + k + 1 for k in range(count - 1)] + [_END]
    store += data.ljust(count * size, b"\0")
    return first


def _entry(nodes: list[_Node], k: int, start: int, size: int) -> bytes:
    """A directory entry; the children of a storage are a tree that leans to the right."""
    node = nodes[k]
    parent = next((one for one in nodes if k in one.children), None)
    after = parent.children[parent.children.index(k) + 1 :] if parent else []
    name = node.name.encode("utf-16-le")
    links = (_FREE, after[0] if after else _FREE, node.children[0] if node.children else _FREE)
    where = 0 if node.kind == 1 else start
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBB3I", len(name) + 2, node.kind, 1, *links)
        + bytes(36)
        + struct.pack("<IQ", where, size)
    )
