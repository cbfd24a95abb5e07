"""For tests in a real browser: one stack for all, people signed in by role, and every page looked at as people see it.

They run in a process of their own (`make doors`): Playwright's loop and pytest-asyncio's do not share one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import CHROMIUM, Looker, Visitors
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack

expect.set_options(timeout=20_000)  # ms: a busy machine loads a page slowly, and nothing here is about speed


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium; as root it runs without its sandbox."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: `apt-get install chromium fonts-noto-cjk`")
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def stack(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`vocloop up` on a home of its own, shared by all tests: bring your own tickets."""
    stack = Stack(tmp_path_factory.mktemp("browser") / "home")
    with stack.up(VOCLOOP_REPORT_PAGE="true"):
        yield stack
        stack.stop()


@pytest.fixture(scope="session")
def tickets(stack: Stack) -> Tickets:
    return Tickets(stack)


@pytest.fixture
def as_role(stack: Stack, browser: Browser) -> Iterator[Visitors]:
    """`as_role("responder", "powertrain")` is a page of somebody who is signed in; it closes by itself."""
    with Visitors(browser, stack.api).welcomed() as visitors:
        yield visitors


@pytest.fixture
def look(as_role: Visitors) -> Looker:
    """`look(page, "queue")`: pictures at both sizes in both languages, and nothing that shuts anybody out."""
    return Looker(as_role, Path("build/screens"))


@pytest.fixture
def responder(as_role: Visitors) -> Page:
    return as_role("responder", "powertrain")
