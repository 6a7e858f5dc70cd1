"""The webhook's verdicts on KubeFedConfigs, rule by rule."""

import copy
from typing import Any

import pytest

from kubefed.api.config_validation import mistakes_in_config
from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.api.defaults import with_config_defaults

VALID = with_config_defaults(KubeFedConfig.read({"spec": {"scope": "Cluster"}})).manifest()


def mistakes(path: str, value: Any, old: KubeFedConfig | None = None) -> list[str]:
    """The mistakes in a valid configuration in which one field is another; None takes the field away."""
    manifest = copy.deepcopy(VALID)
    *sections, field = path.split(".")
    place = manifest["spec"]
    for section in sections:
        place = place[section]
    if value is None:
        place.pop(field, None)
    else:
        place[field] = value
    return [mistake.for_author() for mistake in mistakes_in_config(KubeFedConfig.read(manifest), old)]


def test_defaults_with_a_scope_are_valid() -> None:
    assert mistakes("scope", "Cluster") == []
    assert mistakes("scope", "Namespaced", old=None) == []


SECTIONS = ["controllerDuration", "leaderElect", "featureGates", "clusterHealthCheck", "syncController", "statusController"]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_must_be_there(section: str) -> None:
    assert f"spec.{section}: Required value" in mistakes(section, None)


DURATIONS = [
    "controllerDuration.availableDelay",
    "controllerDuration.unavailableDelay",
    "controllerDuration.cacheSyncTimeout",
    "leaderElect.leaseDuration",
    "leaderElect.renewDeadline",
    "leaderElect.retryPeriod",
    "clusterHealthCheck.period",
    "clusterHealthCheck.timeout",
]
NUMBERS = [
    "clusterHealthCheck.failureThreshold",
    "clusterHealthCheck.successThreshold",
    "syncController.maxConcurrentReconciles",
    "statusController.maxConcurrentReconciles",
]


@pytest.mark.parametrize("path", [*DURATIONS, *NUMBERS, "leaderElect.resourceLock", "syncController.adoptResources"])
def test_every_field_must_be_there(path: str) -> None:
    assert mistakes(path, None) == [f"spec.{path}: Required value"]


@pytest.mark.parametrize("path", DURATIONS)
@pytest.mark.parametrize(("value", "number"), [("0s", 0), ("-1ns", -1)])
def test_durations_must_be_greater_than_zero(path: str, value: str, number: int) -> None:
    assert f"spec.{path}: Invalid value: {number}: should be greater than 0" in mistakes(path, value)


@pytest.mark.parametrize("path", NUMBERS)
@pytest.mark.parametrize("value", [0, -5])
def test_numbers_must_be_greater_than_zero(path: str, value: int) -> None:
    assert mistakes(path, value) == [f"spec.{path}: Invalid value: {value}: should be greater than 0"]


@pytest.mark.parametrize(
    ("path", "value", "known"),
    [
        ("scope", "Galaxy", '"Cluster", "Namespaced"'),
        ("leaderElect.resourceLock", "leases", '"configmaps", "endpoints"'),
        ("syncController.adoptResources", "Yes", '"Enabled", "Disabled"'),
        ("trust", "Blind", '"Strict", "Compatible"'),
    ],
)
def test_words_must_be_known(path: str, value: str, known: str) -> None:
    assert mistakes(path, value) == [f'spec.{path}: Unsupported value: "{value}": supported values: {known}']


def test_scope_must_be_there_and_stay() -> None:
    assert mistakes("scope", None) == ["spec.scope: Required value"]
    old = KubeFedConfig.read(VALID)
    assert mistakes("scope", "Cluster", old) == []
    assert mistakes("scope", "Namespaced", old) == ['spec.scope: Invalid value: "Namespaced": field is immutable']


def test_lease_must_outlast_its_renewal() -> None:
    message = "leaseDuration must be greater than renewDeadline"
    assert mistakes("leaderElect.leaseDuration", "10s") == [
        f'spec.leaderElect.leaseDuration: Invalid value: "10s": {message}'
    ]
    assert mistakes("leaderElect.leaseDuration", "10001ms") == []


def test_renewal_must_leave_time_for_a_retry() -> None:
    message = "renewDeadline must be greater than retryPeriod*JitterFactor(1.2)"
    assert mistakes("leaderElect.renewDeadline", "6s") == [
        f'spec.leaderElect.renewDeadline: Invalid value: "6s": {message}'
    ]
    assert mistakes("leaderElect.renewDeadline", "6001ms") == []


def test_gates_must_be_known_unique_and_on_or_off() -> None:
    gates = [
        {"name": "PushReconciler", "configuration": "Perhaps"},
        {"name": "PushReconciler", "configuration": "Perhaps"},
        {"name": "FederatedIngress", "configuration": "Enabled"},
        {},
    ]
    known = '"PushReconciler", "RawResourceStatusCollection", "SchedulerPreferences"'
    assert mistakes("featureGates", gates) == [
        'spec.featureGates.configuration: Unsupported value: "Perhaps": supported values: "Enabled", "Disabled"',
        'spec.featureGates.name: Duplicate value: "PushReconciler"',
        f'spec.featureGates.name: Unsupported value: "FederatedIngress": supported values: {known}',
        "spec.featureGates.name: Required value",
        "spec.featureGates.configuration: Required value",
    ]
    assert mistakes("featureGates", []) == []


def test_endpoint_ranges_must_be_address_ranges() -> None:
    assert mistakes("allowedEndpointRanges", ["127.0.0.0/8", "::1/128", "10.1.2.3/32"]) == []
    message = "must be an address range such as 10.0.0.0/8, without bits beyond its prefix"
    assert mistakes("allowedEndpointRanges", ["10.0.0.0/8", "10.0.0.1/8", "all", "10.0.0.1"]) == [
        f'spec.allowedEndpointRanges[1]: Invalid value: "10.0.0.1/8": {message}',
        f'spec.allowedEndpointRanges[2]: Invalid value: "all": {message}',
        f'spec.allowedEndpointRanges[3]: Invalid value: "10.0.0.1": {message}',
    ]
