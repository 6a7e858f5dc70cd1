"""What is done about an object that is wanted: cluster by cluster, from what is known of each."""

from collections.abc import Callable
from typing import Any

import pytest

from kubefed.api.types_v1beta1 import PropagationReason, PropagationStatus
from kubefed.core.names import ClusterName
from kubefed.federated.placement import NOWHERE, read_placement
from kubefed.sync.decide import PATIENCE_S, QUEUE_PATIENCE_S
from kubefed.sync.facts import NamespaceState
from kubefed.sync.plan import NOTHING, Action, Finalizer, Plan, Step
from tests.builders.objects import a_copy, a_fed_config_map, a_fed_deployment, a_fed_namespace
from tests.builders.situations import NOW, ClusterBuilder, Situation, a_cluster, about

EU = ClusterName("eu")

KEEP, CREATE, UPDATE, DELETE, UNLABEL = Action.KEEP, Action.CREATE, Action.UPDATE, Action.DELETE, Action.UNLABEL
OK = PropagationStatus.OK
WAITING, NOT_READY = PropagationStatus.WAITING_FOR_REMOVAL, PropagationStatus.CLUSTER_NOT_READY


def web_in(*clusters: ClusterBuilder, placed_on: str = "eu") -> Situation:
    """FederatedDeployment shop/web, placed on one cluster."""
    return about(a_fed_deployment().placed_on(placed_on)).with_clusters(*clusters)


def the_step(plan: Plan) -> Step:
    (step,) = plan.steps
    return step


def outcomes(plan: Plan) -> dict[str, tuple[Action, str]]:
    return {str(step.cluster): (step.action, str(step.status)) for step in plan.steps}


# --- before anything is decided ---------------------------------------------------------------------------------


def test_the_finalizer_comes_before_the_first_copy() -> None:
    situation = about(a_fed_deployment().placed_on("eu").without_finalizer()).with_clusters(a_cluster())
    assert situation.decide() == Plan(finalizer=Finalizer.ADD)


IGNORANCE: list[tuple[str, Callable[[Situation], Situation]]] = [
    ("cluster records or recorded versions are unread", Situation.before_host_is_known),
    ("FederatedNamespaces are unread", lambda situation: situation.in_namespace(NamespaceState.UNKNOWN)),
]


@pytest.mark.parametrize("ignorant", [case for _, case in IGNORANCE], ids=[name for name, _ in IGNORANCE])
def test_nothing_is_done_nor_said_while(ignorant: Callable[[Situation], Situation]) -> None:
    situation = web_in(a_cluster(), a_cluster("us").holding(a_copy()))
    assert ignorant(situation).decide() == NOTHING


def test_a_federated_namespace_that_stands_for_nothing_is_left_alone() -> None:
    fed = a_fed_namespace("kube-system").placed_on("eu").without_finalizer()
    situation = about(fed).with_clusters(a_cluster().holding(a_copy(fed))).standing_for_namespace("u", excluded=True)
    assert situation.decide() == NOTHING


# --- placement --------------------------------------------------------------------------------------------------

PLACEMENTS: list[tuple[str, Any, set[str]]] = [
    ("no placement", None, set()),
    ("neither list nor selector", {}, set()),
    ("nulls", {"clusters": None, "clusterSelector": None}, set()),
    ("an empty list", {"clusters": []}, set()),
    ("an empty list beside a selector for all", {"clusters": [], "clusterSelector": {}}, set()),
    ("names", {"clusters": [{"name": "eu"}, {"name": "nowhere"}]}, {"eu"}),
    (
        "names beside a selector for others",
        {"clusters": [{"name": "eu"}], "clusterSelector": {"matchLabels": {"t": "1"}}},
        {"eu"},
    ),
    ("the empty selector", {"clusterSelector": {}}, {"eu", "us"}),
    ("a selector with no labels", {"clusterSelector": {"matchLabels": {}}}, {"eu", "us"}),
    ("a null list beside a selector", {"clusters": None, "clusterSelector": {"matchLabels": {"t": "1"}}}, {"us"}),
    ("an expression", {"clusterSelector": {"matchExpressions": [{"key": "t", "operator": "DoesNotExist"}]}}, {"eu"}),
]


