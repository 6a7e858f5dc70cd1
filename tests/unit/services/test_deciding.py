"""What is written where, case by case. The worlds are pure: members as data, and API servers that take every write."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from kubefed.core.catalogue import ImportType, ServicePort
from kubefed.core.names import ClusterName
from kubefed.services.addresses import rules_for
from kubefed.services.facts import Part, Trouble
from kubefed.services.plan import Question, Verb
from kubefed.services.records import Condition, Endpoint, ImportRecord
from kubefed.services.staleness import Policy, read_policy
from kubefed.services.words import DERIVED_SERVICE, EXPORTS, IMPORTS, OF_CLUSTER, SERVICES, SLICES, derived_name
from tests.builders.services import HTTP, KEY, NOW, MemberBuilder, World, a_member, about, is_ours, writes_to

EU, US = ClusterName("eu"), ClusterName("us")
UNSPECIFIED = "0.0.0.0"  # noqa: S104 - an endpoint, and nothing that is bound


def eu(*pods: str, at: int = 1) -> MemberBuilder:
    return a_member("eu").exporting(at).serving().with_pods(*(pods or ("198.18.1.1", "198.18.1.2")))


def us(*pods: str, at: int = 2) -> MemberBuilder:
    return a_member("us").exporting(at).serving().with_pods(*(pods or ("198.18.2.1",)))


def conditions(world: World, cluster: str) -> dict[str, tuple[str, str]]:
    export = world.member(cluster).facts.export
    assert export is not None
    return {each.type: (each.status, each.reason) for each in export.conditions}


def message(world: World, cluster: str, kind: str) -> str:
    export = world.member(cluster).facts.export
    assert export is not None
    return next(each.message for each in export.conditions if each.type == kind)


def ready(world: World, cluster: str) -> dict[str, set[str]]:
    """Ready addresses in a cluster's slices, by where they are."""
    found: dict[str, set[str]] = {}
    for slice_ in world.member(cluster).facts.carried:
        found.setdefault(slice_.source, set()).update(each.address for each in slice_.endpoints if each.ready)
    return found


FINE = {"Valid": ("True", "Valid"), "Ready": ("True", "Exported"), "Conflict": ("False", "NoConflicts")}
BOTH = {"eu": {"198.18.1.1", "198.18.1.2"}, "us": {"198.18.2.1"}}


# --- publishing ------------------------------------------------------------------------------------------------


def test_an_export_reaches_every_cluster_that_has_the_namespace() -> None:
    world = about(eu(), us(), a_member("asia"), a_member("africa").without_namespace()).settled()
    for name in ("eu", "us", "asia"):
        facts = world.member(name).facts
        assert facts.imported is not None
        assert facts.derived is not None
        assert facts.imported.spec.ips == facts.derived.ips
        assert facts.imported.clusters == ("eu", "us")
        assert ready(world, name) == BOTH
    assert world.member("africa").facts.imported is None
    assert conditions(world, "eu") == conditions(world, "us") == FINE


def test_nothing_is_written_when_everything_is_as_it_should_be() -> None:
    world = about(eu(), us(), a_member("asia")).settled()
    assert world.plan().writes == ()
    assert world.plan().questions == ()


def test_the_import_comes_first_because_everything_else_belongs_to_it() -> None:
    plan = about(eu()).plan()
    (write,) = [each for each in plan.writes if each.resource != EXPORTS]
    assert (write.resource, write.verb) == (IMPORTS, Verb.CREATE)
    assert is_ours(write.body)
    assert write.body["metadata"]["annotations"][DERIVED_SERVICE] == derived_name(KEY)
    then = about(eu()).after(plan).plan()
    for each in (*writes_to(then, SERVICES), *writes_to(then, SLICES)):
        assert each.body["metadata"]["ownerReferences"][0]["uid"] == "uid-eu-serviceimports"
        assert is_ours(each.body)


