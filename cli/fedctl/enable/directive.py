"""What is to be enabled, from options or from a file that KubeFed's command line reads as well."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from kubefed.api.core_v1beta1 import EnableTypeDirective
from kubefed.api.model import type_mistakes
from kubefed.core.errors import Misconfigured

_LARGEST_FILE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Directive:
    """`name` is any name of the type; `version` is empty for the server's preferred one."""

    name: str
    version: str
    federated_group: str
    federated_version: str


def read_directive(path: Path) -> Directive:
    """Read an EnableTypeDirective. Raises Misconfigured naming the file and what is wrong with it."""
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise Misconfigured(f"{path} cannot be read: {fault.strerror}") from None
    if len(text) > _LARGEST_FILE_BYTES:
        raise Misconfigured(f"{path} is larger than an EnableTypeDirective can be")
    try:
        directive = EnableTypeDirective.model_validate(yaml.safe_load(text))
    except yaml.YAMLError:
        raise Misconfigured(f"{path} is not YAML") from None
    except ValidationError as error:
        raise Misconfigured(f"{path} is no EnableTypeDirective: {type_mistakes(error)}") from None
    if not directive.metadata.name:
        raise Misconfigured(f"{path}: metadata.name is missing; it names the type")
    spec = directive.spec
    return Directive(directive.metadata.name, spec.target_version, spec.federated_group, spec.federated_version)
