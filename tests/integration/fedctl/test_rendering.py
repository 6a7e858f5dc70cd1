"""`fedctl render` prints what the controller writes, and a file is rendered without asking anybody."""

import json

import pytest
import yaml

from tests.integration.fedctl.conftest import Cli
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.shop import Shop

TYPED = {"all": True, "images": [{"tag": "2"}], "annotations": {"set": {"where": "${cluster.name}"}}}


def test_what_is_rendered_is_what_is_written(cli: Cli, shop: Shop) -> None:
    wish = shop.deployment().with_spec(overrides=[TYPED])
    wish = shop.settle(wish.overridden(MEMBER2, {"path": "/spec/replicas", "value": 5}))
    said = json.loads(cli("render", "deploy", "web", "-n", shop.namespace, "-o", "json").out)
    by_cluster = {each["cluster"]: each for each in said["copies"]}
    assert by_cluster.keys() == set(MEMBERS)
    for member, written in shop.copies(wish, "spec").items():
        copy = by_cluster[member]["copy"]
        assert copy["spec"]["replicas"] == written["replicas"] == (5 if member == MEMBER2 else 2)
        images = [each["image"] for each in written["template"]["spec"]["containers"]]
        assert [each["image"] for each in copy["spec"]["template"]["spec"]["containers"]] == images
        assert all(image.endswith(":2") for image in images)
        assert copy["metadata"]["annotations"] == {"where": member}
    told = {(each["what"], each["entry"]) for each in by_cluster[MEMBER2]["changes"]}
    assert told == {
        ("image", "spec.overrides[0]"),
        ("set", "spec.overrides[0]"),
        ("replace", f"the entry of cluster {MEMBER2}"),
    }


def test_one_cluster_is_rendered_whether_it_is_selected_or_not(cli: Cli, shop: Shop) -> None:
    shop.create(shop.config_map(colour="red").placed_on(MEMBER1))
    said = cli("render", "cm", "settings", "-n", shop.namespace, "--cluster", MEMBER2).out
    assert said.startswith(f"---\n# cluster {MEMBER2}\n")
    assert yaml.safe_load(said)["data"] == {"colour": "red"}
    assert (
        "there is no cluster 'nope'"
        in cli("render", "cm", "settings", "-n", shop.namespace, "--cluster", "nope", code=1).err
    )


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_file_is_rendered_for_the_clusters_in_it(cli: Cli, shop: Shop, form: str) -> None:
    wish = shop.config_map(colour="red").placed_by_labels(tier="edge")
    record = {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "KubeFedCluster",
        "metadata": {"name": "paris", "labels": {"tier": "edge"}},
        "spec": {},
    }
    text = yaml.safe_dump_all([wish.manifest(), record, {**record, "metadata": {"name": "rome"}}])
    said = cli("render", "-f", "-", "-o", form, "--host-cluster-context", "nowhere", stdin=text.encode()).out
    assert "paris" in said
    assert "rome" not in said


def test_what_cannot_be_rendered_says_why_and_where(cli: Cli, shop: Shop) -> None:
    wish = shop.config_map(colour="red").with_spec(overrides=[{"all": True, "images": [{"tag": "2"}]}])
    said = cli("render", "-f", "-", "--cluster", "paris", stdin=yaml.safe_dump(wish.manifest()).encode()).out
    assert "#   cannot be rendered: cannot image '/spec': the copy has no containers" in said
