"""Chromium without a screen: how wide a page lies, what it asks the network for, what it prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

TIMEOUT = 60.0


def _program() -> str | None:
    names = (os.environ.get("REFUNDBOOK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def has_chromium() -> bool:
    """Whether there is one."""
    return _program() is not None


def width_of(page: Path, screen: int) -> int:
    """How wide the content of a page is on a screen of `screen` CSS pixels; more than `screen` means that one must
    scroll sideways.
    """
    harness = page.with_name("harness.html")
    harness.write_text(
        f'<iframe id="f" src="{page.name}" width="{screen}" height="2000" style="border:0"></iframe><p id="w"></p>'
        "<script>onload = () => { w.textContent = f.contentDocument.documentElement.scrollWidth }</script>",
        encoding="utf-8",
    )
    dom = _run(harness, "--allow-file-access-from-files", "--window-size=1600,2000", "--dump-dom")
    found = re.search(r'<p id="w">(\d+)</p>', dom)
    assert found, dom
    return int(found[1])


def text_of(page: Path) -> str:
    """The text that a page shows, markup taken out, after it was read and its scripts, if any, were run."""
    dom = _run(page, "--dump-dom").partition("<body")[2]
    return unescape(re.sub(r"<[^>]*>", " ", dom))


def requests_of(page: Path) -> set[str]:
    """The addresses that a page asked the network for."""
    with tempfile.TemporaryDirectory(prefix="refundbook-net-") as folder:
        log = Path(folder) / "net.json"
        _run(page, f"--log-net-log={log}", "--dump-dom")
        events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = [event["params"] for event in events if "url" in event.get("params", {})]
    # What the browser asks for of its own accord has no page as its origin.
    urls = {str(params["url"]) for params in asked if params.get("initiator", "not an origin") != "not an origin"}
    return {url for url in urls if url.startswith(("http:", "https:", "ws:"))}


def printed(page: Path, target: Path) -> bytes:
    """The page as a PDF, as the browser would print it."""
    _run(page, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    return target.read_bytes()


def _run(page: Path, *flags: str) -> str:
    program = _program()
    assert program
    quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--host-resolver-rules=MAP * ~NOTFOUND")  # fmt: skip
    with _profile() as profile:
        command = [program, *quiet, f"--user-data-dir={profile}", *flags, page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True)
    return done.stdout.decode()


@contextmanager
def _profile() -> Iterator[str]:
    # A process of the browser may still be writing into it.
    with tempfile.TemporaryDirectory(prefix="refundbook-chromium-", ignore_cleanup_errors=True) as folder:
        yield folder