def test_a_change_of_one_pod_costs_one_slice_a_cluster() -> None:
    pods = [f"198.18.{index // 250}.{index % 250 + 1}" for index in range(330)]
    world = about(eu(*pods), us()).settled()
    assert len(world.member("us").facts.carried) == 5
    changed = world.member("eu").facts.slices[0]
    endpoints = (*changed.endpoints[:7], Endpoint(pods[7], ready=False), *changed.endpoints[8:])
    now = msgspec.structs.replace(changed, endpoints=endpoints)
    plan = world.with_member(world.member("eu").having(slices=(now,))).plan()
    assert [(each.cluster, each.verb) for each in plan.writes] == [("eu", Verb.REPLACE), ("us", Verb.REPLACE)]


def test_node_names_are_told_only_where_the_nodes_are() -> None:
    world = about(eu(), us()).settled()
    own, far = (world.member(name).facts.carried for name in ("eu", "us"))
    assert {each.node for slice_ in own if slice_.source == "eu" for each in slice_.endpoints} == {"node-1"}
    assert {each.node for slice_ in far if slice_.source == "eu" for each in slice_.endpoints} == {""}


def test_zones_become_hints_where_the_exporter_prefers_what_is_near() -> None:
    near = a_member("eu").exporting().serving(distribution="PreferClose").with_pods("198.18.1.1")
    world = about(near, a_member("us")).settled()
    assert all(slice_.hints for slice_ in world.member("us").facts.carried)
    assert not any(slice_.hints for slice_ in about(eu(), us()).settled().member("us").facts.carried)


def test_a_headless_service_has_no_address_and_loses_the_one_it_had() -> None:
    world = about(eu(), a_member("us")).settled()
    headless = a_member("eu").exporting(1).serving(ips=("None",)).with_pods("198.18.1.1")
    world = world.with_member(headless.keeping_what_we_made_in(world)).settled()
    for name in ("eu", "us"):
        facts = world.member(name).facts
        assert facts.derived is None
        assert facts.imported is not None
        assert facts.imported.spec.type == "Headless"
        assert facts.imported.spec.ips == ()
        assert DERIVED_SERVICE not in facts.imported.annotation_map()
        assert all(slice_.service == "" for slice_ in facts.carried)
    service = world.plan().service
    assert service is not None
    assert service.type is ImportType.HEADLESS
    assert service.addresses == {}


def test_traffic_to_a_port_goes_only_to_clusters_that_have_it() -> None:
    metrics = ServicePort("metrics", "TCP", 9090)
    first = a_member("eu").exporting(1).serving(HTTP).with_pods("198.18.1.1")
    second = a_member("us").exporting(2).serving(metrics).with_pods("198.18.2.1")
    world = about(first, second).settled()
    imported = world.member("eu").facts.imported
    assert imported is not None
    assert [port.name for port in imported.spec.ports] == ["http", "metrics"]
    ports = {slice_.source: [port.name for port in slice_.ports] for slice_ in world.member("eu").facts.carried}
    assert ports == {"eu": ["http"]}, "the slice of us has no port of that name"
    service = world.plan().service
    assert service is not None
    assert {source.cluster: [port.name for port in source.ports] for source in service.sources} == {
        "eu": ["http"],
        "us": ["metrics"],
    }


def test_endpoints_that_are_not_ready_are_carried_as_what_they_are() -> None:
    waiting = Endpoint("198.18.1.9", ready=False, serving=True, terminating=True, hostname="web-0", zone="a")
    world = about(a_member("eu").exporting().serving().with_pods(endpoints=(waiting,)), a_member("us")).settled()
    (slice_,) = world.member("us").facts.carried
    assert slice_.endpoints == (waiting,)


