"""What a decision says: one step per cluster, what to do about the finalizer, what to tell people. Values only."""

from dataclasses import dataclass
from enum import Enum, auto

from kubefed.api.types_v1beta1 import PropagationReason, PropagationStatus
from kubefed.core.names import ClusterName
from kubefed.sync.causes import Cause


class Action(Enum):
    """What to do to one member's copy."""

    KEEP = auto()
    CREATE = auto()
    UPDATE = auto()
    DELETE = auto()
    UNLABEL = auto()

    @property
    def writes(self) -> bool:
        """Whether the copy is there as it is wanted afterwards."""
        return self in (Action.CREATE, Action.UPDATE)

    @property
    def removes(self) -> bool:
        """Whether the copy, or our hold on it, is gone afterwards."""
        return self in (Action.DELETE, Action.UNLABEL)


class Finalizer(Enum):
    """What to do about our finalizer on the federated object."""

    KEEP = auto()
    ADD = auto()
    REMOVE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One cluster's part of a plan.

    `listed`: the cluster has an entry in the federated object's status. `pending`: an operation is on its way, or the
    member is still being read, and the status will only then be the truth. `recorded`: the cluster's recorded version is
    kept, because it is selected or because it is out of reach and may hold a copy. `clean`: it certainly holds none, so
    the finalizer need not stay for it. `look_again_at`: when (monotonic seconds) to decide anew. `cause`: what shared cause
    removes the copy; None where the object's own editor does.
    """

    cluster: ClusterName
    action: Action = Action.KEEP
    status: PropagationStatus = PropagationStatus.OK
    listed: bool = True
    pending: bool = False
    recorded: bool = True
    clean: bool = False
    explanation: str = ""
    look_again_at: float | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about one federated object. `reported` is False when its status must be left as it is."""

    steps: tuple[Step, ...] = ()
    finalizer: Finalizer = Finalizer.KEEP
    reason: PropagationReason | None = None
    explanation: str = ""
    reported: bool = False

    @property
    def removes(self) -> bool:
        """Whether any step removes something from a member."""
        return any(step.action.removes for step in self.steps)

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way: the plan describes what is."""
        return self.finalizer is Finalizer.KEEP and all(
            step.action is Action.KEEP and not step.pending for step in self.steps
        )

    def step(self, cluster: ClusterName) -> Step | None:
        """The step for one cluster."""
        return next((step for step in self.steps if step.cluster == cluster), None)


NOTHING = Plan()
"""Nothing to do and nothing to say: not enough is known, or the object is none of our business."""
