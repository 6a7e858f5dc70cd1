"""What is done when an object is being deleted, and when it is gone. Nothing here may follow from not knowing."""

from collections.abc import Callable

import pytest

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.markers import SYNC_FINALIZER
from kubefed.sync.facts import NamespaceState
from kubefed.sync.plan import NOTHING, Action, Finalizer, Plan, Step
from tests.builders.objects import FederatedBuilder, a_copy, a_fed_deployment, a_fed_namespace
from tests.builders.situations import NOW, ClusterBuilder, Situation, a_cluster, about

KEEP, DELETE, UNLABEL = Action.KEEP, Action.DELETE, Action.UNLABEL
ENDING = a_fed_deployment().placed_on("eu").being_deleted()


def the_step(plan: Plan) -> Step:
    (step,) = plan.steps
    return step


def ending(*clusters: ClusterBuilder) -> Situation:
    return about(ENDING).with_clusters(*clusters)


# --- being deleted: copies --------------------------------------------------------------------------------------

HOLDS = a_cluster().holding(a_copy())

CLUSTERS: list[tuple[str, ClusterBuilder, Action, bool]] = [
    ("selected and empty", a_cluster(), KEEP, True),
    ("selected, holding a copy", HOLDS, DELETE, False),
    ("selected, its copy on the way out", a_cluster().holding(a_copy().terminating()), KEEP, False),
    ("selected, not ready, known as empty", a_cluster().unready(), KEEP, False),
    ("selected, not ready, holding a copy", HOLDS.unready(), KEEP, False),
    ("selected and unread", a_cluster().unread("Forbidden"), KEEP, False),
    ("selected, with a write on its way", a_cluster().doing("create"), KEEP, False),
    ("not selected and empty", a_cluster("us"), KEEP, True),
    ("not selected, holding a copy", a_cluster("us").holding(a_copy()), DELETE, False),
    ("not selected, not ready, never written to", a_cluster("us").unready().unread(), KEEP, True),
    ("not selected, not ready, but recorded", a_cluster("us").unready().unread().owing(), KEEP, False),
    ("not selected, unread, but recorded", a_cluster("us").unread("Forbidden").owing(), KEEP, False),
    ("holding another federation's copy", a_cluster().holding(a_copy().owned_by("another")), KEEP, True),
    ("with a write on its way, not selected", a_cluster("us").doing("update"), KEEP, False),
]


@pytest.mark.parametrize(
    ("cluster", "action", "clean"), [case[1:] for case in CLUSTERS], ids=[case[0] for case in CLUSTERS]
)
def test_deletion_with_a_cluster_that_is(cluster: ClusterBuilder, action: Action, clean: bool) -> None:
    plan = ending(cluster).decide()
    assert (the_step(plan).action, the_step(plan).clean) == (action, clean)
    assert plan.finalizer is (Finalizer.REMOVE if clean else Finalizer.KEEP)
    assert not plan.reported


def test_one_cluster_that_is_not_clean_keeps_the_finalizer_and_delays_no_other() -> None:
    plan = ending(a_cluster("eu").unready(), a_cluster("us").holding(a_copy())).decide()
    assert plan.finalizer is Finalizer.KEEP
    assert [step.action for step in plan.steps] == [KEEP, DELETE]


def test_a_deletion_that_failed_waits_for_its_time() -> None:
    failed = HOLDS.having_tried(PropagationStatus.DELETION_FAILED, not_before=NOW + 2)
    step = the_step(ending(failed).decide())
    assert (step.action, step.clean, step.look_again_at) == (KEEP, False, NOW + 2)
    assert the_step(ending(failed).decide(now=NOW + 2)).action is DELETE


def test_a_failed_update_does_not_hold_back_the_deletion() -> None:
    failed = HOLDS.having_tried(PropagationStatus.UPDATE_FAILED, not_before=None)
    assert the_step(ending(failed).decide()).action is DELETE


UNREADABLE_SPECS: list[tuple[str, FederatedBuilder]] = [
    ("placement", ENDING.placed({"clusters": 7})),
    ("template", ENDING.with_template("no object")),
    ("overrides", ENDING.with_spec(overrides=[{}, {}])),
]


@pytest.mark.parametrize("fed", [case for _, case in UNREADABLE_SPECS], ids=[name for name, _ in UNREADABLE_SPECS])
def test_what_cannot_be_read_can_still_be_deleted(fed: FederatedBuilder) -> None:
    assert the_step(about(fed).with_clusters(HOLDS).decide()).action is DELETE
    assert about(fed).with_clusters(a_cluster("us")).decide().finalizer is Finalizer.REMOVE


# --- being deleted: what must be known --------------------------------------------------------------------------

NOT_YET: list[tuple[str, Situation]] = [
    ("host unread", ending(HOLDS).before_host_is_known()),
    ("namespaces unread", ending(HOLDS).in_namespace(NamespaceState.UNKNOWN)),
    ("our finalizer is not there", about(ENDING.with_metadata(finalizers=["another"])).with_clusters(HOLDS)),
    (
        "its marks are too large to be read, so that it may want orphans",
        about(ENDING.annotated(orphan="true", noise="x" * 5000)).with_clusters(HOLDS),
    ),
]


@pytest.mark.parametrize("situation", [case for _, case in NOT_YET], ids=[name for name, _ in NOT_YET])
def test_nothing_is_removed_while(situation: Situation) -> None:
    assert situation.decide() == NOTHING


def test_a_freeze_keeps_copies_and_finalizer() -> None:
    plan = ending(HOLDS).frozen("restored").decide()
    assert (the_step(plan).action, plan.finalizer) == (KEEP, Finalizer.KEEP)


# --- orphans ----------------------------------------------------------------------------------------------------


