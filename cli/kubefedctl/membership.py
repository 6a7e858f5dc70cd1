"""`kubefedctl join` and `kubefedctl unjoin`. Nothing goes to stdout."""

from fedctl.options import HostOptions
from kubefed.core.errors import Misconfigured
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.flags import COMMON, DRY_RUN, HOST_CONTEXT, HOST_NAME, KUBECONFIG, MEMBER_CONTEXT, SYSTEM_NAMESPACE
from kubefedctl.pflag import Flag, Kind, Parsed

_NO_PART_OF_NAMES = ("/", ":")


def host_of(parsed: Parsed) -> HostOptions:
    """Which federation the flags name."""
    return HostOptions(parsed.text(KUBECONFIG.name), parsed.text(HOST_CONTEXT.name), parsed.text(SYSTEM_NAMESPACE.name))


def first_argument(parsed: Parsed, what: str = "NAME") -> str:
    """The first argument; further ones are as little looked at as KubeFed did. Raises Misconfigured without any."""
    if not parsed.arguments:
        raise Misconfigured(f"{what} is required")
    return parsed.arguments[0]


def _host_name(parsed: Parsed) -> str:
    name = parsed.text(HOST_NAME.name)
    if any(part in name for part in _NO_PART_OF_NAMES):
        raise Misconfigured('host-cluster-name may not contain "/" or ":"')
    return name


def join(call: Call) -> None:
    """Make a cluster a member."""
    parsed = call.parsed
    cluster, host_name = first_argument(parsed), _host_name(parsed)
    from fedctl.join.joining import join
    from fedctl.join.planning import Wish

    wish = Wish(
        cluster=cluster,
        context=parsed.text(MEMBER_CONTEXT.name) or cluster,
        kubeconfig=parsed.text(KUBECONFIG.name),
        host_name=host_name,
        secret_name=parsed.text("secret-name"),
        error_on_existing=parsed.switch("error-on-existing"),
    )
    with klog.speaking(call.verbosity, prints=False):
        join(host_of(parsed), wish, dry_run=parsed.switch(DRY_RUN.name))


def unjoin(call: Call) -> None:
    """Make a cluster no member any more."""
    parsed = call.parsed
    cluster, host_name = first_argument(parsed), _host_name(parsed)
    from fedctl.unjoin.unjoining import Wish, unjoin

    wish = Wish(
        cluster=cluster,
        context=parsed.text(MEMBER_CONTEXT.name) or cluster,
        kubeconfig=parsed.text(KUBECONFIG.name),
        host_name=host_name,
        deletes=False,
        force=parsed.switch("force"),
    )
    with klog.speaking(call.verbosity, prints=False):
        unjoin(host_of(parsed), wish, dry_run=parsed.switch(DRY_RUN.name))


JOIN = Command(
    name="join",
    meaning="Make a cluster a member of the federation",
    usage="CLUSTER_NAME --host-cluster-context=HOST_CONTEXT",
    story="Makes an account for the controller in a cluster, and puts its credentials and a KubeFedCluster into the host.",
    example="kubefedctl join east --cluster-context=east-admin --host-cluster-context=hub",
    flags=(
        *COMMON,
        MEMBER_CONTEXT,
        HOST_NAME,
        Flag("secret-name", "The Secret for the credentials in the host. Default: one is named after the cluster."),
        Flag(
            "error-on-existing",
            "Fail when the cluster is joined already. If false, credentials and rights are renewed.",
            Kind.SWITCH,
            default="true",
        ),
    ),
    run=join,
)
UNJOIN = Command(
    name="unjoin",
    meaning="Make a cluster no member any more",
    usage="CLUSTER_NAME --host-cluster-context=HOST_CONTEXT",
    story="Removes a cluster's record and credentials from the host, and the controller's account from the cluster.",
    example="kubefedctl unjoin east --host-cluster-context=hub",
    flags=(
        *COMMON,
        MEMBER_CONTEXT,
        HOST_NAME,
        Flag("force", "Go on past errors in the cluster, also when it cannot be reached.", Kind.SWITCH),
    ),
    run=unjoin,
)
