"""What a simulated kubelet does next with a pod, and what it reports."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from fedctl.sandbox.simulator import rules
from fedctl.sandbox.simulator.pods import Pod, decode
from fedctl.sandbox.simulator.rules import READY_ANNOTATION, Place, Step
from kubefed.core.clock import rfc3339

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE = Place(pod_ip="198.18.1.7", host_ip="198.18.0.1")


class PodBuilder:
    """A pod bound to a node, as the API server would send it."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {"name": "web-1", "namespace": "shop", "uid": "u1", "resourceVersion": "5"}
        self.spec: dict[str, Any] = {"nodeName": "n1", "containers": [{"name": "main", "image": "nginx"}]}
        self.status: dict[str, Any] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}

    def annotated(self, name: str, value: str) -> "PodBuilder":
        self.metadata["annotations"] = {name: value}
        return self

    def deleted(self) -> "PodBuilder":
        self.metadata["deletionTimestamp"] = rfc3339(NOW)
        return self

    def restarting(self, policy: str) -> "PodBuilder":
        self.spec["restartPolicy"] = policy
        return self

    def with_init(self, **container: Any) -> "PodBuilder":
        self.spec["initContainers"] = [container]
        return self

    def with_gate(self, condition: str) -> "PodBuilder":
        self.spec["readinessGates"] = [{"conditionType": condition}]
        return self

    def with_condition(self, kind: str, value: str) -> "PodBuilder":
        self.status["conditions"].append({"type": kind, "status": value, "lastTransitionTime": rfc3339(NOW)})
        return self

    def with_ports(self, *ports: dict[str, Any]) -> "PodBuilder":
        self.spec["containers"][0]["ports"] = list(ports)
        return self

    def running_since(self, moment: datetime) -> "PodBuilder":
        """As it looks after the simulator has reported its start."""
        self.status |= rules.started(self.build(), PLACE, moment)["status"]
        return self

    def ended(self, phase: str) -> "PodBuilder":
        self.status["phase"] = phase
        return self

    def build(self) -> Pod:
        return decode(orjson.dumps({"metadata": self.metadata, "spec": self.spec, "status": self.status}))


def a_pod() -> PodBuilder:
    return PodBuilder()


def condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(entry for entry in status["conditions"] if entry["type"] == kind)


DUE = {
    "a bound pod is started": (a_pod(), Step.START),
    "a running pod is left alone": (a_pod().running_since(NOW), Step.NOTHING),
    "a deleted pod is removed": (a_pod().running_since(NOW).deleted(), Step.REMOVE),
    "a pod deleted before it started is removed": (a_pod().deleted(), Step.REMOVE),
    "a pod that ended is left alone": (a_pod().restarting("Never").running_since(NOW).ended("Succeeded"), Step.NOTHING),
    "an evicted pod is left alone": (a_pod().ended("Failed"), Step.NOTHING),
    "a pod that ended and was deleted is removed": (a_pod().ended("Succeeded").deleted(), Step.REMOVE),
    "a job's pod ends": (a_pod().restarting("Never").running_since(NOW - rules.TASK_TAKES), Step.FINISH),
    "a pod that restarts on failure ends": (
        a_pod().restarting("OnFailure").running_since(NOW - rules.TASK_TAKES),
        Step.FINISH,
    ),
    "failing probes are told": (a_pod().running_since(NOW).annotated(READY_ANNOTATION, "false"), Step.TELL_READINESS),
    "failing probes are told once": (a_pod().annotated(READY_ANNOTATION, "false").running_since(NOW), Step.NOTHING),
    "a gate that opens is told": (
        a_pod().with_gate("g").running_since(NOW).with_condition("g", "True"),
        Step.TELL_READINESS,
    ),
    "a gate that is closed keeps it unready": (a_pod().with_gate("g").running_since(NOW), Step.NOTHING),
}


@pytest.mark.parametrize("case", DUE)
def test_what_is_due(case: str) -> None:
    pod, step = DUE[case]
    assert rules.next_step(pod.build(), NOW).step is step


def test_a_job_runs_for_a_moment_before_it_ends() -> None:
    due = rules.next_step(a_pod().restarting("Never").running_since(NOW).build(), NOW)
    assert due.step is Step.FINISH
    assert due.after_s == rules.TASK_TAKES.total_seconds()


def test_a_started_pod_runs_at_its_address_and_is_ready() -> None:
    status = rules.started(a_pod().build(), PLACE, NOW)["status"]
    assert (status["phase"], status["podIP"], status["hostIP"]) == ("Running", PLACE.pod_ip, PLACE.host_ip)
    assert status["podIPs"] == [{"ip": PLACE.pod_ip}]
    assert condition(status, "Ready")["status"] == "True"
    assert [entry["ready"] for entry in status["containerStatuses"]] == [True]


def test_conditions_of_others_are_handed_back_untouched() -> None:
    status = rules.started(a_pod().build(), PLACE, NOW)["status"]
    assert condition(status, "PodScheduled") == {"type": "PodScheduled", "status": "True"}


def test_a_pod_whose_probes_fail_runs_and_is_not_ready() -> None:
    status = rules.started(a_pod().annotated(READY_ANNOTATION, "false").build(), PLACE, NOW)["status"]
    assert status["phase"] == "Running"
    assert condition(status, "Ready")["status"] == "False"
    assert condition(status, "Initialized")["status"] == "True"


def test_the_time_of_a_change_moves_only_with_the_change() -> None:
    later = NOW + timedelta(minutes=5)
    pod = a_pod().running_since(NOW).annotated(READY_ANNOTATION, "false").build()
    status = rules.readiness(pod, later)["status"]
    assert condition(status, "Ready")["lastTransitionTime"] == rfc3339(later)
    assert condition(status, "Initialized")["lastTransitionTime"] == rfc3339(NOW)


def test_init_containers_have_ended_and_sidecars_run() -> None:
    for policy, state in (("", "terminated"), ("Always", "running")):
        pod = a_pod().with_init(name="setup", restartPolicy=policy).build()
        (init,) = rules.started(pod, PLACE, NOW)["status"]["initContainerStatuses"]
        assert list(init["state"]) == [state]


def test_an_ended_pod_succeeded_with_exit_code_0() -> None:
    status = rules.finished(a_pod().restarting("Never").running_since(NOW).build(), NOW)["status"]
    assert status["phase"] == "Succeeded"
    assert condition(status, "Ready") | {"status": "False", "reason": "PodCompleted"} == condition(status, "Ready")
    assert [entry["state"]["terminated"]["exitCode"] for entry in status["containerStatuses"]] == [0]


def test_ports_are_the_tcp_ports_of_all_containers_once_each() -> None:
    ports = ({"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}, {"containerPort": 80, "name": "again"})
    assert a_pod().with_ports(*ports).with_init(name="proxy", ports=[{"containerPort": 9}]).build().ports() == (9, 80)