@pytest.mark.parametrize(("placement", "selected"), [case[1:] for case in PLACEMENTS], ids=[case[0] for case in PLACEMENTS])
def test_copies_are_made_where_the_object_is_placed(placement: Any, selected: set[str]) -> None:
    situation = about(a_fed_deployment().placed(placement)).with_clusters(a_cluster("eu"), a_cluster("us").labelled(t="1"))
    assert outcomes(situation.decide()) == dict.fromkeys(selected, (CREATE, ""))


def test_a_placement_that_cannot_be_read_removes_nothing_and_is_said() -> None:
    expression = {"key": "tier", "operator": "Like", "values": ["gold"]}
    fed = a_fed_deployment().placed({"clusterSelector": {"matchExpressions": [expression]}})
    plan = about(fed).with_clusters(a_cluster().holding(a_copy())).decide()
    assert plan.steps == ()
    assert (plan.reason, plan.reported) == (PropagationReason.COMPUTE_PLACEMENT_FAILED, True)
    assert "operator" in plan.explanation


def test_the_placement_of_a_namespace_that_cannot_be_read_removes_nothing_either() -> None:
    """KubeFed reported it on every object of the namespace; to read it as `nowhere` would take all of them down."""
    situation = web_in(a_cluster().holding(a_copy())).in_namespace(NamespaceState.FEDERATED)
    objecting = situation.namespace.__class__(NamespaceState.FEDERATED, objection="FederatedNamespace shop: no")
    plan = Situation(situation.builder, clusters=situation.clusters, namespace=objecting).decide()
    assert (plan.steps, plan.reason) == ((), PropagationReason.COMPUTE_PLACEMENT_FAILED)
    assert plan.explanation == "FederatedNamespace shop: no"


NAMESPACE_CASES: list[tuple[str, NamespaceState, Any, bool, dict[str, Action], PropagationReason | None]] = [
    ("within its namespace", NamespaceState.FEDERATED, {"clusterSelector": {}}, True, {"eu": CREATE, "us": DELETE}, None),
    ("outside of its namespace", NamespaceState.FEDERATED, {"clusters": [{"name": "us"}]}, True, {"us": DELETE}, None),
    ("in a namespace placed nowhere", NamespaceState.FEDERATED, {}, True, {"us": DELETE}, None),
    (
        "in a namespace that is not federated",
        NamespaceState.NOT_FEDERATED,
        None,
        True,
        {"us": DELETE},
        PropagationReason.NAMESPACE_NOT_FEDERATED,
    ),
    (
        "without FederatedNamespace, scope Namespaced",
        NamespaceState.NOT_FEDERATED,
        None,
        False,
        {"eu": CREATE, "us": DELETE},
        None,
    ),
    ("with FederatedNamespace, scope Namespaced", NamespaceState.FEDERATED, {}, False, {"us": DELETE}, None),
    ("of a cluster-scoped type", NamespaceState.IRRELEVANT, None, True, {"eu": CREATE, "us": DELETE}, None),
]


@pytest.mark.parametrize(
    ("state", "placement", "required", "actions", "reason"),
    [case[1:] for case in NAMESPACE_CASES],
    ids=[case[0] for case in NAMESPACE_CASES],
)
def test_an_object_goes_where_its_namespace_goes(
    state: NamespaceState, placement: Any, required: bool, actions: dict[str, Action], reason: PropagationReason | None
) -> None:
    """The object is placed on eu; us still holds a copy from before."""
    read = read_placement({"placement": placement}) if placement is not None else NOWHERE
    situation = web_in(a_cluster("eu"), a_cluster("us").holding(a_copy())).in_namespace(state, read)
    plan = (situation if required else situation.in_namespaced_scope()).decide()
    assert {str(step.cluster): step.action for step in plan.steps} == actions
    expected = reason or (PropagationReason.CHECK_CLUSTERS if "us" in actions else None)
    assert (plan.reason, plan.reported) == (expected, True)


# --- a selected cluster -----------------------------------------------------------------------------------------

IN_SHAPE = a_cluster().holding(a_copy()).recorded("gen:1")

