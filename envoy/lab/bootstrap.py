"""How is the example configuration adapted for one run: other ports, other settings of the plugin?"""

import copy
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "envoy" / "envoy.yaml"
MODULE = ROOT / "target" / "user_risk_filter.wasm"

#: Secrets of the right shape for every variable that the example names; none of them opens anything.
SECRETS = {
    "RISK_WEBHOOK_SECRET": "whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0LAB/B0LAB/onlyinthelaboratory",
    "PAGERDUTY_ROUTING_KEY": "0123456789abcdef0123456789abcdef",
    "MAIL_API_KEY": "SG.only-in-the-laboratory",
}


def channel(which: dict, **options) -> dict:
    """One of the channels above, with further options."""
    return {name: {**settings, **options} for name, settings in which.items()}


WEBHOOK = {
    "webhook": {"cluster": "receiver", "url": "https://hooks.example.com/risk", "secret_env": "RISK_WEBHOOK_SECRET"}
}
SLACK = {"slack": {"cluster": "slack", "url_env": "SLACK_WEBHOOK_URL"}}
PAGERDUTY = {"pagerduty": {"cluster": "pagerduty", "routing_key_env": "PAGERDUTY_ROUTING_KEY"}}
_MAIL = {
    "cluster": "mail",
    "key_env": "MAIL_API_KEY",
    "from": "risk@example.com",
    "to": ["a@example.com", "b@example.com"],
}
SENDGRID = {"email": {**_MAIL, "provider": "sendgrid"}}
RESEND = {"email": {**_MAIL, "provider": "resend"}}
POSTMARK = {"email": {**_MAIL, "provider": "postmark", "message_stream": "alerts"}}
CLOUDEVENTS = channel(WEBHOOK, url="https://hooks.example.com/cloudevents", format="cloudevents")
#: The key of a receiver that was built for Sqreen, and what it was before.
SQREEN_KEYS = ("5a96b2c1d0e7f8094b3c2d1e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192", "what-it-was-before-the-rotation")
SQREEN = {
    "webhook": {
        "cluster": "receiver",
        "url": "https://hooks.example.com/sqreen",
        "format": "sqreen",
        "secrets": list(SQREEN_KEYS),
    }
}
#: What a webhook signs with while its secret is rotated.
ROTATING = ("whsec_bmV3LW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi", SECRETS["RISK_WEBHOOK_SECRET"])
ROTATED = {
    "webhook": {"cluster": "receiver", "url": "https://hooks.example.com/rotated", "secrets": list(ROTATING)}
}
TEAMS_URL = "https://prod-1.westeurope.logic.azure.com/workflows/lab/triggers/manual/paths/invoke?sig=onlyinthelaboratory"
TEAMS = {"teams": {"cluster": "receiver", "url": TEAMS_URL}}
ALERTMANAGER = {"alertmanager": {"cluster": "receiver", "url": "http://alertmanager.example.com/prefix"}}


