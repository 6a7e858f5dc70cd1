"""Removes what the demo made: its sandbox; or, in clusters of a person's own, everything that it put there."""

import os
from functools import partial

from fedctl.apiserver import FIELD_MANAGER, ApiServer
from fedctl.demo import controller, own_clusters, own_sandbox, record
from fedctl.demo.exhibits import COGWHEEL, SHOP, WIDGET_CRD
from fedctl.demo.narrator import Narrator
from fedctl.demo.record import Record
from fedctl.demo.stage import Stage, opened
from fedctl.federation import CLUSTERS, TYPE_CONFIGS, Federation, federated_type
from fedctl.kinds import CRDS, NAMESPACES, type_of
from fedctl.manifests import Manifest, key_of
from fedctl.rights.controller import rights
from fedctl.rights.federated_types import type_rights
from fedctl.telling import note
from kubefed.api.core_v1beta1 import Scope
from kubefed.api.default_types import all_crds
from kubefed.api.member_crds import member_crds
from kubefed.core.names import ObjectKey, ResourceType

_GONE_WITHIN_S = 120.0


def remove() -> None:
    """End the controller, remove the clusters or what is in them, forget the demo."""
    if not record.directory().exists():
        gone = own_sandbox.remove()
    else:
        with record.only_one():
            gone = _remove(record.load() or Record())
            record.remove()
    note("The demo is removed." if gone else "There is no demo; nothing to remove.")


def _remove(demo: Record) -> bool:
    if demo.contexts:
        if demo.kubeconfig:
            os.environ["KUBECONFIG"] = demo.kubeconfig
        with opened(own_clusters.named(demo.contexts), Narrator(0)) as stage:
            return own_clusters.is_claimed(stage) and _withdraw(stage, demo)
    ended = controller.stop(demo)
    return own_sandbox.remove() or ended


def _withdraw(stage: Stage, demo: Record) -> bool:
    """Take everything out of clusters that are somebody's own."""
    granted: list[Manifest] = []
    if stage.host.find(CRDS, ObjectKey("", TYPE_CONFIGS.qualified_plural)):
        granted = _cluster_wide_rights(stage)
        _dissolve(stage, demo)
    controller.stop(demo)
    _uninstall(stage, granted)
    return True


def _dissolve(stage: Stage, demo: Record) -> None:
    """What goes only while the controller runs: objects, whose copies it removes, then members, then types."""
    running = demo if controller.find(demo) else controller.start(demo, stage.clusters.host)
    try:
        _delete_shop(stage)
        for name, context in stage.clusters.members.items():
            if stage.host.find(CLUSTERS, ObjectKey(stage.options.namespace, name)):
                stage.fedctl("unjoin", "cluster", name, "--cluster-context", context)
        _delete_types(stage)
    finally:
        controller.stop(running)


def _delete_shop(stage: Stage) -> None:
    key = ObjectKey("", SHOP)
    stage.host.delete(NAMESPACES, key)
    for server in (stage.host, *stage.members.values()):
        what = f"namespace {SHOP} is gone from {server.context.name}"
        stage.expect(partial(server.find, NAMESPACES, key), None, what, _GONE_WITHIN_S)


def _delete_types(stage: Stage) -> None:
    """The controller holds them with a finalizer until it has let go of the type."""
    namespace = stage.options.namespace
    for config in stage.host.objects(TYPE_CONFIGS, namespace):
        stage.host.delete(TYPE_CONFIGS, key_of(config))
    left = partial(_names, stage.host, TYPE_CONFIGS, namespace)
    stage.expect(left, [], "every FederatedTypeConfig is gone", _GONE_WITHIN_S)


def _names(server: ApiServer, resource: ResourceType, namespace: str) -> list[str]:
    return [str(each["metadata"]["name"]) for each in server.objects(resource, namespace)]


def _uninstall(stage: Stage, granted: list[Manifest]) -> None:
    for manifest in granted:
        stage.host.delete(type_of(manifest), key_of(manifest))
    for crd in (*map(key_of, all_crds()), ObjectKey("", COGWHEEL.federated.qualified_plural)):
        stage.host.delete(CRDS, crd)
    for server in (stage.host, *stage.members.values()):
        server.delete(CRDS, WIDGET_CRD)
        _delete_member_crds(server)
    system = ObjectKey("", stage.options.namespace)
    stage.host.delete(NAMESPACES, system)
    for server in (stage.host, *stage.members.values()):
        what = f"namespace {system} is gone from {server.context.name}"
        stage.expect(partial(server.find, NAMESPACES, system), None, what, _GONE_WITHIN_S)


def _delete_member_crds(server: ApiServer) -> None:
    """The kinds that joining installed, where nobody else had a hand in them."""
    for key in map(key_of, member_crds()):
        crd = server.find(CRDS, key)
        written = [
            each for each in (crd or {}).get("metadata", {}).get("managedFields") or () if not each.get("subresource")
        ]
        if written and all(each.get("manager") == FIELD_MANAGER for each in written):
            server.delete(CRDS, key)


def _cluster_wide_rights(stage: Stage) -> list[Manifest]:
    """What `fedctl install` and `enable` granted outside of the system namespace."""
    namespace = stage.options.namespace
    federation = Federation(stage.host, namespace)
    types = [federated_type(each) for each in federation.type_configs()]
    granted = [*rights(namespace, Scope.CLUSTER), *type_rights(namespace, Scope.CLUSTER, types)]
    return [manifest for manifest in granted if not manifest["metadata"].get("namespace")]