SELECTED: list[tuple[str, ClusterBuilder, Action, PropagationStatus]] = [
    ("holds nothing", a_cluster(), CREATE, OK),
    ("holds what was written last", IN_SHAPE, KEEP, OK),
    ("holds another version than recorded", a_cluster().holding(a_copy().at(generation=2)).recorded("gen:1"), UPDATE, OK),
    ("holds a copy of which nothing is recorded", a_cluster().holding(a_copy()), UPDATE, OK),
    ("holds a copy with a label more", a_cluster().holding(a_copy().labelled(extra="1")).recorded("gen:1"), UPDATE, OK),
    (
        "holds a copy with an annotation more",
        a_cluster().holding(a_copy().annotated({"a": "b"})).recorded("gen:1"),
        KEEP,
        OK,
    ),
    ("holds a copy without our mark", a_cluster().holding(a_copy().owned_by(None)).recorded("gen:1"), KEEP, OK),
    ("is not ready", a_cluster().unready(), KEEP, NOT_READY),
    ("is not ready and unread", a_cluster().unready().unread("Timeout"), KEEP, NOT_READY),
    ("is not ready and holds a copy", IN_SHAPE.unready(), KEEP, NOT_READY),
    ("is unread for a reason", a_cluster().unread("Forbidden"), KEEP, PropagationStatus.CACHED_RETRIEVAL_FAILED),
    ("holds a copy that is being deleted", a_cluster().holding(a_copy().terminating()), KEEP, WAITING),
    (
        "holds another federation's copy",
        a_cluster().holding(a_copy().owned_by("x")),
        KEEP,
        PropagationStatus.ALREADY_EXISTS,
    ),
]


@pytest.mark.parametrize(
    ("cluster", "action", "status"), [case[1:] for case in SELECTED], ids=[case[0] for case in SELECTED]
)
def test_a_selected_cluster_that(cluster: ClusterBuilder, action: Action, status: PropagationStatus) -> None:
    plan = web_in(cluster).decide()
    step = the_step(plan)
    assert (step.action, step.status, step.listed, step.recorded) == (action, status, True, True)
    assert plan.reason == (PropagationReason.CHECK_CLUSTERS if status else None)
    assert not step.pending


def test_a_cluster_that_is_still_being_read_is_waited_for() -> None:
    plan = web_in(a_cluster().unread()).decide()
    assert the_step(plan).pending
    assert not plan.settled


def test_a_kind_without_generations_is_judged_by_its_version_alone() -> None:
    """KubeFed did so: any write to the copy shows in its resourceVersion, labels and annotations included."""
    fed = a_fed_config_map().placed_on("eu")
    other_labels = a_copy(fed).labelled(extra="1").at(version=7)
    assert the_step(about(fed).with_clusters(a_cluster().holding(other_labels).recorded("rv:7")).decide()).action is KEEP
    assert the_step(about(fed).with_clusters(a_cluster().holding(other_labels).recorded("rv:6")).decide()).action is UPDATE


def test_the_label_that_api_servers_put_on_namespaces_is_no_difference() -> None:
    fed = a_fed_namespace("shop").placed_on("eu")
    copy = a_copy(fed).labelled(**{"kubernetes.io/metadata.name": "shop"}).at(generation=1)
    assert the_step(about(fed).with_clusters(a_cluster().holding(copy).recorded("gen:1")).decide()).action is KEEP


def test_labels_that_are_too_large_to_keep_are_not_written_again_and_again() -> None:
    huge = a_copy().labelled(**{f"label-{number}": "x" * 60 for number in range(80)})
    plan = web_in(a_cluster().holding(huge).recorded("gen:1")).decide()
    assert the_step(plan).action is KEEP


def test_annotations_that_are_too_large_to_keep_are_not_compared() -> None:
    huge = a_copy().annotated({"kubectl.kubernetes.io/last-applied-configuration": "x" * 5000})
    assert the_step(web_in(a_cluster().holding(huge).recorded("gen:1")).decide()).action is KEEP


def test_a_copy_whose_marks_are_too_large_to_read_is_not_touched() -> None:
    unreadable = a_copy().annotated({"kubefed.io/noise": "x" * 5000})
    assert the_step(web_in(a_cluster().holding(unreadable)).decide()).action is KEEP
    assert web_in(a_cluster().holding(unreadable), placed_on="us").decide().steps == ()


# --- what cannot be rendered ------------------------------------------------------------------------------------

MISSING = {"op": "remove", "path": "/spec/none"}
FORBIDDEN = {"path": "/metadata/name", "value": "x"}
ON_NO_ANNOTATIONS = {"op": "add", "path": "/metadata/annotations/x", "value": "y"}

