"""`NamedTuple` as `typing` has it, of which a class costs a tenth until something is made of it.

`typing` compiles each annotation of such a class, and `collections` writes and compiles its `__new__`: for the eighty
classes that an append loads that was an eighth of the whole command. Here annotations stay the strings that they are,
and `__new__` is made with the first of a kind. What comes of it is the same (tests/base/test_named_tuple.py), and type
checkers see `typing.NamedTuple` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter

    class _Kind(type):
        """Makes a class of fields, in their order and with their defaults, of what stands below `class …:`."""

        def __new__(cls, name, bases, space):
            if bases != (tuple,) and not hasattr(bases[0], "_fields"):
                fields = tuple(space["__annotations__"])
                space["_field_defaults"] = {field: space[field] for field in fields if field in space}
                placed = {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
                space = placed | space | placed
                space |= {"_fields": fields, "__match_args__": fields, "__slots__": ()}
            return super().__new__(cls, name, bases, space)

    class NamedTuple(tuple, metaclass=_Kind):
        """A tuple whose places have names."""

        __slots__ = ()

        def __new__(cls, /, *values, **named):
            kind = next(each for each in cls.__mro__ if "_fields" in vars(each))
            names = ", ".join(kind._fields)
            made = eval(f"lambda _kind, {names}: _tuple(_kind, ({names},))", {"_tuple": tuple.__new__})
            made.__defaults__ = tuple(kind._field_defaults.values())
            made.__qualname__ = f"{kind.__qualname__}.__new__"
            kind.__new__ = staticmethod(made)
            return made(cls, *values, **named)

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **named):
            made = self._make(map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"Got unexpected field names: {list(named)!r}")
            return made

        __replace__ = _replace

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            values = ", ".join(f"{field}={value!r}" for field, value in self._asdict().items())
            return f"{type(self).__name__}({values})"

        def __getnewargs__(self):
            return tuple(self)
