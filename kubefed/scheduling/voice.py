"""Says what becomes of a preference: a log line and an Event, once for as long as it stays the same."""

import logging

from kubefed.core.names import ObjectKey
from kubefed.kube.wire import Object
from kubefed.observe.events import NORMAL, WARNING, EventSink, Subject
from kubefed.scheduling.preference import PREFERENCES
from kubefed.scheduling.rewriting import Division

_LOG = logging.getLogger(__name__)
_COMPONENT = "replicaschedulingpreference-controller"
_MOST_SHOWN = 20


class Voice:
    """The voice of the scheduling controller."""

    def __init__(self, events: EventSink) -> None:
        self._events = events
        self._said: dict[ObjectKey, str] = {}

    def complains(self, preference: Object, complaint: str) -> None:
        """Nothing is divided, for this reason. An empty one: all is well again."""
        key = preference.key
        if not complaint:
            self._said.pop(key, None)
        elif self._said.get(key) != complaint:
            self._said[key] = complaint
            _LOG.warning("replicas are not divided: %s", complaint, extra={"preference": str(key)})
            self._emit(preference, WARNING, "ReplicasNotDivided", complaint)

    def tells(self, preference: Object, division: Division) -> None:
        """Replicas were divided anew."""
        _LOG.info("replicas divided", extra={"preference": str(preference.key), "clusters": len(division)})
        shown = ", ".join(f"{name} {replicas}" for name, replicas in sorted(division.items())[:_MOST_SHOWN])
        rest = f" and {len(division) - _MOST_SHOWN} clusters more" if len(division) > _MOST_SHOWN else ""
        self._emit(preference, NORMAL, "ReplicasDivided", f"Replicas by cluster: {shown}{rest}")

    def forget(self, key: ObjectKey) -> None:
        """The preference is gone."""
        self._said.pop(key, None)

    def _emit(self, preference: Object, severity: str, reason: str, message: str) -> None:
        subject = Subject(PREFERENCES, preference.key, preference.metadata.uid)
        self._events.emit(subject, severity, reason, message, _COMPONENT)
