"""`fedctl uninstall` takes away what `fedctl install` brought, keeps what people made, and can be installed again."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CRDS, DEPLOYMENTS, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS
from fedctl.sandbox.running import Sandbox
from fedctl.webhooks.installation import SERVICES
from kubefed.admission.configurations import MUTATING, VALIDATING
from kubefed.api.default_types import all_crds
from kubefed.core.markers import SYNC_FINALIZER, TYPE_CONFIG_FINALIZER
from kubefed.core.names import ObjectKey
from tests.builders.kinds import CONFIG_MAPS
from tests.builders.objects import FederatedBuilder
from tests.support.federation import SYSTEM
from tests.support.inprocess import Said, fedctl

INSTALLED = (
    VALIDATING, MUTATING, DEPLOYMENTS, SERVICES, SERVICE_ACCOUNTS,
    CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, ROLES, ROLE_BINDINGS,
)  # fmt: skip
IMAGE = ("--image", "example.com/kubefed:1")


@dataclass(frozen=True, slots=True)
class Host:
    """A host cluster on which people type commands."""

    sandbox: Sandbox
    server: ApiServer

    def types(self, *arguments: str, code: int = 0) -> Said:
        """Run fedctl; it must end with this code."""
        said = fedctl(*arguments, kubeconfig=self.sandbox.kubeconfig)
        assert said.code == code, said.all
        return said

    def holds(self) -> set[tuple[str, str]]:
        """What there is of kubefed's, of the kinds that an installation makes. All of it has that word in its name."""
        found = ((resource.kind, each["metadata"]) for resource in INSTALLED for each in self.server.objects(resource))
        return {(kind, f"{of.get('namespace', '')}/{of['name']}") for kind, of in found if "kubefed" in of["name"]}

    def federate_settings(self) -> FederatedBuilder:
        """A federated object that a controller has seen and not finished with."""
        wish = FederatedBuilder(CONFIG_MAPS, ObjectKey("default", "settings"))
        self.server.apply(wish.kind.federated, wish.manifest())
        return wish

    def join_eu(self) -> None:
        """A cluster's record."""
        spec = {"apiEndpoint": "https://192.0.2.1", "secretRef": {"name": "eu-x"}}
        head = {"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind}
        self.server.apply(CLUSTERS, {**head, "metadata": {"name": "eu", "namespace": SYSTEM}, "spec": spec})


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with (
        Sandbox.started(0, name=f"uninstall-{os.getpid()}", owner=True, controllers=False) as sandbox,
        ExitStack() as opened,
    ):
        server = opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), "host")))
        yield Host(sandbox, server)


@pytest.fixture
def installed(host: Host) -> set[tuple[str, str]]:
    """What the host holds when everything is installed."""
    host.types("install", *IMAGE)
    return host.holds()


def test_a_dry_run_says_all_and_removes_nothing(host: Host, installed: set[tuple[str, str]]) -> None:
    said = host.types("uninstall", "--dry-run")
    # Beside what is of these kinds: nothing has led and no certificate was made, so no Lease and no Secret.
    assert said.out.count("deleted") == len(installed)
    assert "Dry run: nothing was written." in said.err
    assert host.holds() == installed


def test_what_was_installed_goes_and_what_people_made_stays(host: Host, installed: set[tuple[str, str]]) -> None:
    wish = host.federate_settings()
    host.join_eu()
    said = host.types("uninstall")
    assert installed
    assert host.holds() == set()
    assert f"{len(all_crds())} CRDs" in said.err
    assert "1 joined cluster (eu)" in said.err
    stored = host.server.get(wish.kind.federated, wish.key)
    assert stored["metadata"]["finalizers"] == [SYNC_FINALIZER]
    assert host.server.find(CONFIGS, ObjectKey(SYSTEM, "kubefed")) is not None
    assert host.types("uninstall").out == ""


def test_crds_stay_while_a_cluster_is_joined_or_an_object_is_left(host: Host, installed: set[tuple[str, str]]) -> None:
    wish = host.federate_settings()
    host.join_eu()
    assert "fedctl unjoin cluster eu" in host.types("uninstall", "--delete-crds", code=1).err
    assert host.server.delete(CLUSTERS, ObjectKey(SYSTEM, "eu"))
    assert "such as default/settings" in host.types("uninstall", "--delete-crds", code=1).err
    assert host.holds() == installed
    host.server.merge(wish.kind.federated, wish.key, {"metadata": {"finalizers": None}})
    assert host.server.delete(wish.kind.federated, wish.key)


def test_with_its_crds_nothing_is_left_but_the_namespace(host: Host, installed: set[tuple[str, str]]) -> None:
    held = {"metadata": {"finalizers": [TYPE_CONFIG_FINALIZER]}}
    host.server.merge(TYPE_CONFIGS, ObjectKey(SYSTEM, "configmaps"), held)
    host.types("uninstall", "--delete-crds")
    assert installed
    assert host.holds() == set()
    assert list(host.server.objects(CRDS)) == []
    assert "no federation is installed" in host.types("uninstall", code=1).err
    host.types("install")
    assert len(list(host.server.objects(CRDS))) == len(all_crds())


def test_what_helm_installed_is_left_to_helm(host: Host, installed: set[tuple[str, str]]) -> None:
    mark = {"metadata": {"annotations": {"meta.helm.sh/release-name": "fed"}}}
    host.server.merge(SERVICE_ACCOUNTS, ObjectKey(SYSTEM, "kubefed-controller"), mark)
    assert f"helm uninstall fed -n {SYSTEM}" in host.types("uninstall", code=1).err
    assert host.holds() == installed
