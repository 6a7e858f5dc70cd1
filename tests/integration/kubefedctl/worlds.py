"""Two equal worlds, a host and a member each: KubeFed's command line acts in one and ours in the other, side by side."""

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS
from fedctl.kinds import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    CRDS,
    NAMESPACES,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    SERVICE_ACCOUNTS,
)
from fedctl.manifests import key_of
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from fedctl.served import wait_for_crds
from kubefed.api.default_types import all_crds
from kubefed.app.config import TRUST_ANNOTATION
from kubefed.core.errors import NotFound
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.support.controller import BIN
from tests.support.federation import CRDS_VARIABLE, HOST, KUBEFEDS, SYSTEM
from tests.support.manifests import Manifest
from tests.tools.kubefed_program import crds, old_kubefed

EAST = "east"
OLD, NEW = "old", "new"
_CLUSTERS = {OLD: {HOST: "host", EAST: "member1"}, NEW: {HOST: "member2", EAST: "member3"}}
_RUN_S = 120
_FEDERATED = (kinds.CONFIG_MAPS, kinds.DEPLOYMENTS, kinds.SERVICES, kinds.SERVICE_ACCOUNTS, kinds.SECRETS, kinds.NAMESPACES)
_WATCHED = (
    CLUSTERS,
    TYPE_CONFIGS,
    CRDS,
    NAMESPACES,
    SECRETS,
    SERVICE_ACCOUNTS,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
    *(each.federated for each in _FEDERATED),
)
_KUBERNETES_OWN = frozenset({"default", "kube-root-ca.crt"})
_OF_ONE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "generateName")
_GENERATED = re.compile(rf"^{EAST}-[a-z0-9]{{5}}$")
_IDENTIFYING = re.compile(r"uid$|^caBundle$|^apiEndpoint$|^token$|^ca\.crt$|bound-to$")
"""Fields whose values differ from cluster to cluster: only whether they are set is compared."""
_CONFIG: Manifest = {
    "apiVersion": "core.kubefed.io/v1beta1",
    "kind": "KubeFedConfig",
    "metadata": {"name": CONFIG_NAME, "namespace": SYSTEM},
    "spec": {"scope": "Cluster"},
}
_COMPATIBLE: Manifest = {
    "metadata": {"annotations": {TRUST_ANNOTATION: "Compatible"}},
    "spec": {"trust": "Compatible", "allowedEndpointRanges": ["127.0.0.0/8"]},
}
"""What our controller makes of a KubeFedConfig that it finds beside KubeFed's records, and the sandbox's addresses."""

