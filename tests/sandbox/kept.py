"""A running sandbox whose clients keep their connections: thousands of TLS handshakes tell nothing new."""

from types import TracebackType

import requests
from requests.adapters import HTTPAdapter

from sandbox.testing import RunningSandbox


class KeptConnections(HTTPAdapter):
    """Outlives the sessions that use it. Cookies and credentials are the session's, and stay with it."""

    def close(self) -> None:
        """A session closes its adapters at its end; this one belongs to all of them."""

    def end(self) -> None:
        super().close()


class SharedSandbox(RunningSandbox):
    """Its sessions take a connection that an earlier one left, if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = KeptConnections(pool_maxsize=50)

    def session(self) -> requests.Session:
        session = super().session()
        session.mount("https://", self._kept)
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.end()
        super().__exit__(kind, error, trace)
