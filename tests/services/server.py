"""A server of loopback sockets that answers, or fails to, exactly as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Reply = bytes | Callable[[socket.socket], None]


def http(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    """A whole answer; header names come with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def lost(_: socket.socket) -> None:
    """No answer at all."""


def cut(connection: socket.socket) -> None:
    """The beginning of an answer."""
    connection.sendall(b'HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{"data"')


def drip(connection: socket.socket) -> None:
    """An answer that never ends, each byte soon after the last."""
    connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)


def flood(connection: socket.socket) -> None:
    """An answer without end, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b" " * 1_000_000)


class Scripted:
    """Gives each connection the next reply, the last one for ever; keeps what was asked."""

    def __init__(self, replies: tuple[Reply, ...], tls: ssl.SSLContext | None) -> None:
        self.asked: list[bytes] = []
        self._replies = list(replies)
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._closing = False
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def close(self) -> None:
        """End the thread, and then the socket.

        A thread that waits in `accept` keeps a closed socket's port open (Linux), and one about to
        wait there takes the connections of whatever socket gets the closed one's number.
        """
        self._closing = True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            self._serving.join()
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                if self._closing:
                    connection.close()
                    return
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            request = self._read(connection)
            self.asked.append(request)
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            if callable(reply):
                reply(connection)
            else:
                connection.sendall(reply)
            connection.close()

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@contextmanager
def serving(*replies: Reply, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    server = Scripted(replies, tls)
    try:
        yield server
    finally:
        server.close()


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, and its key, in one file."""
    import shutil
    import subprocess

    openssl = shutil.which("openssl")
    assert openssl, "openssl makes the certificates of these tests"
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    name = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run(  # noqa: S603 - openssl itself
        [openssl, *words.split(), *name, "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    both.write_text(cert.read_text() + key.read_text())
    return both
