"""A workbook of an older refundbook as the current template would have it: what is to be changed, and what a person
made their own and is left.

Three versions are compared: the workbook as it is, the blank workbook of the release that made it, and the current one.
What is as it was made becomes as it is made now; anything else stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from refundbook.base.a1 import column_letters
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SETTINGS, SHEETS
from refundbook.storage.template_file import released, template_bytes
from refundbook.system.shell import argument
from refundbook.xlsx.package.formats import FormatGraft
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.writing.graft_drawing import bytes_of, drawn, references
from refundbook.xlsx.writing.merge_frame import Versions
from refundbook.xlsx.writing.merge_sheet import AsMade, SheetMerge
from refundbook.xlsx.writing.sheet_content import Address, Book, SheetContent, alike
from refundbook.xlsx.writing.sheet_rules import conditions

_LOGS = frozenset((SETTINGS, *(sheet.name for sheet in SHEETS)))
_AS_IT_IS = AsMade()
_TOLD = 3
"""So many cells are named of a sheet that is left."""
_OURS = 0.5
"""A sheet of which less is as it was made is another one of the same name."""


class Renewed(NamedTuple):
    """Something that was brought up to date: a sheet (`""`: the workbook), and what of it."""

    sheet: str
    what: str


class Left(NamedTuple):
    """Something that was left as it is: a sheet, its first cells as far as it is about some, and why."""

    sheet: str
    cells: str
    why: str


class Books(NamedTuple):
    """The workbook as it is, as the release made it that it is most like, and as it is made now."""

    mine: Book
    old: Book
    new: Book

    @property
    def own_sheets(self) -> list[str]:
        """The sheets that are refundbook's own: all of the template but the logs and the settings."""
        return _own_sheets(self.new)

    def is_hidden(self, sheet: str) -> bool:
        """Whether the template has the sheet hidden."""
        stated = {
            e.attributes.get("name"): e.attributes.get("state") for e in self.new.layout.root.descendants("sheet")
        }
        return stated.get(sheet) == "hidden"


class SheetPlan(NamedTuple):
    """What becomes of a sheet of refundbook's own. `part` is `""` where it is new."""

    name: str
    part: str
    merge: SheetMerge
    new: SheetContent
    draws: bool


def books_of(package: Package) -> Books:
    """The three versions of a workbook."""
    mine, new = Book(package), Book(Package(template_bytes()))
    releases = [Book(Package(template)) for template in released()]
    names = _own_sheets(new)
    return Books(mine, max(releases, key=lambda old: sum(_likeness(mine, old, name) for name in names)), new)


def _own_sheets(template: Book) -> list[str]:
    return [entry.name for entry in template.layout.sheets if entry.name not in _LOGS]


def _likeness(mine: Book, made: Book, name: str, as_made: AsMade = _AS_IT_IS) -> float:
    """How much of a sheet is as it is made, from 0 to 1."""
    sheet, other = mine.sheet(name), made.sheet(name)
    if sheet is None or other is None:
        return 0
    filled = [at for at, cell in other.cells.items() if cell.held is not None]
    same = sum(at in as_made.cells or alike(sheet.held(at), other.held(at)) for at in filled)
    return same / len(filled) if filled else 0


def plan_sheets(
    books: Books, graft: FormatGraft, as_made: Mapping[str, AsMade], wanted: Collection[str]
) -> tuple[list[SheetPlan], list[Left]]:
    """What becomes of the sheets that are refundbook's own, and which are left. Those that are `wanted` become today's
    whatever a person did to them.
    """
    plans, left = [], []
    for name in books.own_sheets:
        if name in wanted:
            found: SheetPlan | Left | None = _wanted(books, graft, name)
        else:
            found = _planned(books, graft, name, as_made.get(name, _AS_IT_IS))
        if isinstance(found, SheetPlan):
            plans.append(found)
        elif found is not None:
            left.append(found)
    return plans, left


def _wanted(books: Books, graft: FormatGraft, name: str) -> SheetPlan:
    """A sheet as it is made today. Of what is there only those cells stay that no version has, and looks."""
    there, old, new = (book.sheet(name) for book in books)
    assert new is not None
    blank = books.mine.blank()
    mine, old = there or blank, (old or blank) if there else blank
    merge = SheetMerge(Versions(mine, old, new, graft), AsMade({*old.cells, *new.cells}))
    return SheetPlan(name, mine.name, merge, new, draws=drawn(mine) != drawn(new))


def _planned(books: Books, graft: FormatGraft, name: str, as_made: AsMade) -> SheetPlan | Left | None:
    mine, old, new = (book.sheet(name) for book in books)
    assert new is not None
    if mine is None:
        if old is not None and not books.is_hidden(name):
            is_another = all(books.mine.sheet(own) is None for own in books.own_sheets)
            return None if is_another else Left(name, "", f"it was taken away; {_all_the_same(name)}")
        blank = books.mine.blank()
        return SheetPlan(name, "", SheetMerge(Versions(blank, blank, new, graft), _AS_IT_IS), new, bool(drawn(new)))
    how_new, how_old = (_likeness(books.mine, book, name, as_made) for book in (books.new, books.old))
    if _is_current(mine, new) if as_made.cells else _OURS <= how_new >= how_old:
        return None
    if old is None or how_old < _OURS:
        return Left(
            name, "", f"it is not as refundbook made it; {_all_the_same(name, is_hidden=books.is_hidden(name))}"
        )
    merge = SheetMerge(Versions(mine, old, new, graft), as_made)
    if merge.clashes:
        return Left(name, _told(merge.clashes), f"changed by hand; {_all_the_same(name)}")
    return _with_drawing(SheetPlan(name, mine.name, merge, new, draws=False), mine, old, new)


def _all_the_same(name: str, *, is_hidden: bool = False) -> str:
    """How to have today's sheet."""
    if is_hidden:
        return "give yours another name, and repeat"
    return f"`refundbook upgrade --renew {argument(name)}` makes it today's all the same"


def _is_current(mine: SheetContent, new: SheetContent) -> bool:
    """Whether a sheet of values, which hold no formula to tell it by, is of the current template."""
    there, made = ({rule.means() for rule in conditions(s.frame, s.book.formats)} for s in (mine, new))
    return made <= there


def _with_drawing(plan: SheetPlan, mine: SheetContent, old: SheetContent, new: SheetContent) -> SheetPlan | Left:
    if bytes_of(old) == bytes_of(new):
        return plan
    if drawn(mine) == drawn(old):
        return plan._replace(draws=True)
    if references(old) == references(new):
        return plan
    return Left(plan.name, "", f"its charts were changed by hand, and show other cells now; {_all_the_same(plan.name)}")


def _told(cells: Sequence[Address]) -> str:
    first = ", ".join(f"{column_letters(column)}{row}" for row, column in cells[:_TOLD])
    more = len(cells) - _TOLD
    return first if more <= 0 else f"{first} and {more:,} more"
