"""Our NamedTuple is the one of `typing`: all that is true here of the one is true of the other."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing
from typing import Any, NoReturn

import pytest

from refundbook.base import named_tuple


class Ours(named_tuple.NamedTuple):
    """A place."""

    street: str
    number: int = 1
    note: str | None = None

    def line(self) -> str:
        return f"{self.street} {self.number}"


class Theirs(typing.NamedTuple):
    """A place."""

    street: str
    number: int = 1
    note: str | None = None

    def line(self) -> str:
        return f"{self.street} {self.number}"


class OursWithMore(Ours):
    def twice(self) -> int:
        return 2 * self.number


class TheirsWithMore(Theirs):
    def twice(self) -> int:
        return 2 * self.number


Kind = Any
BOTH = pytest.mark.parametrize("kind", [Ours, Theirs])


@BOTH
def test_fields_are_given_by_place_or_by_name(kind: Kind) -> None:
    assert kind("Elm", 3, "x") == kind("Elm", note="x", number=3) == kind(street="Elm", number=3, note="x")
    assert kind("Elm", 3, "x") == ("Elm", 3, "x")


@BOTH
def test_what_is_not_given_has_its_default(kind: Kind) -> None:
    assert kind("Elm") == ("Elm", 1, None)
    assert kind("Elm").number == 1


@BOTH
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        (("Elm", 1, None, 4), {}),
        (("Elm",), {"street": "Oak"}),
        (("Elm",), {"city": "Ulm"}),
        ((), {"note": ""}),
    ],
)
def test_too_few_too_many_or_unknown_are_refused(kind: Kind, values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="__new__"):
        kind(*values, **named)
    with pytest.raises(TypeError, match=r"Expected 3 arguments, got 1"):
        kind._make(["Elm"])


@pytest.mark.parametrize(
    ("values", "named", "said"),
    [
        ((), {}, "missing: street"),
        (("Elm",), {"street": "Oak"}, "twice: street"),
        (("Elm",), {"city": "Ulm"}, "unknown: city"),
        (("Elm", 1, None, 4), {}, "too many: 4"),
    ],
)
def test_it_is_said_what_is_wrong(values: tuple[Any, ...], named: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=rf"Ours\.__new__\(\) takes street, number, note \({said}\)"):
        Ours(*values, **named)


@BOTH
def test_its_signature_tells_the_fields(kind: Kind) -> None:
    found = inspect.signature(kind).parameters
    assert [(name, field.default) for name, field in found.items()] == [
        ("street", inspect.Parameter.empty),
        ("number", 1),
        ("note", None),
    ]
    assert (kind.__new__.__name__, kind.__new__.__qualname__.rpartition(".")[2]) == ("__new__", "__new__")


@BOTH
def test_it_is_a_tuple_that_says_what_is_what(kind: Kind) -> None:
    street, number, _ = place = kind("Elm", 3)
    assert (street, number) == (place.street, place.number) == place[:2]
    assert repr(place) == f"{kind.__name__}(street='Elm', number=3, note=None)"
    assert (hash(place), len(place), place.line()) == (hash(("Elm", 3, None)), 3, "Elm 3")
    assert place < kind("Oak")
    assert kind.__doc__ == "A place."


@BOTH
def test_it_cannot_be_changed_and_holds_nothing_else(kind: Kind) -> None:
    place = kind("Elm")
    for name in ("street", "other"):
        with pytest.raises(AttributeError):
            setattr(place, name, "Oak")
    assert not hasattr(place, "__dict__")


@BOTH
def test_fields_can_be_replaced_and_listed(kind: Kind) -> None:
    place = kind("Elm")
    assert place._replace(number=9, note="n") == kind("Elm", 9, "n")
    assert type(place._replace()) is kind
    assert place._asdict() == {"street": "Elm", "number": 1, "note": None}
    assert kind._make(["Elm", 2, "x"]) == kind("Elm", 2, "x")
    assert (kind._fields, kind._field_defaults) == (("street", "number", "note"), {"number": 1, "note": None})
    with pytest.raises(ValueError, match="city"):
        place._replace(city="Ulm")


@BOTH
def test_it_is_copied_and_pickled_as_what_it_is(kind: Kind) -> None:
    place = kind("Elm", 3)
    for other in (copy.copy(place), copy.deepcopy(place), pickle.loads(pickle.dumps(place))):
        assert other == place
        assert type(other) is kind


@BOTH
def test_it_is_matched_by_place_and_by_name(kind: Kind) -> None:
    match kind("Elm", 3):
        case kind(street, number=3):
            assert street == "Elm"
        case _:
            pytest.fail("no match")


@BOTH
def test_its_types_can_be_asked_for(kind: Kind) -> None:
    assert typing.get_type_hints(kind) == {"street": str, "number": int, "note": str | None}


@pytest.mark.parametrize("kind", [OursWithMore, TheirsWithMore])
def test_a_class_of_one_adds_methods(kind: Kind) -> None:
    place = kind("Elm", number=4)
    assert (place.twice(), place.line(), type(place._replace(number=5))) == (8, "Elm 4", kind)
    assert isinstance(place, (Ours, Theirs))
    assert type(pickle.loads(pickle.dumps(place))) is kind


def test_nothing_is_compiled_for_a_class_nor_for_what_is_made_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> NoReturn:
        raise AssertionError("compiled")

    monkeypatch.setattr("builtins.compile", refused)
    monkeypatch.setattr("builtins.eval", refused)

    class Pair(named_tuple.NamedTuple):
        one: int
        two: int

    assert Pair(1, two=2) == (1, 2)
