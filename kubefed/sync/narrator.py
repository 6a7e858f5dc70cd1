"""Says what a type's controller does: one log line a decision, one Event an operation, in KubeFed's words."""

import logging

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.wire import Object
from kubefed.observe.events import NORMAL, WARNING, EventSink, Subject
from kubefed.sync.plan import Action, Plan

_LOG = logging.getLogger(__name__)

_REASONS = {
    Action.CREATE: ("CreateInCluster", "Creating", "create"),
    Action.UPDATE: ("UpdateInCluster", "Updating", "update"),
    Action.DELETE: ("DeleteInCluster", "Deleting", "delete"),
    Action.UNLABEL: ("RemoveManagedLabelFromInCluster", "Removing managed label from", "remove managed label from"),
}


_CONCLUSIONS = {
    PropagationStatus.WAITING_FOR_REMOVAL: (NORMAL, "WaitForRemovalInCluster"),
    PropagationStatus.CREATION_TIMED_OUT: (WARNING, "OperationTimeoutError"),
    PropagationStatus.UPDATE_TIMED_OUT: (WARNING, "OperationTimeoutError"),
    PropagationStatus.DELETION_TIMED_OUT: (WARNING, "OperationTimeoutError"),
    PropagationStatus.LABEL_REMOVAL_TIMED_OUT: (WARNING, "OperationTimeoutError"),
}
"""How a cluster's status is told where the event is not called like the status."""
_EXPLANATIONS = {
    PropagationStatus.WAITING_FOR_REMOVAL: "it is being deleted",
    PropagationStatus.CLUSTER_NOT_READY: "the cluster is not ready",
}
_TOLD_WHEN_FAILED = frozenset(
    {
        PropagationStatus.CREATION_FAILED,
        PropagationStatus.UPDATE_FAILED,
        PropagationStatus.DELETION_FAILED,
        PropagationStatus.LABEL_REMOVAL_FAILED,
    }
)


class Narrator:
    """The voice of one type's controller."""

    def __init__(self, kind: FederatedType, events: EventSink) -> None:
        self._kind = kind
        self._events = events
        self._component = f"{kind.federated.kind.lower()}-controller"

    def begins(self, federated: Object | None, key: ObjectKey, cluster: ClusterName, action: Action) -> None:
        """An operation is on its way to a member."""
        reason, doing, _ = _REASONS[action]
        _LOG.info("%s copy", action.name.lower(), extra={"type": self._kind.name, "object": str(key), "cluster": cluster})
        self._emit(federated, NORMAL, reason, f"{doing} {self._copy(key)} in cluster {_quoted(cluster)}")

    def failed(
        self, federated: Object | None, key: ObjectKey, cluster: ClusterName, action: Action, explanation: str
    ) -> None:
        """An operation did not work out."""
        reason, _, verb = _REASONS[action]
        _LOG.warning(
            "cannot %s copy: %s",
            action.name.lower(),
            explanation,
            extra={"type": self._kind.name, "object": str(key), "cluster": cluster},
        )
        message = f"Failed to {verb} {self._copy(key)} in cluster {_quoted(cluster)}: {explanation}"
        self._emit(federated, WARNING, f"{reason}Failed", message)

    def concludes(self, federated: Object, plan: Plan) -> None:
        """A status with something to complain about was decided. Failed operations have been told when they failed."""
        if plan.explanation:
            self._emit(federated, WARNING, str(plan.reason), plan.explanation)
        for step in plan.steps:
            if step.listed and step.status and step.status not in _TOLD_WHEN_FAILED:
                severity, reason = _CONCLUSIONS.get(step.status, (WARNING, str(step.status)))
                said = step.explanation or _EXPLANATIONS.get(step.status, "")
                message = f"{self._copy(federated.key)} in cluster {_quoted(step.cluster)}: {said}"
                self._emit(federated, severity, reason, message)

    def finalizer_failed(self, federated: Object, explanation: str) -> None:
        """Without our finalizer on the object no copy of it is made."""
        self._emit(federated, WARNING, "EnsureFinalizerError", f"Failed to write the finalizer: {explanation}")

    def ignores(self, federated: Object) -> None:
        """A FederatedNamespace stands for the namespace it lies in, and must have its name."""
        text = f"a {self._kind.federated.kind} has the name of the namespace it is in; this one is ignored"
        self._emit(federated, WARNING, "InvalidName", text)

    def drops(self, federated: Object, parts: tuple[str, ...]) -> None:
        """The template holds what never reaches a member."""
        for part in parts:
            text = f"{part} in spec.template.metadata are not propagated; set them per cluster with overrides"
            self._emit(federated, WARNING, f"{part.capitalize()}NotSupported", text)

    def _emit(self, federated: Object | None, severity: str, reason: str, message: str) -> None:
        if federated is not None:
            subject = Subject(self._kind.federated, federated.key, federated.metadata.uid)
            self._events.emit(subject, severity, reason, message, self._component)

    def _copy(self, key: ObjectKey) -> str:
        shown = key if self._kind.target.namespaced else key.name
        return f"{self._kind.target.kind} {_quoted(str(shown))}"


def _quoted(text: str) -> str:
    return f'"{text}"'