UNRENDERABLE: list[tuple[str, Any, dict[str, PropagationStatus]]] = [
    (
        "a template of another kind",
        a_fed_deployment().with_template({"kind": "Secret"}),
        dict.fromkeys(("eu", "us"), PropagationStatus.COMPUTE_RESOURCE_FAILED),
    ),
    (
        "a template that is no object",
        a_fed_deployment().with_template([1]),
        dict.fromkeys(("eu", "us"), PropagationStatus.COMPUTE_RESOURCE_FAILED),
    ),
    (
        "a forbidden path",
        a_fed_deployment().overridden("eu", FORBIDDEN),
        dict.fromkeys(("eu", "us"), PropagationStatus.APPLY_OVERRIDES_FAILED),
    ),
    (
        "one cluster's patch does not apply",
        a_fed_deployment().overridden("eu", MISSING),
        {"eu": PropagationStatus.APPLY_OVERRIDES_FAILED, "us": OK},
    ),
    (
        "an annotation is added to none",
        a_fed_deployment().overridden("eu", ON_NO_ANNOTATIONS),
        {"eu": PropagationStatus.APPLY_OVERRIDES_FAILED, "us": OK},
    ),
]


@pytest.mark.parametrize(("fed", "statuses"), [case[1:] for case in UNRENDERABLE], ids=[case[0] for case in UNRENDERABLE])
def test_what_cannot_be_rendered_is_said_of_each_cluster_that_it_concerns(
    fed: Any, statuses: dict[str, PropagationStatus]
) -> None:
    plan = about(fed.placed_on("eu", "us")).with_clusters(a_cluster("eu"), a_cluster("us")).decide()
    assert outcomes(plan) == {cluster: (KEEP if status else CREATE, str(status)) for cluster, status in statuses.items()}
    assert all(step.explanation for step in plan.steps if step.status)


def test_a_copy_that_is_in_shape_is_not_harmed_by_overrides_of_another_cluster() -> None:
    fed = a_fed_deployment().placed_on("eu", "us").overridden("us", MISSING)
    plan = about(fed).with_clusters(IN_SHAPE, a_cluster("us")).decide()
    assert outcomes(plan) == {"eu": (KEEP, ""), "us": (KEEP, "ApplyOverridesFailed")}


# --- a cluster that is not selected -----------------------------------------------------------------------------


def test_a_cluster_that_holds_nothing_and_is_not_selected_is_not_mentioned() -> None:
    assert web_in(a_cluster("us")).decide().steps == ()


NOT_SELECTED: list[tuple[str, ClusterBuilder, Action, PropagationStatus]] = [
    ("holds a copy", a_cluster("us").holding(a_copy()), DELETE, WAITING),
    ("holds a copy that is being deleted", a_cluster("us").holding(a_copy().terminating()), KEEP, WAITING),
]


@pytest.mark.parametrize(
    ("cluster", "action", "status"), [case[1:] for case in NOT_SELECTED], ids=[case[0] for case in NOT_SELECTED]
)
def test_a_deselected_cluster_that(cluster: ClusterBuilder, action: Action, status: PropagationStatus) -> None:
    plan = web_in(cluster).decide()
    step = the_step(plan)
    assert (step.action, step.status, step.listed, step.recorded) == (action, status, True, False)
    assert plan.reason is PropagationReason.CHECK_CLUSTERS


OUT_OF_REACH: list[tuple[str, ClusterBuilder]] = [
    ("not ready and known to hold a copy", a_cluster("us").holding(a_copy()).unready()),
    ("not ready and recorded as holding one", a_cluster("us").unready().unread().owing()),
    ("unread and recorded as holding one", a_cluster("us").unread("Forbidden").owing()),
]


@pytest.mark.parametrize("cluster", [case for _, case in OUT_OF_REACH], ids=[name for name, _ in OUT_OF_REACH])
def test_what_a_deselected_cluster_out_of_reach_may_hold_is_remembered_and_not_shown(cluster: ClusterBuilder) -> None:
    plan = web_in(cluster).decide()
    step = the_step(plan)
    assert (step.action, step.listed, step.recorded) == (KEEP, False, True)
    assert plan.reason is None


def test_another_federations_copy_is_not_removed_by_deselecting() -> None:
    assert web_in(a_cluster("us").holding(a_copy().owned_by("another"))).decide().steps == ()