# --- refusing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "valid"),
    [
        (a_member("eu").exporting(), ("False", "NoService")),
        (a_member("eu").exporting().serving(type="ExternalName"), ("False", "InvalidServiceType")),
        (a_member("eu").exporting().serving(import_name="other"), ("False", "InvalidServiceType")),
    ],
)
def test_what_cannot_be_exported_is_told_why_and_makes_nothing(member: MemberBuilder, valid: tuple[str, str]) -> None:
    world = about(member, a_member("us")).settled()
    assert conditions(world, "eu")["Valid"] == valid
    assert conditions(world, "eu")["Ready"] == ("False", "Failed")
    assert world.member("us").facts.imported is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "a loopback address"),
        ("169.254.169.254", "a cloud metadata address"),
        ("169.254.7.7", "a link-local address"),
        (UNSPECIFIED, "the unspecified address"),
        ("224.0.0.1", "a multicast address"),
        ("203.0.113.1", "the address of an API server of the federation"),
        ("203.0.113.2", "the address of an API server of the federation"),
        ("198.18.2.9", "inside a range of another cluster"),
        ("not-an-address", "no IP address"),
        ("fd00::1", "no IPv4 address"),
    ],
)
def test_hostile_endpoints_are_not_exported_and_the_export_says_so(address: str, why: str) -> None:
    rules = rules_for(EU, {US: ["198.18.2.0/24"]}, {EU: "203.0.113.3", US: "203.0.113.2"}, host="203.0.113.1")
    good = about(eu("198.18.1.1", address).judging(rules), us()).settled()
    assert ready(good, "us")["eu"] == {"198.18.1.1"}
    assert conditions(good, "eu")["Ready"] == ("True", "Exported")
    assert message(good, "eu", "Ready") == f"1 endpoints are not exported: {why}"
    bad = about(eu(address).judging(rules), us()).settled()
    assert "eu" not in ready(bad, "us")
    assert conditions(bad, "eu")["Ready"] == ("False", "Failed")


def test_a_cluster_that_declares_its_ranges_exports_nothing_outside_of_them() -> None:
    rules = rules_for(EU, {EU: ["198.18.1.0/24"]}, {}, host="")
    world = about(eu("198.18.1.1", "198.18.3.1").judging(rules), us()).settled()
    assert ready(world, "us")["eu"] == {"198.18.1.1"}


def test_an_import_of_somebody_else_is_left_alone_and_all_exports_are_told() -> None:
    world = about(eu(), us(), a_member("asia").with_their_import()).settled()
    assert world.member("asia").facts.carried == ()
    assert conditions(world, "eu")["Ready"] == conditions(world, "us")["Ready"] == ("False", "Failed")
    assert "cluster asia" in message(world, "eu", "Ready")
    assert ready(world, "us") == BOTH


def test_labels_that_speak_for_kubernetes_or_for_us_are_not_put_on_imports() -> None:
    labels = {"tier": "gold", "kubernetes.io/metadata.name": "x", "services.kubefed.io/y": "z", "a.k8s.io/b": "c"}
    world = about(a_member("eu").exporting(labels=labels).serving(), a_member("us")).settled()
    imported = world.member("us").facts.imported
    assert imported is not None
    assert imported.label_map() == {"tier": "gold"}
    bare = a_member("eu").exporting().serving().keeping_what_we_made_in(world)
    imported = world.with_member(bare).settled().member("us").facts.imported
    assert imported is not None
    assert imported.label_map() == {}


# --- nothing is removed out of ignorance -----------------------------------------------------------------------


def test_the_last_export_takes_everything_with_it_once_its_cluster_has_said_so_twice() -> None:
    world = about(eu(), us()).settled()
    gone = [world.member(name).emptied() for name in ("eu", "us")]
    world = world.with_member(gone[0]).with_member(gone[1])
    plan = world.plan()
    assert plan.writes == ()
    assert plan.questions == (Question(EU, Part.EXPORT), Question(US, Part.EXPORT))
    for name in ("eu", "us"):
        world = world.with_member(world.member(name).confirmed_gone(Part.EXPORT))
    world = world.settled()
    for name in ("eu", "us"):
        facts = world.member(name).facts
        assert (facts.imported, facts.derived, facts.carried) == (None, None, ())
    assert world.plan().service is None


