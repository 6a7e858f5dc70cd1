"""What the chart renders is what API servers take: validated strictly, and really installed."""

from typing import Any

import pytest

from fedctl.apiserver import ApiServer
from fedctl.kinds import CRDS, DEPLOYMENTS, NAMESPACES
from fedctl.sandbox.running import Sandbox
from fedctl.served import wait_for_crds
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfig
from kubefed.api.default_types import all_crds
from kubefed.core.names import ObjectKey
from tests.integration.chart.release import Release
from tests.integration.chart.rendered import CHART, CONTROLLER, WEBHOOK, Rendered
from tests.support.manifests import Manifest
from tests.tools.helm_program import Helm

NAMESPACE = "strict"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
EVERYTHING: Manifest = {
    "clusterAvailableDelay": "7s",
    "clusterUnavailableDelay": "70s",
    "cacheSyncTimeout": "6m",
    "leaderElectLeaseDuration": "30s",
    "leaderElectRenewDeadline": "20s",
    "leaderElectRetryPeriod": "3s",
    "leaderElectResourceLock": "endpoints",
    "clusterHealthCheckPeriod": "20s",
    "clusterHealthCheckFailureThreshold": 5,
    "clusterHealthCheckSuccessThreshold": 2,
    "clusterHealthCheckTimeout": "4s",
    "syncController": {"maxConcurrentReconciles": 4, "adoptResources": "Disabled"},
    "statusController": {"maxConcurrentReconciles": 3},
    "featureGates": {"RawResourceStatusCollection": "Enabled"},
    "trust": "Compatible",
    "allowedEndpointRanges": ["127.0.0.0/8"],
    "commonNodeSelector": {"disk": "ssd"},
    "commonTolerations": [{"key": "dedicated", "operator": "Exists"}],
    "commonAffinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "topologyKey": "kubernetes.io/hostname",
                    "labelSelector": {"matchLabels": {"kubefed-control-plane": "controller-manager"}},
                }
            ]
        }
    },
    "imagePullSecrets": [{"name": "pull"}],
    "controller": {
        "annotations": {"a": "1"},
        "podAnnotations": {"b": "2"},
        "replicaCount": 3,
        "repository": "registry.example/team",
        "env": {"HTTPS_PROXY": "http://proxy.example:3128"},
        "forceRedeployment": True,
    },
    "webhook": {"replicaCount": 2, "logLevel": 2},
    "service": {"labels": {"team": "platform"}},
    "rbac": {"aggregate": True, "memberSecrets": ["eu-token"]},
    "networkPolicy": {"enabled": True, "metricsFrom": [{"namespaceSelector": {}}]},
    "postInstallJob": {"image": "kubectl"},
}
VALUES: dict[str, Manifest] = {
    "defaults": {},
    "namespaced": {"global": {"scope": "Namespaced"}},
    "everything": {"controllermanager": EVERYTHING},
    "everything, namespaced": {"controllermanager": EVERYTHING, "global": {"scope": "Namespaced"}},
    "types only": {"controllermanager": {"enabled": False}},
}


@pytest.fixture(scope="module")
def release(installing: Helm, sandbox: Sandbox, host: ApiServer) -> Release:
    """A host that serves our kinds and has the namespace, which takes restricted pods only; nothing is installed."""
    head = {"name": NAMESPACE, "labels": RESTRICTED}
    host.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": head})
    for crd in all_crds():
        host.create(CRDS, crd)
    wait_for_crds(host, all_crds())
    return Release(installing, sandbox, host, NAMESPACE)


def manifests(release: Release, values: Manifest) -> Rendered:
    return Rendered(release.helm.template(CHART, release.namespace, values))


@pytest.mark.parametrize("values", VALUES.values(), ids=list(VALUES))
def test_a_server_takes_it_under_strict_validation_and_warns_of_nothing(release: Release, values: Manifest) -> None:
    rendered = manifests(release, values)
    done = release.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", manifests=rendered.manifests)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(rendered.manifests)


@pytest.mark.parametrize("values", [VALUES["defaults"], VALUES["everything"]], ids=["defaults", "everything"])
@pytest.mark.parametrize("deployment", [CONTROLLER, WEBHOOK])
def test_its_pods_are_allowed_where_only_restricted_pods_are(release: Release, values: Manifest, deployment: str) -> None:
    template: dict[str, Any] = manifests(release, values).one("Deployment", deployment)["spec"]["template"]
    head = {**template["metadata"], "name": "one", "namespace": NAMESPACE}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": head,
        "spec": {**template["spec"], "serviceAccountName": "default"},
    }
    done = release.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", manifests=[pod])
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_really_installed_upgraded_and_taken_away_and_leaves_what_people_made(release: Release) -> None:
    host, config = release.host, ObjectKey(NAMESPACE, "kubefed")
    release.install(VALUES["everything"])
    stored = KubeFedConfig.read(host.get(KubeFedConfig.resource_type, config)).spec
    assert stored.leader_elect is not None
    assert (stored.trust, str(stored.leader_elect.lease_duration)) == ("Compatible", "30s")
    host.merge(FederatedTypeConfig.resource_type, ObjectKey(NAMESPACE, "jobs.batch"), {"spec": {"propagation": "Disabled"}})
    host.delete(FederatedTypeConfig.resource_type, ObjectKey(NAMESPACE, "secrets"))

    release.upgrade(VALUES["defaults"], "--reset-values")
    stored = KubeFedConfig.read(host.get(KubeFedConfig.resource_type, config)).spec
    assert stored.leader_elect is not None
    assert (stored.trust, str(stored.leader_elect.lease_duration)) == ("Compatible", "15s")
    types = {each["metadata"]["name"]: each for each in host.objects(FederatedTypeConfig.resource_type, NAMESPACE)}
    assert types["jobs.batch"]["spec"]["propagation"] == "Disabled"
    assert "secrets" not in types
    assert len(types) == 9

    release.uninstall()
    assert "NotFound" in release.kubectl("get", "deployment", CONTROLLER, "-n", NAMESPACE).stderr
    assert host.find(KubeFedConfig.resource_type, config) is not None
    assert len(list(host.objects(FederatedTypeConfig.resource_type, NAMESPACE))) == 9
    assert len(list(host.objects(CRDS))) == len(all_crds())

    release.install()
    assert len(list(host.objects(FederatedTypeConfig.resource_type, NAMESPACE))) == 10


def test_an_upgrade_keeps_the_values_that_were_given_and_takes_the_new_ones(release: Release) -> None:
    release.uninstall()
    release.install({"controllermanager": {"controller": {"repository": "registry.example/team", "replicaCount": 3}}})
    release.upgrade({"controllermanager": {"controller": {"tag": "v2"}}}, "--reset-then-reuse-values")
    spec = release.host.get(DEPLOYMENTS, ObjectKey(NAMESPACE, CONTROLLER))["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert (spec["replicas"], container["image"]) == (3, "registry.example/team/kubefed:v2")
