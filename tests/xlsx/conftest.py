"""The workbooks of `rich`, for whatever changes one of each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.rich import EVERYTHING


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The workbook of a name, made once."""
    folder = tmp_path_factory.mktemp("built")
    made: dict[str, Path] = {}

    def build(name: str) -> Path:
        if name not in made:
            made[name] = EVERYTHING[name](folder / f"{name}.xlsx")
        return made[name]

    return build
