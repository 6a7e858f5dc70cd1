"""Manifests: where their objects are, and how they are printed. Printed texts are escaped where they could act on a
terminal."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from fedctl.yamlfiles import EXPONENT, FLOAT, NUMERALS
from kubefed.core.names import ObjectKey

Manifest = dict[str, Any]


def key_of(manifest: Mapping[str, Any]) -> ObjectKey:
    """Where an object is, or is to be."""
    metadata = manifest["metadata"]
    return ObjectKey(metadata.get("namespace", ""), metadata["name"])


class _Dumper(yaml.SafeDumper):
    """Repeats what occurs twice instead of making anchors, and writes texts of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


_STRING = "tag:yaml.org,2002:str"


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text.isascii() else None
    if dumper.resolve(yaml.ScalarNode, text, (True, False)) != _STRING:  # type: ignore[no-untyped-call]
        style = '"'  # as kubectl writes a text that would be read as a number or the like
    return dumper.represent_scalar(_STRING, text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver(FLOAT, EXPONENT, NUMERALS)


def as_yaml(document: Any, *, sort_fields: bool = False) -> str:
    """One document. Characters outside ASCII are escaped: none of them can turn around or hide what a terminal shows."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=sort_fields, allow_unicode=False, width=10_000)
    return text


def print_documents(manifests: Iterable[Mapping[str, Any]], *, sort_fields: bool = False) -> None:
    """Every manifest, each after `---`, with its fields in the order in which people read them, or sorted."""
    for manifest in manifests:
        sys.stdout.write(f"---\n{as_yaml(dict(manifest), sort_fields=sort_fields)}")