def test_one_confirmation_is_not_enough_while_another_exporter_cannot_be_read() -> None:
    world = about(eu(), us()).settled()
    world = world.with_member(world.member("eu").emptied().confirmed_gone(Part.EXPORT))
    world = world.with_member(world.member("us").emptied().unread().lost(60)).settled()
    assert ready(world, "eu") == {"us": BOTH["us"]}
    imported = world.member("eu").facts.imported
    assert imported is not None
    assert imported.clusters == ("us",)


@pytest.mark.parametrize("parts", [(), (Part.EXPORT,), (Part.SERVICE,), (Part.SLICES,)])
def test_a_cluster_that_cannot_be_read_keeps_what_was_last_known(parts: tuple[Part, ...]) -> None:
    before = about(eu(), us(), a_member("asia")).settled()
    us_now = before.member("us")
    us_now = us_now.having(slices=()) if parts == (Part.SLICES,) else us_now.emptied()
    after = before.with_member(us_now.unread(*parts)).settled()
    for name in ("eu", "asia"):
        assert ready(after, name) == BOTH
        assert after.member(name).facts.imported == before.member(name).facts.imported


def test_what_is_remembered_decides_against_an_older_export_that_comes_meanwhile() -> None:
    before = about(us(at=5), a_member("eu")).settled()
    lost = before.with_member(before.member("us").emptied().unread().lost(10))
    older = a_member("eu").exporting(1).serving(ips=("None",), ports=(HTTP,)).with_pods("198.18.1.1")
    imported = lost.with_member(older.keeping_what_we_made_in(lost)).settled().member("eu").facts.imported
    assert imported is not None
    assert imported.spec.type == "ClusterSetIP"


def test_slices_that_vanish_are_asked_about_before_they_are_believed() -> None:
    world = about(eu(), us()).settled()
    bare = world.member("us").having(slices=())
    plan = world.with_member(bare).plan()
    assert plan.questions == (Question(US, Part.SLICES),)
    assert plan.writes == ()
    world = world.with_member(bare.confirmed_gone(Part.SLICES)).settled()
    assert ready(world, "eu") == {"eu": BOTH["eu"]}


def test_a_service_scaled_to_nothing_is_believed_at_once() -> None:
    world = about(eu(), us()).settled()
    slices = tuple(msgspec.structs.replace(each, endpoints=()) for each in world.member("us").facts.slices)
    world = world.with_member(world.member("us").having(slices=slices)).settled()
    assert ready(world, "eu") == {"eu": BOTH["eu"]}


def test_a_cluster_that_is_no_member_any_more_takes_its_endpoints_along() -> None:
    world = about(eu(), us(), a_member("asia")).settled().without_member("us").settled()
    assert ready(world, "asia") == {"eu": BOTH["eu"]}
    imported = world.member("asia").facts.imported
    assert imported is not None
    assert imported.clusters == ("eu",)


def test_a_cluster_out_of_reach_is_not_written_and_catches_up() -> None:
    world = about(eu(), us().lost(5)).settled()
    assert world.member("us").facts.imported is None
    assert ready(world, "eu") == BOTH


def test_endpoints_of_a_cluster_that_cannot_be_read_stay_even_where_imports_were_deleted() -> None:
    world = about(eu(), a_member("us")).settled()
    world = world.with_member(world.member("eu").emptied().unread().lost(60).having(imported=None))
    world = world.with_member(world.member("us").having(imported=None))
    assert world.plan().writes == ()
    assert ready(world, "us") == {"eu": BOTH["eu"]}


def test_what_two_clusters_remember_differently_stays_different() -> None:
    pods = [f"198.18.1.{number}" for number in range(1, 151)]
    world = about(eu(*pods), a_member("us"), a_member("asia")).settled()
    fewer = world.member("asia").facts.carried[:1]
    world = world.with_member(world.member("eu").emptied().unread().lost(60))
    world = world.with_member(world.member("asia").having(carried=fewer))
    assert world.plan().writes == ()


