"""What API servers are told to ask about, and how that gets into configurations that are there."""

from typing import Any

from kubefed.admission.configurations import MUTATING, VALIDATING, Installation, completed, configurations
from kubefed.api.core_v1beta1 import Scope


def by_name(installation: Installation) -> dict[str, dict[str, Any]]:
    return {
        f"{manifest['kind'][0]}:{webhook['name']}": webhook
        for _, manifest in configurations(installation)
        for webhook in manifest["webhooks"]
    }


def test_kubefeds_names_paths_and_rules() -> None:
    (mutating, mutation), (validating, validations) = configurations(Installation())
    assert (mutating, validating) == (MUTATING, VALIDATING)
    assert (mutation["metadata"]["name"], validations["metadata"]["name"]) == (
        "mutation.core.kubefed.io",
        "validations.core.kubefed.io",
    )
    seen = {
        name: (webhook["clientConfig"]["service"]["path"], webhook["rules"][0]["resources"], webhook["failurePolicy"])
        for name, webhook in by_name(Installation()).items()
    }
    assert seen == {
        "M:kubefedconfigs.core.kubefed.io": ("/default-kubefedconfig", ["kubefedconfigs"], "Fail"),
        "V:federatedtypeconfigs.core.kubefed.io": (
            "/validate-federatedtypeconfigs",
            ["federatedtypeconfigs", "federatedtypeconfigs/status"],
            "Fail",
        ),
        "V:kubefedclusters.core.kubefed.io": (
            "/validate-kubefedcluster",
            ["kubefedclusters", "kubefedclusters/status"],
            "Fail",
        ),
        "V:kubefedconfigs.core.kubefed.io": ("/validate-kubefedconfig", ["kubefedconfigs"], "Fail"),
        "V:federated.types.kubefed.io": ("/validate-federated", ["*"], "Ignore"),
        "V:replicaschedulingpreferences.scheduling.kubefed.io": (
            "/validate-replicaschedulingpreferences",
            ["replicaschedulingpreferences"],
            "Ignore",
        ),
    }


def test_nobody_is_asked_about_deletions() -> None:
    operations = {
        operation
        for webhook in by_name(Installation()).values()
        for rule in webhook["rules"]
        for operation in rule["operations"]
    }
    assert operations == {"CREATE", "UPDATE"}


def test_every_webhook_answers_soon_and_changes_nothing_else() -> None:
    for webhook in by_name(Installation()).values():
        assert (webhook["sideEffects"], webhook["admissionReviewVersions"], webhook["timeoutSeconds"]) == (
            "None",
            ["v1"],
            5,
        )
        assert webhook["clientConfig"]["service"] | {"path": ""} == {
            "name": "kubefed-admission-webhook",
            "namespace": "kube-federation-system",
            "path": "",
            "port": 443,
        }


def test_a_namespaced_federation_is_asked_about_its_namespace_only() -> None:
    namespaced = Installation(namespace="team", scope=Scope.NAMESPACED)
    names = [manifest["metadata"]["name"] for _, manifest in configurations(namespaced)]
    assert names == ["mutation.core.kubefed.io-team", "validations.core.kubefed.io-team"]
    for webhook in by_name(namespaced).values():
        assert webhook["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "team"}}
    assert all("namespaceSelector" not in webhook for webhook in by_name(Installation()).values())


def test_outside_the_cluster_it_is_reached_by_its_url() -> None:
    webhook = by_name(Installation(url="https://127.0.0.1:8443"))["V:kubefedclusters.core.kubefed.io"]
    assert webhook["clientConfig"] == {"url": "https://127.0.0.1:8443/validate-kubefedcluster"}


def test_an_empty_configuration_gets_everything_and_a_full_one_keeps_what_it_says() -> None:
    _, (_, wanted) = configurations(Installation())
    assert completed({"metadata": {"name": "x"}}, wanted, "Q0E=")["webhooks"] == [
        {**webhook, "clientConfig": {**webhook["clientConfig"], "caBundle": "Q0E="}} for webhook in wanted["webhooks"]
    ]
    kubefeds = {
        "name": "kubefedclusters.core.kubefed.io",
        "clientConfig": {"caBundle": "b2xk", "service": {"name": "kubefed-admission-webhook"}},
        "timeoutSeconds": 10,
    }
    others = {"name": "somebody.else.io", "clientConfig": {"caBundle": "b2xk"}}
    stored = {"webhooks": [others, kubefeds]}
    new = {each["name"]: each for each in completed(stored, wanted, "bmV3")["webhooks"]}
    assert new["somebody.else.io"] == others
    assert new["kubefedclusters.core.kubefed.io"] == {
        **kubefeds,
        "clientConfig": {"caBundle": "bmV3", "service": {"name": "kubefed-admission-webhook"}},
    }
    assert len(new) == 6


def test_what_is_complete_is_not_written_again() -> None:
    _, (_, wanted) = configurations(Installation())
    once = completed({}, wanted, "bmV3")
    assert completed(once, wanted, "bmV3") == once
    assert completed(once, wanted, None) == once
