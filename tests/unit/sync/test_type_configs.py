"""Which federated types run: what a FederatedTypeConfig asks for, and what stands against it."""

from typing import Any

import orjson
import pytest

from kubefed.api.core_v1beta1 import Scope
from kubefed.core.errors import Misconfigured
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.type_configs import Wish, wish_of
from kubefed.kube.wire import Object, Projector
from tests.builders.kinds import CLUSTER_ROLES, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, SECRETS
from tests.unit.sync.a_control_plane import a_type_config

_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def a_config(kind: FederatedType = CONFIG_MAPS, **spec: Any) -> Object:
    return _PROJECTOR.object(orjson.dumps(a_type_config(kind, **spec)))


def wish(config: Object, *, namespaces_enabled: bool = True, scope: Scope = Scope.CLUSTER) -> Wish:
    return wish_of(config, namespaces_enabled=namespaces_enabled, control_plane=scope)


@pytest.mark.parametrize("kind", [CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, CLUSTER_ROLES])
def test_an_enabled_type_runs_with_what_its_config_names(kind: FederatedType) -> None:
    found = wish(a_config(kind))
    assert found.runs
    assert (found.kind.name, found.kind.federated, found.kind.target) == (kind.name, kind.federated, kind.target)


def test_the_plurals_that_kubefed_left_out_are_derived() -> None:
    config = a_type_config(CONFIG_MAPS)
    for field in ("targetType", "federatedType"):
        config["spec"][field].pop("pluralName")
    found = wish(_PROJECTOR.object(orjson.dumps(config))).kind
    assert (found.target.plural, found.federated.plural) == ("configmaps", "federatedconfigmaps")


@pytest.mark.parametrize(
    ("kind", "spec", "namespaces", "scope", "why_not"),
    [
        (CONFIG_MAPS, {"propagation": "Disabled"}, True, Scope.CLUSTER, "Disabled"),
        (CONFIG_MAPS, {}, False, Scope.CLUSTER, "namespaces does not exist"),
        (CONFIG_MAPS, {}, False, Scope.NAMESPACED, "namespaces does not exist"),
        (CLUSTER_ROLES, {}, True, Scope.NAMESPACED, "no cluster-scoped types"),
        (NAMESPACES, {}, True, Scope.NAMESPACED, "no cluster-scoped types"),
    ],
)
def test_a_type_that_does_not_run_says_why(
    kind: FederatedType, spec: dict[str, Any], namespaces: bool, scope: Scope, why_not: str
) -> None:
    found = wish(a_config(kind, **spec), namespaces_enabled=namespaces, scope=scope)
    assert not found.runs
    assert why_not in found.why_not


def test_cluster_scoped_types_do_not_need_the_type_of_namespaces() -> None:
    assert wish(a_config(CLUSTER_ROLES), namespaces_enabled=False).runs


def test_values_of_secrets_are_known_to_be_sensitive() -> None:
    assert wish(a_config(SECRETS)).kind.sensitive
    assert not wish(a_config(CONFIG_MAPS)).kind.sensitive


@pytest.mark.parametrize(
    "spec",
    [
        {"propagation": "Perhaps"},
        {"propagation": None},
        {"targetType": None},
        {"targetType": "canary"},
        {"federatedType": {"kind": ["canary"]}},
        {"targetType": {"version": "v1", "kind": "ConfigMap", "pluralName": "others", "scope": "Namespaced"}},
    ],
)
def test_a_config_that_makes_no_sense_is_refused_without_being_repeated(spec: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as refused:
        wish(a_config(**spec))
    assert "canary" not in str(refused.value)
