"""A KubeFedConfig in a file, read instead of the one in the host. Only whoever starts the process writes such files."""

from pathlib import Path
from typing import Any

import yaml

from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.core.errors import Misconfigured

_MOST_BYTES = 1024 * 1024


def read_config_file(path: Path) -> KubeFedConfig:
    """The configuration as it is written there. Raises Misconfigured, which names the file."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MOST_BYTES)
        document: Any = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise Misconfigured(
            f"--kubefed-config {path} cannot be read ({type(problem).__name__}): name a file with one KubeFedConfig"
        ) from None
    wanted = KubeFedConfig.resource_type
    written = (document.get("apiVersion"), document.get("kind")) if isinstance(document, dict) else None
    if written != (wanted.api_version, wanted.kind):
        raise Misconfigured(f"--kubefed-config {path} is no {wanted.kind} of {wanted.api_version}")
    return KubeFedConfig.read(document)
