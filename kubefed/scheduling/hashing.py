"""FNV-1, 32 bit: the order in which KubeFed's planner served clusters of equal weight. Pure."""

_OFFSET_BASIS = 2166136261
_PRIME = 16777619
_MASK = 0xFFFFFFFF


def fnv1_32(text: str) -> int:
    """The hash of the text's UTF-8 bytes, as Go's hash/fnv `New32` computes it."""
    value = _OFFSET_BASIS
    for byte in text.encode():
        value = (value * _PRIME & _MASK) ^ byte
    return value
