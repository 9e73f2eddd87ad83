"""Does the JSON Schema of the configuration take what the filter takes, and no unknown option?"""

import json
import re

import jsonschema
import pytest
import yaml

from lab.bootstrap import ROOT

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "configuration.schema.json").read_text()))


def _read(text: str):
    # As editors read it: a day is a text.
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, loader) or {}


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "config" / "good").glob("*")), ids=lambda file: file.stem)
def test_what_the_filter_takes_is_valid(file):
    SCHEMA.validate(_read(file.read_text()))


def test_all_options_of_the_documentation_are_valid():
    text = (ROOT / "docs" / "configuration.md").read_text()
    block = re.search(r"## All options.*?```yaml\n(.*?)```", text, re.DOTALL)[1]
    options = _read(block)
    SCHEMA.validate(options)
    assert set(options) == set(SCHEMA.schema["properties"]), "every option is documented"


@pytest.mark.parametrize("wrong", ["{threshhold: 1}", "risk: {threshhold: 1}", "notify: [{slak: {}}]", "risk: {stack: 0}", "mode: [a]"])
def test_an_unknown_option_is_marked(wrong):
    assert not SCHEMA.is_valid(_read(wrong))
