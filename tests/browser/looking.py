"""People in front of the product: signed in by role, and looking at a page as it is on their screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.starter.processes import ROOT

Language = Literal["zh", "en"]


class Size(NamedTuple):
    width: int
    height: int


CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESKTOP = Size(360, 780), Size(1440, 900)
SIZES = (DESKTOP, PHONE)
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")
_OVERFLOWING = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
_SETTLED = (
    "() => document.fonts.status === 'loaded' && document.getAnimations().every((a) => a.playState !== 'running')"
)


class Visitors:
    """`visitors(role, department)` signs somebody in; each has a browser window of their own."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    @contextmanager
    def welcomed(self) -> Iterator["Visitors"]:
        """Closes every window in the end. An AssertionError when a browser had anything to complain of."""
        try:
            yield self
            assert not self.complaints, "\n".join(self.complaints)
        finally:
            for context in self._contexts:
                context.close()

    def __call__(
        self,
        role: str,
        department: str = "",
        *,
        language: Language = "zh",
        size: Size = DESKTOP,
        scripts: bool = True,
        dark: bool = False,
    ) -> Page:
        page = self.nobody(language=language, size=size, scripts=scripts, dark=dark)
        page.goto("/sign-in")
        page.locator(f'button[value="{role}:{department}"]').click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def nobody(
        self, *, language: Language = "zh", size: Size = DESKTOP, scripts: bool = True, dark: bool = False
    ) -> Page:
        """Somebody who has not signed in: a customer, or one at the door."""
        context = self._browser.new_context(
            base_url=self.address,
            viewport={"width": size.width, "height": size.height},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        """A policy that was violated, a script that failed. An answer of 4xx is the test's own to judge."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


class Looker:
    """Keeps what a person sees under build/screens/, and refuses what shuts somebody out."""

    def __init__(self, visitors: Visitors, folder: Path) -> None:
        self._visitors, self._folder = visitors, folder

    def __call__(self, page: Page, name: str, *, reload: bool = True) -> None:
        """`name`-<language>-<width>.png at both sizes and in both languages, each found sound by axe-core.

        With `reload=False` the page is taken as it stands, in its own language: what was typed or opened stays.
        """
        for language in LANGUAGES if reload else ("as-is",):
            if reload:
                page.context.add_cookies([{"name": "lang", "value": language, "url": self._visitors.address}])
            for size in SIZES:
                page.set_viewport_size({"width": size.width, "height": size.height})
                if reload:
                    page.reload()
                self._keep(page, f"{name}-{language}-{size.width}")

    def _keep(self, page: Page, name: str) -> None:
        page.wait_for_function(_SETTLED)
        self._folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self._folder / f"{name}.png", full_page=True)
        assert not page.evaluate(_OVERFLOWING), f"{name}: it is wider than the screen"
        found = violations(page)
        assert not found, "\n".join((name, *found))


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical: the rule, and where."""
    assert _AXE.exists(), "axe-core is not there: run `make setup`"
    page.evaluate(_AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['target']} {node['html'][:160]}"
        for each in found
        if each["impact"] in _GRAVE
        for node in each["nodes"][:3]
    ]