def test_the_hosts_own_namespace_is_only_ever_let_go_of() -> None:
    fed = a_fed_namespace("shop").placed_on("us")
    host, other = a_copy(fed).with_uid("uid-on-host"), a_copy(fed).with_uid("uid-elsewhere")
    plan = about(fed).with_clusters(a_cluster("host").holding(host), a_cluster("eu").holding(other)).decide()
    assert outcomes(plan) == {"host": (UNLABEL, "WaitingForRemoval"), "eu": (DELETE, "WaitingForRemoval")}


def test_an_object_that_merely_has_the_uid_of_nothing_is_deleted_as_any_other() -> None:
    plan = web_in(a_cluster("us").holding(a_copy().with_uid(""))).decide()
    assert the_step(plan).action is DELETE


# --- operations on their way ------------------------------------------------------------------------------------

ON_THEIR_WAY: list[tuple[str, str, bool, float, PropagationStatus | None]] = [
    ("running for a moment", "create", True, PATIENCE_S - 0.1, None),
    ("queued for a while", "create", False, QUEUE_PATIENCE_S - 0.1, None),
    ("a create that takes long", "create", True, PATIENCE_S, PropagationStatus.CREATION_TIMED_OUT),
    ("an update that takes long", "update", True, PATIENCE_S, PropagationStatus.UPDATE_TIMED_OUT),
    ("a delete that takes long", "delete", True, PATIENCE_S, PropagationStatus.DELETION_TIMED_OUT),
    ("an unlabelling that takes long", "unlabel", True, PATIENCE_S, PropagationStatus.LABEL_REMOVAL_TIMED_OUT),
    ("queued for long", "update", False, QUEUE_PATIENCE_S, PropagationStatus.UPDATE_TIMED_OUT),
]


@pytest.mark.parametrize(
    ("verb", "running", "age_s", "status"), [case[1:] for case in ON_THEIR_WAY], ids=[case[0] for case in ON_THEIR_WAY]
)
@pytest.mark.parametrize("placed_on", ["eu", "us"], ids=["selected", "deselected"])
def test_an_operation_is_waited_for_and_then_told(
    verb: str, running: bool, age_s: float, status: PropagationStatus | None, placed_on: str
) -> None:
    cluster = a_cluster("eu").holding(a_copy()).doing(verb, since=NOW - age_s, running=running)
    step = the_step(web_in(cluster, placed_on=placed_on).decide())
    assert step.action is KEEP
    assert step.pending is (status is None)
    if status is None:
        patience_s = PATIENCE_S if running else QUEUE_PATIENCE_S
        assert step.look_again_at == pytest.approx(NOW - age_s + patience_s)
    else:
        assert (step.status, bool(step.explanation), step.look_again_at) == (status, True, None)


# --- what was tried before --------------------------------------------------------------------------------------

HELD_BACK: list[tuple[str, ClusterBuilder, PropagationStatus | str, Action]] = [
    ("a failed create holds back the create", a_cluster(), PropagationStatus.CREATION_FAILED, CREATE),
    ("a failed create holds back an update", a_cluster().holding(a_copy()), PropagationStatus.CREATION_FAILED, UPDATE),
    ("a repair holds back the next repair", a_cluster().holding(a_copy()), "", UPDATE),
    ("a repair holds back making it again", a_cluster(), "", CREATE),
    ("a refusal holds back the create", a_cluster(), PropagationStatus.MANAGED_LABEL_FALSE, CREATE),
]


@pytest.mark.parametrize(
    ("cluster", "status", "action"), [case[1:] for case in HELD_BACK], ids=[case[0] for case in HELD_BACK]
)
def test_what_was_tried_waits_for_its_time(
    cluster: ClusterBuilder, status: PropagationStatus | str, action: Action
) -> None:
    early = the_step(web_in(cluster.having_tried(status, not_before=NOW + 3)).decide())
    assert (early.action, early.status, early.look_again_at) == (KEEP, status, NOW + 3)
    assert the_step(web_in(cluster.having_tried(status, not_before=NOW)).decide()).action is action
    never = the_step(web_in(cluster.having_tried(status, not_before=None)).decide(now=NOW + 1e9))
    assert (never.action, never.status, never.look_again_at) == (KEEP, status, None)


