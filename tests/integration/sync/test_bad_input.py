"""What cannot be propagated is told with what, where and why, spares everything else, and betrays no value."""

from typing import Any

import pytest

from tests.builders import kinds
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import WIDGETS
from tests.support.manifests import Manifest, encoded, replace
from tests.support.shop import OK, Shop, everywhere, fine, troubled
from tests.support.waiting import eventually, eventually_equal

VALUE = "hunter2-is-the-password"

REFUSED: list[Any] = [
    pytest.param(
        kinds.SECRETS, {"data": {"password": f"{VALUE}!"}}, "CreationFailed", "400", id="data that are not base64"
    ),
    pytest.param(kinds.SECRETS, {"data": {"password": {VALUE: 1}}}, "CreationFailed", "400", id="data of another type"),
    pytest.param(
        kinds.SECRETS,
        {"metadata": {"labels": {"hint": f"{VALUE} is no label"}}, "data": {"password": encoded(VALUE)}},
        "CreationFailed",
        "metadata.labels",
        id="a label that is none",
    ),
    pytest.param(
        kinds.SECRETS,
        {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": encoded(VALUE)}},
        "CreationFailed",
        "data[.dockerconfigjson]",
        id="a secret of the wrong form",
    ),
    pytest.param(WIDGETS, {"spec": {"size": -1, "password": VALUE}}, "CreationFailed", "spec.size", id="a schema"),
    pytest.param(kinds.CONFIG_MAPS, {"data": {f"{VALUE} !": "x"}}, "CreationFailed", "422", id="a key that is none"),
]
"""A kind, a template that API servers refuse, the status, and what is said of the reason."""
GUARDED = ("/metadata/name", "/metadata/namespace", "/metadata/uid", "/metadata", "/kind", "/status")
"""What a copy is and who owns it; the API server and the controller decide that."""


def test_unreadable_delete_options_keep_the_copies_until_they_are_corrected(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.annotate(wish, deleteoption="{gracefully")
    shop.delete(wish)
    eventually(lambda: shop.events("DeleteInClusterFailed"), "people are told why nothing happens")
    assert shop.copies(wish).keys() == {MEMBER1, MEMBER2}
    shop.annotate(wish, deleteoption='{"gracePeriodSeconds": 0}')
    shop.await_gone(wish)
    eventually_equal(lambda: shop.copies(wish), {})


@pytest.mark.parametrize(("kind", "template", "status", "said"), REFUSED)
def test_what_an_api_server_refuses_is_told_without_its_values(
    shop: Shop, controller: Controller, kind: Any, template: Manifest, status: str, said: str
) -> None:
    wish = shop.create(shop.a(kind, "refused").with_template(template).placed_on(*MEMBERS))
    shop.await_told(wish, troubled(member1=status, member2=status))
    shop.await_message(wish, MEMBER1, said)
    eventually(lambda: shop.events("CreateInClusterFailed"), "an Event tells of it")
    stored = shop.stored(wish)
    assert stored is not None
    for told in (str(stored["status"]), str(shop.events("CreateInClusterFailed")), controller.said()):
        assert VALUE not in told
        assert encoded(VALUE) not in told


def test_an_object_that_was_refused_is_propagated_once_it_is_corrected(shop: Shop) -> None:
    wish = shop.create(shop.a(WIDGETS, "cog").with_template({"spec": {"size": -1}}).placed_on(*MEMBERS))
    shop.await_told(wish, troubled(member1="CreationFailed", member2="CreationFailed"))
    shop.edit(wish.with_template({"spec": {"size": 1}}))
    shop.await_told(wish, fine(*MEMBERS))


@pytest.mark.parametrize(
    "template",
    [
        pytest.param({"kind": "Secret"}, id="another kind"),
        pytest.param({"apiVersion": "apps/v1"}, id="another group"),
        pytest.param({"apiVersion": "v2"}, id="another version"),
    ],
)
def test_a_template_of_something_else_is_refused_and_the_copies_stay(shop: Shop, template: Manifest) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    shop.edit(wish.with_template({**template, "data": {"colour": "blue"}}))
    shop.await_told(wish, troubled(member1="ComputeResourceFailed", member2="ComputeResourceFailed"))
    shop.await_message(wish, MEMBER1, f"spec.template.{next(iter(template))}")
    assert shop.copies(wish, "data", "colour") == everywhere("red")


def test_an_override_that_cannot_apply_stops_its_own_cluster_only(shop: Shop) -> None:
    wish = shop.config_map(colour="red").overridden(MEMBER2, {"op": "remove", "path": "/data/shape"})
    shop.create(wish)
    shop.await_told(wish, troubled(member1=OK, member2="ApplyOverridesFailed"))
    shop.await_message(wish, MEMBER2, "/data/shape")
    assert shop.copies(wish).keys() == {MEMBER1}


@pytest.mark.parametrize(
    "path", ["/metadata/name", "/metadata/namespace", "/kind", "/metadata", "/metadata/uid", "/status"]
)
def test_an_override_of_what_a_copy_is_stops_all_clusters_and_loses_nothing(shop: Shop, path: str) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    shop.edit(shop.config_map(colour="blue").overridden(MEMBER2, replace(path, "other")))
    shop.await_told(wish, troubled(member1="ApplyOverridesFailed", member2="ApplyOverridesFailed"))
    shop.await_message(wish, MEMBER1, path)
    assert shop.copies(wish, "data", "colour") == everywhere("red")


def test_deleting_what_cannot_be_rendered_still_removes_its_copies(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.edit(wish.with_template({"kind": "Secret"}))
    shop.await_told(wish, troubled(member1="ComputeResourceFailed", member2="ComputeResourceFailed"))
    shop.delete(wish)
    shop.await_gone(wish)
    assert shop.copies(wish) == {}
