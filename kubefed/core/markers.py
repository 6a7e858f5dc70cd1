"""The labels, annotations and finalizers that kubefed reads and writes. KubeFed's own spellings are part of its API."""

MANAGED_LABEL = "kubefed.io/managed"
"""On member objects. `true`: kubefed made it and keeps it; `false`: its owner opted out and kubefed never touches it."""
MANAGED = "true"
UNMANAGED = "false"

ORPHAN_ANNOTATION = "kubefed.io/orphan"
"""On a federated object, `true`: deleting it leaves the member objects where they are, without the managed label."""
DELETE_OPTIONS_ANNOTATION = "kubefed.io/deleteoption"
"""On a federated object: metav1.DeleteOptions as JSON, used for member deletes when the object itself is deleted."""
OWNER_ANNOTATION = "kubefed.io/owner"
"""On member objects: `<host uid>/<federated object uid>`, so that two hosts never fight over one copy. Additive."""

SYNC_FINALIZER = "kubefed.io/sync-controller"
"""On federated objects, while copies of them may exist in members."""
TYPE_CONFIG_FINALIZER = "core.kubefed.io/federated-type-config"
"""On FederatedTypeConfigs, while their controllers run."""

DEFAULT_NAMESPACE = "kube-federation-system"
"""The system namespace that a KubeFed installation uses unless told otherwise."""
CONFIG_NAME = "kubefed"
"""The one KubeFedConfig that counts, in the system namespace."""
