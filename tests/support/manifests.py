"""Pieces of manifests."""

import base64
from typing import Any

Manifest = dict[str, Any]


def field_of(manifest: Manifest, *path: str) -> Any:
    """A field of a manifest; None when something on the way is not there."""
    found: Any = manifest
    for step in path:
        found = (found or {}).get(step)
    return found


def a_deployment(name: str, replicas: int, *containers: str) -> Manifest:
    """The template of a Deployment with these containers, or with one."""
    labels = {"app": name}
    pods = [{"name": container, "image": f"example.com/{container}:1"} for container in containers or (name,)]
    return {
        "metadata": {"labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": pods}},
        },
    }


def encoded(text: str) -> str:
    """As a Secret's `data` wants it."""
    return base64.b64encode(text.encode()).decode()


def replace(path: str, value: Any) -> Manifest:
    """One override."""
    return {"path": path, "value": value}


def nested(path: tuple[str, ...], value: Any) -> Manifest:
    """A manifest, or a merge patch, that says one thing."""
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def with_field(template: Manifest, path: tuple[str, ...], value: Any) -> Manifest:
    """The same, with one field set."""
    head, *rest = path
    return {**template, head: with_field(template.get(head, {}), tuple(rest), value) if rest else value}
