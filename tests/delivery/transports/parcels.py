"""Parcels for transports, and a server whose connections can be cut."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO

from pim.delivery.parcel import Parcel


def a_parcel(name: str, content: bytes, id: str = "7-0") -> Parcel:
    return Parcel(id, name, "text/csv", BytesIO(content), len(content), hashlib.sha256(content).hexdigest())


def quiet(gone: int) -> None:
    """Told of progress, says nothing."""


@contextmanager
def cutting(port: int, after: int) -> Iterator[int]:
    """The port of a proxy that cuts each connection once so many bytes have gone through it to the server at `port`."""
    listening = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", port))
                threads.append(threading.Thread(target=_pump, args=(server, client, None), daemon=True))
                threads.append(threading.Thread(target=_pump, args=(client, server, after), daemon=True))
                for thread in threads[-2:]:
                    thread.start()

    accepting = threading.Thread(target=serve, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _pump(source: socket.socket, to: socket.socket, limit: int | None) -> None:
    gone = 0
    with suppress(OSError):
        while (limit is None or gone < limit) and (data := source.recv(65536)):
            to.sendall(data)
            gone += len(data)
    for end in (source, to):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
