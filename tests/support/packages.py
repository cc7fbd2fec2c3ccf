"""What a change did to a workbook file: which zip members, which parts, which elements of a part."""

from __future__ import annotations

import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from lxml import etree

IDENTITY = ("r", "PartName", "Extension", "Id", "name", "uid", "id")
"""Attributes that tell one child from its siblings, the telling ones first."""


def parts(path: Path) -> dict[str, bytes]:
    """Member name to its content, uncompressed, in the order of the file."""
    with zipfile.ZipFile(path) as file:
        return {info.filename: file.read(info) for info in file.infolist() if not info.is_dir()}


def raw_members(path: Path) -> dict[str, tuple[int, bytes]]:
    """Member name to its compression method and its bytes as they stand in the file (APPNOTE.TXT 4.3.7)."""
    data = path.read_bytes()
    members = {}
    with zipfile.ZipFile(path) as file:
        for info in file.infolist():
            name_length, extra_length = struct.unpack_from("<HH", data, info.header_offset + 26)
            start = info.header_offset + 30 + name_length + extra_length
            members[info.filename] = (info.compress_type, data[start : start + info.compress_size])
    return members


def changed_parts(before: Path, after: Path) -> set[str]:
    """Names of the parts whose content differs, or that only one of the two files has."""
    old, new = parts(before), parts(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def recompressed_members(before: Path, after: Path) -> set[str]:
    """Names of the members whose content is the same in both files, but not their method or compressed bytes."""
    old, new = raw_members(before), raw_members(after)
    same = (old.keys() & new.keys()) - changed_parts(before, after)
    return {name for name in same if old[name] != new[name]}


def changed_elements(before: bytes, after: bytes) -> list[str]:
    """Where two XML parts differ, in the order of the document.

    `added /row[@r='5']` and `removed …` name the topmost element (or comment) that only one of them has; `changed
    /row[@r='4']/@spans` an attribute (`/@*` for their order), `changed …/text()` the text in an element or after it,
    `changed …/name()` its prefix.
    """
    old, new = etree.fromstring(before), etree.fromstring(after)
    return list(_differences(old, new, "/" + _name(old)))


def _differences(old: etree._Element, new: etree._Element, path: str) -> Iterator[str]:
    if (old.tag, old.prefix) != (new.tag, new.prefix):
        yield f"changed {path}/name()"
    for key in sorted(set(map(str, [*old.attrib, *new.attrib]))):
        if old.attrib.get(key) != new.attrib.get(key):
            yield f"changed {path}/@{etree.QName(key).localname}"
    if sorted(old.attrib.items()) == sorted(new.attrib.items()) and old.attrib.items() != new.attrib.items():
        yield f"changed {path}/@*"
    if old.text != new.text or old.tail != new.tail:
        yield f"changed {path}/text()"
    yield from _child_differences(list(old), list(new), path)


def _child_differences(old: list[etree._Element], new: list[etree._Element], path: str) -> Iterator[str]:
    """Children that are the same are taken out of the comparison first, so that one inserted among equals is found as
    such.
    """
    old_paths, new_paths = _paths(old, path), _paths(new, path)
    whole = SequenceMatcher(None, [_canonical(e) for e in old], [_canonical(e) for e in new], autojunk=False)
    for tag, a, b, c, d in whole.get_opcodes():
        if tag == "equal":
            continue
        alike = SequenceMatcher(None, [_key(e) for e in old[a:b]], [_key(e) for e in new[c:d]], autojunk=False)
        for inner, i, j, k, m in alike.get_opcodes():
            if inner == "equal":
                for one, other, at in zip(
                    old[a + i : a + j], new[c + k : c + m], new_paths[c + k : c + m], strict=True
                ):
                    yield from _differences(one, other, at)
            else:
                yield from (f"removed {at}" for at in old_paths[a + i : a + j])
                yield from (f"added {at}" for at in new_paths[c + k : c + m])


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element)


def _key(element: etree._Element) -> tuple[str, str]:
    return _name(element), _identity(element)


def _name(element: etree._Element) -> str:
    if isinstance(element, etree._Comment):
        return "comment()"
    if isinstance(element, etree._ProcessingInstruction):
        return "processing-instruction()"
    return etree.QName(element).localname


def _identity(element: etree._Element) -> str:
    for attribute in IDENTITY:
        if attribute in element.attrib:
            return f"[@{attribute}='{element.get(attribute)}']"
    return ""


def _paths(elements: list[etree._Element], parent: str) -> list[str]:
    """One location a child: by its identity, or by its place among siblings of its name where there are several."""
    total = Counter(_name(element) for element in elements)
    seen: Counter[str] = Counter()
    found = []
    for element in elements:
        name = _name(element)
        seen[name] += 1
        position = f"[{seen[name]}]" if total[name] > 1 else ""
        found.append(f"{parent}/{name}{_identity(element) or position}")
    return found
