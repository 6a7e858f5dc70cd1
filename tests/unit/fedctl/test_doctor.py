"""What the doctor finds, by what is in the host: mistakes, relaxations, freezes, addresses, old objects."""

from typing import Any

import pytest

from fedctl.doctor.findings import Finding, Level, of_cluster, of_configuration, of_objects, of_type
from fedctl.get.clusters import cluster_row
from fedctl.manifests import Manifest
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfig, Trust
from kubefed.api.default_types import default_type_configs
from kubefed.app.wish_rules import parts_of_wishes
from tests.builders.kinds import CONFIG_MAPS, NAMESPACES
from tests.builders.objects import a_fed_config_map, a_fed_namespace


def a_config(annotations: dict[str, str] | None = None, **spec: Any) -> KubeFedConfig:
    metadata = {"name": "kubefed", "namespace": "kube-federation-system", "annotations": annotations or {}}
    return KubeFedConfig.read({"metadata": metadata, "spec": {"scope": "Cluster", **spec}})


def a_record(*, ready: bool = True, annotations: dict[str, str] | None = None, **spec: Any) -> Manifest:
    condition = {"type": "Ready" if ready else "Offline", "status": "True", "message": "no answer"}
    return {
        "metadata": {"name": "eu", "namespace": "kube-federation-system", "annotations": annotations or {}},
        "spec": {"apiEndpoint": "https://192.0.2.7", "caBundle": "QQ==", "secretRef": {"name": "eu"}, **spec},
        "status": {"conditions": [condition]},
    }


def found_of(record: Manifest, trust: Trust = Trust.STRICT, config: KubeFedConfig | None = None) -> list[Finding]:
    return list(of_cluster(record, cluster_row(record), config or a_config(), trust))


def test_a_healthy_federation_has_nothing_to_report() -> None:
    assert list(of_configuration(a_config(), Trust.STRICT)) == []
    assert found_of(a_record()) == []
    config = FederatedTypeConfig.read(default_type_configs("kube-federation-system")[0])
    assert list(of_type(config, ours=False)) == []
    assert list(of_objects(CONFIG_MAPS, [a_fed_config_map().placed_on("eu").manifest()], parts_of_wishes())) == []


def test_a_bad_configuration_and_freezes_are_found() -> None:
    bad = a_config({"kubefed.io/freeze": "an audit", "kubefed.io/restoring": "since noon"}, trust="Whatever")
    levels = [each.level for each in of_configuration(bad, Trust.COMPATIBLE)]
    assert levels == [Level.PROBLEM, Level.WARNING, Level.WARNING, Level.NOTE]


@pytest.mark.parametrize(("trust", "level"), [(Trust.STRICT, Level.PROBLEM), (Trust.COMPATIBLE, Level.WARNING)])
def test_what_a_record_asks_for_is_a_problem_only_where_it_is_refused(trust: Trust, level: Level) -> None:
    record = a_record(disabledTLSValidations=["*"], proxyURL="http://192.0.2.9", caBundle="")
    assert [(each.level, each.what.partition(":")[0]) for each in found_of(record, trust)] == [
        (level, "TLSValidationDisabled"),
        (level, "SystemRootsTrusted"),
        (level, "ProxyInRecord"),
    ]


def test_a_cluster_that_is_away_frozen_or_makes_no_sense_is_found() -> None:
    away = found_of(a_record(ready=False, annotations={"kubefed.io/freeze": "moving"}))
    assert [each.what for each in away] == [
        "the cluster is frozen: moving",
        "Offline: the cluster is frozen: moving; no answer",
    ]
    assert [each.level for each in found_of(a_record(apiEndpoint=7))] == [Level.PROBLEM]


def test_removals_that_wait_for_approval_are_found_on_what_causes_them() -> None:
    waits = {"kubefed.io/removal-plan": '{"plan":"a-b"}'}
    [of_record] = found_of(a_record(annotations=waits))
    namespace = a_fed_namespace().placed_on("eu").with_metadata(annotations=waits).manifest()
    [of_namespace] = of_objects(NAMESPACES, [namespace], parts_of_wishes())
    assert of_record.what == of_namespace.what == "removals that it causes wait for approval"
    assert "undo the change of cluster/eu" in of_record.todo
    assert "undo the change of namespace/shop" in of_namespace.todo


def test_an_address_that_is_refused_comes_with_the_command_that_allows_it() -> None:
    record = a_record(apiEndpoint="https://127.0.0.1:6443")
    [found] = found_of(record)
    assert found.todo == "fedctl install --allowed-endpoint-range 127.0.0.1/32"
    assert found_of(record, config=a_config(allowedEndpointRanges=["127.0.0.0/8"])) == []
    assert found_of(record, config=a_config({"kubefed.io/allowed-endpoint-ranges": "127.0.0.0/8"})) == []


def test_a_type_whose_controller_should_run_and_does_not_is_a_problem_of_ours_only() -> None:
    config = FederatedTypeConfig.read(default_type_configs("kube-federation-system")[0])
    assert [each.what for each in of_type(config, ours=True)] == ["its controller does not run"]


def test_objects_that_admission_would_refuse_are_found_by_name_up_to_a_number() -> None:
    bad = a_fed_config_map().overridden("eu", {"path": "/metadata/name", "value": "other"}).manifest()
    found = list(of_objects(CONFIG_MAPS, [bad] * 25, parts_of_wishes()))
    assert found[0].about.startswith("FederatedConfigMap ")
    assert found[0].what.startswith("spec.overrides: ")
    assert (len(found), found[-1].what) == (21, "5 mistakes more, not shown")


def test_a_federated_namespace_of_another_name_is_found() -> None:
    stray = a_fed_namespace().named("other", "shop").manifest()
    assert [each.level for each in of_objects(NAMESPACES, [stray], parts_of_wishes())] == [Level.WARNING]
