"""A host is lost: its backup is restored into another cluster, whose controller goes on without touching a copy."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS
from fedctl.kinds import NAMESPACES, SECRETS
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from kubefed.core.markers import CONFIG_NAME, MANAGED_LABEL, RESTORING_ANNOTATION, SYNC_FINALIZER
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders.kinds import CONFIG_MAPS, DEPLOYMENTS
from tests.builders.kinds import NAMESPACES as FEDERATED_NAMESPACES
from tests.builders.objects import FederatedBuilder
from tests.support.audit import AuditLog
from tests.support.controller import Controller
from tests.support.federation import QUICKLY, SYSTEM
from tests.support.inprocess import Said, fedctl
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest, a_deployment
from tests.support.shop import Told, fine, told_by
from tests.support.waiting import eventually, eventually_equal

OLD, NEW, MEMBER = "host", "member2", "member1"
SHOP = "shop"
HOLD = "tests.example.com/hold"
_OF_ONE_LIFE = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "ownerReferences")


@dataclass(slots=True)
class Lost:
    """A federation of one member whose host was backed up and is not used any more."""

    sandbox: Sandbox
    servers: dict[str, ApiServer]
    backup: Path
    directory: Path

    def types(self, *arguments: str, host: str = NEW, code: int = 0) -> Said:
        """Run fedctl for one of the two hosts."""
        said = fedctl(*arguments, "--host-cluster-context", host, kubeconfig=self.sandbox.kubeconfig)
        assert said.code == code, said.all
        return said

    def controller(self, host: str) -> Controller:
        """A controller of one of the two hosts, not started."""
        return Controller(self.sandbox.kubeconfig, self.directory / f"{host}.log", context=host)

    def seen(self, host: str, resource: ResourceType, key: ObjectKey) -> Manifest:
        """What people and controllers have set in an object, and its status."""
        found = self.servers[host].get(resource, key)
        metadata = {name: value for name, value in found["metadata"].items() if name not in _OF_ONE_LIFE}
        annotations = {k: v for k, v in (metadata.pop("annotations", None) or {}).items() if k != RESTORING_ANNOTATION}
        return {**found, "metadata": metadata | {"annotations": annotations}}


def _config_map(name: str) -> FederatedBuilder:
    wish = FederatedBuilder(CONFIG_MAPS, ObjectKey(SHOP, name)).without_finalizer()
    return wish.with_template({"data": {"colour": "red"}}).placed_on(MEMBER)


def _wishes() -> list[FederatedBuilder]:
    web = FederatedBuilder(DEPLOYMENTS, ObjectKey(SHOP, "web")).without_finalizer()
    return [
        *(_config_map(f"settings-{number}") for number in range(3)),
        web.with_template(a_deployment("web", 1)).placed_on(MEMBER),
    ]


def _await_fine(host: ApiServer, wish: FederatedBuilder) -> None:
    eventually_equal(lambda: told_by(host.get(wish.kind.federated, wish.key)), fine(MEMBER), within_s=30)


def _build(lost: Lost) -> None:
    lost.types("install", "--allowed-endpoint-range", "127.0.0.0/8", host=OLD)
    old = lost.servers[OLD]
    old.merge(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME), {"spec": QUICKLY})
    lost.types("join", "cluster", MEMBER, host=OLD)
    old.apply(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP}})
    namespace = FederatedBuilder(FEDERATED_NAMESPACES, ObjectKey(SHOP, SHOP)).without_finalizer()
    placed = [namespace.placed_on(MEMBER), *_wishes()]
    controller = lost.controller(OLD)
    controller.start()
    try:
        for wish in placed:
            old.apply(wish.kind.federated, wish.manifest())
        for wish in placed:
            _await_fine(old, wish)
        controller.await_quiet()
    finally:
        controller.kill()
    _half_delete(old)


def _half_delete(old: ApiServer) -> None:
    key = ObjectKey(SHOP, "going")
    old.apply(CONFIG_MAPS.federated, _config_map("going").manifest())
    old.merge(CONFIG_MAPS.federated, key, {"metadata": {"finalizers": [HOLD]}})
    old.delete(CONFIG_MAPS.federated, key)


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """The old host has been backed up; the new one is an empty cluster."""
    directory = tmp_path_factory.mktemp("lost")
    with Sandbox.up(Plan.of(2, controllers=True), name="restoring", owner=True) as sandbox, ExitStack() as opened:
        servers = {
            name: opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), name)))
            for name in (OLD, NEW, MEMBER)
        }
        lost = Lost(sandbox, servers, directory / "backup.yaml", directory)
        _build(lost)
        lost.types("backup", "-o", str(lost.backup), host=OLD)
        yield lost


def test_a_backup_is_for_its_owners_eyes_and_never_written_over(lost: Lost) -> None:
    assert lost.backup.stat().st_mode & 0o777 == 0o600
    before = lost.backup.read_bytes()
    assert (
        "exists, and a backup is never written over" in lost.types("backup", "-o", str(lost.backup), host=OLD, code=1).err
    )
    assert lost.backup.read_bytes() == before


def test_without_credentials_a_backup_has_no_secret(lost: Lost) -> None:
    said = lost.types("backup", "--no-credentials", host=OLD)
    assert not [each for each in yaml.safe_load_all(said.out) if each["kind"] == "Secret"]


def test_a_dry_run_writes_nothing(lost: Lost) -> None:
    said = lost.types("restore", str(lost.backup), "--dry-run")
    assert "propagatedversions.core.kubefed.io: 5 would be created" in said.out
    assert lost.servers[NEW].find(NAMESPACES, ObjectKey("", SYSTEM)) is None


@pytest.fixture(scope="module")
def restored(lost: Lost) -> Lost:
    """The backup is in the new host; no controller runs there yet."""
    said = lost.types("restore", str(lost.backup))
    assert "fedctl restore --complete" in said.err
    return lost


def test_specs_statuses_and_metadata_are_as_they_were(restored: Lost) -> None:
    keys: list[tuple[ResourceType, ObjectKey]] = [
        (CLUSTERS, ObjectKey(SYSTEM, MEMBER)),
        (CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME)),
        (TYPE_CONFIGS, ObjectKey(SYSTEM, "configmaps")),
        (FEDERATED_NAMESPACES.federated, ObjectKey(SHOP, SHOP)),
        *((wish.kind.federated, wish.key) for wish in _wishes()),
        *((PROPAGATED_VERSIONS, ObjectKey(SHOP, f"configmap-settings-{number}")) for number in range(3)),
    ]
    for resource, key in keys:
        was, now = restored.seen(OLD, resource, key), restored.seen(NEW, resource, key)
        assert _but_observed(now) == _but_observed(was), (resource, key)
        assert _lag(restored, NEW, resource, key) == _lag(restored, OLD, resource, key)


def _but_observed(found: Manifest) -> Manifest:
    status = {name: value for name, value in (found.get("status") or {}).items() if name != "observedGeneration"}
    return {**found, "status": status}


def _lag(lost: Lost, host: str, resource: ResourceType, key: ObjectKey) -> int | None:
    found = lost.servers[host].get(resource, key)
    observed = (found.get("status") or {}).get("observedGeneration")
    return found["metadata"]["generation"] - observed if observed is not None else None


def test_the_removals_of_the_new_host_are_frozen(restored: Lost) -> None:
    config = restored.servers[NEW].get(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME))
    assert config["metadata"]["annotations"][RESTORING_ANNOTATION].startswith("since 20")


def test_what_was_being_deleted_is_so_again_and_held_by_the_same_finalizer(restored: Lost) -> None:
    metadata = restored.servers[NEW].get(CONFIG_MAPS.federated, ObjectKey(SHOP, "going"))["metadata"]
    assert metadata["deletionTimestamp"]
    assert metadata["finalizers"] == [HOLD]


def test_records_are_owned_by_the_new_objects_and_outlive_garbage_collection(restored: Lost) -> None:
    new = restored.servers[NEW]
    for wish in _wishes():
        record = new.get(PROPAGATED_VERSIONS, ObjectKey(SHOP, f"{wish.kind.target.kind.lower()}-{wish.key.name}"))
        owner = new.get(wish.kind.federated, wish.key)
        assert [each["uid"] for each in record["metadata"]["ownerReferences"]] == [owner["metadata"]["uid"]]
        assert SYNC_FINALIZER in owner["metadata"]["finalizers"]


def test_a_second_restore_leaves_everything_as_it_is(restored: Lost) -> None:
    before = _versions(restored)
    said = restored.types("restore", str(restored.backup))
    assert "federatedconfigmaps.types.kubefed.io: 0 restored, 4 were there and left as they are" in said.out
    assert _versions(restored) == before


def _versions(lost: Lost) -> dict[str, Any]:
    new = lost.servers[NEW]
    found = [each for resource in (CONFIG_MAPS.federated, PROPAGATED_VERSIONS, SECRETS) for each in new.objects(resource)]
    return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in found}


def test_the_new_hosts_controller_takes_every_copy_as_it_is(restored: Lost) -> None:
    new, log = restored.servers[NEW], AuditLog(restored.sandbox.cluster(MEMBER).audit_log)
    log.mark()
    controller = restored.controller(NEW)
    controller.start()
    try:
        for wish in _wishes():
            _await_fine(new, wish)
        controller.await_quiet()
    finally:
        controller.kill()
    written = [each for each in log.requests() if each.writes and each.column == "objects"]
    assert [each for each in written if each.namespace == SHOP] == []


def test_nothing_is_removed_before_the_restore_is_complete(restored: Lost) -> None:
    member, new = restored.servers[MEMBER], restored.servers[NEW]
    unwanted, moved = ObjectKey(SHOP, "unwanted"), _config_map("settings-2")
    labelled = {"name": unwanted.name, "namespace": SHOP, "labels": {MANAGED_LABEL: "true"}}
    member.create(CONFIG_MAPS.target, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": labelled})
    controller = restored.controller(NEW)
    controller.start()
    try:
        new.merge(moved.kind.federated, moved.key, {"spec": {"placement": {"clusters": []}}})
        eventually_equal(
            lambda: told_by(new.get(moved.kind.federated, moved.key)),
            Told("CheckClusters", {MEMBER: "WaitingForRemoval"}),
            within_s=30,
        )
        assert member.find(CONFIG_MAPS.target, moved.key) is not None
        assert _labels(member, unwanted) == {MANAGED_LABEL: "true"}
        assert "The restore is complete" in restored.types("restore", "--complete").out
        eventually(lambda: member.find(CONFIG_MAPS.target, moved.key) is None, "it is removed now", within_s=30)
        eventually_equal(lambda: _labels(member, unwanted), {}, within_s=30)
    finally:
        controller.end()
    config = new.get(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME))
    assert RESTORING_ANNOTATION not in config["metadata"]["annotations"]
    assert "No restore is under way" in restored.types("restore", "--complete").err


def _labels(member: ApiServer, key: ObjectKey) -> dict[str, str]:
    return member.get(CONFIG_MAPS.target, key)["metadata"].get("labels") or {}


def test_a_backup_of_another_namespace_or_of_nothing_is_refused_with_nothing_written(lost: Lost, tmp_path: Path) -> None:
    said = lost.types("restore", str(lost.backup), "--kubefed-namespace", "elsewhere", code=1)
    assert "say --kubefed-namespace kube-federation-system" in said.err
    empty = tmp_path / "empty.yaml"
    empty.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n")
    assert "holds no object of a federation" in lost.types("restore", str(empty), code=1).err
