"""Federated objects and their copies, said in the words of the field: `a_fed_deployment().placed_on("eu").build()`.

Builders are values: each word gives a new one, so that a test may start several stories from one beginning. `build` gives
what the stores hold, `manifest` what an API server would be sent.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import orjson

from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION, SYNC_FINALIZER
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.wire import Metadata, Object, Projector
from kubefed.sync.intent import Intent
from tests.builders.kinds import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES

OWNER = "this-federation"
"""The mark of the federation that tests speak for."""
DELETED_AT = "2026-01-02T03:04:05Z"

_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def eu_us_asia() -> tuple[ClusterName, ClusterName, ClusterName]:
    """Three clusters that most tests know."""
    return ClusterName("eu"), ClusterName("us"), ClusterName("asia")


@dataclass(frozen=True)
class FederatedBuilder:
    """A federated object. It has our finalizer unless a test says otherwise, for that is how most of its life passes."""

    kind: FederatedType
    key: ObjectKey
    spec: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=lambda: {"finalizers": [SYNC_FINALIZER]})

    def named(self, name: str, namespace: str = "") -> Self:
        """Another name, and another namespace unless that is left out."""
        return replace(self, key=ObjectKey(namespace or self.key.namespace, name))

    def with_spec(self, **fields: Any) -> Self:
        """Fields of the spec, whatever they are."""
        return replace(self, spec={**self.spec, **fields})

    def with_template(self, template: Any) -> Self:
        """What is copied."""
        return self.with_spec(template=template)

    def placed(self, placement: Any) -> Self:
        """`spec.placement` as it would be written."""
        return self.with_spec(placement=placement)

    def placed_on(self, *clusters: str) -> Self:
        """Placed by a list of names; without any, by an empty list."""
        return self.placed({"clusters": [{"name": name} for name in clusters]})

    def placed_by_labels(self, **labels: str) -> Self:
        """Placed by a selector; without any label, in all clusters."""
        return self.placed({"clusterSelector": {"matchLabels": labels}})

    def overridden(self, cluster: str, *operations: dict[str, Any]) -> Self:
        """With overrides for one cluster more."""
        item = {"clusterName": cluster, "clusterOverrides": list(operations)}
        return self.with_spec(overrides=[*self.spec.get("overrides", ()), item])

    def with_metadata(self, **fields: Any) -> Self:
        """Fields of the metadata, in Kubernetes' spelling."""
        return replace(self, metadata={**self.metadata, **fields})

    def annotated(self, **annotations: str) -> Self:
        """With the annotations `kubefed.io/<name>`; an underscore in a name is a dash."""
        named = {f"kubefed.io/{name.replace('_', '-')}": text for name, text in annotations.items()}
        return self.with_metadata(annotations={**self.metadata.get("annotations", {}), **named})

    def without_finalizer(self) -> Self:
        """As a person has just created it."""
        return self.with_metadata(finalizers=[])

    def being_deleted(self) -> Self:
        """With a deletionTimestamp: only finalizers keep it."""
        return self.with_metadata(deletionTimestamp=DELETED_AT)

    def at(self, *, generation: int = 1, version: int = 1) -> Self:
        """In this generation and resourceVersion."""
        return self.with_metadata(generation=generation, resourceVersion=str(version))

    def with_status(self, status: dict[str, Any]) -> Self:
        """Telling this."""
        return replace(self, status=status)

    def manifest(self) -> dict[str, Any]:
        """The whole object."""
        metadata = {"name": self.key.name, **self.metadata}
        if self.key.namespace:
            metadata["namespace"] = self.key.namespace
        document = {
            "apiVersion": self.kind.federated.api_version,
            "kind": self.kind.federated.kind,
            "metadata": metadata,
            "spec": self.spec,
        }
        return document if self.status is None else {**document, "status": self.status}

    def build(self) -> Object:
        """The object as a store holds it, in generation 1 unless something else was said."""
        manifest = self.manifest()
        defaults = {"uid": f"uid-of-{self.key}", "generation": 1, "resourceVersion": "1"}
        manifest["metadata"] = {**defaults, **manifest["metadata"]}
        return _PROJECTOR.object(orjson.dumps(manifest))

    def intent(self, *, version_may_change: bool = False) -> Intent:
        """What the object asks for."""
        return Intent(self.build(), self.kind, version_may_change=version_may_change)


def a_fed_deployment() -> FederatedBuilder:
    """FederatedDeployment shop/web with two replicas, placed nowhere yet."""
    template = {"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}}}
    return FederatedBuilder(DEPLOYMENTS, ObjectKey("shop", "web"), {"template": template})


def a_fed_config_map() -> FederatedBuilder:
    """FederatedConfigMap shop/settings with one entry, placed nowhere yet."""
    return FederatedBuilder(CONFIG_MAPS, ObjectKey("shop", "settings"), {"template": {"data": {"colour": "red"}}})


def a_fed_namespace(name: str = "shop") -> FederatedBuilder:
    """The FederatedNamespace of a namespace, placed nowhere yet."""
    return FederatedBuilder(NAMESPACES, ObjectKey(name, name))


@dataclass(frozen=True)
class CopyBuilder:
    """A copy in a member: managed and marked as ours unless a test says otherwise."""

    key: ObjectKey
    metadata: dict[str, Any]
    labels: dict[str, str] = field(default_factory=lambda: {MANAGED_LABEL: MANAGED})
    annotations: dict[str, str] = field(default_factory=lambda: {OWNER_ANNOTATION: OWNER})

    def with_metadata(self, **fields: Any) -> Self:
        """Fields of the metadata, in Kubernetes' spelling."""
        return replace(self, metadata={**self.metadata, **fields})

    def labelled(self, **labels: str) -> Self:
        """With these labels beside the managed one."""
        return replace(self, labels={**self.labels, **labels})

    def annotated(self, annotations: dict[str, str]) -> Self:
        """With these annotations beside our mark."""
        return replace(self, annotations={**self.annotations, **annotations})

    def owned_by(self, owner: str | None) -> Self:
        """With another federation's mark, or with none."""
        others = {name: text for name, text in self.annotations.items() if name != OWNER_ANNOTATION}
        return replace(self, annotations=others if owner is None else {**others, OWNER_ANNOTATION: owner})

    def at(self, *, generation: int = 0, version: int = 1) -> Self:
        """In this generation, 0 for kinds that have none, and this resourceVersion."""
        return self.with_metadata(generation=generation, resourceVersion=str(version))

    def with_uid(self, uid: str) -> Self:
        """Another object of the same name."""
        return self.with_metadata(uid=uid)

    def terminating(self) -> Self:
        """With a deletionTimestamp."""
        return self.with_metadata(deletionTimestamp=DELETED_AT)

    def build(self) -> Metadata:
        """The metadata as a store holds it."""
        metadata = {
            "name": self.key.name,
            "namespace": self.key.namespace,
            "labels": self.labels,
            "annotations": self.annotations,
            **self.metadata,
        }
        return _PROJECTOR.metadata(orjson.dumps({"metadata": metadata}))


def a_copy(federated: FederatedBuilder | None = None) -> CopyBuilder:
    """A copy of a federated object, in the state in which it was written: generation 1 where the kind has generations."""
    of = federated or a_fed_deployment()
    key = of.key if of.kind.target.namespaced else ObjectKey("", of.key.name)
    builder = CopyBuilder(key, {"uid": f"uid-of-copy-{key}"})
    has_generations = of.kind.target.group not in ("", "rbac.authorization.k8s.io")
    return builder.at(generation=1 if has_generations else 0, version=100)
