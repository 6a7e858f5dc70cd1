"""What a KubeFedCluster says, and where a cluster's nodes say that it is."""

from typing import Any

import pytest

from kubefed.clusters.record import secret_key
from kubefed.clusters.topology import MOST_ZONES, region_and_zones
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from tests.builders.clusters import ENDPOINT, SYSTEM, a_record

REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
OLD_REGION, OLD_ZONE = "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone"


def test_a_record_is_read_with_its_labels() -> None:
    record = a_record().labelled(tier="prod").with_spec(disabledTLSValidations=["SubjectName"], proxyURL="http://p").read()
    assert (record.name, record.endpoint, record.secret_name, record.labels) == ("eu", ENDPOINT, "eu", {"tier": "prod"})
    assert (record.disabled_checks, record.proxy_url) == (("SubjectName",), "http://p")


def test_credentials_are_always_looked_for_in_the_system_namespace() -> None:
    record = a_record().with_spec(secretRef={"name": "s", "namespace": "tenant"}).read()
    assert secret_key(record, SYSTEM) == ObjectKey(SYSTEM, "s")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"apiEndpoint": None}, "spec.apiEndpoint"),
        ({"apiEndpoint": ""}, "spec.apiEndpoint"),
        ({"apiEndpoint": ["canary"]}, "spec.apiEndpoint"),
        ({"caBundle": 7}, "spec.caBundle"),
        ({"secretRef": None}, "spec.secretRef"),
        ({"secretRef": "canary"}, "spec.secretRef"),
        ({"secretRef": {}}, "spec.secretRef.name"),
        ({"secretRef": {"name": {}}}, "spec.secretRef.name"),
        ({"disabledTLSValidations": "canary"}, "spec.disabledTLSValidations"),
        ({"disabledTLSValidations": [None]}, "spec.disabledTLSValidations"),
        ({"proxyURL": {"canary": 1}}, "spec.proxyURL"),
    ],
)
def test_a_field_that_is_missing_or_of_the_wrong_type_is_named_and_its_value_is_not(
    fields: dict[str, Any], named: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        a_record().with_spec(**fields).read()
    assert named in str(refused.value)
    assert "canary" not in str(refused.value)


def test_absent_and_null_options_are_the_same() -> None:
    assert a_record().with_spec(caBundle=None, proxyURL=None, disabledTLSValidations=None).read().disabled_checks == ()


def test_labels_too_large_to_be_kept_cannot_be_selected_by() -> None:
    with pytest.raises(Misconfigured, match="labels are larger"):
        a_record().labelled(**{f"label-{number}": "x" * 60 for number in range(100)}).read()


def test_a_region_is_where_most_nodes_are_and_zones_are_all_there_are() -> None:
    nodes = [{REGION: "west", ZONE: "b"}, {REGION: "east", ZONE: "a"}, {REGION: "east", ZONE: "b"}, {}]
    assert region_and_zones(nodes) == ("east", ("a", "b"))


def test_between_equals_the_first_by_name_is_the_region_whatever_the_order() -> None:
    nodes = [{REGION: "west"}, {REGION: "east"}]
    assert region_and_zones(nodes)[0] == region_and_zones(nodes[::-1])[0] == "east"


def test_old_labels_count_where_there_are_no_new_ones() -> None:
    assert region_and_zones([{OLD_REGION: "old", OLD_ZONE: "z"}]) == ("old", ("z",))
    assert region_and_zones([{REGION: "new", OLD_REGION: "old", ZONE: "", OLD_ZONE: "z"}]) == ("new", ("z",))


def test_without_nodes_a_cluster_is_nowhere() -> None:
    assert region_and_zones([]) == ("", ())


def test_a_member_that_invents_zones_cannot_make_its_status_grow_without_bounds() -> None:
    assert len(region_and_zones([{ZONE: f"{number:04}"} for number in range(1000)])[1]) == MOST_ZONES
