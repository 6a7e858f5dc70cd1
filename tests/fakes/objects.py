"""What API servers send, built in one line: objects, pages, watch events, refusals. Values are JSON-ready unless said."""

from typing import Any

import orjson

from kubefed.core.names import ResourceType

CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
CONFIG_MAPS_PATH = CONFIG_MAPS.collection_path()


def config_map(name: str, *, version: object = 1, namespace: str = "shop", **fields: Any) -> dict[str, Any]:
    """A ConfigMap of one version. `metadata` among `fields` is added to what it has; everything else stands beside it."""
    metadata = {"namespace": namespace, "name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    metadata |= fields.pop("metadata", {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **fields}


def page(*items: Any, version: object = 1, go_on: str = "") -> dict[str, Any]:
    """One page of a list made at `version`; `go_on` is the token of the next page."""
    metadata = {"resourceVersion": str(version)} | ({"continue": go_on} if go_on else {})
    return {"apiVersion": "v1", "kind": "ConfigMapList", "metadata": metadata, "items": list(items)}


def status(code: int, reason: str, *, causes: list[dict[str, str]] | None = None, **fields: Any) -> dict[str, Any]:
    """A metav1.Status that refuses. `retry_after_s` and `message` among `fields`."""
    details: dict[str, Any] = {"causes": causes} if causes is not None else {}
    if "retry_after_s" in fields:
        details["retryAfterSeconds"] = fields.pop("retry_after_s")
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, **fields} | (
        {"details": details} if details else {}
    )


def event(kind: str, subject: Any) -> bytes:
    """A line of a watch, with its newline: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object."""
    return orjson.dumps({"type": kind, "object": subject}) + b"\n"


def bookmark(version: object) -> bytes:
    """The line by which a server says that we have seen everything up to `version`."""
    return event("BOOKMARK", {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)}})


def expired() -> bytes:
    """The line by which a server says that it cannot go on from the resourceVersion it was asked for."""
    return event("ERROR", status(410, "Expired", message="too old resource version"))


def nested(levels: int) -> bytes:
    """JSON text of objects within objects, as deep as an API server stores them and no Python decoder reads them."""
    return b'{"a":' * levels + b"1" + b"}" * levels


def deep_config_map(name: str, levels: int, *, version: object = 1, namespace: str = "shop") -> bytes:
    """The JSON text of a ConfigMap whose data no decoder here can read."""
    whole = orjson.dumps(config_map(name, version=version, namespace=namespace, data=0))
    return whole.removesuffix(b"0}") + nested(levels) + b"}"
