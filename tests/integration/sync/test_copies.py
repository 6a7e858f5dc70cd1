"""Federated objects become copies, change with their templates, overrides and placements, and go."""

from typing import Any

import pytest

from kubefed.core.markers import MANAGED_LABEL
from kubefed.federated.federated_type import FederatedType
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import WIDGETS
from tests.support.manifests import Manifest, a_deployment, encoded, nested, replace, with_field
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually, eventually_equal

A_SERVICE: Manifest = {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "protocol": "TCP"}]}}

COLOUR = ("data", "colour")
A, B, C = map(encoded, "ABC")

KINDS: list[Any] = [
    pytest.param(kinds.DEPLOYMENTS, a_deployment("web", 2), ("spec", "replicas"), 2, 5, 7, id="Deployment"),
    pytest.param(kinds.CONFIG_MAPS, {"data": {"colour": "red"}}, COLOUR, "red", "green", "blue", id="ConfigMap"),
    pytest.param(kinds.SECRETS, {"data": {"key": A}}, ("data", "key"), A, B, C, id="Secret"),
    pytest.param(kinds.SERVICES, A_SERVICE, ("spec", "sessionAffinity"), "None", "ClientIP", "None", id="Service"),
    pytest.param(kinds.SERVICE_ACCOUNTS, {}, ("automountServiceAccountToken",), None, False, True, id="ServiceAccount"),
    pytest.param(WIDGETS, {"spec": {"size": 3}}, ("spec", "size"), 3, 4, 5, id="a custom resource"),
]
"""A kind, its template, a field of it, and three values: the template's, another one, and one for an override."""


def test_a_copy_has_the_labels_of_its_template_and_the_managed_one_and_no_others(shop: Shop) -> None:
    template = {"metadata": {"labels": {"team": "blue"}, "annotations": {"of": "the template"}}, "data": {"a": "b"}}
    wish = shop.settle(shop.config_map().with_template(template))
    assert shop.copies(wish, "metadata", "labels") == everywhere({"team": "blue", MANAGED_LABEL: "true"})
    assert not any("of" in (annotations or {}) for annotations in shop.copies(wish, "metadata", "annotations").values())
    eventually(lambda: shop.events("AnnotationsNotSupported"), "people are told that annotations are not copied")


@pytest.mark.parametrize(("kind", "template", "path", "first", "second", "other"), KINDS)
def test_a_copy_follows_its_template_and_its_overrides_from_creation_to_deletion(
    shop: Shop, kind: FederatedType, template: Manifest, path: tuple[str, ...], first: Any, second: Any, other: Any
) -> None:
    wish = shop.settle(shop.a(kind, "web").with_template(template).placed_on(*MEMBERS))
    assert shop.copies(wish, *path) == {MEMBER1: first, MEMBER2: first}

    wish = shop.edit(wish.with_template(with_field(template, path, second)))
    eventually_equal(lambda: shop.copies(wish, *path), {MEMBER1: second, MEMBER2: second})
    shop.await_told(wish, fine(*MEMBERS))

    wish = shop.edit(wish.overridden(MEMBER2, replace("/" + "/".join(path), other)))
    eventually_equal(lambda: shop.copies(wish, *path), {MEMBER1: second, MEMBER2: other})
    shop.await_told(wish, fine(*MEMBERS))
    assert {member: shop.recorded(wish)[member] for member in MEMBERS} == versions_of(shop, wish)

    shop.delete(wish)
    shop.await_gone(wish)
    assert shop.copies(wish) == {}


def versions_of(shop: Shop, wish: FederatedBuilder) -> dict[str, str]:
    """The versions of the copies as KubeFed spells them."""
    found = shop.copies(wish, "metadata")
    return {
        member: f"gen:{metadata['generation']}" if metadata.get("generation") else f"rv:{metadata['resourceVersion']}"
        for member, metadata in found.items()
    }


@pytest.mark.parametrize(("kind", "template", "path", "first", "second", "other"), KINDS)
def test_a_copy_that_somebody_changes_labels_or_deletes_is_put_back(
    shop: Shop, kind: FederatedType, template: Manifest, path: tuple[str, ...], first: Any, second: Any, other: Any
) -> None:
    wish = shop.settle(shop.a(kind, "web").with_template(with_field(template, path, first)).placed_on(*MEMBERS))

    shop.change(wish, MEMBER1, nested(path, second if second != first else other))
    eventually_equal(lambda: shop.copies(wish, *path), {MEMBER1: first, MEMBER2: first})

    shop.change(wish, MEMBER2, {"metadata": {"labels": {"stray": "yes"}}})
    eventually_equal(lambda: shop.copies(wish, "metadata", "labels", "stray"), {MEMBER1: None, MEMBER2: None})

    shop.remove(wish, MEMBER2)
    eventually_equal(lambda: shop.copies(wish, *path), {MEMBER1: first, MEMBER2: first})
    shop.await_told(wish, fine(*MEMBERS))


def test_an_update_of_a_service_keeps_the_addresses_that_the_member_gave_it(shop: Shop) -> None:
    wish = shop.settle(shop.a(kinds.SERVICES, "web").with_template(A_SERVICE).placed_on(*MEMBERS))
    before = shop.copies(wish, "spec", "clusterIP")
    shop.edit(wish.with_template(with_field(A_SERVICE, ("spec", "selector"), {"app": "other"})))
    eventually_equal(lambda: shop.copies(wish, "spec", "selector"), everywhere({"app": "other"}))
    assert shop.copies(wish, "spec", "clusterIP") == before


def test_replicas_that_an_autoscaler_set_stay_where_that_is_asked_for(shop: Shop) -> None:
    wish = shop.settle(shop.deployment(replicas=2).with_spec(retainReplicas=True))
    shop.change(wish, MEMBER1, {"spec": {"replicas": 9}})
    shop.edit(wish.with_template(with_field(a_deployment("web", 3), ("spec", "paused"), True)))
    eventually_equal(lambda: shop.copies(wish, "spec", "paused"), everywhere(True))
    assert shop.copies(wish, "spec", "replicas") == {MEMBER1: 9, MEMBER2: 2}
