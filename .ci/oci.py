"""The module as an OCI image layout, as Istio and Envoy Gateway fetch it: `oci.py MODULE FOLDER VERSION`.

The same module makes the same bytes: nothing in it depends on when or where it was made.

Sources: OCI image specification 1.1, "Image Layout"; the Wasm artifact's media types as in solo-io/wasm "spec" (oci variant), which Istio's
and Envoy Gateway's fetchers look for.
"""

import hashlib
import json
import pathlib
import shutil
import sys

CONFIG = "application/vnd.module.wasm.config.v1+json"
LAYER = "application/vnd.module.wasm.content.layer.v1+wasm"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def _json(value: dict) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def write(module: pathlib.Path, folder: pathlib.Path, version: str) -> str:
    """Writes the layout anew, and returns the manifest's digest."""
    shutil.rmtree(folder, ignore_errors=True)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(kind: str, content: bytes, **more) -> dict:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)} | more

    title = {"org.opencontainers.image.title": "plugin.wasm"}
    layer = blob(LAYER, module.read_bytes(), annotations=title)
    config = blob(CONFIG, _json({"type": "envoy_proxy", "abi_versions": ["v0-2-1"], "config": {"rootIds": ["user_risk_filter"]}}))
    labels = {"org.opencontainers.image.title": "user-risk-filter", "org.opencontainers.image.version": version}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer], "annotations": labels}
    entry = blob(MANIFEST, _json(manifest), annotations={"org.opencontainers.image.ref.name": version})
    (folder / "index.json").write_bytes(_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}))
    (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    return entry["digest"]


if __name__ == "__main__":
    print(write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]))
