"""How do clients send requests to Envoy, well-formed or not?"""

import concurrent.futures
import dataclasses
import http.client
import itertools
import socket
import threading
import time
import uuid

_names = itertools.count(1)
_run = uuid.uuid4().hex[:6]

SQLI = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--"
SHELL = "/ping?host=;cat%20/etc/passwd"
JNDI = "/login?name=$%7Bjndi:ldap://x/a%7D"
XSS = "/comment?text=%3Cscript%3Ealert(1)%3C/script%3E"
TEST = "/?q=user-risk-filter-test"


@dataclasses.dataclass(frozen=True)
class Reply:
    """An answer, with the id by which the log names its request."""

    status: int
    body: bytes
    request_id: str
    seconds: float
    headers: tuple[tuple[str, str], ...] = ()


def fresh_user(role: str = "user") -> str:
    """A name that no other test uses and that is no part of another, so that tests can share one Envoy."""
    return f"{role}-{_run}-{next(_names):04}"


class Client:
    """Requests to one listener, a connection each: Envoy may hand each one to another worker."""

    def __init__(self, port: int):
        self.port = port

    def send(
        self, path: str, user: str | None = None, method: str = "GET", body=None, headers=(), chunked=False, timeout=20
    ) -> Reply:
        """One request; `body` may be bytes or, with `chunked`, an iterable of them; a header's value may be bytes."""
        request_id = str(uuid.uuid4())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        started = time.perf_counter()
        try:
            own_host = any(name.lower() == "host" for name, _ in headers)
            connection.putrequest(method, path, skip_host=own_host, skip_accept_encoding=True)
            connection.putheader("x-request-id", request_id)
            for name, value in ([("x-user-id", user)] if user else []) + list(headers):
                connection.putheader(name, value)
            if chunked:
                connection.putheader("transfer-encoding", "chunked")
            elif body is not None:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body, encode_chunked=chunked)
            answer = connection.getresponse()
            headers = tuple(answer.getheaders())
            return Reply(answer.status, answer.read(), request_id, time.perf_counter() - started, headers)
        finally:
            connection.close()

    def raw(self, data: bytes, timeout: float = 5) -> bytes:
        """Bytes as they are, and whatever comes back until the other side closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(data)
            return _drain(connection)

    def raw_request(self, path: bytes, user: str, headers: list[bytes] = (), body: bytes = b"", method=b"GET") -> int:
        """The status of a request whose path and header lines are bytes no client library would send."""
        lines = [
            method + b" " + path + b" HTTP/1.1",
            b"host: lab",
            b"connection: close",
            b"x-user-id: " + user.encode(),
        ]
        answer = self.raw(b"\r\n".join([*lines, *headers]) + b"\r\n\r\n" + body)
        return int(answer.split(b" ", 2)[1])

    def http2(self, path: str, user: str, chunks: list[bytes], trailers=(), headers=()) -> int:
        """The status of a POST over HTTP/2 (prior knowledge), its body in frames, with trailers."""
        import h2.config
        import h2.connection
        import h2.events

        http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            http2.initiate_connection()
            head = [
                (":method", "POST"),
                (":path", path),
                (":authority", "lab"),
                (":scheme", "http"),
                ("x-user-id", user),
            ]
            http2.send_headers(1, [*head, *headers])
            for number, chunk in enumerate(chunks, 1):
                http2.send_data(1, chunk, end_stream=number == len(chunks) and not trailers)
            if trailers:
                http2.send_headers(1, list(trailers), end_stream=True)
            connection.sendall(http2.data_to_send())
            while data := connection.recv(65536):
                for event in http2.receive_data(data):
                    if isinstance(event, h2.events.ResponseReceived):
                        return int(dict(event.headers)[":status"])
                    if isinstance(event, h2.events.StreamReset):
                        raise ConnectionError(f"the stream was reset: {event.error_code}")
                connection.sendall(http2.data_to_send())
        raise ConnectionError("no answer")


def burst(port: int, requests: list[tuple[str, str]], connections: int = 8) -> int:
    """Sends GETs of (path, user) as fast as Envoy takes them, each connection's behind each other; how many passed."""
    share = [requests[number::connections] for number in range(connections)]
    lines = [
        b"".join(f"GET {path} HTTP/1.1\r\nhost: lab\r\nx-user-id: {user}\r\n\r\n".encode() for path, user in part)
        for part in share
    ]
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(lambda part: _pipeline(port, *part), zip(lines, map(len, share))))


def _pipeline(port: int, data: bytes, count: int) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        writer = threading.Thread(target=connection.sendall, args=(data,))
        writer.start()
        statuses = []
        with connection.makefile("rb") as stream:
            for _ in range(count):
                statuses.append(int(stream.readline().split()[1]))
                length = 0
                while (line := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                stream.read(length)
        writer.join()
    return statuses.count(200)


class Volley:
    """The same request on many open connections at once, for workers to race."""

    def __init__(self, port: int, connections: int):
        self._open = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(connections)]

    def fire(self, path: str, user: str) -> set[int]:
        """The statuses of the answers."""
        data = f"GET {path} HTTP/1.1\r\nhost: lab\r\nx-user-id: {user}\r\n\r\n".encode()
        for connection in self._open:
            connection.sendall(data)
        statuses = set()
        for connection in self._open:
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            answer.read()
            statuses.add(answer.status)
        return statuses

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self._open:
            connection.close()


def _drain(connection: socket.socket) -> bytes:
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
    except (TimeoutError, ConnectionResetError):
        pass  # What came is the answer.
    return data
