"""YAML that a person hands in: read safely, within bounds, and naming the place where it is wrong."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from kubefed.core.errors import Misconfigured

LARGEST_BYTES = 16 * 2**20
_MOST_NODES = 500_000
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
FLOAT = "tag:yaml.org,2002:float"
EXPONENT = re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$")
"""A number as Go writes it and YAML 1.2 reads it; PyYAML alone takes `1e+21` for a text, and writes the text `1e5` bare."""
NUMERALS = list("-+0123456789")
"""With what such a number may begin."""


if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:
    # The same rules over libyaml's parser, where PyYAML was built with it: a tenth of the time for a large backup.
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """Leaves dates as the texts that they are in Kubernetes."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(FLOAT, EXPONENT, NUMERALS)


def read_documents(name: str, *, largest_bytes: int = LARGEST_BYTES) -> Iterator[dict[str, Any]]:
    """The documents of a file, or of stdin for `-`; the items of a List one by one. Raises Misconfigured."""
    shown = shown_name(name)
    try:
        documents = [each for each in yaml.load_all(_text(name, largest_bytes), Loader=_Loader) if each is not None]
    except yaml.MarkedYAMLError as fault:
        line = f", line {fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise Misconfigured(f"{shown}{line}: not YAML: {fault.problem or 'cannot be read'}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Misconfigured(f"{shown} is not YAML that can be read") from None
    for document in documents:
        if not isinstance(document, dict):
            raise Misconfigured(f"{shown}: a document is not an object with apiVersion and kind")
        _check_size(document, shown, _MOST_NODES * largest_bytes // LARGEST_BYTES)
        yield from document["items"] if document.get("kind") == "List" and "items" in document else [document]


def shown_name(name: str) -> str:
    """What a file is called in messages."""
    return "stdin" if name == "-" else name


def _text(name: str, largest_bytes: int) -> bytes:
    try:
        text = sys.stdin.buffer.read(largest_bytes + 1) if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise Misconfigured(f"{name} cannot be read: {fault.strerror}") from None
    if len(text) > largest_bytes:
        raise Misconfigured(f"{name} is larger than {largest_bytes // 2**20} MiB")
    return text


def _check_size(document: Any, shown: str, most_nodes: int) -> None:
    """Count what aliases stand for as often as they stand for it: nine lines of YAML can mean a gigabyte."""
    left, waiting = most_nodes, [document]
    while waiting:
        node = waiting.pop()
        left -= 1
        if left < 0:
            raise Misconfigured(f"{shown} has aliases that expand to more than {most_nodes} values")
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