def test_the_catalogue_says_which_sources_are_only_remembered() -> None:
    world = about(eu(), us()).settled()
    world = world.with_member(world.member("us").emptied().unread().lost(10))
    service = world.plan().service
    assert service is not None
    assert {source.cluster: source.stale for source in service.sources} == {"eu": False, "us": True}
    (kept,) = (source for source in service.sources if source.cluster == "us")
    assert [each.address for each in kept.endpoints] == ["198.18.2.1"]
    assert [port.name for port in kept.ports] == ["http"]


# --- staleness -------------------------------------------------------------------------------------------------


def a_policy(text: str) -> Policy:
    return read_policy(text, Policy())


def two_sources(text: str, lost_s: float) -> World:
    world = about(eu(), us("198.18.2.1", "198.18.2.2"), policy=a_policy(text)).settled()
    return world.with_member(world.member("us").lost(lost_s))


def test_by_default_endpoints_stay_however_long_their_cluster_is_away() -> None:
    world = about(eu(), us()).settled()
    away = world.with_member(world.member("us").lost(1e9))
    assert away.plan().writes == ()
    assert away.plan().look_again_s is None


def test_removal_waits_for_its_time_and_then_happens() -> None:
    waiting = two_sources("Remove,after=10m", 599)
    assert waiting.plan().writes == ()
    assert waiting.plan().look_again_s == pytest.approx(1)
    assert ready(two_sources("Remove,after=10m", 600).settled(), "eu") == {"eu": BOTH["eu"]}


def test_draining_makes_endpoints_the_last_choice() -> None:
    world = two_sources("Drain,after=1m", 61).settled()
    drained = [each for slice_ in world.member("eu").facts.carried if slice_.source == "us" for each in slice_.endpoints]
    assert [(each.ready, each.serving, each.terminating) for each in drained] == [(False, True, True)] * 2


def test_the_last_endpoints_are_never_taken_away() -> None:
    world = about(us("198.18.2.1", "198.18.2.2"), a_member("eu"), policy=a_policy("Remove,after=1s")).settled()
    world = world.with_member(world.member("us").lost(1e6)).settled()
    assert ready(world, "eu") == {"us": {"198.18.2.1"}}


def test_so_many_endpoints_stay_as_the_policy_says() -> None:
    assert ready(two_sources("Remove,after=1s,keepAtLeast=3", 5).settled(), "eu") == {
        "eu": BOTH["eu"],
        "us": {"198.18.2.1"},
    }


def test_a_services_own_policy_is_that_of_its_export() -> None:
    keeping = us().exporting(2, services_kubefed_io__staleness="Keep")
    world = about(eu(), keeping, policy=a_policy("Remove,after=1s")).settled()
    world = world.with_member(world.member("us").lost(100))
    assert ready(world.settled(), "eu") == BOTH


def test_a_policy_that_cannot_be_read_is_said_and_changes_nothing() -> None:
    world = about(us().exporting(2, services_kubefed_io__staleness="Forget"), a_member("eu")).settled()
    assert conditions(world, "us")["Ready"] == ("True", "Exported")
    assert "cannot be read" in message(world, "us", "Ready")


def test_endpoints_come_back_with_their_cluster() -> None:
    removed = two_sources("Remove,after=1s", 10).settled()
    back = removed.member("us").having(writable=True, lost_s=None)
    assert ready(removed.with_member(back).settled(), "eu")["us"] == {"198.18.2.1", "198.18.2.2"}


# --- trouble ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (
            Trouble("services", "422 Invalid (spec.ipFamilies[0]: FieldValueInvalid)", "spec.ipFamilies[0]"),
            "IPFamilyNotSupported",
        ),
        (Trouble("services", "403 Forbidden"), "Pending"),
    ],
)
def test_an_import_without_an_address_says_why(trouble: Trouble, reason: str) -> None:
    world = about(eu(), a_member("us").in_trouble(trouble))
    first = world.plan()
    (status,) = [each for each in writes_to(world.after(first).plan(), IMPORTS, "us") if each.verb is Verb.STATUS]
    (condition,) = status.body["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Ready", "False", reason)


