"""Typed fields of overrides: what becomes of images, environment, arguments, labels and annotations of a copy."""

from typing import Any

import orjson
import pytest

from kubefed.core.errors import Misconfigured
from kubefed.sync.edits import image_with
from kubefed.sync.hashes import overrides_version
from tests.builders.objects import OWNER, FederatedBuilder, a_fed_config_map, a_fed_deployment
from tests.builders.situations import a_cluster

EU = a_cluster("eu").labelled(env="prod")
WEB: dict[str, Any] = {
    "name": "web",
    "image": "registry.example.com/team/web:1.0",
    "args": ["--a", "--b=1"],
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
}
SIDE = {"name": "side", "image": "side"}


def a_wish(*entries: dict[str, Any], path: tuple[str, ...] = ("template",)) -> FederatedBuilder:
    pod: dict[str, Any] = {"spec": {"initContainers": [SIDE], "containers": [WEB]}}
    for key in reversed(path):
        pod = {key: pod}
    return a_fed_deployment().with_template({"spec": pod}).placed_by_labels().with_spec(overrides=list(entries))


def rendered(fed: FederatedBuilder) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(fed.intent().rendering(EU.build()).to_create(OWNER))
    return document


def web(*entries: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rendered(a_wish(*entries))["spec"]["template"]["spec"]["containers"][0]
    return found


def side(*entries: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rendered(a_wish(*entries))["spec"]["template"]["spec"]["initContainers"][0]
    return found


@pytest.mark.parametrize(
    ("image", "parts", "expected"),
    [
        ("nginx", {"tag": "1.27"}, "nginx:1.27"),
        ("nginx:1.26", {"registry": "eu.example.com"}, "eu.example.com/nginx:1.26"),
        ("library/nginx:1.26", {"registry": "localhost:5000"}, "localhost:5000/library/nginx:1.26"),
        (
            "a.example.com:5000/team/web:1@sha256:abc",
            {"repository": "team/other"},
            "a.example.com:5000/team/other:1@sha256:abc",
        ),
        ("a.example.com/web@sha256:abc", {"tag": "2"}, "a.example.com/web:2"),
        ("web:1", {"digest": "sha256:def"}, "web:1@sha256:def"),
        ("", {"repository": "web", "tag": "1"}, "web:1"),
    ],
)
def test_the_parts_of_an_image_are_replaced_one_by_one(image: str, parts: dict[str, str], expected: str) -> None:
    assert image_with(image, parts) == expected


def test_an_image_is_changed_in_the_container_that_is_named_or_in_all() -> None:
    named = {"all": True, "images": [{"container": "web", "tag": "2"}]}
    every = {"all": True, "images": [{"registry": "mirror.example.com"}]}
    assert (web(named)["image"], side(named)["image"]) == ("registry.example.com/team/web:2", "side")
    assert (web(every)["image"], side(every)["image"]) == ("mirror.example.com/team/web:1.0", "mirror.example.com/side")
    assert web({"clusterName": "eu", "images": [{"container": "web", "image": "other:9"}]})["image"] == "other:9"


def test_variables_are_set_in_their_place_added_behind_and_removed() -> None:
    entry = {
        "all": True,
        "env": [{"container": "web", "set": [{"name": "C", "value": "3"}, {"name": "A", "value": "9"}], "remove": ["B"]}],
    }
    assert web(entry)["env"] == [{"name": "A", "value": "9"}, {"name": "C", "value": "3"}]


def test_words_are_removed_added_or_replaced() -> None:
    assert web({"all": True, "args": [{"container": "web", "remove": ["--a"], "add": ["--c"]}]})["args"] == ["--b=1", "--c"]
    assert web({"all": True, "args": [{"set": []}]})["args"] == []
    assert web({"all": True, "command": [{"container": "web", "set": ["/bin/web"]}]})["command"] == ["/bin/web"]


def test_labels_and_annotations_are_set_where_there_were_none() -> None:
    entry = {"all": True, "labels": {"set": {"tier": "front"}}, "annotations": {"set": {"note": "${cluster.name}"}}}
    metadata = rendered(a_wish(entry))["metadata"]
    assert metadata["labels"]["tier"] == "front"
    assert metadata["annotations"]["note"] == "eu"


def test_labels_of_the_template_can_be_removed_and_the_managed_one_cannot() -> None:
    fed = a_fed_config_map().with_template({"metadata": {"labels": {"a": "1", "b": "2"}}}).placed_by_labels()
    entry = {"all": True, "labels": {"remove": ["a", "kubefed.io/managed"]}}
    assert rendered(fed.with_spec(overrides=[entry]))["metadata"]["labels"] == {"b": "2", "kubefed.io/managed": "true"}


def test_typed_fields_come_before_the_operations_of_their_entry_and_entries_in_their_order() -> None:
    replace = {"path": "/spec/template/spec/containers/0/image", "value": "mine"}
    assert web({"clusterName": "eu", "images": [{"tag": "2"}], "clusterOverrides": [replace]})["image"] == "mine"
    named, general = {"clusterName": "eu", "images": [{"tag": "named"}]}, {"all": True, "images": [{"tag": "general"}]}
    assert web(named, general)["image"].endswith(":named")


@pytest.mark.parametrize(
    "keys",
    [
        ("spec", "containers"),
        ("spec", "template", "spec", "containers"),
        ("spec", "jobTemplate", "spec", "template", "spec", "containers"),
    ],
    ids=["pod", "workload", "cron job"],
)
def test_containers_are_found_in_pods_workloads_and_cron_jobs(keys: tuple[str, ...]) -> None:
    document: Any = [WEB]
    for key in reversed(keys):
        document = {key: document}
    fed = a_fed_deployment().with_template(document).placed_by_labels()
    found: Any = rendered(fed.with_spec(overrides=[{"all": True, "images": [{"tag": "2"}]}]))
    for key in keys:
        found = found[key]
    assert found[0]["image"].endswith(":2")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"images": [{"container": "web"}]}, r"images\[0\] must have either image, or some of"),
        ({"images": [{"image": "a", "tag": "b"}]}, r"images\[0\] must have either image, or some of"),
        ({"images": [{"tga": "1"}]}, r"images\[0\] has an unknown field 'tga'"),
        ({"images": "web"}, r"spec.overrides\[0\].images"),
        ({"env": [{"set": [{"value": "x"}]}]}, r"env\[0\].set must give each variable one name"),
        ({"env": [{"set": [{"name": "A"}, {"name": "A"}]}]}, r"env\[0\].set must give each variable one name"),
        ({"args": [{"add": [1]}]}, r"args\[0\].add must be a list of texts"),
        ({"labels": {"set": {"a": 1}}}, r"labels.set must have texts"),
        ({"labels": {"add": {}}}, r"labels has an unknown field 'add'"),
    ],
)
def test_a_typed_field_that_makes_no_sense_is_named(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        a_wish({"all": True, **entry}).intent().rendering(EU.build())


@pytest.mark.parametrize(
    ("fed", "said"),
    [
        (a_wish({"all": True, "images": [{"container": "nope", "tag": "1"}]}), "the copy has no container 'nope'"),
        (
            a_fed_config_map().placed_by_labels().with_spec(overrides=[{"all": True, "images": [{"tag": "1"}]}]),
            "the copy has no containers",
        ),
    ],
)
def test_a_change_of_containers_that_are_not_there_is_a_problem_of_the_overrides(fed: FederatedBuilder, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        fed.intent().rendering(EU.build()).to_create(OWNER)


def test_a_cluster_has_one_entry_of_its_own_with_typed_fields_or_without() -> None:
    plain, typed = {"clusterName": "eu", "clusterOverrides": []}, {"clusterName": "eu", "images": [{"tag": "1"}]}
    for entries in ((plain, typed), (typed, plain), (typed, typed)):
        with pytest.raises(Misconfigured, match='cluster "eu" appears more than once'):
            a_wish(*entries).intent().overrides.get()


def test_fields_that_are_null_are_as_if_they_were_not_there() -> None:
    plain = {"clusterName": "eu", "clusterOverrides": [{"path": "/spec/replicas", "value": 3}]}
    nulls = {**plain, "all": None, "clusterSelector": None, "images": None}
    assert rendered(a_wish(nulls)) == rendered(a_wish(plain))
    assert overrides_version({"overrides": [nulls]}) == overrides_version({"overrides": [plain]})


def test_what_typed_fields_come_to_is_part_of_the_recorded_version() -> None:
    one, other = (a_wish({"all": True, "images": [{"tag": tag}]}).intent().rendering(EU.build()).mark for tag in "12")
    assert one
    assert one != other


def test_the_template_and_the_entries_stay_as_they_are() -> None:
    fed = a_wish({"all": True, "images": [{"tag": "2"}], "labels": {"set": {"a": "b"}}})
    assert rendered(fed) == rendered(fed)
    assert fed.spec["template"]["spec"]["template"]["spec"]["containers"][0]["image"] == WEB["image"]


@pytest.mark.parametrize(
    ("field", "there", "change"),
    [
        ("env", ["A=1"], {"set": [{"name": "A", "value": "2"}]}),
        ("env", [{"name": ["A"]}], {"remove": ["A"]}),
        ("env", "A=1", {"remove": ["A"]}),
        ("args", "--a --b", {"add": ["--c"]}),
        ("command", [{"a": 1}], {"remove": ["sh"]}),
    ],
)
def test_a_container_that_is_none_is_a_problem_of_the_object_alone(field: str, there: Any, change: dict[str, Any]) -> None:
    pod = {"spec": {"containers": [{"name": "web", field: there}]}}
    fed = a_fed_deployment().with_template({"spec": {"template": pod}}).placed_by_labels()
    with pytest.raises(Misconfigured, match=f"the {field} of a container is no list"):
        rendered(fed.with_spec(overrides=[{"all": True, field: [change]}]))
