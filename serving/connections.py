"""Connections that take their time: a request's head must arrive soon and be small (slow-loris)."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .writes import JoinedWrites

HEAD_SECONDS = 5.0
HEAD_BYTES = 64 * 1024


class PromptHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which by itself waits for a first request and reads headers without end."""

    _head_timer: TimerHandle | None = None
    _head_begun = False
    _head_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        self.transport = JoinedWrites(transport, self.loop)  # type: ignore[assignment] # all that uvicorn uses
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._give_up()
                return
        super().data_received(data)
        # Most heads arrive whole, and need no timer.
        if self._head_begun and self._head_timer is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_begun = True

    def on_headers_complete(self) -> None:
        self._head_arrived()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _head_arrived(self) -> None:
        self._head_begun = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_arrived()
        self.transport.abort()
