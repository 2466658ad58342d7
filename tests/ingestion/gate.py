"""A gate between a loader and Postgres: holds what the loader sends at a place that a test chooses."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from tests.ingestion.loader import Loader

HeldAt = Callable[[int, bytes], bool]
"""Whether to hold: how many bytes the loader has sent before, and what it sends next."""

ROWS_ARE_UNDER_WAY = 1 << 20
"""More bytes than all statements of a load together: who has sent them is in the middle of a COPY, or beyond it."""
TIMEOUT = 60


def during_copy(sent: int, _: bytes) -> bool:
    """In the middle of the rows."""
    return sent > ROWS_ARE_UNDER_WAY


def at_commit(sent: int, data: bytes) -> bool:
    """Before the server hears that the load is to be committed."""
    return sent > ROWS_ARE_UNDER_WAY and b"COMMIT" in data


class Gate:
    """Passes on what a loader and a server say to each other until `held_at`, then waits for `open` or `cut`."""

    def __init__(self, server_port: int, held_at: HeldAt) -> None:
        self._server_port, self._held_at = server_port, held_at
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._reached, self._moved = threading.Event(), threading.Event()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def wait(self) -> None:
        """Until the loader is held."""
        assert self._reached.wait(TIMEOUT), "the loader never came to the place where it is to be held"

    def open(self) -> None:
        """Pass on what was held, and everything after it."""
        self._moved.set()

    def cut(self) -> None:
        """Drop what was held: the server sees that its client has gone."""
        self._is_cut = True
        self._moved.set()

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                loader, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                threading.Thread(target=self._pass_on, args=(loader, server, self._may_pass), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, loader, lambda *_: True), daemon=True).start()

    def _may_pass(self, sent: int, data: bytes) -> bool:
        if not self._moved.is_set() and self._held_at(sent, data):
            self._reached.set()
            self._moved.wait(TIMEOUT)
        return not self._is_cut

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, may_pass: HeldAt) -> None:
        sent = 0
        # A peer that was killed resets its connection: that is an end like any other.
        with contextlib.suppress(OSError):
            while (data := source.recv(1 << 16)) and may_pass(sent, data):
                target.sendall(data)
                sent += len(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def gate(server_port: int, held_at: HeldAt) -> Iterator[Gate]:
    """A gate before the server of that port."""
    gate = Gate(server_port, held_at)
    try:
        yield gate
    finally:
        gate.close()


def port_of(url: URL) -> int:
    assert url.port
    return url.port


def through(closed: Gate, loader: Loader) -> Loader:
    """The same loader, on its way through a gate."""
    return Loader(loader.url.set(port=closed.port), loader.raw_dir)
