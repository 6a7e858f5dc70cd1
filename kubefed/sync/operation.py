"""One step of a plan on its way to one member: what runs in the lane, and what its end means.

Between deciding and running, time passes. An operation therefore looks again before it acts: at the local stores when it
changes a copy, and at the host itself, with consistent reads, before it removes one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.clusters.member import Member
from kubefed.core.errors import ApiError, KubefedError, Misconfigured, OutcomeUnknown
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.priority import Priority
from kubefed.kube.wire import Metadata, Object
from kubefed.sync.executor import Workshop, Written, create_copy, delete_copy, delete_options, let_go, update_copy
from kubefed.sync.intent import Intent
from kubefed.sync.plan import Action, Step
from kubefed.sync.retention import RetentionFailed

_FAILED = {
    Action.CREATE: (PropagationStatus.CREATION_FAILED, PropagationStatus.CREATION_TIMED_OUT),
    Action.UPDATE: (PropagationStatus.UPDATE_FAILED, PropagationStatus.UPDATE_TIMED_OUT),
    Action.DELETE: (PropagationStatus.DELETION_FAILED, PropagationStatus.DELETION_TIMED_OUT),
    Action.UNLABEL: (PropagationStatus.LABEL_REMOVAL_FAILED, PropagationStatus.LABEL_REMOVAL_TIMED_OUT),
}


class HostUnread(KubefedError):
    """Nothing is removed, because the host could not be asked whether it should be. Says what the host answered."""


@dataclass(frozen=True, slots=True)
class Due:
    """What an operation needs when it is still due: the newest of everything.

    `delete_annotations` are the federated object's when it is itself being deleted: only then do its delete options count.
    """

    member: Member
    intent: Intent | None
    copy: Metadata | None
    host_namespace_uid: str
    delete_annotations: Mapping[str, str]


@dataclass(slots=True)
class CopyOperation:
    """One action on one member's copy of one federated object.

    `refresh` reads from the host whatever deselects the object; `still_due` decides once more from the local stores and
    gives None when the step is not due any more. `decided_on` is what the step was decided on: the federated object, and
    the controller's count of changes elsewhere. `written` and `intent` are what came of it.
    """

    shop: Workshop
    key: ObjectKey
    step: Step
    priority: Priority
    refresh: Callable[[], Awaitable[None]]
    still_due: Callable[["CopyOperation"], Due | None]
    decided_on: tuple[Object | None, int]
    written: Written | None = None
    intent: Intent | None = None

    async def run(self) -> None:
        """Act, unless the step is not due any more. Raises ApiError, or Misconfigured for what a person must mend."""
        if self.step.action.removes:
            await self._read_host()
        due = self.still_due(self)
        if due is not None:
            self.intent = due.intent
            self.written = await self._act(due)

    async def _read_host(self) -> None:
        """A host that does not answer is no reason for the member's lane to spare the member."""
        try:
            await self.refresh()
        except ApiError as answer:
            raise HostUnread(answer.explanation()) from None

    async def _act(self, due: Due) -> Written | None:
        shop, member = self.shop, due.member
        match self.step.action, due.intent, due.copy:
            case Action.CREATE, Intent() as intent, _:
                return await create_copy(shop, member, intent, due.host_namespace_uid)
            case Action.UPDATE, Intent() as intent, _:
                return await update_copy(shop, member, intent)
            case Action.UNLABEL, _, Metadata() as copy:
                return await let_go(shop, member, copy)
            case Action.DELETE, _, Metadata() as copy:
                return await delete_copy(shop, member, copy, delete_options(due.delete_annotations))
        return None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed operation in words that are safe to publish. `retry`: trying again can help without anybody's doing."""

    status: PropagationStatus
    explanation: str
    retry: bool


def failure_of(action: Action, error: KubefedError) -> Failure:
    """How the failure of an action is told."""
    failed, timed_out = _FAILED[action]
    if isinstance(error, RetentionFailed):
        return Failure(PropagationStatus.FIELD_RETENTION_FAILED, str(error), retry=False)
    if isinstance(error, Misconfigured):
        # The template was read before; what only shows when a copy is built comes from its overrides.
        return Failure(failed if action.removes else PropagationStatus.APPLY_OVERRIDES_FAILED, str(error), retry=False)
    if isinstance(error, HostUnread):
        return Failure(failed, f"the host could not be read: {error}", retry=True)
    explanation = error.explanation() if isinstance(error, ApiError) else type(error).__name__
    return Failure(timed_out if isinstance(error, OutcomeUnknown) else failed, explanation, retry=True)


_UNWRITTEN = {
    PropagationStatus.ALREADY_EXISTS: "an object of that name exists and may not be adopted",
    PropagationStatus.MANAGED_LABEL_FALSE: "the object in the cluster carries the label kubefed.io/managed=false",
}


def refusal_of(cluster: ClusterName, status: PropagationStatus) -> Failure:
    """How it is told that a copy was left alone because it is not ours to write."""
    return Failure(status, _UNWRITTEN.get(status, f"not written in {cluster}"), retry=False)
