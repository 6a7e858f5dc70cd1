"""What an update takes over from the live object, because the member's own controllers own it. Pure; KubeFed's table.

Metadata (resourceVersion, finalizers, annotations) is retained by render.py for every kind. Here are the kinds that keep
part of their body. They are told by kind alone.
"""

from collections.abc import Mapping
from typing import Any


def retain(kind: str, desired: Mapping[str, Any], live: Mapping[str, Any], *, retain_replicas: bool) -> dict[str, Any]:
    """The desired body with the live object's fields put in. Neither argument is changed; what differs is copied."""
    if kind == "Service":
        return _retain_service(desired, live)
    if kind == "ServiceAccount":
        return _retain_service_account(desired, live)
    if retain_replicas:
        return _retain_replicas(desired, live)
    return dict(desired)


def _retain_service(desired: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    was = live.get("spec") or {}
    spec = dict(desired.get("spec") or {})
    if was.get("healthCheckNodePort", 0) > 0:
        spec["healthCheckNodePort"] = was["healthCheckNodePort"]
    for field in ("clusterIP", "clusterIPs"):
        if was.get(field):
            spec[field] = was[field]
    if spec.get("ports"):
        spec["ports"] = [_with_node_port(port, was.get("ports") or ()) for port in spec["ports"]]
    return {**desired, "spec": spec}


def _with_node_port(port: Mapping[str, Any], live_ports: Any) -> Mapping[str, Any]:
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
    replicas = (live.get("spec") or {}).get("replicas")
    if replicas is None:
        return dict(desired)
    return {**desired, "spec": {**(desired.get("spec") or {}), "replicas": replicas}}
