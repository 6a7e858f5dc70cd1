"""One step on its way to a member: looked at once more before it acts, and told in KubeFed's words when it fails."""

from collections.abc import Mapping

import pytest

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.errors import (
    Bug,
    Cause,
    Forbidden,
    KubefedError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Stale,
    Unreachable,
)
from kubefed.core.markers import DELETE_OPTIONS_ANNOTATION
from kubefed.core.names import ClusterName
from kubefed.engine.priority import Priority
from kubefed.sync.freshness import FRESH_S, Reading
from kubefed.sync.operation import CopyOperation, Due, HostUnread, failure_of, refusal_of
from kubefed.sync.plan import Action, Step
from kubefed.sync.retention import RetentionFailed
from tests.builders.objects import a_fed_config_map
from tests.fakes.clock import FakeClock
from tests.unit.sync.a_member import KEY, MARKS, OneMember, a_member

INTENT = a_fed_config_map().placed_on("eu").intent()
CREATE, UPDATE, DELETE, UNLABEL = Action.CREATE, Action.UPDATE, Action.DELETE, Action.UNLABEL


class Story:
    """An operation on one member, with what it is told when it asks."""

    def __init__(self, one: OneMember, action: Action, *, host: KubefedError | None = None) -> None:
        self.one = one
        self.host = host
        self.steps: list[str] = []
        self.due = True
        self.annotations: Mapping[str, str] = {}
        step = Step(ClusterName("eu"), action)
        self.operation = CopyOperation(one.shop, KEY, step, Priority.EDIT, self._refresh, self._still_due, (None, 0))

    async def run(self) -> None:
        await self.operation.run()

    async def _refresh(self) -> None:
        self.steps.append("read")
        if self.host is not None:
            raise self.host

    def _still_due(self, _: CopyOperation) -> Due | None:
        self.steps.append("decide")
        copy = self.one.store.get(KEY)
        return Due(self.one.member, INTENT, copy, "", self.annotations) if self.due else None


@pytest.mark.parametrize("action", [CREATE, UPDATE, DELETE, UNLABEL])
async def test_what_is_not_due_any_more_is_not_done(action: Action) -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        story = Story(one, action)
        story.due = False
        await story.run()
        assert one.server.requests == []
        assert story.operation.written is None


@pytest.mark.parametrize(
    ("action", "steps"), [(CREATE, ["decide"]), (DELETE, ["read", "decide"]), (UNLABEL, ["read", "decide"])]
)
async def test_the_host_is_read_again_before_anything_is_removed(action: Action, steps: list[str]) -> None:
    async with a_member() as one:
        if action is not CREATE:
            one.holds(metadata=MARKS)
        story = Story(one, action)
        await story.run()
        assert story.steps == steps
        assert len(one.server.requests) == 1


@pytest.mark.parametrize("action", [DELETE, UNLABEL])
async def test_a_host_that_cannot_be_read_keeps_everything_where_it_is(action: Action) -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        story = Story(one, action, host=Forbidden("GET /x", status=403, reason="Forbidden"))
        with pytest.raises(HostUnread, match="403 Forbidden"):
            await story.run()
        assert one.server.requests == []
        assert story.steps == ["read"]


@pytest.mark.parametrize("action", [DELETE, UNLABEL])
async def test_a_copy_that_is_gone_by_now_is_not_asked_for(action: Action) -> None:
    async with a_member() as one:
        await Story(one, action).run()
        assert one.server.requests == []


async def test_unreadable_delete_options_keep_the_copy() -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        story = Story(one, DELETE)
        story.annotations = {DELETE_OPTIONS_ANNOTATION: "{"}
        with pytest.raises(Misconfigured):
            await story.run()
        assert one.server.requests == []


# --- how failures are told --------------------------------------------------------------------------------------

REFUSED = Rejected("PUT /x", status=422, reason="Invalid", causes=(Cause("spec.x", "FieldValueInvalid"),))


@pytest.mark.parametrize(
    ("action", "error", "status", "explanation", "retry"),
    [
        (CREATE, REFUSED, "CreationFailed", "422 Invalid (spec.x: FieldValueInvalid)", True),
        (UPDATE, REFUSED, "UpdateFailed", "422 Invalid (spec.x: FieldValueInvalid)", True),
        (DELETE, Forbidden("x", status=403, reason="Forbidden"), "DeletionFailed", "403 Forbidden", True),
        (UNLABEL, Stale("x", status=409, reason="Conflict"), "LabelRemovalFailed", "409 Conflict", True),
        (CREATE, NotFound("x", status=404), "CreationFailed", "404", True),
        (CREATE, OutcomeUnknown("x", reason="Timeout"), "CreationTimedOut", "Timeout", True),
        (UPDATE, OutcomeUnknown("x", reason="Timeout"), "UpdateTimedOut", "Timeout", True),
        (DELETE, OutcomeUnknown("x", reason="Timeout"), "DeletionTimedOut", "Timeout", True),
        (UNLABEL, OutcomeUnknown("x", reason="Timeout"), "LabelRemovalTimedOut", "Timeout", True),
        (CREATE, Unreachable("x", reason="ConnectionRefused"), "CreationFailed", "ConnectionRefused", True),
        (CREATE, Misconfigured("the wish"), "ApplyOverridesFailed", "the wish", False),
        (DELETE, Misconfigured("the options"), "DeletionFailed", "the options", False),
        (UPDATE, RetentionFailed("the ports"), "FieldRetentionFailed", "the ports", False),
        (DELETE, HostUnread("500 x"), "DeletionFailed", "the host could not be read: 500 x", True),
        (UPDATE, Bug("a value"), "UpdateFailed", "Bug", True),
    ],
)
def test_a_failure_has_kubefeds_status_and_words_that_are_safe(
    action: Action, error: KubefedError, status: str, explanation: str, retry: bool
) -> None:
    failure = failure_of(action, error)
    assert (str(failure.status), failure.explanation, failure.retry) == (status, explanation, retry)


def test_a_copy_that_is_not_ours_waits_for_a_person() -> None:
    refusal = refusal_of(ClusterName("eu"), PropagationStatus.MANAGED_LABEL_FALSE)
    assert not refusal.retry
    assert "kubefed.io/managed=false" in refusal.explanation


# --- one reading for all removals of a plan ---------------------------------------------------------------------


async def test_removals_that_start_together_share_one_reading_and_a_late_one_reads_anew() -> None:
    clock, readings = FakeClock(), []

    async def read() -> None:
        readings.append(clock.monotonic())

    reading = Reading(read, clock)
    await reading()
    clock.advance(FRESH_S)
    await reading()
    assert len(readings) == 1
    clock.advance(0.1)
    await reading()
    assert len(readings) == 2


async def test_a_reading_is_as_old_as_its_beginning() -> None:
    clock, readings = FakeClock(), []

    async def slow_read() -> None:
        readings.append(clock.monotonic())
        clock.advance(FRESH_S + 1)

    reading = Reading(slow_read, clock)
    await reading()
    await reading()
    assert len(readings) == 2


async def test_a_reading_that_failed_serves_nobody() -> None:
    answers = iter([Forbidden("GET /x", status=403), None])

    async def read() -> None:
        if (answer := next(answers)) is not None:
            raise answer

    reading = Reading(read, FakeClock())
    with pytest.raises(Forbidden):
        await reading()
    await reading()
