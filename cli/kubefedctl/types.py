"""`kubefedctl enable` and `kubefedctl disable`: KubeFed's lines go to stdout."""

from pathlib import Path

from kubefed.api.types_v1beta1 import GROUP, VERSION
from kubefed.core.errors import Misconfigured
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.flags import COMMON, DRY_RUN, FEDERATED_GROUP, OUTPUT, TARGET_VERSION
from kubefedctl.membership import first_argument, host_of
from kubefedctl.pflag import Flag, Kind, Parsed

_FEDERATED_VERSION = Flag("federated-version", "The API version of the federated type.", default=VERSION)
_FILE = Flag("filename", "A file with an EnableTypeDirective, instead of NAME and of the flags about it.", short="f")
_DELETE_CRD = Flag("delete-crd", "Also delete the federated CRD, which is refused while there are objects.", Kind.SWITCH)


def prints_yaml(parsed: Parsed) -> bool:
    """Whether manifests are to be printed. Raises Misconfigured for a form that there is not."""
    form = parsed.text(OUTPUT.name)
    if form not in ("", "yaml"):
        raise Misconfigured(f"Invalid value for --output: {form}")
    return bool(form)


def enable(call: Call) -> None:
    """Federate a type."""
    parsed = call.parsed
    prints = prints_yaml(parsed)
    from fedctl.enable.directive import Directive, read_directive
    from fedctl.enable.enabling import enable, print_manifests

    if file := parsed.text(_FILE.name):
        directive = read_directive(Path(file))
    else:
        directive = Directive(
            first_argument(parsed),
            parsed.text(TARGET_VERSION.name),
            parsed.text(FEDERATED_GROUP.name),
            parsed.text(_FEDERATED_VERSION.name),
        )
    with klog.speaking(call.verbosity, prints=True):
        if prints:
            print_manifests(host_of(parsed), directive, sort_fields=True)
        else:
            enable(host_of(parsed), directive, dry_run=parsed.switch(DRY_RUN.name))


def disable(call: Call) -> None:
    """Stop federating a type."""
    parsed = call.parsed
    name, delete_crd = first_argument(parsed), parsed.switch(_DELETE_CRD.name)
    if not delete_crd and parsed.text(TARGET_VERSION.name):
        raise Misconfigured("--version flag valid only with --delete-crd")
    if not delete_crd and parsed.text(FEDERATED_GROUP.name) != GROUP:
        raise Misconfigured("--federated-group flag valid only with --delete-crd")
    from fedctl.enable.disabling import Wish, disable

    version, group = parsed.text(TARGET_VERSION.name), parsed.text(FEDERATED_GROUP.name)
    wish = Wish(name, version, group, delete_crd=delete_crd, absent_is_fine=True)
    with klog.speaking(call.verbosity, prints=True):
        disable(host_of(parsed), wish, dry_run=parsed.switch(DRY_RUN.name))


ENABLE = Command(
    name="enable",
    meaning="Federate a type of objects",
    usage="(NAME | -f FILENAME)",
    story="Makes the federated CRD of a type, and a FederatedTypeConfig that has the controller propagate it.",
    example="kubefedctl enable deployments.apps --host-cluster-context=hub",
    flags=(*COMMON, FEDERATED_GROUP, _FEDERATED_VERSION, TARGET_VERSION, _FILE, OUTPUT),
    run=enable,
)
DISABLE = Command(
    name="disable",
    meaning="Stop federating a type of objects",
    usage="NAME",
    story="Ends the propagation of a type and deletes its FederatedTypeConfig. Copies in the members stay as they are.",
    example="kubefedctl disable deployments.apps --delete-crd",
    flags=(*COMMON, _DELETE_CRD, FEDERATED_GROUP, TARGET_VERSION),
    run=disable,
)
