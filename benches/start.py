"""What does a module cost a real Envoy: until it is ready, at the first request, and for each one after?

PYTHONPATH=envoy target/venv/bin/python benches/start.py MODULE.wasm...

Starts Envoy without the filter and with each module in turn, several rounds of all, and prints the best of each figure: what else
happens on the machine only adds. Two workers, as in the tests.
"""

import argparse
import os
import pathlib
import socket
import time

from lab.bootstrap import WEBHOOK, Bootstrap
from lab.proxy import Envoy

#: Seconds of the processor in one tick of /proc/PID/stat.
TICK = 1 / os.sysconf("SC_CLK_TCK")
REQUESTS = 20_000
#: Envoy answers it itself, so that no application is measured.
REQUEST = b"""\
GET /direct/items/4711?sort=price&page=2 HTTP/1.1\r
host: shop.example\r
user-agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r
accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r
accept-language: en-US,en;q=0.9\r
referer: https://shop.example/shop?sort=price\r
cookie: sid=8f14e45fceea167a5a36dedd4bea2543; theme=dark; lang=en\r
x-user-id: alice\r
\r
"""
COLUMNS = ("ready, s", "processor, s", "memory, MB", "first request, ms", "processor per request, µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("modules", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    best: dict[str, tuple[float, ...]] = {}
    for _ in range(arguments.rounds):
        for module in (None, *arguments.modules):
            name = module.name if module else "no filter"
            figures = measure(module)
            best[name] = tuple(map(min, best.get(name, figures), figures))
    print(f"{'':24} " + " ".join(f"{column:>{len(column) + 1}}" for column in COLUMNS))
    for name, figures in best.items():
        print(f"{name:24} " + " ".join(f"{figure:{len(column) + 1}.2f}" for figure, column in zip(figures, COLUMNS)))


def measure(module: pathlib.Path | None) -> tuple[float, ...]:
    example = Bootstrap()
    example.settings.update(notify=[WEBHOOK])
    routes = example.manager["route_config"]["virtual_hosts"][0]["routes"]
    routes.insert(0, {"match": {"prefix": "/direct"}, "direct_response": {"status": 200}})
    if module:
        example.module(module.resolve())
    else:
        example.without_filter()
    start = time.perf_counter()
    with Envoy(example) as envoy:
        ready = time.perf_counter() - start
        used = processor(envoy)
        memory = resident(envoy)
        start = time.perf_counter()
        with socket.create_connection(("127.0.0.1", envoy.port)) as connection:
            send(connection, 1)
            first = time.perf_counter() - start
            # Until V8 has compiled what is hot.
            send(connection, REQUESTS)
            before = processor(envoy)
            send(connection, REQUESTS)
        each = (processor(envoy) - before) / REQUESTS
    return ready, used, memory, first * 1e3, each * 1e6


def send(connection: socket.socket, number: int) -> None:
    """So many requests, each after the answer to the one before."""
    for _ in range(number):
        connection.sendall(REQUEST)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            received = connection.recv(4096)
            if not received:
                raise ConnectionError(f"Envoy closed the connection after {answer!r}")
            answer += received


def processor(envoy: Envoy) -> float:
    """Seconds that all its threads have used so far, those that compile too."""
    fields = pathlib.Path(f"/proc/{envoy.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def resident(envoy: Envoy) -> float:
    """Megabytes."""
    return int(pathlib.Path(f"/proc/{envoy.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
