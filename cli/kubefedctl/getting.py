"""`kubefedctl get`, which KubeFed never had and its tutorials wish for: fedctl's tables."""

from fedctl.options import Output
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.flags import HOST_CONTEXT, KUBECONFIG, NAMESPACE, SYSTEM_NAMESPACE
from kubefedctl.membership import first_argument, host_of
from kubefedctl.pflag import Flag, Kind

_OUTPUT = Flag("output", "More columns, or a form for programs: wide, json or yaml.", short="o")
_EVERYWHERE = Flag("all-namespaces", "Objects of all namespaces.", Kind.SWITCH, short="A")


def get(call: Call) -> None:
    """Show members, federated types or federated objects."""
    parsed = call.parsed
    what = first_argument(parsed, "clusters, types or a KIND")
    form, everywhere, namespace = parsed.text(_OUTPUT.name), parsed.switch(_EVERYWHERE.name), parsed.text(NAMESPACE.name)
    if form not in ("", *Output):
        raise Misconfigured(f"Invalid value for --output: {form}")
    if everywhere and namespace:
        raise Misconfigured("--namespace and --all-namespaces exclude each other")
    from fedctl.get.showing import show_what
    from fedctl.get.workloads import ALL_NAMESPACES

    name = parsed.arguments[1] if len(parsed.arguments) > 1 else ""
    place = ObjectKey(ALL_NAMESPACES if everywhere else namespace, name)
    with klog.speaking(max(call.verbosity, klog.STEPS), prints=True):
        show_what(host_of(parsed), what, place, Output(form) if form else None)


GET = Command(
    name="get",
    meaning="Show members, federated types, or federated objects and their copies",
    usage="(clusters | types | KIND) [NAME]",
    example="kubefedctl get deployments --all-namespaces",
    flags=(HOST_CONTEXT, KUBECONFIG, SYSTEM_NAMESPACE, NAMESPACE, _OUTPUT, _EVERYWHERE),
    run=get,
)
