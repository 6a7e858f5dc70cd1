"""Objects of a user's own: large ones, unusual ones, and a type that nobody had seen before."""

import os

from kubefed.core.names import ResourceType
from tests.builders import kinds
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import GROUP
from tests.support.manifests import a_deployment, encoded, field_of, replace
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually_equal

KIB = 1024


def test_a_deployment_with_twelve_containers_and_another_image_in_one_cluster(shop: Shop) -> None:
    names = [f"part-{number}" for number in range(12)]
    path = "/spec/template/spec/containers/11/image"
    wish = shop.a(kinds.DEPLOYMENTS, "web").with_template(a_deployment("web", 3, *names)).placed_on(*MEMBERS)
    shop.settle(wish.overridden(MEMBER2, replace(path, "example.com/special:2")))
    images = {
        member: [each["image"] for each in field_of(shop.managed_copy(wish, member), *CONTAINERS)] for member in MEMBERS
    }
    usual = [f"example.com/{name}:1" for name in names]
    assert images == {MEMBER1: usual, MEMBER2: [*usual[:11], "example.com/special:2"]}


CONTAINERS = ("spec", "template", "spec", "containers")


def test_a_config_map_of_900_kib_comes_changes_and_goes(shop: Shop) -> None:
    content = "x" * (900 * KIB)
    wish = shop.settle(shop.config_map("large", content=content))
    assert shop.copies(wish, "data", "content") == everywhere(content)
    shop.change(wish, MEMBER1, {"data": {"content": "gone"}})
    eventually_equal(lambda: [len(each) for each in shop.copies(wish, "data", "content").values()], [len(content)] * 2)
    shop.edit(shop.config_map("large", content="small"))
    eventually_equal(lambda: shop.copies(wish, "data", "content"), everywhere("small"))
    shop.await_told(wish, fine(*MEMBERS))
    shop.delete(wish)
    shop.await_gone(wish)
    assert shop.copies(wish) == {}


def test_a_big_secret_with_many_keys(shop: Shop) -> None:
    data = {f"key-{number}": encoded(os.urandom(3 * KIB).hex()) for number in range(100)}
    wish = shop.settle(shop.a(kinds.SECRETS, "vault").with_template({"data": data, "type": "Opaque"}).placed_on(*MEMBERS))
    assert shop.copies(wish, "data") == everywhere(data)


def test_a_type_that_nobody_had_seen_is_served_while_the_controller_runs(shop: Shop) -> None:
    gadgets = kinds.a_type(ResourceType(GROUP, "v1alpha3", "contraptions", "Contraption", namespaced=True))
    shop.federation.enable(gadgets)
    for member in MEMBERS:
        shop.federation.join(member)
    nested = [{"deep": {"er": [1, 2.5, None, True, "ü\u2028"]}}]
    spec = {"Größe": 2, "nested": nested, "empty": {}, "1e21": 1e21}
    wish = shop.a(gadgets, "marvel").with_template({"spec": spec}).placed_on(*MEMBERS)
    shop.settle(wish.overridden(MEMBER1, {"op": "add", "path": "/spec/nested/-", "value": "appended"}))
    assert shop.copies(wish, "spec") == {MEMBER1: {**spec, "nested": [*nested, "appended"]}, MEMBER2: spec}
    shop.delete(wish)
    shop.await_gone(wish)
