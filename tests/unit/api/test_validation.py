"""The webhook's verdicts on KubeFedClusters and FederatedTypeConfigs, in KubeFed's words."""

from typing import Any

import pytest

from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster
from kubefed.api.default_types import DEFAULT_TARGETS
from kubefed.api.federated_crd import federated_type_config
from kubefed.api.validation import (
    mistakes_in_cluster,
    mistakes_in_cluster_status,
    mistakes_in_type_config,
    mistakes_in_type_config_status,
)

SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)


def cluster_mistakes(**spec: Any) -> list[str]:
    valid = {"apiEndpoint": "https://eu:6443", "secretRef": {"name": "eu-x7k2p"}}
    return [mistake.for_author() for mistake in mistakes_in_cluster(KubeFedCluster.read({"spec": {**valid, **spec}}))]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"apiEndpoint": "10.0.0.1"},
        {"apiEndpoint": "http://eu:8080"},
        {"caBundle": "LS0t", "disabledTLSValidations": []},
        {"disabledTLSValidations": ["*"]},
        {"disabledTLSValidations": ["SubjectName", "ValidityPeriod"]},
        {"proxyURL": ""},
        {"proxyURL": "http://proxy:3128"},
        {"proxyURL": "HTTPS://proxy"},
        {"proxyURL": "socks5://user:pass@proxy:1080"},
    ],
)
def test_good_clusters_have_no_mistakes(spec: dict[str, Any]) -> None:
    assert cluster_mistakes(**spec) == []


@pytest.mark.parametrize(
    ("spec", "mistakes"),
    [
        ({"apiEndpoint": ""}, ["spec.apiEndpoint: Required value"]),
        ({"apiEndpoint": "eu/path"}, ["spec.apiEndpoint: Invalid value: host must be a URL or a host:port pair"]),
        ({"apiEndpoint": "https://eu:0"}, ["spec.apiEndpoint: Invalid value: must be between 1 and 65535, inclusive"]),
        (
            {"apiEndpoint": "ftp://eu"},
            ['spec.apiEndpoint: Unsupported value: "ftp": supported values: "http", "https"'],
        ),
        ({"secretRef": {}}, ["spec.secretRef.name: Required value"]),
        ({"secretRef": {"name": "Eu"}}, [f'spec.secretRef.name: Invalid value: "Eu": {SUBDOMAIN}']),
        (
            {"disabledTLSValidations": ["Subject"]},
            [
                'spec.disabledTLSValidations: Unsupported value: "Subject": '
                'supported values: "*", "SubjectName", "ValidityPeriod"'
            ],
        ),
        (
            {"disabledTLSValidations": ["*", "SubjectName"]},
            [
                'spec.disabledTLSValidations: Invalid value: ["*","SubjectName"]: '
                "when * is specified, it is expected to be the only option in list"
            ],
        ),
        (
            {"proxyURL": "ftp://proxy"},
            ["spec.proxyURL: Invalid value: proxy URL scheme must be one of: [http, https, socks5]"],
        ),
        (
            {"proxyURL": "proxy:3128"},
            ["spec.proxyURL: Invalid value: proxy URL scheme must be one of: [http, https, socks5]"],
        ),
        (
            {"apiEndpoint": "", "secretRef": {"name": ""}},
            ["spec.apiEndpoint: Required value", "spec.secretRef.name: Required value"],
        ),
    ],
)
def test_bad_clusters_are_told_every_mistake(spec: dict[str, Any], mistakes: list[str]) -> None:
    assert cluster_mistakes(**spec) == mistakes


@pytest.mark.parametrize("field", ["apiEndpoint", "proxyURL"])
def test_passwords_in_urls_are_shown_to_nobody(field: str) -> None:
    assert "hunter2" not in "".join(cluster_mistakes(**{field: "ftp://user:hunter2@eu:port"}))


def test_only_the_author_is_shown_values() -> None:
    cluster = KubeFedCluster.read({"spec": {"apiEndpoint": "eu", "secretRef": {"name": "Hunter2"}}})
    (mistake,) = mistakes_in_cluster(cluster)
    assert "Hunter2" in mistake.for_author()
    assert "Hunter2" not in str(mistake) + repr(mistake)
    assert str(mistake).startswith("spec.secretRef.name: Invalid value: a lowercase RFC 1123 subdomain")
    assert mistake.mistake == "FieldValueInvalid"


def test_a_long_value_is_shown_in_part() -> None:
    (mistake,) = cluster_mistakes(secretRef={"name": "x" * 100_000})
    assert "must be no more than 253 characters" in mistake
    assert len(mistake) < 400


