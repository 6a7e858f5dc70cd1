"""What is valid in KubeFedClusters, KubeFedConfigs and FederatedTypeConfigs: the rules of KubeFed's webhook.

The same verdicts serve the webhook, the controller's start and the command line. A verdict is the list of mistakes,
empty when there are none; nothing here raises. Field names and messages are KubeFed's, with its quirks (`name`, not
`metadata.name`; lists without an index), because scripts match them.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_network

from kubefed.api.core_v1beta1 import (
    APIResource,
    ApplyStrategy,
    Authorization,
    ClusterConditionType,
    ControllerState,
    FederatedTypeConfig,
    KubeFedCluster,
    Scope,
    TLSValidation,
    Toggle,
)
from kubefed.api.endpoints import parse_endpoint
from kubefed.api.field_errors import FieldError, invalid, invalid_secretively, not_supported, required

Mistakes = list[FieldError]


def mistakes_in_cluster(cluster: KubeFedCluster) -> Mistakes:
    """What is wrong with the spec of a KubeFedCluster. A URL is never shown, because it may contain a password."""
    spec = cluster.spec
    return [
        *_endpoint_mistakes("spec.apiEndpoint", spec.api_endpoint),
        *_secret_name_mistakes("spec.secretRef.name", spec.secret_ref.name),
        *_tls_mistakes("spec.disabledTLSValidations", spec.disabled_tls_validations or []),
        *_proxy_mistakes("spec.proxyURL", spec.proxy_url or ""),
    ]


def _endpoint_mistakes(path: str, endpoint: str) -> Mistakes:
    if not endpoint:
        return [required(path)]
    try:
        scheme = parse_endpoint(endpoint).scheme
    except ValueError as error:
        return [invalid_secretively(path, str(error))]
    return word_mistakes(path, scheme, ("http", "https"))


def _secret_name_mistakes(path: str, name: str) -> Mistakes:
    return [required(path)] if not name else _subdomain_mistakes(path, name)


def _tls_mistakes(path: str, checks: list[str]) -> Mistakes:
    mistakes = [mistake for check in checks for mistake in word_mistakes(path, check, tuple(TLSValidation))]
    if TLSValidation.ALL in checks and len(checks) > 1:
        mistakes.append(invalid(path, checks, "when * is specified, it is expected to be the only option in list"))
    return mistakes


def _proxy_mistakes(path: str, proxy: str) -> Mistakes:
    scheme, separator, _ = proxy.partition("://")
    if not proxy or (separator and scheme.lower() in _PROXY_SCHEMES):
        return []
    return [invalid_secretively(path, f"proxy URL scheme must be one of: [{', '.join(_PROXY_SCHEMES)}]")]


_PROXY_SCHEMES = ("http", "https", "socks5")


def mistakes_in_cluster_status(cluster: KubeFedCluster) -> Mistakes:
    """What is wrong with the status of a KubeFedCluster, for writes of the status alone."""
    mistakes = []
    for index, condition in enumerate(cluster.status.conditions if cluster.status else []):
        path = f"status.conditions[{index}]"
        mistakes += word_mistakes(f"{path}.type", condition.type, tuple(ClusterConditionType))
        mistakes += word_mistakes(f"{path}.status", condition.status, ("True", "False", "Unknown"))
        if condition.last_probe_time in _NO_TIMES:
            mistakes.append(required(f"{path}.lastProbeTime"))
    return mistakes


_NO_TIMES = frozenset({"", "0001-01-01T00:00:00Z"})
"""Absent, and how Go writes a time that was never set."""


def mistakes_in_type_config(type_config: FederatedTypeConfig) -> Mistakes:
    """What is wrong with the name and spec of a FederatedTypeConfig, as it is written, without defaults."""
    spec = type_config.spec
    mistakes: Mistakes = []
    if type_config.metadata.name != spec.target_type.qualified_plural:
        detail = "name must be 'TARGET_PLURAL_NAME(.TARGET_GROUP_NAME)'"
        mistakes.append(invalid("name", type_config.metadata.name, detail))
    mistakes += _resource_mistakes("spec.targetType", spec.target_type)
    mistakes += word_mistakes("spec.propagation", spec.propagation, tuple(Toggle))
    mistakes += _federated_resource_mistakes("spec.federatedType", spec.federated_type)
    if spec.status_type is not None:
        mistakes += _federated_resource_mistakes("spec.statusType", spec.status_type)
    for field, word, known in (
        ("statusCollection", spec.status_collection, Toggle),
        ("applyStrategy", spec.apply_strategy, ApplyStrategy),
        ("authorization", spec.authorization, Authorization),
    ):
        if word is not None:
            mistakes += word_mistakes(f"spec.{field}", word, tuple(known))
    return mistakes


def _federated_resource_mistakes(path: str, resource: APIResource) -> Mistakes:
    mistakes: Mistakes = []
    if not resource.group:
        mistakes.append(required(f"{path}.group"))
    elif "." not in resource.group:
        mistakes.append(invalid(f"{path}.group", resource.group, "should be a domain with at least one dot"))
    return mistakes + _resource_mistakes(path, resource)


def _resource_mistakes(path: str, resource: APIResource) -> Mistakes:
    return [
        *(_subdomain_mistakes(f"{path}.group", resource.group) if resource.group else []),
        *_label_mistakes(f"{path}.version", resource.version, resource.version),
        *_label_mistakes(f"{path}.kind", resource.kind, resource.kind.lower()),
        *_label_mistakes(f"{path}.pluralName", resource.plural_name, resource.plural_name),
        *word_mistakes(f"{path}.scope", resource.scope, tuple(Scope)),
    ]


def mistakes_in_type_config_status(type_config: FederatedTypeConfig) -> Mistakes:
    """What is wrong with the status of a FederatedTypeConfig, for writes of the status alone."""
    status = type_config.status
    if status is None:
        return [required("status.propagationController")]
    mistakes: Mistakes = []
    if status.observed_generation < 0:
        detail = "must be greater than or equal to 0"
        mistakes.append(invalid("status.observedGeneration", status.observed_generation, detail))
    states = tuple(ControllerState)
    mistakes += word_mistakes("status.propagationController", status.propagation_controller, states)
    if status.status_controller is not None:
        mistakes += word_mistakes("status.statusController", status.status_controller, states)
    return mistakes


def word_mistakes(path: str, word: str, known: tuple[str, ...]) -> Mistakes:
    """A word must be there and known."""
    if not word:
        return [required(path)]
    return [] if word in known else [not_supported(path, word, known)]


def range_mistakes(path: str, ranges: Iterable[str]) -> Mistakes:
    """Address ranges must be CIDRs."""
    return [
        invalid(f"{path}[{index}]", text, "must be an address range such as 10.0.0.0/8, without bits beyond its prefix")
        for index, text in enumerate(ranges)
        if not _is_range(text)
    ]


def _is_range(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return "/" in text


def _subdomain_mistakes(path: str, name: str) -> Mistakes:
    """Kubernetes' names for objects and groups."""
    mistakes = []
    if len(name) > _LONGEST_SUBDOMAIN:
        mistakes.append(f"must be no more than {_LONGEST_SUBDOMAIN} characters")
    if not _SUBDOMAIN.fullmatch(name):
        mistakes.append(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            f"'{_SUBDOMAIN.pattern}')"
        )
    return [invalid(path, name, ",".join(mistakes))] if mistakes else []


def _label_mistakes(path: str, shown: str, name: str) -> Mistakes:
    """Kubernetes' names for versions, plurals and, in lower case, kinds."""
    if not name:
        return [required(path)]
    mistakes = []
    if len(name) > _LONGEST_LABEL:
        mistakes.append(f"must be no more than {_LONGEST_LABEL} characters")
    if not _LABEL.fullmatch(name):
        mistakes.append(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
            "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
            f"validation is '{_LABEL.pattern}')"
        )
    return [invalid(path, shown, ",".join(mistakes))] if mistakes else []


_LONGEST_SUBDOMAIN = 253
_LONGEST_LABEL = 63
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
