"""`NamedTuple` as `typing` has it, of which a class costs a tenth.

`typing` compiles each annotation of such a class, and `collections` writes and compiles its `__new__`: for the eighty
classes that an append loads that was an eighth of the whole command. Here annotations stay the strings that they are,
and nothing is compiled. What comes of it is the same (tests/base/test_named_tuple.py), and type checkers see
`typing.NamedTuple` itself.
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
                defaults = {field: space[field] for field in fields if field in space}
                placed = {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
                space = placed | space | placed
                space |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
                space["__new__"] = _new(space["__qualname__"], fields, defaults)
            return super().__new__(cls, name, bases, space)

    def _new(name, fields, defaults, make=tuple.__new__):
        """What makes a tuple of a kind. Nearly always there is a value for each field, in their order."""
        count = len(fields)

        def new(kind, /, *values, **named):
            if named or len(values) != count:
                values = _all_values(name, fields, defaults, values, named)
            return make(kind, values)

        return new

    def _all_values(name, fields, defaults, values, named):
        """The values in the order of the fields. Raises TypeError where they are not one for each."""
        given = dict(zip(fields, values, strict=False))
        found = defaults | given | named
        if len(values) > len(fields) or given.keys() & named.keys() or found.keys() != set(fields):
            raise TypeError(
                f"{name}.__new__() takes {', '.join(fields)}, and was given {len(values)} values by place"
                f" and {', '.join(named) or 'none'} by name"
            )
        return [found[field] for field in fields]

    class NamedTuple(tuple, metaclass=_Kind):
        """A tuple whose places have names."""

        __slots__ = ()

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
