"""The package (Open Packaging Conventions, ECMA-376 Part 2): parts by name, their content types and the relationships
between them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.system.pieces import Piece
from refundbook.xlsx.package.archive import Archive, Packed, part_key
from refundbook.xlsx.package.xml_splice import Edit, Element, is_utf8, parse_whole, splice, to_utf8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.system.pieces import Source


CONTENT_TYPES = "[Content_Types].xml"


class Relationship(NamedTuple):
    """One relationship of a part. `kind` is the last segment of its type (`worksheet`, `table`); `target` a part name,
    or a URL when external.
    """

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """A workbook's parts. Part names have no leading slash; look-ups ignore upper and lower case, as the standard
    demands (Part 2, 6.2.2).

    Raises UnreadableWorkbook, saying what the file is instead, where it is no package.
    """

    def __init__(self, data: Source) -> None:
        _refuse_other_files(data)
        self.archive = Archive(data)
        self._related: dict[str, tuple[Relationship, ...]] = {}
        self._names = {part_key(name): name for name in self.archive.members}
        if CONTENT_TYPES.lower() not in self._names:
            raise UnreadableWorkbook(_other_archive(self.archive))

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._names

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return tuple(name.replace("\\", "/").lstrip("/") for name in self.archive.members)

    def read(self, part: str) -> bytes:
        """A part's bytes, in UTF-8 where it is XML."""
        name = self._names.get(part.lower())
        if name is None:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} is missing.")
        content = self.archive.read(name)
        return to_utf8(content) if part.lower().endswith((".xml", ".rels")) else content

    def size(self, part: str) -> int:
        """The bytes that a part expands to; 0 where there is none."""
        name = self._names.get(part.lower())
        return self.archive.members[name].size if name is not None else 0

    def expanded(self, part: str, size: int) -> Iterator[bytes]:
        """What `read` gives of a part that is XML, in pieces of about `size` bytes, or at once where it is not in
        UTF-8.
        """
        name = self._names.get(part.lower())
        if name is not None and is_utf8(self.archive.head(name)):
            yield from self.archive.expanded(name, size)
        else:
            yield self.read(part)

    def extract(self, copies: Mapping[str, str], made: Mapping[str, bytes]) -> bytes:
        """A zip archive of its own: `copies` maps a name to the part whose content it gets, in UTF-8, `made` a name to
        its content.
        """
        old = {new: self._names[part.lower()] for new, part in copies.items() if part in self}
        other = {new: self.read(copies[new]) for new, name in old.items() if not is_utf8(self.archive.head(name))}
        return self.archive.extract({new: name for new, name in old.items() if new not in other}, {**made, **other})

    def root(self, part: str) -> Element:
        """The root element of a small XML part."""
        return parse_whole(self.read(part), part)

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """The relationships of a part, or of the package for `""`."""
        if part not in self._related:
            self._related[part] = self._read_relationships(part)
        return self._related[part]

    def _read_relationships(self, part: str) -> tuple[Relationship, ...]:
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self:
            return ()
        return tuple(self._relationship(folder, element) for element in self.root(rels).descendants("Relationship"))

    def _relationship(self, folder: str, element: Element) -> Relationship:
        target = element.attributes.get("Target", "")
        external = element.attributes.get("TargetMode") == "External"
        if not external:
            target = _absolute(folder, target)
        return Relationship(
            element.attributes.get("Id", ""), element.attributes.get("Type", "").rsplit("/", 1)[-1], target, external
        )

    def related(self, part: str, kind: str) -> tuple[str, ...]:
        """The parts that a part relates to in one way, such as its `table`s."""
        return tuple(r.target for r in self.relationships(part) if r.kind == kind and not r.external)

    def there(self, part: str, kind: str) -> tuple[str, ...]:
        """Those of `related` that are in the file, each once: for kinds of parts that a workbook can do without."""
        return tuple(dict.fromkeys(target for target in self.related(part, kind) if target in self))

    @cached_property
    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = self.root(CONTENT_TYPES)
        overrides = {
            e.attributes.get("PartName", "").lstrip("/").lower(): e.attributes.get("ContentType", "")
            for e in root.descendants("Override")
        }
        defaults = {
            e.attributes.get("Extension", "").lower(): e.attributes.get("ContentType", "")
            for e in root.descendants("Default")
        }
        return overrides, defaults

    def content_type(self, part: str) -> str:
        overrides, defaults = self._types
        return overrides.get(part.lower()) or defaults.get(part.rpartition(".")[2].lower(), "")

    def member(self, part: str) -> str:
        """The name that a part goes by in the archive."""
        return self._names[part.lower()]

    def pieces(
        self,
        changes: Mapping[str, bytes | Packed],
        without: Collection[str] = (),
        added: Mapping[str, bytes] = MappingProxyType({}),
    ) -> list[Piece]:
        """The file with `changes` (part name to content) put in, the parts `without` left out and new ones `added`; all
        others are copied as raw compressed bytes.
        """
        edited: dict[str, bytes | Packed | None] = {self.member(part): content for part, content in changes.items()}
        edited.update(dict.fromkeys(map(self.member, without)))
        return self.archive.pieces(edited, added)

    def cut_loose(self, owner: str, parts: Collection[str]) -> dict[str, bytes]:
        """The changes that make `owner` no longer relate to `parts`, and the package no longer declare them, so that
        they can be left out.
        """
        folder, name = posixpath.split(owner)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        left_out = {part.lower() for part in parts}
        related = [e for e in self.root(rels).descendants("Relationship") if self._leads_to(folder, e) in left_out]
        declared = [
            e
            for e in self.root(CONTENT_TYPES).descendants("Override")
            if e.attributes.get("PartName", "").lstrip("/").lower() in left_out
        ]
        return {
            rels: splice(self.read(rels), [Edit(e.start, e.end, b"") for e in related]),
            CONTENT_TYPES: splice(self.read(CONTENT_TYPES), [Edit(e.start, e.end, b"") for e in declared]),
        }

    def _leads_to(self, folder: str, element: Element) -> str:
        found = self._relationship(folder, element)
        return "" if found.external else found.target.lower()


def _absolute(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    if "%" in target:
        from urllib.parse import unquote

        target = unquote(target)
    path = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(path).lstrip("/")


def _refuse_other_files(data: Source) -> None:
    head = data[:4]
    if not head:
        raise UnreadableWorkbook("It is empty (0 bytes): restore it from a backup.")
    if head == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in data[: len(data)]:
            raise UnreadableWorkbook("It is encrypted: open it in Excel and save it without a password to open.")
        raise UnreadableWorkbook("It is a workbook in the old .xls format: open it in Excel and save it as .xlsx.")
    if not head.startswith(b"PK"):
        raise UnreadableWorkbook("It is not an Excel workbook (.xlsx or .xlsm).")


def _other_archive(archive: Archive) -> str:
    if "mimetype" in archive.members and b"opendocument" in archive.read("mimetype"):
        return "It is an OpenDocument file: open it in LibreOffice and save it as .xlsx."
    return "It is a zip file, but not an Excel workbook."
