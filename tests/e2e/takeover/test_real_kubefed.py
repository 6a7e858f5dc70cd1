"""KubeFed v0.10 itself propagates; then this project's controller goes on; then KubeFed comes back."""

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.e2e.takeover.estate_of_old import AGENT, OldFederation, an_old_federation
from tests.support.audit import CONTROLLER, Request
from tests.support.federation import HOST, MEMBER2, MEMBERS
from tests.support.inprocess import fedctl
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest, encoded, replace
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually, eventually_equal

_PATIENCE_S = 90.0
ODD_TEXT = '<b>&\u2028é\t"quoted" 😀'


@dataclass(slots=True)
class Story:
    """What was seen at each turn."""

    old: OldFederation
    shop: Shop
    wishes: list[FederatedBuilder] = field(default_factory=list)
    as_left: dict[str, Manifest] = field(default_factory=dict)
    after_takeover: dict[str, Manifest] = field(default_factory=dict)
    written_at_takeover: list[Request] = field(default_factory=list)
    edited: dict[str, object] = field(default_factory=dict)
    removed: dict[str, object] = field(default_factory=dict)
    handed_back: dict[str, Manifest] = field(default_factory=dict)
    written_at_return: list[Request] = field(default_factory=list)
    edited_again: dict[str, object] = field(default_factory=dict)
    examined: str = ""
    """What the doctor said while KubeFed ran."""
    backup: Path = Path()
    """What KubeFed left, as a backup."""


