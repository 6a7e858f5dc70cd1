"""Credentials change while the controller runs: rotated, renewed, replaced by a kubeconfig, broken and mended."""

import time
from collections.abc import Iterator

import pytest

from fedctl.kinds import SECRETS
from kubefed.core.names import ObjectKey
from tests.support.federation import MEMBER2, MEMBERS, SYSTEM, Federation
from tests.support.manifests import encoded
from tests.support.records import a_kubeconfig, await_conditions, await_state, claims_of, token_of
from tests.support.shop import OK, Shop, everywhere, fine, troubled
from tests.support.tokens import a_token
from tests.support.waiting import eventually, eventually_equal

BROKEN = "broken"


@pytest.fixture(autouse=True)
def as_it_was_joined(federation: Federation) -> Iterator[None]:
    """The member's credentials are what `join` made of them, whatever a test did to them."""
    yield
    secret = federation.credentials(MEMBER2)
    federation.host.merge(SECRETS, ObjectKey(SYSTEM, secret["metadata"]["name"]), {"data": {"kubeconfig": None}})
    federation.join(MEMBER2)
    await_state(federation, MEMBER2, "Ready")


def put_credentials(federation: Federation, **data: str | None) -> None:
    """Set or remove entries of the member's Secret."""
    name = federation.credentials(MEMBER2)["metadata"]["name"]
    patch = {key: None if value is None else encoded(value) for key, value in data.items()}
    federation.host.merge(SECRETS, ObjectKey(SYSTEM, name), {"data": patch})


def test_a_rotated_token_is_used_without_a_restart(shop: Shop) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    before = token_of(shop.federation, MEMBER2)
    put_credentials(shop.federation, token=BROKEN)
    await_conditions(shop.federation, MEMBER2, Offline="True")
    shop.edit(shop.config_map(colour="blue"))
    shop.await_told(wish, troubled(member1=OK, member2="ClusterNotReady"))
    put_credentials(shop.federation, token=before)
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish, "data", "colour") == everywhere("blue")


def test_joining_again_replaces_the_credentials_of_a_running_controller(shop: Shop) -> None:
    before = token_of(shop.federation, MEMBER2)
    shop.federation.join(MEMBER2)
    assert token_of(shop.federation, MEMBER2) != before
    shop.settle(shop.config_map())


def test_a_token_near_its_end_is_replaced_by_the_controller(shop: Shop) -> None:
    ending = a_token(shop.federation, MEMBER2, issued_s_ago=3600, ends_in_s=60)
    put_credentials(shop.federation, token=ending)
    renewed = eventually(lambda: other_token(shop.federation, ending), "the controller has asked for another token")
    claims = claims_of(renewed)
    assert claims["sub"] == claims_of(ending)["sub"]
    assert claims["exp"] > time.time() + 3000
    ends_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"]))
    eventually_equal(lambda: shop.federation.record(MEMBER2)["status"]["details"].get("tokenExpiresAt"), ends_at)
    shop.settle(shop.config_map())


def other_token(federation: Federation, token: str) -> str:
    found = token_of(federation, MEMBER2)
    return found if found != token else ""


def test_a_secret_may_hold_a_kubeconfig_instead(shop: Shop) -> None:
    put_credentials(shop.federation, kubeconfig=a_kubeconfig(shop.federation, MEMBER2), token=BROKEN)
    wish = shop.settle(shop.config_map())
    assert shop.copies(wish).keys() == set(MEMBERS)


def test_a_secret_that_is_deleted_and_made_again_is_followed(shop: Shop) -> None:
    secret = shop.federation.credentials(MEMBER2)
    shop.federation.host.delete(SECRETS, ObjectKey(SYSTEM, secret["metadata"]["name"]))
    await_state(shop.federation, MEMBER2, "Malformed", "does not exist")
    wish = shop.create(shop.config_map())
    shop.await_told(wish, troubled(member1=OK, member2="ClusterNotReady"))
    kept = {field: secret["metadata"].get(field) for field in ("name", "namespace", "annotations", "labels")}
    shop.federation.host.create(SECRETS, {**secret, "metadata": kept})
    shop.await_told(wish, fine(*MEMBERS))
