"""Under which path which kinds are judged. KubeFed's own spellings, its inconsistent plurals included, and ours."""

VALIDATE_TYPE_CONFIG = "/validate-federatedtypeconfigs"
VALIDATE_CLUSTER = "/validate-kubefedcluster"
VALIDATE_CONFIG = "/validate-kubefedconfig"
DEFAULT_CONFIG = "/default-kubefedconfig"
VALIDATE_FEDERATED = "/validate-federated"
VALIDATE_PREFERENCE = "/validate-replicaschedulingpreferences"
READY = "/readyz"
