"""`kubefedctl federate`: only YAML, and the lines of enabling a type, go to stdout."""

from kubefed.core.errors import Misconfigured
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.flags import COMMON, DRY_RUN, NAMESPACE, OUTPUT
from kubefedctl.membership import first_argument, host_of
from kubefedctl.pflag import Flag, Kind
from kubefedctl.types import prints_yaml

_CONTENTS = Flag("contents", "For a namespace: federate what is in it as well.", Kind.SWITCH, short="c")
_ENABLE = Flag("enable-type", "Enable the type first, where it is not federated yet.", Kind.SWITCH, short="t")
_FILE = Flag("filename", "Objects from a file, - for stdin: prints YAML, and asks no server.", short="f")
_SKIPPED = Flag(
    "skip-api-resources",
    "What of a namespace's contents to leave out: short names, kinds, plurals, with their group or not, or whole groups.",
    Kind.WORDS,
    short="s",
)


def federate(call: Call) -> None:
    """Make federated objects out of ordinary ones."""
    parsed = call.parsed
    prints = prints_yaml(parsed)
    if file := parsed.text(_FILE.name):
        if parsed.arguments:
            raise Misconfigured(f"Flag '--filename' does not take any args. Got args: [{' '.join(parsed.arguments)}]")
        from fedctl.federate.files import print_federated

        with klog.speaking(call.verbosity, prints=True):
            print_federated(file, sort_fields=True)
        return
    type_name = first_argument(parsed, "TYPE-NAME")
    if len(parsed.arguments) == 1:
        raise Misconfigured("RESOURCE-NAME is required")
    enable_type = parsed.switch(_ENABLE.name)
    if enable_type and prints:
        raise Misconfigured("Flag '--enable-type' cannot be used with '--output [yaml]'")
    from fedctl.federate.federating import Wish, federate

    wish = Wish(
        type_name=type_name,
        name=parsed.arguments[1],
        namespace=parsed.text(NAMESPACE.name),
        contents=parsed.switch(_CONTENTS.name),
        skipped=parsed.words(_SKIPPED.name),
        enable_type=enable_type,
        prints=prints,
        sorts=True,
    )
    with klog.speaking(call.verbosity, prints=True):
        federate(host_of(parsed), wish, dry_run=parsed.switch(DRY_RUN.name), tell=klog.info)


FEDERATE = Command(
    name="federate",
    meaning="Make a federated object out of an ordinary one",
    usage="TYPE-NAME RESOURCE-NAME",
    story="Takes an object of the host as the template of a federated object that is placed in all clusters.",
    example="kubefedctl federate configmap opening-hours -n shop --host-cluster-context=hub",
    flags=(*COMMON, NAMESPACE, OUTPUT, _CONTENTS, _ENABLE, _FILE, _SKIPPED),
    run=federate,
)
