"""What does a request cost a real Envoy with this filter, with others and with none; and what do start and memory cost?

./build.sh bench envoy [--rounds N] [--seconds S] [--users N]

Times are the processor's, of all threads of the process (/proc/PID/task/*/schedstat). Envoys with each filter run side by side, one
worker each, pinned to one processor, client and application to another; many short rounds go over all of them in turn, and the best of
each counts: what else happens on the machine only adds, and a tenth of a second is short enough to fall between.
"""

import argparse
import os
import pathlib
import random
import socket
import time

from lab.bootstrap import ROOT, WEBHOOK, Bootstrap
from lab.proxy import Envoy
from lab.upstream import Upstream

import nginx

LUA = """
local patterns = {"union%s+select", "<script", "%.%./%.%.", "etc/passwd", "jndi:", "onerror%s*=", "sleep%s*%(", "cmd%.exe",
                  "%$%{", "base64_decode"}
local function look(text)
  for _, pattern in ipairs(patterns) do if text:find(pattern) then return true end end
end
function envoy_on_request(handle)
  for _, value in pairs(handle:headers()) do look(value) end
  for chunk in handle:bodyChunks() do look(tostring(chunk:getBytes(0, chunk:length()))) end
end
"""
HEADERS = (
    "host: shop.example\r\n"
    "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0\r\n"
    "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "accept-language: en-GB,en;q=0.5\r\n"
    "accept-encoding: gzip, deflate, br, zstd\r\n"
    "cookie: session=5f2b8c1de07a4c55; theme=dark\r\n"
    "referer: https://shop.example/catalogue\r\n"
    "x-forwarded-for: 192.0.2.7\r\n"
    "x-forwarded-proto: https\r\n"
)
ATTACK = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--"


def request(path: str, user: str = "alice", kind: str = "", body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    extra = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n" if body else ""
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\n{HEADERS}x-user-id: {user}\r\n{extra}\r\n"
    return head.encode() + body


def workloads() -> dict[str, list[bytes]]:
    """The same kinds as tests/host/src/workload.rs."""
    items = ",".join(
        f'{{"sku":"A-{n:04}","name":"Trail shoe {n}","size":"{36 + n}","price":129.5,"gift":false}}' for n in range(11)
    )
    form = "&".join(
        f"field{n}=some+words+that+a+person+could+type%2C+number+{n}%21&about{n}=Lives+in+Li%C3%A8ge" for n in range(100)
    )
    dash = "------boundary1f0c"
    photo = (
        f'{dash}\r\ncontent-disposition: form-data; name="title"\r\n\r\nMy cat\r\n{dash}\r\n'
        'content-disposition: form-data; name="photo"; filename="cat.jpg"\r\ncontent-type: image/jpeg\r\n\r\n'
    ).encode() + b"\xff\xd8\xff\xe0\0\x10JFIF\0"
    photo += random.Random(1).randbytes((1 << 20) - len(photo)) + f"\r\n{dash}--\r\n".encode()
    return {
        "GET, ten headers": [request("/catalogue/shoes?page=2&sort=price")],
        "JSON, 1 kB": [request("/orders", kind="application/json", body=f'{{"cart":"c0ffee","items":[{items}]}}'.encode())],
        "form, 10 kB": [request("/profile", kind="application/x-www-form-urlencoded", body=form.encode())],
        "multipart, 1 MiB": [request("/photos", kind="multipart/form-data; boundary=----boundary1f0c", body=photo)],
        "attack, one user": [request(ATTACK, "mallory")],
        "attack, 500 users": [request(ATTACK, f"user-{n}") for n in range(500)],
    }


def variants() -> dict[str, Bootstrap]:
    """Envoy alone, and with each filter."""
    plain, lua = Bootstrap(), Bootstrap()
    plain.without_filter()
    lua.without_filter()
    lua.manager["http_filters"].insert(
        0,
        {
            "name": "envoy.filters.http.lua",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
                "default_source_code": {"inline_string": LUA},
            },
        },
    )
    found = {"plain Envoy": plain}
    for name in ("empty", "copying"):
        found[f"{name} filter"] = Bootstrap()
        found[f"{name} filter"].module(ROOT / "target" / f"{name}.wasm")
    found["Lua, ten patterns"] = lua
    found["this filter"] = Bootstrap()
    found["this filter"].settings.update(notify=[WEBHOOK])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=0.1, help="of requests of a kind to each, a round; three at least")
    parser.add_argument("--users", type=int, default=0, help="also the memory with so many users on record")
    arguments = parser.parse_args()
    requests(arguments.rounds, arguments.seconds)
    starts(min(arguments.rounds, 3), arguments.users)