def test_orphans_are_made_by_taking_the_finalizer_off_first() -> None:
    """KubeFed's order. The labels follow once the object is gone, so that a crash in between loses none of them."""
    orphaning = about(ENDING.annotated(orphan="true")).with_clusters(HOLDS, a_cluster("us").unready())
    assert orphaning.decide() == Plan(finalizer=Finalizer.REMOVE)


@pytest.mark.parametrize("text", ["false", "True", "yes", ""])
def test_orphan_means_true_to_the_letter(text: str) -> None:
    assert the_step(about(ENDING.annotated(orphan=text)).with_clusters(HOLDS).decide()).action is DELETE


# --- namespaces -------------------------------------------------------------------------------------------------

ENDING_NAMESPACE = a_fed_namespace("shop").placed_on("eu").being_deleted()
HOST_COPY = a_copy(ENDING_NAMESPACE).with_uid("uid-on-host")
MEMBER_COPY = a_copy(ENDING_NAMESPACE).with_uid("uid-in-member")


def test_the_hosts_own_namespace_outlives_its_federated_namespace() -> None:
    host, member = a_cluster("host").holding(HOST_COPY), a_cluster("eu").holding(MEMBER_COPY)
    plan = about(ENDING_NAMESPACE).with_clusters(host, member).decide()
    assert [step.action for step in plan.steps] == [UNLABEL, DELETE]


def test_the_hosts_own_namespace_does_not_block_when_it_is_being_deleted_itself() -> None:
    situation = about(ENDING_NAMESPACE).with_clusters(a_cluster("host").holding(HOST_COPY.terminating()))
    plan = situation.standing_for_namespace("uid-on-host", terminating=True).decide()
    assert plan.finalizer is Finalizer.REMOVE
    waiting = situation.standing_for_namespace("uid-on-host", terminating=False).decide()
    assert waiting.finalizer is Finalizer.KEEP


def test_no_namespace_is_deleted_while_the_hosts_namespaces_are_unread() -> None:
    """Its uid was empty then, the host's own namespace looked like any other, and was deleted with all that it held."""
    situation = about(ENDING_NAMESPACE).with_clusters(a_cluster("host").holding(HOST_COPY))
    assert situation.in_namespace(NamespaceState.UNKNOWN).decide() == NOTHING


MISNAMED = a_fed_namespace("shop").named("shop", namespace="tenant-a")


def misnamed(fed: FederatedBuilder) -> Situation:
    """FederatedNamespace tenant-a/shop: whoever may write in tenant-a made it. shop/shop manages the namespace shop."""
    managed_by_another = a_cluster().holding(a_copy(a_fed_namespace("shop").placed_on("eu")))
    return about(fed).with_clusters(managed_by_another).standing_for_namespace(excluded=True)


TENANTS_TRICKS: list[tuple[str, Situation, Plan]] = [
    ("created", misnamed(MISNAMED.placed_on("eu").without_finalizer()), NOTHING),
    ("created with our finalizer", misnamed(MISNAMED.placed_on("eu")), NOTHING),
    ("deleted", misnamed(MISNAMED.placed_on("eu").without_finalizer().being_deleted()), NOTHING),
    ("deleted with our finalizer", misnamed(MISNAMED.placed_on("eu").being_deleted()), Plan(finalizer=Finalizer.REMOVE)),
    ("gone", misnamed(MISNAMED).gone(), NOTHING),
]


@pytest.mark.parametrize(
    ("situation", "plan"), [case[1:] for case in TENANTS_TRICKS], ids=[case[0] for case in TENANTS_TRICKS]
)
def test_a_federated_namespace_under_another_name_harms_no_namespace_when_it_is(situation: Situation, plan: Plan) -> None:
    """Deleting tenant-a/shop deleted the namespace `shop` in all members; its mere end took the managed label off."""
    assert situation.decide() == plan


# --- gone -------------------------------------------------------------------------------------------------------


def test_copies_without_a_federated_object_are_kept_and_let_go_of() -> None:
    clusters = (a_cluster("asia"), a_cluster("eu").holding(a_copy()), a_cluster("us").holding(a_copy()))
    plan = about(a_fed_deployment()).with_clusters(*clusters).gone().decide()
    assert [(step.cluster, step.action) for step in plan.steps] == [("eu", UNLABEL), ("us", UNLABEL)]
    assert not plan.reported


LEFT_ALONE: list[tuple[str, Callable[[Situation], Situation], ClusterBuilder]] = [
    ("a copy while the federated objects are unread", lambda situation: situation.gone(known=False), HOLDS),
    ("a copy in a cluster out of reach", Situation.gone, HOLDS.unready()),
    ("another federation's copy", Situation.gone, a_cluster().holding(a_copy().owned_by("another"))),
    ("a copy with a write on its way", Situation.gone, HOLDS.doing("update")),
    (
        "a copy that could not be let go of a moment ago",
        Situation.gone,
        HOLDS.having_tried("LabelRemovalFailed", not_before=NOW + 1),
    ),
    ("a copy during a freeze", lambda situation: situation.gone().frozen("restored"), HOLDS),
]


@pytest.mark.parametrize(("lose", "cluster"), [case[1:] for case in LEFT_ALONE], ids=[case[0] for case in LEFT_ALONE])
def test_without_a_federated_object_nothing_is_done_to(
    lose: Callable[[Situation], Situation], cluster: ClusterBuilder
) -> None:
    plan = lose(about(a_fed_deployment()).with_clusters(cluster)).decide()
    assert all(step.action is KEEP for step in plan.steps)


def test_the_sync_finalizer_is_kubefeds() -> None:
    assert ENDING.build().metadata.finalizers == (SYNC_FINALIZER,) == ("kubefed.io/sync-controller",)
