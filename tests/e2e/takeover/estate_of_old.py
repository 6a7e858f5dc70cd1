"""A federation that the real KubeFed made: its CRDs, its types, its joins, its controller; nothing of this project's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CONFIGS
from fedctl.kinds import CRDS, NAMESPACES
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from fedctl.served import wait_for_crds
from kubefed.core.markers import CONFIG_NAME
from tests.builders.objects import FederatedBuilder
from tests.e2e.conftest import Logs
from tests.support.audit import AuditLog, Request
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBERS, SYSTEM, Federation
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest
from tests.support.shop import Shop
from tests.tools.kubefed_program import OldKubeFed, crds, old_kubefed

AGENT = "controller-manager/"
"""How the old controller's User-Agent begins."""
_TYPES = ("namespaces", "configmaps", "secrets", "services", "serviceaccounts", "deployments.apps", "jobs.batch")
_CONFIG: Manifest = {
    "apiVersion": "core.kubefed.io/v1beta1",
    "kind": "KubeFedConfig",
    "metadata": {"name": CONFIG_NAME, "namespace": SYSTEM},
    "spec": {
        "scope": "Cluster",
        "controllerDuration": {"availableDelay": "2s", "unavailableDelay": "5s", "cacheSyncTimeout": "5m"},
        "leaderElect": {
            "leaseDuration": "6s",
            "renewDeadline": "4s",
            "retryPeriod": "1s",
            "resourceLock": "configmaps",
        },
        "featureGates": [
            {"name": "PushReconciler", "configuration": "Enabled"},
            {"name": "RawResourceStatusCollection", "configuration": "Disabled"},
            {"name": "SchedulerPreferences", "configuration": "Enabled"},
        ],
        "clusterHealthCheck": {"period": "2s", "failureThreshold": 3, "successThreshold": 1, "timeout": "2s"},
        "syncController": {"maxConcurrentReconciles": 1, "adoptResources": "Enabled"},
        "statusController": {"maxConcurrentReconciles": 1},
    },
}


@dataclass(frozen=True, slots=True)
class OldFederation:
    """Host and two members, and both controllers to run on them in turns."""

    federation: Federation
    program: OldKubeFed
    logs: Logs
    directory: Path

    def ours(self) -> Controller:
        """The controller of this project, as the host's administrator: nobody installed anything for it."""
        return Controller(self.federation.sandbox.kubeconfig, self.directory / "ours.log")

    @contextmanager
    def old_controller(self) -> Iterator[None]:
        """KubeFed's controller runs."""
        config = self.directory / "kubefedconfig.yaml"
        config.write_text(yaml.safe_dump(_CONFIG))
        with self.program.controlling(config, self.directory / "old.log"):
            yield

    def member_writes(self, shop: Shop, agent: str) -> list[Request]:
        """The writes to members since the mark that are about this namespace, by the clients of one name."""
        return [
            each
            for member in MEMBERS
            for each in self.logs.by_cluster[member].requests(agent)
            if each.writes and shop.namespace in (each.namespace, each.name)
        ]

    def seen(self, shop: Shop, wishes: list[FederatedBuilder]) -> dict[str, Manifest]:
        """Every federated object and its record, by path."""
        found: dict[str, Manifest] = {}
        for wish in wishes:
            federated = shop.stored(wish)
            if federated is not None:
                found[wish.kind.federated.object_path(wish.key)] = federated
        for record in self.federation.host.objects(PROPAGATED_VERSIONS, shop.namespace):
            found[f"record of {record['metadata']['name']}"] = record
        return found


@contextmanager
def an_old_federation(name: str, directory: Path) -> Iterator[OldFederation]:
    """As KubeFed's own user guide sets one up, with its own command line."""
    with Sandbox.up(Plan.of(2, controllers=True, scheduler=False), name=name, owner=True) as sandbox, ExitStack() as opened:
        servers = {
            each: opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), each)))
            for each in (HOST, *MEMBERS)
        }
        federation = Federation(sandbox, servers, sandbox.kubeconfig)
        program = old_kubefed(directory, sandbox.kubeconfig)
        logs = Logs({each: AuditLog(sandbox.cluster(each).audit_log) for each in servers})
        old = OldFederation(federation, program, logs, directory)
        _install(federation.host)
        for each in _TYPES:
            program.kubefedctl("enable", each, "--host-cluster-context", HOST)
        with old.old_controller():
            for member in MEMBERS:
                program.kubefedctl("join", member, "--cluster-context", member, "--host-cluster-context", HOST)
        yield old


def _install(host: ApiServer) -> None:
    for crd in crds():
        host.apply(CRDS, crd)
    wait_for_crds(host, list(crds()))
    host.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
    host.create(CONFIGS, _CONFIG)