def test_a_refusal_of_one_cluster_is_told_to_the_exports_and_stops_no_other() -> None:
    world = about(eu(), a_member("us").in_trouble(Trouble("serviceimports", "403 Forbidden"))).settled()
    assert conditions(world, "eu")["Ready"] == ("False", "Failed")
    assert message(world, "eu", "Ready") == "cluster us: serviceimports cannot be written: 403 Forbidden"
    assert ready(world, "eu") == {"eu": BOTH["eu"]}


def test_a_failure_stands_while_the_cluster_where_it_was_cannot_be_written() -> None:
    refusing = Trouble("serviceimports", "403 Forbidden")
    world = about(eu(), a_member("us").in_trouble(refusing)).settled()
    assert conditions(world, "eu")["Ready"] == ("False", "Failed")
    restarted = world.with_member(a_member("us").lost(0.0))
    assert restarted.plan().writes == ()
    cured = restarted.with_member(a_member("us")).settled()
    assert conditions(cured, "eu")["Ready"] == ("True", "Exported")


def test_conditions_of_others_stay_and_times_change_with_the_status_only() -> None:
    world = about(eu()).settled()
    export = world.member("eu").facts.export
    assert export is not None
    theirs = Condition("Audited", "True", "Looked", "by hand", "2020-01-01T00:00:00Z")
    kept = msgspec.structs.replace(export, conditions=(theirs, *export.conditions))
    world = world.with_member(world.member("eu").having(export=kept))
    assert world.plan().writes == ()
    now = world.with_member(world.member("eu").serving(type="ExternalName")).plan()
    (report,) = writes_to(now, EXPORTS)
    assert [each["type"] for each in report.body["status"]["conditions"]] == ["Audited", "Valid", "Ready", "Conflict"]


def test_the_time_of_a_condition_is_that_of_its_last_change() -> None:
    world = about(eu(), us()).settled()
    later = replace(world, now=NOW + timedelta(hours=1))
    later = later.with_member(us().serving(distribution="PreferClose").keeping_what_we_made_in(later)).settled()
    export = later.member("eu").facts.export
    assert export is not None
    times = {each.type: each.last_transition_time for each in export.conditions}
    assert times == {
        "Valid": "2026-01-01T12:00:00Z",
        "Ready": "2026-01-01T12:00:00Z",
        "Conflict": "2026-01-01T13:00:00Z",
    }
    latest = replace(later, now=NOW + timedelta(hours=2))
    latest = latest.with_member(
        us().serving(distribution="PreferClose", internal_policy="Local").keeping_what_we_made_in(latest)
    ).settled()
    export = latest.member("eu").facts.export
    assert export is not None
    conflict = next(each for each in export.conditions if each.type == "Conflict")
    assert (conflict.reason, conflict.last_transition_time) == (
        "InternalTrafficPolicyConflict,TrafficDistributionConflict",
        "2026-01-01T13:00:00Z",
    )


def test_slices_are_labelled_with_their_cluster() -> None:
    plan = about(eu(), us()).after(about(eu(), us()).plan()).plan()
    assert {each.body["metadata"]["labels"][OF_CLUSTER] for each in writes_to(plan, SLICES)} == {"eu", "us"}


def test_after_a_restart_an_import_says_what_it_said_until_more_is_known() -> None:
    refused = Trouble("services", "403 Forbidden")
    world = about(eu(), a_member("us").in_trouble(refused))
    for _ in range(2):
        world = world.after(world.plan())
    imported = world.member("us").facts.imported
    assert imported is not None
    told = imported.conditions
    assert [each.reason for each in told] == ["Pending"]
    world = world.with_member(world.member("us").in_trouble().having(derived=None, imported=_without_address(imported)))
    assert [each.resource for each in world.plan().writes if each.cluster == "us"] == [SERVICES]


def _without_address(imported: ImportRecord) -> ImportRecord:
    return msgspec.structs.replace(imported, spec=replace(imported.spec, ips=()))