def requests(rounds: int, seconds: float) -> None:
    """Prints the processor time of a request, µs."""
    upstream = Upstream()
    running, best, processors = {}, {}, os.sched_getaffinity(0)
    try:
        for name, bootstrap in variants().items():
            bootstrap.ports(listener=0, admin=0, app=upstream.port, receiver=upstream.port)
            running[name] = Envoy(bootstrap, concurrency=1)
            pin(running[name])
        if nginx.is_here():
            running["nginx"] = nginx.Nginx(upstream.port, with_rules=False)
            running["nginx, ModSecurity, CRS"] = nginx.Nginx(upstream.port, with_rules=True)
        kinds = workloads()
        stay({min(processors)})
        for round_number in range(rounds + 1):
            for kind, messages in kinds.items():
                for name, envoy in running.items():
                    # The first round is for V8, and for what is only looked up once.
                    each = cost(envoy, messages, seconds if round_number else 10 * seconds)
                    if round_number:
                        best[kind, name] = min(best.get((kind, name), each), each)
    finally:
        for envoy in running.values():
            envoy.stop()
        upstream.close()
        stay(processors)
    print("\n| processor time, µs | " + " | ".join(running) + " |\n|---|" + "---:|" * len(running))
    for kind in kinds:
        print(f"| {kind} | " + " | ".join(f"{best[kind, name]:,.1f}" for name in running) + " |")


def starts(rounds: int, users: int) -> None:
    """Prints what it costs until an Envoy is ready, and what it holds then."""
    print("\n| | workers | ready, s | processor until then, s | memory, MB | with users, MB |\n|---|---:|---:|---:|---:|---:|")
    for workers in (1, 4, 8):
        for name in ("plain Envoy", "empty filter", "this filter"):
            figures = [start(name, workers, users if name == "this filter" else 0) for _ in range(rounds)]
            ready, processor_time, memory, filled = map(min, zip(*figures))
            print(f"| {name} | {workers} | {ready:.2f} | {processor_time:.2f} | {memory:.0f} | {filled:.0f} |")


def start(name: str, workers: int, users: int) -> tuple[float, float, float, float]:
    bootstrap = variants()[name]
    bootstrap.manager["route_config"]["virtual_hosts"][0]["routes"].insert(
        0, {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
    )
    began = time.perf_counter()
    with Envoy(bootstrap, concurrency=workers) as envoy:
        ready = time.perf_counter() - began
        used, memory = processor(envoy), resident(envoy)
        if users:
            with socket.create_connection(("127.0.0.1", envoy.port)) as connection:
                for number in range(users):
                    connection.sendall(request(ATTACK, f"user-{number}"))
                    receive(connection)
        return ready, used, memory, resident(envoy)


def cost(envoy: Envoy | nginx.Nginx, messages: list[bytes], seconds: float) -> float:
    """Microseconds of the processor for each of the requests that it takes in so many seconds, one after the other."""
    with socket.create_connection(("127.0.0.1", envoy.port)) as connection:
        before, until, number = processor(envoy), time.perf_counter() + seconds, 0
        while number < 3 or time.perf_counter() < until:
            connection.sendall(messages[number % len(messages)])
            receive(connection)
            number += 1
        return (processor(envoy) - before) / number * 1e6


def receive(connection: socket.socket) -> None:
    """Takes one answer whose length is declared."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        received = connection.recv(65536)
        if not received:
            raise ConnectionError(f"Envoy closed the connection after {answer!r}")
        answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)


def stay(processors: set[int]) -> None:
    """Keeps this program's own threads on these processors: where a client runs changes by half what a request costs."""
    for task in pathlib.Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(task.name), processors)


def pin(envoy: Envoy) -> None:
    """Its worker stays on the last processor."""
    for task in tasks(envoy):
        if (task / "comm").read_text().startswith("wrk:worker"):
            os.sched_setaffinity(int(task.name), {max(os.sched_getaffinity(0))})


def tasks(envoy: Envoy | nginx.Nginx) -> list[pathlib.Path]:
    return list(pathlib.Path(f"/proc/{envoy.pid}/task").iterdir())


def processor(envoy: Envoy | nginx.Nginx) -> float:
    """Seconds that all its threads have used so far, those that compile too."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks(envoy)) / 1e9


def resident(envoy: Envoy) -> float:
    """Megabytes."""
    return int(pathlib.Path(f"/proc/{envoy.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
