"""A release of KubeFed's chart is upgraded in place: nothing that people made is touched, and nobody loses a right."""

import pytest

from fedctl.apiserver import ApiServer
from fedctl.kinds import CRDS, DEPLOYMENTS, ROLES, SECRETS
from fedctl.sandbox.running import Sandbox
from kubefed.admission.configurations import VALIDATING
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig, Scope
from kubefed.api.default_types import all_crds
from kubefed.api.federated_crd import federated_type_config
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders.kinds import CONFIG_MAPS
from tests.integration.chart.kubefeds_release import CRD_MARK, write_chart
from tests.integration.chart.release import Release
from tests.integration.chart.rendered import CHART
from tests.support.kinds import WIDGETS
from tests.support.manifests import Manifest, field_of
from tests.tools.helm_program import Helm, HelmRefused

WHOLE, PART = "kube-federation-system", "team-a"
VALUES: Manifest = {
    "controllermanager": {
        "syncController": {"adoptResources": "Disabled"},
        "controller": {"repository": "registry.example/team"},
        "webhook": {"repository": "registry.example/team"},
    }
}


@pytest.fixture(scope="module", params=[Scope.CLUSTER, Scope.NAMESPACED], ids=str)
def scope(request: pytest.FixtureRequest) -> Scope:
    found: Scope = request.param
    return found


@pytest.fixture(scope="module")
def release(
    scope: Scope, installing: Helm, sandbox: Sandbox, host: ApiServer, tmp_path_factory: pytest.TempPathFactory
) -> Release:
    """KubeFed's release with a member, a type of its own and a federated object, none of which Helm knows."""
    namespace = WHOLE if scope is Scope.CLUSTER else PART
    made = Release(installing, sandbox, host, namespace)
    made.install(chart=write_chart(tmp_path_factory.mktemp("kubefed"), namespace, scope))
    for resource, manifest in people_made(namespace):
        host.create(resource, manifest)
    return made


def people_made(namespace: str) -> list[tuple[ResourceType, Manifest]]:
    def head(resource: ResourceType, name: str) -> Manifest:
        metadata = {"name": name, "namespace": namespace}
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}

    clusters, wish = KubeFedCluster.resource_type, CONFIG_MAPS.federated
    record = {"apiEndpoint": "https://eu.example:6443", "secretRef": {"name": "eu-x7k2p"}}
    return [
        (SECRETS, {**head(SECRETS, "eu-x7k2p"), "stringData": {"token": "t"}}),
        (clusters, {**head(clusters, "eu"), "spec": record}),
        (FederatedTypeConfig.resource_type, federated_type_config(WIDGETS.target, namespace).manifest()),
        (wish, {**head(wish, "web"), "spec": {"template": {"data": {"a": "b"}}, "placement": {"clusters": []}}}),
    ]


def identities(release: Release) -> dict[tuple[str, str], str]:
    """The uids of everything that must outlive an upgrade."""
    host, namespace = release.host, release.namespace
    kept = [
        *host.objects(CRDS),
        *host.objects(KubeFedConfig.resource_type, namespace),
        *host.objects(FederatedTypeConfig.resource_type, namespace),
        *host.objects(KubeFedCluster.resource_type, namespace),
        *host.objects(CONFIG_MAPS.federated, namespace),
        *host.objects(DEPLOYMENTS, namespace),
        host.get(SECRETS, ObjectKey(namespace, "eu-x7k2p")),
    ]
    return {(each.get("kind", ""), each["metadata"]["name"]): each["metadata"]["uid"] for each in kept}


def test_an_upgrade_keeps_objects_roles_and_rights(release: Release, scope: Scope) -> None:
    host, namespace = release.host, release.namespace
    whole = scope is Scope.CLUSTER
    before = identities(release)
    wish = host.get(CONFIG_MAPS.federated, ObjectKey(namespace, "web"))

    with pytest.raises(HelmRefused, match="reset-then-reuse-values"):
        release.upgrade(None, "--reuse-values")
    release.upgrade({**VALUES, "global": {"scope": scope.value}}, "--reset-values")

    assert identities(release) == before
    assert len(before) == len(all_crds()) + 1 + 11 + 1 + 1 + 2 + 1
    assert host.get(CONFIG_MAPS.federated, ObjectKey(namespace, "web")) == wish
    marks = {field_of(crd, "metadata", "annotations", CRD_MARK) for crd in host.objects(CRDS)}
    assert marks == {"v0.9.2"}

    config = KubeFedConfig.read(host.get(KubeFedConfig.resource_type, ObjectKey(namespace, "kubefed"))).spec
    assert config.trust is None, "the controller decides about trust, as it does for every KubeFed that it takes over"
    assert config.scope == scope
    assert config.sync_controller is not None
    assert config.sync_controller.adopt_resources == "Disabled"

    deployment = host.get(DEPLOYMENTS, ObjectKey(namespace, "kubefed-controller-manager"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("registry.example/team/kubefed:")

    (reading,) = release.rules("kubefed-member-credentials", local=True)
    assert (reading["resources"], reading["resourceNames"]) == (["secrets"], ["eu-x7k2p"])
    assert host.find(ROLES, ObjectKey(namespace, "kubefed-config-role")) is None
    writing = release.rules("kubefed-federated-types", local=not whole)[0]
    assert {WIDGETS.federated.plural, CONFIG_MAPS.federated.plural} <= set(writing["resources"])

    suffix = "" if whole else f"-{namespace}"
    assert not host.get(VALIDATING, ObjectKey("", f"validations.core.kubefed.io{suffix}")).get("webhooks")


def test_whoever_could_edit_federated_objects_still_can_until_it_is_switched_off(release: Release, scope: Scope) -> None:
    def editors_may_write() -> bool:
        rules = release.rules("kubefed-edit") if scope is Scope.CLUSTER else []
        return any("types.kubefed.io" in rule["apiGroups"] for rule in rules)

    if scope is Scope.NAMESPACED:
        assert not editors_may_write()
        return
    release.upgrade({**VALUES, "global": {"scope": scope.value}}, "--reset-values")
    assert editors_may_write()
    released = {"controllermanager": {**VALUES["controllermanager"], "rbac": {"aggregate": False}}}
    release.upgrade(released, "--reset-values")
    gone = release.kubectl("get", "clusterrole", "kubefed-admin", "kubefed-edit", "kubefed-view")
    assert gone.stderr.count("NotFound") == 3
    release.upgrade(VALUES, "--reset-values")
    assert release.kubectl("get", "clusterrole", "kubefed-edit").returncode != 0


def test_the_folder_that_a_person_applies_brings_crds_up_to_date(release: Release) -> None:
    done = release.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CHART / "crds"))
    assert done.returncode == 0, done.stderr
