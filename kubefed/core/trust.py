"""How far the controller goes along with what KubeFed allowed. Nothing else may live here."""

from enum import StrEnum


class Trust(StrEnum):
    """KubeFedConfig `spec.trust`: decided once, then written into the field."""

    STRICT = "Strict"
    COMPATIBLE = "Compatible"
