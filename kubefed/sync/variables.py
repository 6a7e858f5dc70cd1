"""Variables in override values: `${cluster.name}`, `.region`, `.zone` and `.labels['key']`. Pure.

Only what begins with `${cluster.` is a variable; any other dollar is text, so that shell scripts need no escape. In front
of `{cluster.` each pair of dollars stands for one, as in a Makefile: `$${cluster.name}` is the text `${cluster.name}`.
"""

import re
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import shortened
from kubefed.federated.traits import ClusterTraits


def substituted(value: Any, cluster: ClusterTraits) -> Any:
    """The value with every variable in its texts replaced; keys are left alone. Raises Misconfigured."""
    if isinstance(value, str):
        return text_for(value, cluster)
    if isinstance(value, dict):
        return {key: substituted(item, cluster) for key, item in value.items()}
    if isinstance(value, list):
        return [substituted(item, cluster) for item in value]
    return value


def text_for(text: str, cluster: ClusterTraits) -> str:
    """One text for one cluster. Raises Misconfigured for an unknown variable, or one that the cluster has no value for."""
    if _MARK not in text:
        return text
    return _VARIABLE.sub(lambda found: _replacement(found, cluster), text)


def has_variable(value: Any) -> bool:
    """Whether anything in the value may be another thing in another cluster. Keys do not count."""
    if isinstance(value, dict | list):
        return any(has_variable(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and _MARK in value


def check(value: Any) -> None:
    """Look for variables that do not exist. Raises Misconfigured. Whether a cluster has a value is another question."""
    if isinstance(value, str):
        for found in _VARIABLE.finditer(value):
            _check_one(found)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            check(item)


def _check_one(found: re.Match[str]) -> None:
    dollars, name, end = found.groups()
    if len(dollars) % 2 == 0:
        return
    if not end:
        raise Misconfigured(_UNCLOSED)
    if name not in _NAMES and not _LABEL.fullmatch(name):
        raise _unknown(name)


def _unknown(name: str) -> Misconfigured:
    return Misconfigured(f"unknown variable ${{cluster.{shortened(name)}}}: there are name, region, zone, labels['key']")


def _replacement(found: re.Match[str], cluster: ClusterTraits) -> str:
    dollars, name, end = found.groups()
    literal = "$" * (len(dollars) // 2)
    if len(dollars) % 2 == 0:
        return f"{literal}{{cluster.{name}{end}"
    if not end:
        raise Misconfigured(_UNCLOSED)
    return literal + _value(name, cluster)


def _value(name: str, cluster: ClusterTraits) -> str:
    if name == "name":
        return cluster.name
    if name == "region":
        return _known(cluster.region, "region")
    if name == "zone":
        if len(cluster.zones) > 1:
            raise Misconfigured(f"${{cluster.zone}} is ambiguous: the cluster has {len(cluster.zones)} zones")
        return _known("".join(cluster.zones), "zone")
    label = _LABEL.fullmatch(name)
    if label is None:
        raise _unknown(name)
    key = label[2]
    if key not in cluster.labels:
        raise Misconfigured(f"the cluster has no label {shortened(key)!r}, which a variable asks for")
    return cluster.labels[key]


def _known(value: str, what: str) -> str:
    if not value:
        raise Misconfigured(f"the {what} of the cluster is not known, and a variable asks for it")
    return value


_NAMES = frozenset({"name", "region", "zone"})
_UNCLOSED = "a variable that begins with ${cluster. is not closed with }"
_MARK = "{cluster."
_VARIABLE = re.compile(r"(?<!\$)(\$++)\{cluster\.([^{}]*)(\}?)")
_LABEL = re.compile(r"""labels\[(['"])([^'"]+)\1\]""")