NOT_HELD_BACK: list[tuple[str, ClusterBuilder, PropagationStatus | str, str, Action]] = [
    ("removal by a failed update", a_cluster().holding(a_copy()), PropagationStatus.UPDATE_FAILED, "us", DELETE),
    ("removal by bad overrides", a_cluster().holding(a_copy()), PropagationStatus.APPLY_OVERRIDES_FAILED, "us", DELETE),
    ("removal by a fight", a_cluster().holding(a_copy()), "", "us", DELETE),
    ("an update by a failed removal", a_cluster().holding(a_copy()), PropagationStatus.DELETION_FAILED, "eu", UPDATE),
    ("a create by a failed removal", a_cluster(), PropagationStatus.DELETION_TIMED_OUT, "eu", CREATE),
    ("an update by an earlier refusal", a_cluster().holding(a_copy()), PropagationStatus.ALREADY_EXISTS, "eu", UPDATE),
]


@pytest.mark.parametrize(
    ("cluster", "status", "placed_on", "action"),
    [case[1:] for case in NOT_HELD_BACK],
    ids=[case[0] for case in NOT_HELD_BACK],
)
def test_trouble_with_something_else_does_not_hold_back(
    cluster: ClusterBuilder, status: PropagationStatus | str, placed_on: str, action: Action
) -> None:
    """Once a copy that could not be updated was deselected by its namespace, it was never removed."""
    tried = cluster.having_tried(status, not_before=None)
    assert the_step(web_in(tried, placed_on=placed_on).decide()).action is action


def test_a_removal_that_failed_stays_recorded() -> None:
    """A crash must not make us forget what a cluster still holds."""
    tried = a_cluster("us").holding(a_copy()).having_tried(PropagationStatus.DELETION_FAILED, not_before=None)
    step = the_step(web_in(tried).decide())
    assert (step.action, step.status, step.recorded) == (KEEP, PropagationStatus.DELETION_FAILED, True)


# --- the gate ---------------------------------------------------------------------------------------------------


def test_a_freeze_keeps_what_would_be_removed_and_lets_everything_else_through() -> None:
    clusters = (a_cluster("eu"), a_cluster("us").holding(a_copy()))
    plan = web_in(*clusters).frozen("the host may have been restored").decide()
    assert outcomes(plan) == {"eu": (CREATE, ""), "us": (KEEP, "WaitingForRemoval")}
    kept = plan.step(ClusterName("us"))
    assert kept is not None
    assert (kept.explanation, kept.recorded) == ("the host may have been restored", True)


def test_a_frozen_federation_writes_nothing_and_says_of_each_copy_what_is_left_undone() -> None:
    stale = a_copy().at(generation=7)
    clusters = (a_cluster("eu"), a_cluster("us").holding(stale))
    plan = web_in(*clusters).wholly_frozen("frozen: an audit").decide()
    assert outcomes(plan) == {"eu": (KEEP, "CreationFailed"), "us": (KEEP, "WaitingForRemoval")}
    assert {step.explanation for step in plan.steps} == {"frozen: an audit"}
    assert plan.reason == PropagationReason.CHECK_CLUSTERS


def test_a_frozen_cluster_is_left_alone_and_no_other() -> None:
    plan = (
        about(a_fed_deployment().placed_on("eu", "us"))
        .with_clusters(a_cluster("eu").frozen("an audit"), a_cluster("us"))
        .decide()
    )
    assert outcomes(plan) == {"eu": (KEEP, "CreationFailed"), "us": (CREATE, "")}


def test_a_copy_in_shape_has_nothing_to_say_about_a_freeze() -> None:
    situation = about(a_fed_deployment().placed_on("eu")).with_clusters(a_cluster("eu").unready().frozen("an audit"))
    assert outcomes(situation.decide()) == {"eu": (KEEP, "ClusterNotReady")}


# --- right after a start ----------------------------------------------------------------------------------------


def test_a_cluster_that_has_not_been_asked_yet_is_no_news() -> None:
    plan = web_in(a_cluster("eu").unheard_of(until=NOW + 10)).decide()
    assert (the_step(plan).look_again_at, plan.settled) == (NOW + 10, False)


def test_a_cluster_of_which_nothing_is_heard_for_long_is_not_ready() -> None:
    plan = web_in(a_cluster("eu").unheard_of(until=NOW)).decide()
    assert (outcomes(plan), plan.settled) == ({"eu": (KEEP, NOT_READY)}, True)
