"""What an update takes over from the live object, because the member's own controllers own it. Pure; KubeFed's table.

Metadata (resourceVersion, finalizers, annotations) is retained by render.py for every kind. Here are the kinds that keep
part of their body. They are told by kind alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import as_list, as_object


class RetentionFailed(Misconfigured):
    """A field that should be kept is not what Kubernetes has there, in the template or in the member."""


def retain(kind: str, desired: Mapping[str, Any], live: Mapping[str, Any], *, retain_replicas: bool) -> dict[str, Any]:
    """The desired body with the live object's fields put in. Neither argument is changed; what differs is copied.

    Raises RetentionFailed: a custom resource may be called Service and look like anything.
    """
    try:
        if kind == "Service":
            return _retain_service(desired, live)
        if kind == "ServiceAccount":
            return _retain_service_account(desired, live)
        if retain_replicas:
            return _retain_replicas(desired, live)
    except Misconfigured as problem:
        raise RetentionFailed(str(problem)) from None
    return dict(desired)


def _retain_service(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    was = _spec(live)
    spec = _spec(desired)
    health_check_port = was.get("healthCheckNodePort")
    if isinstance(health_check_port, int) and health_check_port > 0:
        spec["healthCheckNodePort"] = health_check_port
    for field in ("clusterIP", "clusterIPs"):
        if was.get(field):
            spec[field] = was[field]
    if spec.get("ports"):
        live_ports = _ports(was)
        spec["ports"] = [_with_node_port(port, live_ports) for port in _ports(spec)]
    return {**desired, "spec": spec}


def _with_node_port(port: Mapping[str, Any], live_ports: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A template port without a protocol never equals the live one's TCP: KubeFed compared them raw, and so it stays."""
    for live in live_ports:
        if all(port.get(field) == live.get(field) for field in ("name", "protocol", "port")) and live.get("nodePort"):
            return {**port, "nodePort": live["nodePort"]}
    return port


def _retain_service_account(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    if desired.get("secrets") or not live.get("secrets"):
        return dict(desired)
    return {**desired, "secrets": live["secrets"]}


def _retain_replicas(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    replicas = _spec(live).get("replicas")
    if replicas is None:
        return dict(desired)
    return {**desired, "spec": {**_spec(desired), "replicas": replicas}}


def _spec(body: Mapping[str, Any]) -> dict[str, Any]:
    return dict(as_object(body.get("spec") or {}, "spec"))


def _ports(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [as_object(port, "spec.ports[]") for port in as_list(spec.get("ports") or [], "spec.ports")]
