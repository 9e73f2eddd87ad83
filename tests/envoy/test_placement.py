"""Does the filter say when it stands where it can't do its work?"""

import copy
import time

import pytest

from lab import client

NAME = "envoy.filters.http.wasm"


def _wasm(example) -> dict:
    """The filter, taken out of the connection manager's list."""
    filters = example.manager["http_filters"]
    found = next(f for f in filters if f["name"] == NAME)
    filters.remove(found)
    return copy.deepcopy(found)


def as_network_filter(example):
    wasm = _wasm(example)
    kind = "type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm"
    wasm |= {"name": "envoy.filters.network.wasm", "typed_config": wasm["typed_config"] | {"@type": kind}}
    example.tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"].insert(0, wasm)


def as_upstream_filter(example):
    codec = {
        "name": "envoy.filters.http.upstream_codec",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"
        },
    }
    router = example.manager["http_filters"][-1]
    router["typed_config"]["upstream_http_filters"] = [_wasm(example), codec]


def _warnings(scene, what: str) -> list[str]:
    return [line for line in scene.envoy.lines if "[warning]" in line and what in line]


@pytest.mark.parametrize(
    ("place", "what"),
    [(as_network_filter, "looks like a network filter"), (as_upstream_filter, "looks like an upstream filter")],
    ids=["network", "upstream"],
)
def test_a_wrong_place_is_said_once_for_each_worker(place, what, start, user):
    scene = start(edit=place)
    for _ in range(12):
        assert scene.client.send("/", user).status == 200
    time.sleep(0.3)
    assert 1 <= len(_warnings(scene, what)) <= 2, "two workers"


def test_an_upstream_filter_writes_its_lines_all_the_same(start, user):
    scene = start(edit=as_upstream_filter)
    assert [scene.attack(client.TEST, user)["increase"] for _ in range(2)] == [8, 16]


def test_in_its_place_it_says_nothing(scene, user):
    scene.attack(client.TEST, user)
    scene.client.send("/direct", user)
    assert not _warnings(scene, "looks like")
