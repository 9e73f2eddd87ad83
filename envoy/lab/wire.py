"""How does a small HTTP/1.1 server record exactly what arrived, and misbehave on request?"""

import dataclasses
import socket
import ssl
import struct
import threading
import time


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it came over the wire; the body is whole and without chunk framing."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    #: Seconds before the answer.
    delay: float = 0
    #: Send the head and half of the body, then reset the connection.
    cut: bool = False
    #: Reset the connection without an answer.
    reset: bool = False
    #: After the head, send body for as long as somebody takes it.
    endless: bool = False


class Server:
    """One thread per connection on the loopback; keeps every request in the order of arrival.

    `listening=False` reserves the port but refuses connections until `listen()`. With `tls` it speaks HTTPS only; who
    breaks the handshake off sends no request.
    """

    def __init__(self, port: int = 0, listening: bool = True, tls: ssl.SSLContext | None = None):
        self.requests: list[Request] = []
        self.arrived = threading.Condition()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._closed = threading.Event()
        if listening:
            self.listen()

    def listen(self) -> None:
        self._socket.listen(256)
        threading.Thread(target=self._accept, daemon=True).start()

    def answer(self, request: Request) -> Answer:
        """What to say; a server of its own overrides this."""
        return Answer()

    def close(self) -> None:
        self._closed.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It never listened.
        self._socket.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other side was first.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls:
                connection = self._secured(plain, self._tls)
            with connection, connection.makefile("rb") as stream:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (request := read_request(stream)) is not None:
                    with self.arrived:
                        self.requests.append(request)
                        self.arrived.notify_all()
                    if not self._reply(connection, request, self.answer(request)):
                        return
        except (OSError, ValueError):
            pass  # The peer went away in the middle of something.
        finally:
            self._open.discard(connection)

    def _secured(self, plain: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        """The same connection after the handshake; it takes the other's place."""
        self._open.discard(plain)
        with plain:
            secured = tls.wrap_socket(plain, server_side=True)
        self._open.add(secured)
        return secured

    def _reply(self, connection: socket.socket, request: Request, answer: Answer) -> bool:
        """Whether the connection may be used again."""
        if answer.delay and self._closed.wait(answer.delay):
            return False
        if answer.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        length = "transfer-encoding: chunked" if answer.endless else f"content-length: {len(answer.body)}"
        head = [f"HTTP/1.1 {answer.status} -", length]
        if answer.status == 204:
            head.pop()  # It has no body, nor a length.
        head += [f"{name}: {value}" for name, value in answer.headers]
        data = "\r\n".join(head).encode() + b"\r\n\r\n"
        if answer.cut:
            connection.sendall(data + answer.body[: len(answer.body) // 2])
            time.sleep(0.05)  # Let the first half arrive as an answer that has begun.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if answer.endless:
            connection.sendall(data)
            while not self._closed.is_set():
                connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            return False
        connection.sendall(data if request.method == "HEAD" else data + answer.body)
        return True


def read_request(stream) -> Request | None:
    """The next request of a connection; None at its end."""
    line = stream.readline()
    if not line:
        return None
    method, path, _version = line.decode("latin-1").split()
    headers = []
    while (line := stream.readline()) not in (b"\r\n", b"\n"):
        if not line:
            raise ValueError("the head ended early")
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    request = Request(method, path, tuple(headers), b"", time.time())
    return dataclasses.replace(request, body=_read_body(stream, request))


def _read_body(stream, request: Request) -> bytes:
    if (request.header("transfer-encoding") or "").lower() != "chunked":
        length = int(request.header("content-length") or 0)
        body = stream.read(length)
        if len(body) < length:
            raise ValueError("the body ended early")
        return body
    chunks = []
    while size := int(stream.readline().split(b";")[0], 16):
        chunks.append(stream.read(size))
        stream.readline()
    while stream.readline() not in (b"\r\n", b"\n", b""):
        pass  # Trailers.
    return b"".join(chunks)
