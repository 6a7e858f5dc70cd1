"""KubeFed logged with klog and took its flags: `--v` means the same here, the others are taken and mean nothing."""

from collections.abc import Iterator, Sequence

_SWITCHES = frozenset(
    {
        "add-dir-header",
        "alsologtostderr",
        "legacy-stderr-threshold-behavior",
        "logtostderr",
        "one-output",
        "skip-headers",
        "skip-log-headers",
    }
)
_VALUED = frozenset(
    {
        "log-backtrace-at",
        "log-dir",
        "log-file",
        "log-file-max-size",
        "log-flush-frequency",
        "stderrthreshold",
        "vmodule",
    }
)


def without_klog(arguments: Sequence[str]) -> list[str]:
    """The arguments without klog's flags, written with dashes or underscores; `-v` becomes `--v`."""
    return list(_kept(iter(arguments)))


def _kept(arguments: Iterator[str]) -> Iterator[str]:
    for argument in arguments:
        name, assigned, value = argument.partition("=")
        flag = name.removeprefix("--").replace("_", "-") if name.startswith("--") else ""
        if name == "-v":
            yield f"--v={value or next(arguments, '')}"
        elif flag in _VALUED and not assigned:
            next(arguments, None)
        elif flag not in _SWITCHES | _VALUED:
            yield argument
