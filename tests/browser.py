"""Chromium for every test that needs a browser: found on PATH, started once, closed in time."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing that calls home or waits for a graphics card.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def program() -> str:
    """The browser's path. Raises `FileNotFoundError` with the command that mends it."""
    for name in PROGRAMS:
        if (found := shutil.which(name)) is not None:
            return found
    raise FileNotFoundError(
        f"No Chromium on PATH (looked for {', '.join(PROGRAMS)}). On Debian: sudo apt-get install chromium"
    )


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """A Chromium with `flags` besides the usual ones; it ends with the block."""
    with sync_playwright() as playwright:
        # Its own sandbox needs rights that containers and root don't have.
        browser = playwright.chromium.launch(
            executable_path=program(), args=[*FLAGS, *flags], chromium_sandbox=False
        )
        yield browser
        browser.close()


class SharedBrowser:
    """One Chromium for all tests of a process.

    It has to be closed before a test uses asyncio: while Playwright is open, its loop counts as the
    thread's running one, and a second cannot start.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Browser | None = None

    def get(self) -> Browser:
        """The browser: started for the first who asks, and again after it crashed."""
        if self._browser is None or not self._browser.is_connected():
            self.close()
            self._browser = self._open.enter_context(launched())
        return self._browser

    def close(self) -> None:
        """End it, if it runs."""
        self._browser = None
        self._open.close()
