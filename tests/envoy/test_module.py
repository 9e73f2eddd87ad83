"""What does the module ask of its host, and what does it offer?"""

import re

import pytest

from lab.bootstrap import MODULE

#: What every proxy-wasm host of Envoy's kind offers; one more import and some Envoy refuses to load the module.
WASI = {"environ_get", "environ_sizes_get", "fd_write", "proc_exit", "random_get"}


def test_imports():
    strangers = [
        f"{module}.{name}"
        for module, name in imports(MODULE.read_bytes())
        if not (module == "env" and name.startswith("proxy_"))
        and not (module == "wasi_snapshot_preview1" and name in WASI)
    ]
    assert strangers == []


def test_exports():
    """The callbacks of an HTTP filter, and nothing that only another kind of filter is called for."""
    callbacks = {name for name, kind in exports(MODULE.read_bytes()) if kind == 0 and name.startswith("proxy_on_")}
    assert {"proxy_on_request_headers", "proxy_on_log", "proxy_on_tick", "proxy_on_http_call_response"} <= callbacks
    others = {name for name in callbacks if re.search("grpc|downstream|upstream|foreign|queue|new_connection", name)}
    assert others == set()


def test_the_parser_of_this_file():
    module = b"\0asm\1\0\0\0" + b"\0\3\1xy" + b"\2\x11\2" + b"\3env\1a\0\5" + b"\1m\1t\1\x70\0\1"
    assert imports(module) == [("env", "a"), ("m", "t")]
    assert exports(module + b"\7\5\1\1f\0\3") == [("f", 0)]
    with pytest.raises(ValueError):
        imports(b"not wasm")


def imports(data: bytes) -> list[tuple[str, str]]:
    """(module, name) of each import of a wasm binary (WebAssembly core specification, 5.5)."""
    reader = section(data, 2)
    return [reader.entry() for _ in range(reader.number())] if reader else []


def exports(data: bytes) -> list[tuple[str, int]]:
    """(name, kind) of each export; the kind of a function is 0."""
    reader = section(data, 7)
    return [(reader.name(), (reader.byte(), reader.number())[0]) for _ in range(reader.number())] if reader else []


def section(data: bytes, wanted: int) -> "_Reader | None":
    """A reader that stands at the start of the section with this number."""
    if not data.startswith(b"\0asm\1\0\0\0"):
        raise ValueError("not a wasm module")
    reader = _Reader(data, 8)
    while reader.at < len(data):
        kind, size = reader.byte(), reader.number()
        if kind == wanted:
            return reader
        reader.at += size
    return None


class _Reader:
    def __init__(self, data: bytes, at: int):
        self.data, self.at = data, at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """Unsigned LEB128."""
        value = shift = 0
        while (byte := self.byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def name(self) -> str:
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def limits(self) -> None:
        for _ in range(2 if self.byte() & 1 else 1):
            self.number()

    def entry(self) -> tuple[str, str]:
        module, name, kind = self.name(), self.name(), self.byte()
        match kind:
            case 0:  # a function: its type
                self.number()
            case 1:  # a table: element type, limits
                self.byte()
                self.limits()
            case 2:  # a memory
                self.limits()
            case 3:  # a global: value type, mutability
                self.at += 2
            case _:
                raise ValueError(f"import {module}.{name} of an unknown kind {kind}")
        return module, name