def wishes_of(shop: Shop) -> list[FederatedBuilder]:
    """Objects of every type that was enabled, one of them with overrides, one with odd text."""
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    note = replace("/spec/template/metadata/annotations", {"note": ODD_TEXT})
    return [
        shop.config_map("settings"),
        shop.config_map("odd", text=ODD_TEXT, empty=""),
        shop.config_map("doomed"),
        shop.a(kinds.SECRETS, "password").with_template({"data": {"word": encoded("red")}}).placed_on(*MEMBERS),
        shop.a(kinds.SERVICES, "door")
        .with_template({"spec": {"selector": {"app": "door"}, "ports": ports}})
        .placed_on(*MEMBERS),
        shop.deployment("web").overridden(MEMBER2, replace("/spec/replicas", 5), note),
        shop.deployment("plain"),
    ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Both controllers' parts, one after the other."""
    directory = tmp_path_factory.mktemp("old-kubefed")
    with an_old_federation(f"old-{os.getpid()}", directory) as old:
        told = Story(old, Shop(old.federation, f"estate-{os.urandom(2).hex()}"))
        _kubefed_propagates(told)
        _ours_goes_on(told)
        _kubefed_returns(told)
        yield told


def _kubefed_propagates(story: Story) -> None:
    shop = story.shop
    with story.old.old_controller():
        shop.open(*MEMBERS)
        story.wishes = wishes_of(shop)
        for wish in story.wishes:
            shop.create(wish)
        for wish in story.wishes:
            _await_kubefed(shop, wish)
        kubeconfig = story.old.federation.sandbox.kubeconfig
        story.examined = fedctl("doctor", "--kubefed", kubeconfig=kubeconfig).all
    story.backup = story.old.directory / "backup.yaml"
    assert fedctl("backup", "-o", str(story.backup), kubeconfig=kubeconfig).code == 0
    story.as_left = story.old.seen(shop, story.wishes)


def _ours_goes_on(story: Story) -> None:
    shop, ours = story.shop, story.old.ours()
    story.old.federation.fedctl("install", "--allowed-endpoint-range", "127.0.0.0/8")
    settings, doomed = story.wishes[0], story.wishes[2]
    story.old.logs.mark()
    ours.launch()
    try:
        eventually(lambda: ours.answer("readyz") == 200, "ours is ready", within_s=_PATIENCE_S)
        ours.await_quiet()
        story.after_takeover = story.old.seen(shop, story.wishes)
        story.written_at_takeover = story.old.member_writes(shop, CONTROLLER)
        shop.edit(settings.with_template({"data": {"colour": "green"}}))
        shop.await_told(settings, fine(*MEMBERS), within_s=_PATIENCE_S)
        story.edited = shop.copies(settings, "data", "colour")
        shop.delete(doomed)
        shop.await_gone(doomed, within_s=_PATIENCE_S)
        story.removed = shop.copies(doomed)
        twin = shop.settle(shop.config_map("twin", text=ODD_TEXT, empty=""), *MEMBERS)
        eventually(lambda: len(shop.recorded(twin)) == len(MEMBERS), "the twin is recorded")
        ours.await_quiet()
        assert ours.stop() == 0
    finally:
        ours.end()
    story.handed_back = story.old.seen(shop, [*story.wishes, twin])


def _kubefed_returns(story: Story) -> None:
    shop, touched = story.shop, [story.wishes[0], story.wishes[-1]]
    story.old.logs.mark()
    with story.old.old_controller():
        for team in ("first", "second"):  # what was queued at its start is done before a second edit is
            for wish in touched:
                shop.edit(wish.with_template({**wish.spec["template"], "metadata": {"labels": {"team": team}}}))
            for wish in touched:
                eventually_equal(
                    functools.partial(shop.copies, wish, "metadata", "labels", "team"),
                    everywhere(team),
                    within_s=_PATIENCE_S,
                )
        story.edited_again = shop.copies(touched[-1], "metadata", "labels", "team")
        names = {wish.key.name for wish in touched}
        story.written_at_return = [each for each in story.old.member_writes(shop, AGENT) if each.name not in names]


def _await_kubefed(shop: Shop, wish: FederatedBuilder) -> None:
    eventually(lambda: _is_fine(shop, wish), f"KubeFed propagates {wish.key}", within_s=_PATIENCE_S)
    eventually(lambda: len(shop.recorded(wish)) == len(MEMBERS), f"{wish.key} is recorded")


def _is_fine(shop: Shop, wish: FederatedBuilder) -> bool:
    status = (shop.stored(wish) or {}).get("status") or {}
    clusters = {each["name"]: each.get("status", "") for each in status.get("clusters") or ()}
    return clusters == dict.fromkeys(MEMBERS, "")


def test_kubefed_itself_did_propagate(story: Story) -> None:
    web = next(wish for wish in story.wishes if wish.key.name == "web")
    assert story.shop.copies(web, "spec", "replicas") == {"member1": 2, "member2": 5}
    assert {path for path in story.as_left if path.startswith("record of")} >= {
        "record of configmap-odd",
        "record of deployment-web",
    }


def test_taking_over_from_kubefed_writes_no_member_object(story: Story) -> None:
    assert story.written_at_takeover == []


def test_taking_over_from_kubefed_leaves_every_record_and_spec_as_it_is(story: Story) -> None:
    assert story.after_takeover.keys() == story.as_left.keys()
    for path, left in story.as_left.items():
        found = story.after_takeover[path]
        assert found.get("spec") == left.get("spec"), path
        assert found["metadata"].get("finalizers") == left["metadata"].get("finalizers"), path
        if path.startswith("record of"):
            assert found == left, path


def test_statuses_say_what_kubefed_said(story: Story) -> None:
    for path, left in story.as_left.items():
        if not path.startswith("record of"):
            found = story.after_takeover[path]["status"]
            assert sorted(found["clusters"], key=lambda each: str(each["name"])) == sorted(
                left["status"]["clusters"], key=lambda each: str(each["name"])
            )
            [before], [after] = left["status"]["conditions"], found["conditions"]
            assert {**after, "lastUpdateTime": ""} == {**before, "lastUpdateTime": ""}


def test_edits_and_deletions_go_on_under_the_new_controller(story: Story) -> None:
    assert story.edited == everywhere("green")
    assert story.removed == {}


def test_a_record_of_ours_is_byte_for_byte_as_kubefeds(story: Story) -> None:
    ours = story.handed_back["record of configmap-twin"]
    theirs = story.as_left["record of configmap-odd"]
    for name in ("templateVersion", "overridesVersion"):
        assert ours["status"][name] == theirs["status"][name]
    assert ours["status"].keys() == theirs["status"].keys()
    for mine, kubefeds in zip(ours["status"]["clusterVersions"], theirs["status"]["clusterVersions"], strict=True):
        assert (mine.keys(), mine["clusterName"]) == (kubefeds.keys(), kubefeds["clusterName"])
        assert mine["version"].partition(":")[0] == kubefeds["version"].partition(":")[0]
    [my_owner], [kubefeds_owner] = ours["metadata"]["ownerReferences"], theirs["metadata"]["ownerReferences"]
    assert {**my_owner, "name": "", "uid": ""} == {**kubefeds_owner, "name": "", "uid": ""}
    assert ours["metadata"].keys() == theirs["metadata"].keys()


def test_a_kubefed_that_comes_back_writes_only_what_people_changed(story: Story) -> None:
    assert story.edited_again == everywhere("second")
    assert story.written_at_return == []


def test_kubefed_has_records_for_all_that_it_left(story: Story) -> None:
    names = {
        record["metadata"]["name"]
        for record in story.old.federation.host.objects(PROPAGATED_VERSIONS, story.shop.namespace)
    }
    assert {"configmap-settings", "configmap-twin", "deployment-plain"} <= names


def test_the_doctor_tells_what_stands_in_the_way_while_kubefed_runs(story: Story) -> None:
    assert "lock ConfigMap" in story.examined
    assert "fedctl install --allowed-endpoint-range 127.0." in story.examined
    assert "lacks spec.allowedEndpointRanges" in story.examined
    assert "FederatedConfigMap" not in story.examined  # nothing of what KubeFed propagates is a mistake


def test_a_backup_of_kubefeds_is_restored_into_another_host_as_it_was(story: Story) -> None:
    with Sandbox.up(Plan.of(1, controllers=False), name=f"restored-{os.getpid()}", owner=True) as sandbox:
        said = fedctl("restore", str(story.backup), kubeconfig=sandbox.kubeconfig)
        assert said.code == 0, said.all
        with ApiServer.opened(open_context(str(sandbox.kubeconfig), HOST)) as host:
            for wish in story.wishes:
                was = story.as_left[wish.kind.federated.object_path(wish.key)]
                now = host.get(wish.kind.federated, wish.key)
                assert _said(now) == _said(was)
            for record in (each for path, each in story.as_left.items() if path.startswith("record of ")):
                key = ObjectKey(record["metadata"]["namespace"], record["metadata"]["name"])
                assert host.get(PROPAGATED_VERSIONS, key)["status"] == record["status"]


def _said(found: Manifest) -> tuple[object, ...]:
    """What people and KubeFed said in an object."""
    metadata, status = found["metadata"], dict(found["status"])
    status.pop("observedGeneration")
    return found["spec"], status, metadata.get("labels"), metadata.get("annotations"), metadata.get("finalizers")
