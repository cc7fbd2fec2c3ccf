"""Changes of a package that add parts and take parts away (ECMA-376 Part 2): the parts, their content types, and the
relationships that lead to them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from refundbook.system.pieces import Piece
from refundbook.xlsx.package.package import CONTENT_TYPES, Package, Relationship
from refundbook.xlsx.package.xml_splice import Edit, append_child, escape, parse, splice

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_EMPTY = b'<Relationships xmlns="%s"></Relationships>' % RELATIONSHIPS.encode()


class PackageEdit:
    """Collects changes of a package; `pieces` gives the new file. Parts that no change touches are in it byte for
    byte.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self._changed: dict[str, bytes] = {}
        self._added: dict[str, bytes] = {}
        self._removed: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._changed or self._added or self._removed)

    def read(self, part: str) -> bytes:
        """A part as it stands with the changes made so far."""
        known = self._added.get(part, self._changed.get(part))
        return self.package.read(part) if known is None else known

    def put(self, part: str, content: bytes) -> None:
        """Give a part that is there other content."""
        if part in self._added:
            self._added[part] = content
        elif content != self.read(part):
            self._changed[part] = content

    def add(self, like: str, content: bytes, content_type: str) -> str:
        """Add a part of this type with a name like `xl/charts/chart1.xml`, whose number is the next that is free; gives
        its name.
        """
        stem, extension = posixpath.splitext(like)
        stem = stem.rstrip("0123456789")
        number = 1
        while (part := f"{stem}{number}{extension}") in self.package or part in self._added:
            number += 1
        self._added[part] = content
        types = self.read(CONTENT_TYPES)
        root = parse(types, CONTENT_TYPES)
        entry = b'<%sOverride PartName="/%s" ContentType="%s"/>' % (
            root.prefix,
            part.encode(),
            escape(content_type, quote=True),
        )
        self.put(CONTENT_TYPES, splice(types, [append_child(types, root, entry)]))
        return part

    def relate(self, owner: str, kind: str, target: str) -> str:
        """Make `owner` lead to `target`, as something of the `kind` that stands behind the last `/` of a relationship's
        type; gives the relationship's id.
        """
        part = _relationships_of(owner)
        if part not in self.package and part not in self._added:
            self._added[part] = _EMPTY
        xml = self.read(part)
        root = parse(xml, part)
        taken = {element.attributes.get("Id", "") for element in root.children}
        number = 1
        while (name := f"rId{number}") in taken:
            number += 1
        entry = b'<%sRelationship Id="%s" Type="%s/%s" Target="/%s"/>' % (
            root.prefix,
            name.encode(),
            OFFICE.encode(),
            kind.encode(),
            target.encode(),
        )
        self.put(part, splice(xml, [append_child(xml, root, entry)]))
        return name

    def remove(self, owner: str, parts: Iterable[str]) -> None:
        """Take away parts of the package to which only `owner` leads, with all that only they lead to."""
        for part in parts:
            self._unrelate(owner, part)
            self._drop(part)

    def _unrelate(self, owner: str, part: str) -> None:
        relations = _relationships_of(owner)
        xml = self.read(relations)
        leading = {r.id for r in self.package.relationships(owner) if not r.external and _is(r, part)}
        root = parse(xml, relations)
        gone = [element for element in root.children if element.attributes.get("Id", "") in leading]
        self.put(relations, splice(xml, [Edit(e.start, e.end, b"") for e in gone]))

    def _drop(self, part: str) -> None:
        if part not in self.package or part.lower() in self._removed:
            return
        self._removed.add(part.lower())
        for below in self.package.relationships(part):
            if not below.external and not self._is_reached(below.target):
                self._drop(below.target)
        self._changed.pop(part, None)
        relations = _relationships_of(part)
        if relations in self.package:
            self._removed.add(relations.lower())
        types = self.read(CONTENT_TYPES)
        declared = [
            e
            for e in parse(types, CONTENT_TYPES).children
            if e.attributes.get("PartName", "").lstrip("/").lower() == part.lower()
        ]
        self.put(CONTENT_TYPES, splice(types, [Edit(e.start, e.end, b"") for e in declared]))

    def _is_reached(self, part: str) -> bool:
        """Whether a part that stays leads to this one."""
        owners = (_owner(name) for name in self.package.parts if name.lower().endswith(".rels"))
        return any(
            owner.lower() not in self._removed and any(_is(r, part) for r in self.package.relationships(owner))
            for owner in owners
        )

    def pieces(self) -> list[Piece]:
        """The new file."""
        without = [part for part in self.package.parts if part.lower() in self._removed]
        changed = {part: content for part, content in self._changed.items() if part.lower() not in self._removed}
        return self.package.pieces(changed, without, self._added)


def _is(relationship: Relationship, part: str) -> bool:
    return not relationship.external and relationship.target.lower() == part.lower()


def _relationships_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _owner(relationships: str) -> str:
    """The part that a part of relationships is about; `""` for the package itself."""
    return re.sub(r"(?:^|(?<=/))_rels/([^/]*)\.rels$", r"\1", relationships)
