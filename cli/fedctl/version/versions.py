"""Finds out which builds are at work, and prints them. A host that cannot be asked is no error: the client is known."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fedctl.ages import age
from fedctl.federation import Federation
from fedctl.get.clusters import camel_case
from fedctl.install.deployment import DEPLOYMENT
from fedctl.kinds import DEPLOYMENTS
from fedctl.manifests import as_yaml
from fedctl.options import HostOptions
from fedctl.telling import in_words, note, say
from kubefed.core.clock import parse_rfc3339
from kubefed.core.errors import KubefedError
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.version import __version__

LEASES = ResourceType("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)
LEASE = "kubefed-controller-manager"
_MISSED_RENEWALS = timedelta(seconds=30)
"""A leader renews every few seconds; one that has not for so long is not there."""


@dataclass(frozen=True, slots=True)
class Client:
    """This program and what it runs on."""

    version: str
    python: str
    platform: str


@dataclass(frozen=True, slots=True)
class Controller:
    """What the host says of the controller. Empty strings are what nobody knows; times are RFC 3339.

    `image` is that of the Deployment which `fedctl install --image` makes; a controller that runs elsewhere has none.
    """

    leader: str
    running: bool
    renewed_at: str
    image: str


@dataclass(frozen=True, slots=True)
class Host:
    """The host cluster."""

    context: str
    kubernetes: str
    controller: Controller


def show_versions(options: HostOptions | None, form: str) -> None:
    """Print what is known. `form` is json, yaml or empty."""
    client = Client(__version__, platform.python_version(), f"{platform.system().lower()}/{platform.machine()}")
    host = _ask(options) if options else None
    if form:
        document = {"client": camel_case(asdict(client)), "host": _host_document(host) if host else None}
        say((as_yaml(document) if form == "yaml" else json.dumps(document, indent=2)).rstrip("\n"))
        return
    say(f"fedctl {client.version} (Python {client.python}, {client.platform})")
    if host is not None:
        say(f"Kubernetes {host.kubernetes} in the host, context {host.context}")
        say(controller_line(host.controller, datetime.now(UTC)))


def _ask(options: HostOptions) -> Host | None:
    try:
        with Federation.opened(options) as federation:
            server = federation.host
            lease = server.find(LEASES, ObjectKey(federation.namespace, LEASE))
            deployment = server.find(DEPLOYMENTS, ObjectKey(federation.namespace, DEPLOYMENT))
            return Host(server.context.name, server.version(), controller_of(lease, deployment, datetime.now(UTC)))
    except KubefedError as problem:
        note(f"The host could not be asked: {in_words(problem)[0]}")
        return None


def controller_of(lease: Mapping[str, Any] | None, deployment: Mapping[str, Any] | None, now: datetime) -> Controller:
    """Read the leader's lease, and the Deployment if there is one. Pure."""
    spec = (lease or {}).get("spec") or {}
    leader, renewed_at = str(spec.get("holderIdentity") or ""), str(spec.get("renewTime") or "")
    return Controller(leader, bool(leader) and _is_recent(renewed_at, now), renewed_at, _image(deployment))


def _is_recent(moment: str, now: datetime) -> bool:
    try:
        return now - parse_rfc3339(moment) < _MISSED_RENEWALS
    except ValueError:
        return False


def _image(deployment: Mapping[str, Any] | None) -> str:
    pod = (((deployment or {}).get("spec") or {}).get("template") or {}).get("spec") or {}
    return next((str(each.get("image") or "") for each in pod.get("containers") or ()), "")


def controller_line(controller: Controller, now: datetime) -> str:
    """One sentence. Pure."""
    image = f", image {controller.image}" if controller.image else ""
    if controller.running:
        return f"controller running{image or ', version unknown'}: {controller.leader} leads"
    if controller.leader:
        return f"controller not running{image}: its leader was last heard of {age(controller.renewed_at, now)} ago"
    return f"controller not running{image}: nobody leads"


def _host_document(host: Host) -> dict[str, Any]:
    return {**asdict(host), "controller": camel_case(asdict(host.controller))}
