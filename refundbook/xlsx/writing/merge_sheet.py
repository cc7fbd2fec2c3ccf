"""A sheet as it stands in a workbook, brought from how it was made to how it is made now. What a person changed or
added stays; where the new version puts something else into the same cell, both cannot be, and that is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from refundbook.base.a1 import Range, column_letters
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Element, escape
from refundbook.xlsx.package.xml_tree import written
from refundbook.xlsx.writing.cell_xml import Cell, cell_xml
from refundbook.xlsx.writing.merge_frame import Versions, merged_frame
from refundbook.xlsx.writing.sheet_content import ORDER, Address, Held, alike

_ROW = ("ht", "customHeight", "hidden", "outlineLevel", "collapsed")


class AsMade(NamedTuple):
    """What in a sheet is the work of the program that made it, though it is not as it was made: cells, and rows
    (`headings`) that look as others should, since the headers stand where they do not belong.
    """

    cells: Collection[Address] = ()
    headings: Collection[int] = ()


class SheetMerge:
    """The merge of a sheet. `clashes` are the cells in which a person's and the new version part."""

    def __init__(self, versions: Versions, as_made: AsMade) -> None:
        self._versions = versions
        self._mine, self._old, self._new = versions[:3]
        self._as_made = as_made

    @cached_property
    def addresses(self) -> list[Address]:
        """All cells of any version, in order."""
        return sorted({*self._mine.cells, *self._old.cells, *self._new.cells})

    @cached_property
    def clashes(self) -> list[Address]:
        return [at for at in self.addresses if self._is_changed(at) and not self._agrees(at)]

    def _is_changed(self, at: Address) -> bool:
        return at not in self._as_made.cells and not alike(self._mine.held(at), self._old.held(at))

    def _agrees(self, at: Address) -> bool:
        """Whether the new version leaves a changed cell as it was made, or says the same."""
        return any(alike(self._new.held(at), version.held(at)) for version in (self._old, self._mine))

    @cached_property
    def xml(self) -> bytes:
        """The merged sheet. What leads from it to other parts stays."""
        prefix, part = self._versions.prefix, self._mine.part
        rows = dict(self._rows())
        data = b"<%ssheetData>%s</%ssheetData>" % (prefix, b"".join(rows[row] for row in sorted(rows)), prefix)
        pieces = merged_frame(self._versions, is_moved=bool(self._as_made.headings))
        pieces += [(ORDER.index("sheetData"), data), (ORDER.index("dimension"), self._dimension())]
        inner = b"".join(xml for _, xml in sorted(pieces, key=lambda piece: piece[0]))
        frame, root = part.frame_xml, part.frame
        return frame[: root.inner] + inner + frame[root.close :]

    def _dimension(self) -> bytes:
        filled = [at for at in self.addresses if self._cell(at)]
        if not filled:
            return b""
        rows, columns = zip(*filled, strict=True)
        cells = Range(min(columns), min(rows), max(columns), max(rows))
        return b'<%sdimension ref="%s"/>' % (self._versions.prefix, str(cells).encode())

    def _rows(self) -> Iterator[tuple[int, bytes]]:
        cells: dict[int, list[bytes]] = {}
        for at in self.addresses:
            cells.setdefault(at[0], []).append(self._cell(at))
        made = {*self._old.rows, *self._new.rows, *(row for row, _ in self._as_made.cells)}
        for row in sorted({*self._mine.rows, *made}):
            if row not in made:
                yield row, self._mine.row_xml(row)
                continue
            inner = b"".join(cells.get(row, ()))
            stated = self._row_attributes(row)
            if inner or stated:
                prefix = self._versions.prefix
                yield row, b'<%srow r="%d"%s>%s</%srow>' % (prefix, row, written(stated), inner, prefix)

    def _row_attributes(self, row: int) -> dict[str, str]:
        mine, old, new = (version.rows.get(row) for version in self._versions[:3])
        if _row_state(mine) == _row_state(old) or row in self._as_made.headings:
            return {name: new.attributes[name] for name in _ROW if name in new.attributes} if new is not None else {}
        stated = mine.attributes if mine is not None else {}
        return {name: value for name, value in stated.items() if "}" not in name and name not in ("r", "spans")}

    def _cell(self, at: Address) -> bytes:
        """The XML of a cell; nothing where there is none."""
        is_changed = self._is_changed(at)
        mine, new = self._mine.cells.get(at), self._new.cells.get(at)
        has_own_look = at[0] not in self._as_made.headings and self._mine.look(at) != self._old.look(at)
        if is_changed and (has_own_look or new is None or not alike(self._mine.held(at), new.held)):
            return mine.xml if mine is not None else b""
        if mine is not None and has_own_look:
            held = new.held if new is not None else None
            return mine.xml if alike(held, mine.held) else held_xml(self._versions.prefix, at, held, mine.style)
        if new is None:
            return b""
        if mine is not None and alike(mine.held, new.held) and self._mine.look(at) == self._new.look(at):
            return mine.xml
        return held_xml(self._versions.prefix, at, new.held, self._versions.graft.cell(new.style))


def _row_state(row: Element | None) -> tuple[str | None, ...]:
    return (None,) * (len(_ROW) + 1) if row is None else (*map(row.attributes.get, _ROW), row.attributes.get("s"))


def held_xml(prefix: bytes, at: Address, held: Held | None, style: int) -> bytes:
    """A cell that holds this; a formula without its result."""
    p, address = prefix.decode(), f"{column_letters(at[1])}{at[0]}"
    if held is None or held.kind == "text":
        return cell_xml(p, address, Cell(held.text if held is not None else None, style)).encode()
    stated = f'<{p}c r="{address}" s="{style}"' if style else f'<{p}c r="{address}"'
    text = escape(held.text).decode()
    if held.kind == "number":
        return f"{stated}><{p}v>{text}</{p}v></{p}c>".encode()
    if held.kind == "formula":
        return f"{stated}><{p}f>{text}</{p}f></{p}c>".encode()
    if held.kind == "array":
        return f'{stated}><{p}f t="array" ref="{held.ref}">{text}</{p}f></{p}c>'.encode()
    return f'{stated} t="{held.kind}"><{p}v>{text}</{p}v></{p}c>'.encode()
