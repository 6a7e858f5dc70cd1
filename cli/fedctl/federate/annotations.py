"""Says which annotations the copies of an object will miss."""

from fedctl.federate.templates import dropped_annotations
from fedctl.manifests import Manifest, key_of
from fedctl.telling import warn


def warn_about_annotations(manifest: Manifest) -> None:
    """Annotations are not copied, as under KubeFed; kubectl's own is missed by nobody."""
    if dropped := dropped_annotations(manifest):
        warn(f"copies of {manifest.get('kind')} {key_of(manifest)} will not have its annotations: {', '.join(dropped)}.")