def test_statuses_of_clusters_are_judged_by_their_conditions_only() -> None:
    good = {"type": "Ready", "status": "True", "lastProbeTime": "2024-01-01T00:00:00Z"}
    bad = {"type": "Sleepy", "status": "Maybe", "lastProbeTime": "0001-01-01T00:00:00Z"}
    cluster = KubeFedCluster.read({"status": {"conditions": [good, bad, {}]}})
    assert [mistake.for_author() for mistake in mistakes_in_cluster_status(cluster)] == [
        'status.conditions[1].type: Unsupported value: "Sleepy": supported values: "Ready", "Offline", "ConfigMalformed"',
        'status.conditions[1].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
        "status.conditions[1].lastProbeTime: Required value",
        "status.conditions[2].type: Required value",
        "status.conditions[2].status: Required value",
        "status.conditions[2].lastProbeTime: Required value",
    ]
    assert mistakes_in_cluster_status(KubeFedCluster.read({})) == []


def type_config_mistakes(name: str = "deployments.apps", **changes: Any) -> list[str]:
    target = next(one.resource_type for one in DEFAULT_TARGETS if one.resource_type.plural == "deployments")
    spec = federated_type_config(target).manifest()["spec"]
    for path, value in changes.items():
        section, _, field = path.partition("__")
        if field:
            spec[section] = {**spec.get(section, spec["federatedType"]), field: value}
        else:
            spec[section] = value
    config = FederatedTypeConfig.read({"metadata": {"name": name}, "spec": spec})
    return [mistake.for_author() for mistake in mistakes_in_type_config(config)]


@pytest.mark.parametrize("target", DEFAULT_TARGETS, ids=lambda target: str(target.resource_type))
def test_type_configurations_of_the_default_types_are_good(target: Any) -> None:
    assert mistakes_in_type_config(federated_type_config(target.resource_type)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"statusCollection": "Enabled"},
        {"statusType__kind": "FederatedDeploymentStatus"},
        {"propagation": "Disabled", "applyStrategy": "ServerSideApply", "authorization": "Platform", "sensitive": True},
    ],
)
def test_optional_fields_may_be_set(changes: dict[str, Any]) -> None:
    assert type_config_mistakes(**changes) == []


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        (
            {"name": "deployments"},
            "name: Invalid value: \"deployments\": name must be 'TARGET_PLURAL_NAME(.TARGET_GROUP_NAME)'",
        ),
        ({"propagation": ""}, "spec.propagation: Required value"),
        ({"propagation": "On"}, 'spec.propagation: Unsupported value: "On": supported values: "Enabled", "Disabled"'),
        (
            {"statusCollection": "On"},
            'spec.statusCollection: Unsupported value: "On": supported values: "Enabled", "Disabled"',
        ),
        (
            {"applyStrategy": "Patch"},
            'spec.applyStrategy: Unsupported value: "Patch": supported values: "Update", "ServerSideApply"',
        ),
        (
            {"authorization": "Anyone"},
            'spec.authorization: Unsupported value: "Anyone": supported values: "Requester", "Executor", "Platform"',
        ),
        ({"federatedType__group": ""}, "spec.federatedType.group: Required value"),
        (
            {"federatedType__group": "nodomain"},
            'spec.federatedType.group: Invalid value: "nodomain": should be a domain with at least one dot',
        ),
        ({"statusType__group": ""}, "spec.statusType.group: Required value"),
        ({"targetType__version": ""}, "spec.targetType.version: Required value"),
        ({"targetType__version": "Alpha"}, f'spec.targetType.version: Invalid value: "Alpha": {LABEL}'),
        ({"targetType__kind": ""}, "spec.targetType.kind: Required value"),
        ({"targetType__kind": "Invalid.Kind"}, f'spec.targetType.kind: Invalid value: "Invalid.Kind": {LABEL}'),
        ({"statusType__pluralName": "2Things"}, f'spec.statusType.pluralName: Invalid value: "2Things": {LABEL}'),
        (
            {"targetType__scope": "Galaxy"},
            'spec.targetType.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"',
        ),
    ],
)
def test_a_mistake_in_a_type_configuration_is_named(changes: dict[str, Any], mistake: str) -> None:
    assert type_config_mistakes(**changes) == [mistake]


def test_a_group_that_is_no_domain_spoils_the_name_as_well() -> None:
    assert type_config_mistakes(name="deployments.invalid#group", targetType__group="invalid#group") == [
        f'spec.targetType.group: Invalid value: "invalid#group": {SUBDOMAIN}'
    ]


@pytest.mark.parametrize(
    ("status", "mistakes"),
    [
        ({"observedGeneration": 1, "propagationController": "Running"}, []),
        ({"observedGeneration": 1, "propagationController": "Running", "statusController": "NotRunning"}, []),
        (None, ["status.propagationController: Required value"]),
        ({"observedGeneration": 1}, ["status.propagationController: Required value"]),
        (
            {"observedGeneration": -1, "propagationController": "Walking", "statusController": ""},
            [
                "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0",
                'status.propagationController: Unsupported value: "Walking": supported values: "Running", "NotRunning"',
                "status.statusController: Required value",
            ],
        ),
    ],
)
def test_statuses_of_type_configurations_are_judged(status: Any, mistakes: list[str]) -> None:
    config = FederatedTypeConfig.read({"status": status} if status else {})
    assert [mistake.for_author() for mistake in mistakes_in_type_config_status(config)] == mistakes
