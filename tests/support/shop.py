"""The shop of examples/make_shop.py, made once a session."""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import refundbook

EXAMPLES = Path(__file__).parents[2] / "examples"


@cache
def maker() -> ModuleType:
    """The module `make_shop`."""
    spec = importlib.util.spec_from_file_location("make_shop", EXAMPLES / "make_shop.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_shop"] = module
    spec.loader.exec_module(module)
    return module


@cache
def shop() -> refundbook.Book:
    """The shop's workbook, loaded as on its day. It is shared: read it, and change nothing."""
    folder = Path(tempfile.mkdtemp(prefix="refundbook-shop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    book: refundbook.Book = maker().make(folder / "shop.xlsx")
    return book
