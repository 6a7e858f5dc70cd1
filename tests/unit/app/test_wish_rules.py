"""What admission is told by the rules of propagation about overrides: refused, warned of, or fine."""

from typing import Any

import pytest

from kubefed.app.wish_rules import parts_of_wishes
from kubefed.core.errors import Misconfigured
from tests.builders.kinds import CONFIG_MAPS, DEPLOYMENTS, SERVICES

TEMPLATE = {"data": {"colour": "red"}}


def judged(overrides: list[dict[str, Any]], template: Any = TEMPLATE, kind: Any = CONFIG_MAPS) -> list[str]:
    [part] = [each for each in parts_of_wishes() if each.field == "overrides"]
    return list(part.check({"template": template, "overrides": overrides}, kind.target))


def an_entry(path: str, **more: Any) -> dict[str, Any]:
    return {"clusterName": "eu", "clusterOverrides": [{"path": path, "value": "x", **more}]}


def test_overrides_that_apply_are_fine() -> None:
    assert judged([an_entry("/data/colour")]) == []
    assert judged([{"all": True, "labels": {"set": {"a": "${cluster.labels['b']}"}}}]) == []


def test_a_path_that_the_template_does_not_have_is_warned_of_with_its_cluster() -> None:
    [warning] = judged([an_entry("/data/shape/size")])
    assert warning.startswith("spec.overrides: for cluster eu: cannot replace '/data/shape/size'")


def test_only_so_many_clusters_are_named() -> None:
    entries = [{**an_entry("/none/at/all"), "clusterName": f"c{number}"} for number in range(9)]
    assert len(judged(entries)) == 5


def test_what_a_member_keeps_cannot_be_told_from_the_template() -> None:
    assert judged([an_entry("/spec/clusterIP", op="remove")], {"spec": {}}, SERVICES) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"all": True, "labels": {"set": {"a": "${cluster.colour}"}}}, "unknown variable"),
        ({"all": True, "labels": {"set": {"a": "${cluster.name"}}}, "not closed"),
        ({"all": True, "images": [{"tga": "1"}]}, "unknown field 'tga'"),
        ({"all": True, "clusterName": "eu"}, "exactly one of"),
        ({"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}}, "operator"),
    ],
)
def test_what_could_never_work_is_refused(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        judged([entry], kind=DEPLOYMENTS)
