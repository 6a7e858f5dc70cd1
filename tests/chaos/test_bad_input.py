"""What people write that cannot be: it is refused or told, and costs nobody else anything. I-2 to I-7, I-10 and I-12."""

import json
from typing import Any

import pytest

from kubefed.core.errors import ApiError
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.chaos.arena import ALL
from tests.chaos.trial import Trial
from tests.support.manifests import Manifest, replace
from tests.support.shop import Shop
from tests.support.waiting import eventually

OBJECTS = 10
TOLD_S = 15.0


def nested(levels: int) -> Manifest:
    """A template as deep as that."""
    found: Manifest = {"bottom": "x"}
    for _ in range(levels):
        found = {"a": found}
    return found


def overridden(*operations: Manifest) -> dict[str, Any]:
    """Overrides for every member."""
    return {"overrides": [{"clusterName": member, "clusterOverrides": list(operations)} for member in ALL]}


BAD: list[Any] = [
    pytest.param({"template": {"data": ["no", "map"]}}, id="i2-a-list-for-a-map"),
    pytest.param({"template": {"data": {"a": 1}}}, id="i2-a-number-for-a-string"),
    pytest.param({"template": {"apiVersion": "v9", "data": {}}}, id="i2-another-version"),
    pytest.param({"template": {"kind": "Secret", "data": {}}}, id="i2-another-kind"),
    pytest.param({"template": nested(100)}, id="i3-a-hundred-deep"),
    pytest.param({"template": {"data": {"big": "x" * 1_200_000}}}, id="i4-larger-than-an-object-may-be"),
    pytest.param(
        {"template": {"data": {}}} | overridden(*(replace(f"/data/k{n}", "v") for n in range(5000))), id="i4-5000-overrides"
    ),
    pytest.param({"template": {"data": {}}} | overridden(replace("/metadata", {})), id="i5-all-metadata"),
    pytest.param({"template": {"data": {}}} | overridden(replace("", {"kind": "Pod"})), id="i5-the-whole"),
    pytest.param({"template": {"data": {}}} | overridden(replace("/metadata~1name", "x")), id="i5-an-escape"),
    pytest.param({"template": {"data": {}}} | overridden({"op": "copy", "from": "/data", "path": "/d"}), id="i5-copy"),
    pytest.param({"template": {"data": {}}} | overridden(replace("/metadata/name", "x")), id="i5-the-name"),
    pytest.param({"template": {"metadata": {"labels": {"a": "\u202eevil\u200b"}}, "data": {}}}, id="i6-a-label-of-rtl"),
    pytest.param({"template": {"metadata": {"name": "another"}, "data": {"n\u0000ul": "x"}}}, id="i6-nul-in-a-key"),
    pytest.param({"template": {"data": {}}, "placement": {"clusters": "all"}}, id="i10-placement-of-a-string"),
    pytest.param(
        {
            "template": {"data": {}},
            "placement": {"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}},
        },
        id="i10-an-operator-that-is-none",
    ),
]


def written(shop: Shop, wish: FederatedBuilder) -> bool:
    """Whether the host took it; what it refuses reaches nobody."""
    try:
        shop.create(wish)
    except ApiError:
        return False
    return True


@pytest.mark.parametrize("spec", BAD)
def test_what_cannot_be_is_told_and_spares_everything_else(trial: Trial, spec: dict[str, Any]) -> None:
    trial.settle(OBJECTS)
    bad = trial.shop.config_map("bad").with_spec(**spec)
    trial.excused.add((kinds.CONFIG_MAPS.name, bad.key))
    if written(trial.shop, bad):
        eventually(lambda: trial.shop.told(bad), "something is said of it", within_s=TOLD_S)
    edited = trial.edit(0, round="after the bad one")
    eventually(
        lambda: (trial.shop.copy(edited, ALL[0]) or {}).get("data") == {"round": "after the bad one"}, "others are served"
    )
    trial.conclude(within_s=30)
    assert trial.controller.is_running()


@pytest.mark.parametrize("number", ["1e2", "9223372036854775807", "1.0", "-0"])
def test_i7_numbers_are_copied_as_they_are_and_not_again_and_again(trial: Trial, number: str) -> None:
    template = {"metadata": {"annotations": {"n": number}}, "data": {"n": number, "json": json.dumps({"n": number})}}
    trial.wishes.append(trial.shop.create(trial.shop.config_map("numbers").placed_on(*ALL).with_template(template)))
    trial.conclude(within_s=30)


def test_i12_a_copy_whose_label_was_taken_off_by_hand_gets_it_back(trial: Trial) -> None:
    trial.settle(OBJECTS)
    unlabelled = trial.wishes[0]
    trial.shop.change(unlabelled, ALL[0], {"metadata": {"labels": {"kubefed.io/managed": None}}})
    trial.conclude()


def test_i12_copies_that_were_deleted_by_hand_are_made_again(trial: Trial) -> None:
    trial.settle(OBJECTS)
    for wish in trial.wishes[:3]:
        trial.shop.remove(wish, ALL[0])
    trial.conclude()


def test_i12_a_federated_object_that_is_made_again_under_its_name_keeps_its_copies(trial: Trial) -> None:
    trial.settle(OBJECTS)
    again = trial.wishes[0]
    trial.shop.delete(again)
    trial.shop.await_gone(again)
    trial.shop.create(again)
    trial.conclude(deletes=len(ALL))
