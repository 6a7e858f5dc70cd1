"""Configuration that servers read from files: what the API server audits, how fast the scheduler asks. Pure."""

import json

_KUBEFED_GROUPS = (
    "core.kubefed.io",
    "types.kubefed.io",
    "scheduling.kubefed.io",
    "multiclusterdns.kubefed.io",
    "multicluster.x-k8s.io",
)


def audit_policy(*, is_host: bool) -> str:
    """Who did what, once per request. The host's log also holds the bodies of federated objects, for judging statuses.

    With a deletion goes what it is bound to: only its preconditions tell whether it could have met another object.
    """
    rules: list[dict[str, object]] = [{"level": "None", "nonResourceURLs": ["/readyz*", "/livez*", "/healthz*"]}]
    if is_host:
        rules.append({"level": "RequestResponse", "resources": [{"group": group} for group in _KUBEFED_GROUPS]})
    rules.append({"level": "Request", "verbs": ["delete"]})
    rules.append({"level": "Metadata"})
    policy = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": rules}
    return json.dumps(policy, indent=2)


def scheduler_config(kubeconfig: str) -> str:
    """A scheduler alone in its cluster, not held to the 50 requests a second of its defaults."""
    config = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": kubeconfig, "qps": 1000, "burst": 2000},
        "leaderElection": {"leaderElect": False},
    }
    return json.dumps(config, indent=2)
