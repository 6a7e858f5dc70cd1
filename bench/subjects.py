"""What is federated under measurement: ConfigMaps, or Deployments. Both carry a payload that edits and drifts change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubefed.core.names import ResourceType

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """A federated type; `path` is where the payload lies in a copy, `content` is the rest of it."""

    federated: ResourceType
    target: ResourceType
    path: tuple[str, ...]
    content: Mapping[str, Any]

    def template(self, payload: str) -> Content:
        """The copy's content."""
        return _overlaid(dict(self.content), self.change(payload))

    def change(self, payload: str) -> Content:
        """A merge patch of a copy that changes its payload; in a federated object it goes under `spec.template`."""
        patch: Any = payload
        for name in reversed(self.path):
            patch = {name: patch}
        return dict(patch)

    def payload_of(self, copy: Mapping[str, Any]) -> str | None:
        """The payload of a copy as it is; None when there is none."""
        found: Any = copy
        for name in self.path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else None


def _overlaid(content: Content, patch: Content) -> Content:
    inner = {name: _overlaid(content.get(name, {}), value) for name, value in patch.items() if isinstance(value, dict)}
    return {**content, **patch, **inner}


def _subject(target: ResourceType, path: tuple[str, ...], content: Mapping[str, Any]) -> Subject:
    plural, kind = f"federated{target.plural}", f"Federated{target.kind}"
    return Subject(ResourceType("types.kubefed.io", "v1beta1", plural, kind, namespaced=True), target, path, content)


_LABELS = {"app": "bench"}
_POD = {"metadata": {"labels": _LABELS}, "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]}}

CONFIG_MAPS = _subject(ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True), ("data", "payload"), {})
DEPLOYMENTS = _subject(
    ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True),
    ("spec", "template", "metadata", "annotations", "payload"),
    {"spec": {"replicas": 2, "selector": {"matchLabels": _LABELS}, "template": _POD}},
)
SUBJECTS = {subject.target.plural: subject for subject in (CONFIG_MAPS, DEPLOYMENTS)}