State = Mapping[str, Any]
"""Every field of every object that commands write, such as `east/Role/shop/reader: rules[0].verbs[0]`, and its value."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind in one world."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class World:
    """A host and a member, and the command line that acts there."""

    program: Path
    kubeconfig: Path
    servers: Mapping[str, ApiServer]
    own: frozenset[str]
    """The objects that were there before anybody installed anything."""

    @property
    def host(self) -> ApiServer:
        """The cluster that federates the other."""
        return self.servers[HOST]

    def run(self, *arguments: str, stdin: str = "") -> Done:
        """Call the command line."""
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run(
            [self.program, *arguments], env=environment, input=stdin, capture_output=True, text=True, timeout=_RUN_S
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def state(self) -> State:
        """All fields of all objects, without what differs between any two clusters."""
        found: dict[str, Any] = {}
        for path, manifest in self.objects().items():
            if path not in self.own:
                found |= {f"{path}: {field}": value for field, value in _fields(_comparable(manifest))}
        return found

    def objects(self) -> dict[str, Manifest]:
        """Every watched object by cluster, kind and key. Those with generated names are numbered."""
        found: dict[str, Manifest] = {}
        for name, server in self.servers.items():
            for resource in _WATCHED:
                for each in _listed(server, resource):
                    if key_of(each).name not in _KUBERNETES_OWN and not each["metadata"].get("deletionTimestamp"):
                        found[_path(found, f"{name}/{resource.kind}", each)] = each
        return found


def _listed(server: ApiServer, resource: ResourceType) -> list[Manifest]:
    try:
        return list(server.objects(resource))
    except NotFound:
        return []


def _path(taken: Collection[str], kind: str, manifest: Manifest) -> str:
    key = key_of(manifest)
    if not manifest["metadata"].get("generateName"):
        return f"{kind}/{key}"
    numbered = (f"{kind}/{ObjectKey(key.namespace, EAST)}-*{number or ''}" for number in count())
    return next(path for path in numbered if path not in taken)


def _comparable(manifest: Manifest) -> Manifest:
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in _OF_ONE_SERVER}
    if _GENERATED.match(metadata["name"]):
        metadata["name"] = f"{EAST}-*"
    return {**manifest, "metadata": metadata} | ({"status": {}} if "status" in manifest else {})


def _fields(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from _fields(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list) and node:
        for number, value in enumerate(node):
            yield from _fields(value, f"{path}[{number}]")
    else:
        yield path, _value(path.rpartition(".")[2], node) if not path.endswith("ca.crt") else "set"


def _value(name: str, value: Any) -> Any:
    if _IDENTIFYING.search(name):
        return "set" if value else value
    return f"{EAST}-*" if isinstance(value, str) and _GENERATED.match(value) else value


def differences(old: State, new: State) -> dict[str, tuple[Any, Any]]:
    """The fields that are not the same, with both values; None for a field that is not there.

    An object that only one of them has is one difference.
    """
    objects = [{path.partition(": ")[0] for path in state} for state in (old, new)]
    alone = objects[0] ^ objects[1]
    found: dict[str, tuple[Any, Any]] = {path: (path in objects[0], path in objects[1]) for path in sorted(alone)}
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path) and path.partition(": ")[0] not in alone:
            found[path] = (old.get(path), new.get(path))
    return found


@contextmanager
def two_worlds(name: str, directory: Path) -> Iterator[dict[str, World]]:
    """Start four clusters, and have KubeFed's CRDs and configuration in both hosts, with ours over them in one."""
    with Sandbox.up(Plan.of(3, controllers=True, scheduler=False), name=name, owner=True) as sandbox, ExitStack() as opened:
        program = {OLD: old_kubefed(directory, sandbox.kubeconfig).programs / "kubefedctl", NEW: BIN / "kubefedctl"}
        worlds = {}
        for which, clusters in _CLUSTERS.items():
            kubeconfig = _renamed(sandbox.kubeconfig, clusters, directory / f"{which}.kubeconfig")
            servers = {
                each: opened.enter_context(ApiServer.opened(open_context(str(kubeconfig), each))) for each in clusters
            }
            own = frozenset(World(program[which], kubeconfig, servers, frozenset()).objects())
            _install(servers[HOST])
            worlds[which] = World(program[which], kubeconfig, servers, own)
        _upgrade(worlds[NEW].servers[HOST])
        yield worlds


def _renamed(kubeconfig: Path, clusters: Mapping[str, str], path: Path) -> Path:
    """The same kubeconfig with other names for the contexts."""
    document = yaml.safe_load(kubeconfig.read_text())
    contexts = {each["name"]: each["context"] for each in document["contexts"]}
    document["contexts"] = [{"name": name, "context": contexts[there]} for name, there in clusters.items()]
    path.write_text(yaml.safe_dump({**document, "current-context": HOST}))
    return path


def _install(host: ApiServer) -> None:
    for crd in crds():
        host.apply(CRDS, crd)
    wait_for_crds(host, list(crds()))
    host.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
    host.create(CONFIGS, _CONFIG)


def _upgrade(host: ApiServer) -> None:
    """What `fedctl install` does with the CRDs, unless the run is about KubeFed's, and our controller with the rest."""
    if os.environ.get(CRDS_VARIABLE) != KUBEFEDS:
        upgraded = [each for each in all_crds() if each["spec"]["group"] == CONFIGS.group]
        for crd in upgraded:
            host.apply(CRDS, crd)
        wait_for_crds(host, upgraded)
    host.merge(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME), _COMPATIBLE)
