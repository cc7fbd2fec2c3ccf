"""Tests that need a program are skipped without it, except in CI, where a missing program is a failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from refundbook.storage.cache_file import VARIABLE
from tests.support.browser import has_chromium
from tests.support.elsewhere import has_javascript_readers
from tests.support.office import has_libreoffice
from tests.support.systems import is_windows, is_wine
from tests.support.type_checkers import has_pyright
from tests.support.validators import has_sdk_validator

# How fast the machine is, and what else it has to do, is no property of refundbook.
settings.register_profile("any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

PROGRAMS: dict[str, tuple[Callable[[], bool], str]] = {
    "chromium": (has_chromium, "Chromium is not installed: apt-get install chromium, or set REFUNDBOOK_CHROMIUM."),
    "libreoffice": (has_libreoffice, "LibreOffice (soffice) is not installed."),
    "node": (
        has_javascript_readers,
        "SheetJS and ExcelJS are not installed: npm install --prefix tests/node, "
        "or set REFUNDBOOK_NODE_MODULES to their folder.",
    ),
    "pyright": (
        has_pyright,
        "Pyright is not installed: npm install --prefix tests/node, or set REFUNDBOOK_NODE_MODULES to its folder.",
    ),
    "sdk": (
        has_sdk_validator,
        "The Open XML SDK validator is not installed: npm install --prefix tests/node, or set "
        "REFUNDBOOK_SDK_VALIDATOR to its cli.js.",
    ),
}


def skip_on_other_systems(item: pytest.Item) -> None:
    """A test says by a marker, with the reason, on which system it makes no sense."""
    for marker, is_skipped in (("posix", is_windows()), ("windows", not is_windows()), ("not_wine", is_wine())):
        found = item.get_closest_marker(marker)
        if found and is_skipped:
            pytest.skip(" ".join([marker, *found.args]))


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What refundbook knows of workbooks is kept apart from the user's, also by processes that serve a whole module of
    tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.getbasetemp() / "cache"))
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    skip_on_other_systems(item)
    for marker, (is_there, missing) in PROGRAMS.items():
        if item.get_closest_marker(marker) and not is_there():
            if os.environ.get("CI"):
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)
