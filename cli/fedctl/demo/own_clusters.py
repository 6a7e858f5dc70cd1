"""Clusters that already run, named by contexts of the person's kubeconfig: checked, used, and tidied up afterwards."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.demo.exhibits import SHOP, WIDGET_CRD
from fedctl.demo.kind import KindBreaker
from fedctl.demo.narrator import Narrator
from fedctl.demo.stage import Clusters, Stage
from fedctl.install.configuration import new_config
from fedctl.join.endpoint import refused_address
from fedctl.kinds import CRDS, NAMESPACES
from fedctl.options import SYSTEM_NAMESPACE
from fedctl.sandbox import installed
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey

_FEWEST = 3
_MARK = {"app.kubernetes.io/created-by": "kubefed-demo"}
"""On the host's system namespace: this federation is the demo's, to be used again and to be removed."""
_SYSTEM, _SHOP = ObjectKey("", SYSTEM_NAMESPACE), ObjectKey("", SHOP)


def named(contexts: Sequence[str]) -> Clusters:
    """The clusters: the first context is the host, the others join as member1, member2 and so on, as in the examples."""
    if len(contexts) < _FEWEST or len(set(contexts)) < len(contexts):
        raise Misconfigured(
            "DEMO_CONTEXTS names a host and at least two members, each once: DEMO_CONTEXTS=host,member,member; "
            f"it is: {','.join(contexts)}"
        )
    host, *members = contexts
    kubectl = _kubectl()
    return Clusters(
        host=host,
        host_is_current=False,
        members={f"member{number}": context for number, context in enumerate(members, 1)},
        kubectl=kubectl,
        spoken=Path(kubectl[-1]).name,
        breaker=KindBreaker() if KindBreaker.knows(contexts) else None,
        allowed_ranges=_loopbacks(members),
    )


def _kubectl() -> Sequence[str]:
    if found := shutil.which("kubectl"):
        return [found]
    if programs := installed.find_any():
        return programs.require(["kubectl"]).command("kubectl")
    raise Misconfigured("kubectl is needed and was not found: install it, or run `fedctl sandbox build`")


def _loopbacks(contexts: Sequence[str]) -> list[str]:
    """Loopback addresses, which Strict trust refuses: here the controller is on the machine that they are meant for."""
    config = new_config(SYSTEM_NAMESPACE, (), takes_over=False)
    refused = [refused_address(open_context(context=context).connection, config) for context in contexts]
    return sorted({address for objection, address in refused if "loopback" in objection})


def claim(stage: Stage) -> None:
    """Show the clusters, and mark the host as the demo's. Raises Misconfigured where that would touch what is not."""
    _show(stage.narrator, stage)
    if len({server.identity() for server in _servers(stage)}) < len(_servers(stage)):
        raise Misconfigured("two of these contexts lead to the same cluster: name different ones in DEMO_CONTEXTS")
    if is_claimed(stage):
        stage.narrator.note("The demo was here before; it goes on with what is there.")
        return
    for server in _servers(stage):
        _insist_untouched(server)
    stage.host.create(
        NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM_NAMESPACE, "labels": _MARK}}
    )


def is_claimed(stage: Stage) -> bool:
    """Whether the federation in the host is the demo's."""
    found = stage.host.find(NAMESPACES, _SYSTEM)
    return found is not None and _MARK.items() <= (found["metadata"].get("labels") or {}).items()


def _insist_untouched(server: ApiServer) -> None:
    taken = [f"namespace {key}" for key in (_SYSTEM, _SHOP) if server.find(NAMESPACES, key)]
    if server.find(CRDS, WIDGET_CRD):
        taken.append(f"CRD {WIDGET_CRD}")
    if taken:
        raise Misconfigured(
            f"context {server.context.name} has {' and '.join(taken)} already, which the demo would use and then remove: "
            "use other clusters, or run the demo on its sandbox, with `make demo`"
        )


def _servers(stage: Stage) -> list[ApiServer]:
    return [stage.host, *stage.members.values()]


def _show(narrator: Narrator, stage: Stage) -> None:
    roles = ["host", *stage.members]
    rows = [
        [server.context.name, role, server.context.connection.server, server.version()]
        for role, server in zip(roles, _servers(stage), strict=True)
    ]
    narrator.table(["CONTEXT", "ROLE", "ENDPOINT", "VERSION"], [list(row) for row in rows])
