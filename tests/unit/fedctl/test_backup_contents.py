"""What a backup keeps of an object, and what of that a server is sent when the object comes back."""

import pytest

from fedctl.backup.contents import Kinds, Turn, checked, kept, owners_of, status_of, to_create
from fedctl.kinds import CRDS
from fedctl.manifests import Manifest
from kubefed.api.core_v1alpha1 import PropagatedVersion
from kubefed.core.errors import Misconfigured
from tests.builders.kinds import CONFIG_MAPS

RECORD = PropagatedVersion.resource_type


def a_record(**metadata: object) -> Manifest:
    return {
        "apiVersion": RECORD.api_version,
        "kind": RECORD.kind,
        "metadata": {"name": "configmap-a", "namespace": "shop", **metadata},
        "status": {"templateVersion": "x", "overridesVersion": "y"},
    }


SERVER_SIDE = {"managedFields": [{"manager": "m"}], "resourceVersion": "7"}
LIFE = {"uid": "u-1", "generation": 3, "creationTimestamp": "2020-01-01T00:00:00Z"}
SET_BY_PEOPLE = {"labels": {"a": "b"}, "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}


def test_a_backup_keeps_all_but_what_only_its_server_understands() -> None:
    found = a_record(**SERVER_SIDE, **LIFE, **SET_BY_PEOPLE, finalizers=["f"])
    assert kept(RECORD, found) == a_record(**LIFE, **SET_BY_PEOPLE, finalizers=["f"])


def test_kinds_are_written_where_a_list_left_them_out() -> None:
    found = {name: value for name, value in a_record().items() if name not in ("apiVersion", "kind")}
    assert kept(RECORD, found) == a_record()


def test_the_status_of_a_crd_is_the_servers_own() -> None:
    assert "status" not in kept(CRDS, {"metadata": {"name": "a.example.com"}, "status": {"conditions": []}})


def test_an_object_begins_a_new_life_with_all_that_was_set_and_without_status() -> None:
    owner = {"kind": "FederatedConfigMap", "name": "a", "uid": "u-0"}
    dying = {"deletionTimestamp": "2020-01-02T00:00:00Z", "deletionGracePeriodSeconds": 0}
    backed_up = a_record(**SERVER_SIDE, **LIFE, **SET_BY_PEOPLE, **dying, ownerReferences=[owner], finalizers=["f"])
    expected = a_record(**SET_BY_PEOPLE, finalizers=["f"])
    del expected["status"]
    assert to_create(backed_up) == expected


@pytest.mark.parametrize(
    ("generation", "observed", "now", "expected"), [(7, 7, 1, 1), (7, 6, 1, 0), (7, 5, 3, 1), (2, 1, 1, 0), (1, 9, 1, 1)]
)
def test_an_observed_generation_stays_as_far_behind_as_it_was(
    generation: int, observed: int, now: int, expected: int
) -> None:
    backed_up = {"metadata": {"generation": generation}, "status": {"observedGeneration": observed, "clusters": []}}
    assert status_of(backed_up, now) == {"observedGeneration": expected, "clusters": []}


def test_a_status_without_generations_stays_as_it_is() -> None:
    assert status_of(a_record(), 1) == {"templateVersion": "x", "overridesVersion": "y"}


@pytest.mark.parametrize("status", [None, {}, "broken"])
def test_no_status_is_none(status: object) -> None:
    assert status_of({"metadata": {}, "status": status}, 1) is None


def test_owners_are_named_by_their_new_uids_and_unknown_ones_are_told() -> None:
    owners = [{"kind": "FederatedConfigMap", "name": name, "uid": f"old-{name}"} for name in ("a", "b")]
    rewritten, lost = owners_of(a_record(ownerReferences=owners), {"old-a": "new-a"})
    assert rewritten == [{"kind": "FederatedConfigMap", "name": "a", "uid": "new-a"}]
    assert lost == ["FederatedConfigMap b"]


def test_records_come_back_before_what_they_are_about_and_strangers_are_no_part() -> None:
    kinds = Kinds([CONFIG_MAPS])
    federated = {"apiVersion": CONFIG_MAPS.federated.api_version, "kind": CONFIG_MAPS.federated.kind}
    assert kinds.of(a_record()) == (RECORD, Turn.RECORD)
    assert kinds.of(federated) == (CONFIG_MAPS.federated, Turn.FEDERATED)
    assert Turn.RECORD < Turn.CLUSTER < Turn.FEDERATED
    assert kinds.of({"apiVersion": "v1", "kind": "ConfigMap"}) is None


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"kind": "Secret"}, "b.yaml, document 2 has no apiVersion and kind"),
        ({"apiVersion": "v1", "kind": "Secret"}, "b.yaml, document 2, a Secret, has no metadata.name"),
        (
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": 7}},
            "b.yaml, document 2, a Secret, has no metadata.name",
        ),
    ],
)
def test_a_document_that_is_no_object_is_refused_by_its_place(document: Manifest, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        checked(document, "b.yaml, document 2")
