"""What 0.1.0 offered is still there: its public names with their parameters, the commands with their options, and the exit codes.

`public_0_1_0.json` was written by the code below with 0.1.0 installed; it never changes. What came since is free to.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import click
import pytest

import refundbook
from refundbook.cli.commands import cli

THEN: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("public_0_1_0.json").read_text(encoding="utf-8"))


def parameters(function: Any) -> list[list[object]]:
    """Name, kind, and whether it may be left out, of each parameter."""
    return [[p.name, p.kind.name, p.default is not p.empty] for p in inspect.signature(function).parameters.values()]


def offered(name: str) -> Any:
    """The parameters of a public function; of a class those of its methods, and its other attributes."""
    thing = getattr(refundbook, name)
    if inspect.isfunction(thing):
        return parameters(thing)
    members = {}
    for member in (member for member in dir(thing) if not member.startswith("_")):
        value = inspect.getattr_static(thing, member)
        value = getattr(value, "__func__", value)
        members[member] = parameters(value) if inspect.isfunction(value) else "value"
    return members


def options(command: click.Command, context: click.Context) -> Any:
    if isinstance(command, click.Group):
        return {
            name: options(sub, context)
            for name in command.list_commands(context)
            if (sub := command.get_command(context, name))
        }
    spelled = (
        [*p.opts, *p.secondary_opts] if isinstance(p, click.Option) else [str(p.name).upper()] for p in command.params
    )
    return sorted(option for given in spelled for option in given)


def still_taken(then: list[list[object]], now: list[list[object]]) -> bool:
    """Whether every call that was right is right: what was given by place has its place, what is new may be left out."""
    by_place = [p for p in then if p[1] in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")]
    new = [p for p in now if p[0] not in {old[0] for old in then}]
    return now[: len(by_place)] == by_place and all(p in now for p in then) and all(p[2] for p in new)


@pytest.mark.parametrize("name", THEN["names"])
def test_every_public_name_takes_what_it_took(name: str) -> None:
    then, now = THEN["names"][name], offered(name)
    assert name in refundbook.__all__
    if isinstance(then, list):
        assert still_taken(then, now)
        return
    for member, was in then.items():
        assert still_taken(was, now[member]) if isinstance(was, list) else now[member] == was, member


@pytest.mark.parametrize("name", THEN["commands"])
def test_every_command_has_the_options_that_it_had(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    then, now = THEN["commands"][name], options(command, context)
    if isinstance(then, dict):
        assert all(set(then[sub]) <= set(now[sub]) for sub in then)
    else:
        assert set(then) <= set(now)


@pytest.mark.parametrize("name", THEN["exit_codes"])
def test_every_error_ends_the_command_as_it_did(name: str) -> None:
    assert getattr(refundbook, name).exit_code == THEN["exit_codes"][name]
