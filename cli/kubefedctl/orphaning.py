"""`kubefedctl orphaning-deletion`: whether copies stay when their federated object is deleted."""

from collections.abc import Callable
from dataclasses import replace

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.flags import DRY_RUN, HOST_CONTEXT, KUBECONFIG, NAMESPACE, SYSTEM_NAMESPACE
from kubefedctl.membership import first_argument, host_of
from kubefedctl.pflag import Parsed

_FLAGS = (
    HOST_CONTEXT,
    KUBECONFIG,
    NAMESPACE,
    replace(SYSTEM_NAMESPACE, kept_quiet=True),
    replace(DRY_RUN, kept_quiet=True),
)
_USAGE = "<resource type> <resource name>"


def _object_of(parsed: Parsed) -> tuple[str, ObjectKey]:
    """The type as it was typed, and where the object is."""
    kind = first_argument(parsed, "resource type")
    if len(parsed.arguments) == 1:
        raise Misconfigured("resource name is required")
    return kind, ObjectKey(parsed.text(NAMESPACE.name), parsed.arguments[1])


def _switch(*, enabled: bool) -> Callable[[Call], None]:
    def run(call: Call) -> None:
        kind, place = _object_of(call.parsed)
        from fedctl.orphaning.orphaning import served_type, switch

        with klog.speaking(call.verbosity, prints=True):
            dry_run = call.parsed.switch(DRY_RUN.name)
            switch(host_of(call.parsed), kind, place, enabled=enabled, dry_run=dry_run, find=served_type)

    return run


def _status(call: Call) -> None:
    kind, place = _object_of(call.parsed)
    from fedctl.orphaning.orphaning import print_status, served_type

    with klog.speaking(call.verbosity, prints=True):
        print_status(host_of(call.parsed), kind, place, find=served_type)


ORPHANING_DELETION = Command(
    name="orphaning-deletion",
    meaning="Decide whether copies stay when their federated object is deleted",
    commands=(
        Command(
            name="enable",
            meaning="Have the copies stay, as ordinary objects",
            usage=_USAGE,
            story="Sets the annotation kubefed.io/orphan, so that copies stay when their federated object is deleted.",
            example="kubefedctl orphaning-deletion enable federateddeployments web -n shop",
            flags=_FLAGS,
            run=_switch(enabled=True),
        ),
        Command(
            name="disable",
            meaning="Have the copies deleted, as is usual",
            usage=_USAGE,
            story="Removes the annotation kubefed.io/orphan, so that copies are deleted with their federated object.",
            example="kubefedctl orphaning-deletion disable federateddeployments web -n shop",
            flags=_FLAGS,
            run=_switch(enabled=False),
        ),
        Command(
            name="status",
            meaning="Print Enabled or Disabled",
            usage=_USAGE,
            example="kubefedctl orphaning-deletion status federateddeployments web -n shop",
            flags=_FLAGS,
            run=_status,
        ),
    ),
)
