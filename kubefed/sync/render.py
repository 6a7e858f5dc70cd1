"""From template and overrides to the bytes that a member is sent. Pure.

A copy is rendered in two parts. The body, everything but metadata, is the same for all clusters with the same overrides
and is encoded once. The metadata differs per cluster on updates, because annotations and finalizers are the member's.
Whatever a template or an override says, a copy's apiVersion, kind, name and namespace are its federated object's, and that
is checked on the result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.core.errors import Bug, Misconfigured
from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.rawjson import as_object
from kubefed.kube.wire import Metadata
from kubefed.sync import retention
from kubefed.sync.budgets import MAX_DEPTH, MAX_RENDERED_BYTES, is_deeper_than
from kubefed.sync.edits import edited
from kubefed.sync.jsonpatch import Operation, apply

_METADATA = "metadata"
_NOT_OURS = frozenset({_METADATA, "status"})


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its identity settled: `body` has apiVersion and kind and no metadata; `labels` as written."""

    body: Mapping[str, Any]
    labels: Mapping[str, Any] | None
    dropped: tuple[str, ...]
    """Parts of the template that never reach a member, for a warning: `annotations`, `finalizers`."""


def read_template(raw: Any, target: ResourceType) -> Template:
    """Settle what a template may say. An absent one stands for an object of its name alone.

    Raises Misconfigured when it is of another kind or group, is nested too deeply, or is no object.
    """
    template = {} if raw is None else as_object(raw, "spec.template")
    if is_deeper_than(MAX_DEPTH, template):
        raise Misconfigured(f"spec.template is nested more than {MAX_DEPTH} levels deep")
    metadata = as_object(template.get(_METADATA) or {}, "spec.template.metadata")
    labels = metadata.get("labels")
    if labels is not None:
        as_object(labels, "spec.template.metadata.labels")
    body = {field: value for field, value in template.items() if field not in _NOT_OURS}
    body |= {"apiVersion": _api_version(template, target), "kind": _kind(template, target)}
    dropped = tuple(field for field in ("annotations", "finalizers") if metadata.get(field))
    return Template(body, labels, dropped)


def render_body(
    template: Template,
    operations: Sequence[Operation],
    *,
    live: Mapping[str, Any] | None = None,
    retain_replicas: bool = False,
) -> bytes:
    """The encoded body: what is retained from `live`, then the overrides. Raises Misconfigured when they do not apply."""
    body: Any = template.body
    if live is not None:
        body = retention.retain(body["kind"], body, live, retain_replicas=retain_replicas)
    patched = apply(body, [step for step in operations if step.pointer[:1] != (_METADATA,)], edited)
    if (patched.get("apiVersion"), patched.get("kind")) != (template.body["apiVersion"], template.body["kind"]):
        raise Misconfigured("overrides change apiVersion or kind")
    encoded = orjson.dumps(patched)
    if len(encoded) > MAX_RENDERED_BYTES:
        raise Misconfigured(f"the copy is larger than {MAX_RENDERED_BYTES} bytes")
    return encoded


@dataclass(frozen=True, slots=True)
class Rendering:
    """One cluster's copy. `body` gives the encoded body, or raises the Misconfigured that rendering it gave."""

    key: ObjectKey
    target: ResourceType
    template: Template
    operations: tuple[Operation, ...]
    body: Callable[[], bytes]
    mark: str = ""
    """What the version of a written copy is recorded with; see marks.py."""

    def to_create(self, owner: str) -> bytes:
        """The object as it is POSTed."""
        return self._encode(self._metadata({}, owner), self.body())

    def to_update(self, live: Metadata, annotations: Mapping[str, str], owner: str, body: bytes | None = None) -> bytes:
        """The object as it is PUT over `live`, which has these annotations.

        `body` is given when it was rendered with what the live object retains.
        """
        metadata = self._metadata(annotations, owner)
        metadata |= {"resourceVersion": str(live.resource_version), "uid": live.uid}
        if live.finalizers:
            metadata["finalizers"] = list(live.finalizers)
        return self._encode(metadata, self.body() if body is None else body)

    def metadata_differs(self, live: Metadata) -> bool:
        """Whether labels or annotations of the live copy are not what they should be. Our owner mark is no reason.

        What was too large to be kept cannot be compared, and counts as equal: it would differ for ever.
        """
        annotations = {name: text for name, text in live.annotation_map().items() if name != OWNER_ANNOTATION}
        desired = self._patched_metadata(annotations)
        labels = {**desired["labels"], **_labels_of_the_server(self.target, live)}
        relabelled = live.labels_whole and labels != live.label_map()
        return relabelled or (live.annotations_whole and desired.get("annotations", {}) != annotations)

    def _metadata(self, annotations: Mapping[str, str], owner: str) -> dict[str, Any]:
        metadata = self._patched_metadata(annotations)
        metadata["annotations"] = {**metadata.get("annotations", {}), OWNER_ANNOTATION: owner}
        return metadata

    def _patched_metadata(self, annotations: Mapping[str, str]) -> dict[str, Any]:
        document: dict[str, Any] = {"name": self.key.name}
        if self.key.namespace:
            document["namespace"] = self.key.namespace
        if self.template.labels is not None:
            document["labels"] = self.template.labels
        if annotations:
            document["annotations"] = annotations
        steps = [step for step in self.operations if step.pointer[:1] == (_METADATA,)]
        metadata: dict[str, Any] = dict(apply({_METADATA: document}, steps, edited)[_METADATA])
        metadata["labels"] = {**as_object(metadata.get("labels") or {}, "metadata.labels"), MANAGED_LABEL: MANAGED}
        if metadata.get("annotations") is None:
            metadata.pop("annotations", None)
        else:
            as_object(metadata["annotations"], "metadata.annotations")
        return metadata

    def _encode(self, metadata: dict[str, Any], body: bytes) -> bytes:
        if (metadata.get("name"), metadata.get("namespace", "")) != (self.key.name, self.key.namespace):
            raise Bug(f"{self.target} {self.key} was rendered under another name")
        return b'{"metadata":' + orjson.dumps(metadata) + b"," + body[1:]


def _labels_of_the_server(target: ResourceType, live: Metadata) -> dict[str, str]:
    """Labels that the API server itself puts on every namespace: without this each would look out of date for ever."""
    if (target.group, target.kind) != ("", "Namespace"):
        return {}
    return {name: text for name, text in live.label_map().items() if name == "kubernetes.io/metadata.name"}


def _api_version(template: Mapping[str, Any], target: ResourceType) -> str:
    given = template.get("apiVersion")
    if given in (None, "", target.api_version, f"/{target.api_version}"):
        return target.api_version
    raise Misconfigured(f"spec.template.apiVersion is not {target.api_version}")


def _kind(template: Mapping[str, Any], target: ResourceType) -> str:
    given = template.get("kind")
    if given in (None, "", target.kind):
        return target.kind
    raise Misconfigured(f"spec.template.kind is not {target.kind}")
