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

        @property
        def __signature__(cls):
            from inspect import Parameter, Signature

            kind, defaults, hints = Parameter.POSITIONAL_OR_KEYWORD, cls._field_defaults, cls.__annotations__
            return Signature(
                [Parameter(f, kind, default=defaults.get(f, Parameter.empty), annotation=hints[f]) for f in cls._fields]
            )

    def _new(name, fields, defaults, make=tuple.__new__):
        """What makes a tuple of a kind. Nearly always there is a value for each field, in their order."""
        count, last = len(fields), tuple(defaults.values())
        least = count - len(last)

        def new(kind, /, *values, **named):
            if named or not least <= len(values) <= count:
                values = _all_values(name, fields, defaults, values, named)
            elif len(values) < count:
                values += last[len(values) - least :]
            return make(kind, values)

        new.__name__, new.__qualname__ = "__new__", f"{name}.__new__"
        return new

    def _all_values(name, fields, defaults, values, named):
        """The values in the order of the fields. Raises TypeError where they are not one for each."""
        given = dict(zip(fields, values, strict=False))
        found = defaults | given | named
        wrong = {
            "twice": [field for field in fields if field in given and field in named],
            "unknown": [field for field in named if field not in fields],
            "missing": [field for field in fields if field not in found],
            "too many": values[len(fields) :],
        }
        if any(wrong.values()):
            said = "; ".join(f"{what}: {', '.join(map(str, which))}" for what, which in wrong.items() if which)
            raise TypeError(f"{name}.__new__() takes {', '.join(fields)} ({said})")
        return [found[field] for field in fields]

    class NamedTuple(tuple, metaclass=_Kind):
        """A tuple whose places have names."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

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
