"""The flags that several commands share, under KubeFed's names. Data only."""

from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefedctl.pflag import Flag, Kind

LOGGING = (
    Flag("add-dir-header", "Also say the directory of the module that a message is from.", Kind.SWITCH),
    Flag("alsologtostderr", "With --logtostderr=false: write messages to stderr as well as to the file.", Kind.SWITCH),
    Flag("log-backtrace-at", "Accepted, and without effect.", Kind.PLACE, default=":0"),
    Flag("log-dir", "With --logtostderr=false: write messages to the file kubefedctl.INFO in this directory."),
    Flag("log-file", "With --logtostderr=false: write messages to this file."),
    Flag("log-file-max-size", "Accepted, and without effect.", Kind.UNSIGNED, default="1800"),
    Flag("log-flush-frequency", "Accepted, and without effect: nothing is held back.", Kind.DURATION, default="5s"),
    Flag("logtostderr", "Write messages to stderr, and to no file.", Kind.SWITCH, default="true"),
    Flag("one-output", "Accepted, and without effect.", Kind.SWITCH),
    Flag("skip-headers", "Leave out the header of each message.", Kind.SWITCH),
    Flag("skip-log-headers", "Accepted, and without effect.", Kind.SWITCH),
    Flag(
        "stderrthreshold", "With --logtostderr=false: messages from here on go to stderr too.", Kind.SEVERITY, default="2"
    ),
    Flag("v", "How much to say: 2 tells each step.", Kind.LEVEL, short="v"),
    Flag("vmodule", "Accepted, and without effect.", Kind.PATTERNS),
)
"""klog's."""

HELP = Flag("help", "Show this.", Kind.SWITCH, short="h")

KUBECONFIG = Flag("kubeconfig", "The kubeconfig file. Default: $KUBECONFIG, then ~/.kube/config.")
HOST_CONTEXT = Flag("host-cluster-context", "The host cluster's context. Default: the current one.")
SYSTEM_NAMESPACE = Flag("kubefed-namespace", "The federation's system namespace.", default=DEFAULT_NAMESPACE)
DRY_RUN = Flag("dry-run", "Look, and write nothing.", Kind.SWITCH)
COMMON = (DRY_RUN, HOST_CONTEXT, KUBECONFIG, SYSTEM_NAMESPACE)

NAMESPACE = Flag("namespace", "The object's namespace. Default: that of the context.", short="n")
MEMBER_CONTEXT = Flag("cluster-context", "The member's context. Default: the name of the cluster.")
HOST_NAME = Flag(
    "host-cluster-name",
    "What the host is called in the names of the member's objects, when its context holds / or :.",
)
OUTPUT = Flag("output", "Print what would be written, and write nothing. The one form is yaml.", short="o")
FEDERATED_GROUP = Flag("federated-group", "The API group of the federated type.", default="types.kubefed.io")
TARGET_VERSION = Flag("version", "The API version of the type. Default: the one that the host prefers.")