class Bootstrap:
    """An example, envoy/envoy.yaml by default, as a tree, and the changes that a run makes to it."""

    def __init__(self, example: pathlib.Path = EXAMPLE):
        self.tree = yaml.safe_load(example.read_text())
        self._plugin_text: str | None = None
        self._elsewhere: dict[str, int] = {}
        self.module(MODULE)

    @property
    def manager(self) -> dict:
        """The HTTP connection manager."""
        return self.tree["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]

    @property
    def plugin(self) -> dict:
        """The wasm filter's `config`: name, failure policy, VM, configuration."""
        filters = self.manager["http_filters"]
        return next(f for f in filters if f["name"] == "envoy.filters.http.wasm")["typed_config"]["config"]

    @property
    def settings(self) -> dict:
        """The plugin's own configuration, as the example has it; change it in place."""
        return self.plugin["configuration"]["value"]

    def module(self, path: pathlib.Path) -> "Bootstrap":
        self.plugin["vm_config"]["code"]["local"]["filename"] = str(path)
        return self

    def with_console(self, variable: str = "USER_RISK_ADMIN_TOKEN") -> "Bootstrap":
        """A second listener, `ops`, with the same configuration; its metadata say that it has the console. Last, as it copies."""
        self.settings["admin"] = {"token_env": variable}
        self.plugin["vm_config"]["environment_variables"]["host_env_keys"].append(variable)
        listeners = self.tree["static_resources"]["listeners"]
        ops = copy.deepcopy(listeners[0])
        ops |= {"name": "ops", "metadata": {"filter_metadata": {"user-risk": {"admin": True}}}}
        listeners.append(ops)
        return self

    def without_filter(self) -> "Bootstrap":
        filters = self.manager["http_filters"]
        filters[:] = [f for f in filters if f["name"] != "envoy.filters.http.wasm"]
        return self

    def configure(self, settings: dict) -> "Bootstrap":
        """Replaces the plugin's configuration; as a Struct, the native YAML."""
        self.plugin["configuration"]["value"] = copy.deepcopy(settings)
        return self

    def configure_text(self, text: str) -> "Bootstrap":
        """The plugin's configuration as the YAML that stands in a file, for Envoy's own parser to read."""
        self._plugin_text = text
        return self

    def configure_string(self, text: str) -> "Bootstrap":
        """The plugin's configuration as a StringValue, as Istio and Envoy Gateway send it."""
        self.plugin["configuration"] = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": text}
        return self

    def cluster(self, name: str, port: int) -> "Bootstrap":
        """A cluster more, of a server on this machine that is neither the application nor the receiver."""
        address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
        assignment = {"cluster_name": name, "endpoints": endpoints}
        self.tree["static_resources"]["clusters"].append({"name": name, "load_assignment": assignment})
        self._elsewhere[name] = port
        return self

    def ports(self, listener: int, admin: int, app: int, receiver: int) -> "Bootstrap":
        """0 for the first two lets the kernel choose."""
        _set_port(self.tree["admin"]["address"], admin)
        for one in self.tree["static_resources"]["listeners"]:
            _set_port(one["address"], listener)
        for cluster in self.tree["static_resources"]["clusters"]:
            endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
            usual = app if cluster["name"].startswith("app") else receiver
            _set_port(endpoint["address"], self._elsewhere.get(cluster["name"], usual))
        return self

    def text(self) -> str:
        """The YAML to hand to Envoy."""
        if self._plugin_text is None:
            return yaml.safe_dump(self.tree, sort_keys=False, width=10_000)
        mark = "the-configuration-from-a-file"
        tree = copy.deepcopy(self)
        tree.plugin["configuration"]["value"] = mark
        tree._plugin_text = None
        dumped = tree.text()
        line = next(line for line in dumped.splitlines() if line.endswith(f"value: {mark}"))
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        block = "\n".join(indent + inner if inner.strip() else "" for inner in self._plugin_text.splitlines())
        return dumped.replace(line, f"{line.removesuffix(mark).rstrip()}\n{block}")


class Dynamic(Bootstrap):
    """Its listeners stand in a file, which Envoy watches: change the tree, then `publish` it."""

    def __init__(self, folder: pathlib.Path, example: pathlib.Path = EXAMPLE):
        super().__init__(example)
        self._file = folder / "listeners.yaml"

    def publish(self) -> None:
        kind = {"@type": "type.googleapis.com/envoy.config.listener.v3.Listener"}
        resources = [kind | listener for listener in self.tree["static_resources"]["listeners"]]
        new = self._file.with_suffix(".new")
        new.write_text(yaml.safe_dump({"resources": resources}, sort_keys=False, width=10_000))
        new.rename(self._file)  # Envoy looks when a file is moved there.

    def text(self) -> str:
        self.publish()
        rest = {name: part for name, part in self.tree["static_resources"].items() if name != "listeners"}
        by_file = {"path_config_source": {"path": str(self._file)}, "resource_api_version": "V3"}
        tree = self.tree | {
            "node": {"id": "lab", "cluster": "lab"},
            "static_resources": rest,
            "dynamic_resources": {"lds_config": by_file},
        }
        return yaml.safe_dump(tree, sort_keys=False, width=10_000)


def _set_port(address: dict, port: int) -> None:
    address["socket_address"]["port_value"] = port
