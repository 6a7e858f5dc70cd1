"""V8: what is secret is found in no text that is not a Secret."""

import base64
from collections.abc import Collection, Mapping


def no_secret_leaves(canaries: Collection[str], texts: Mapping[str, str]) -> list[str]:
    """Texts, by what they are, that hold one of the planted words: as it is, or in base64 at any offset."""
    return [
        f"V8 {what} holds the secret {canary[:4]}..."
        for what, text in texts.items()
        for canary in canaries
        if any(form in text for form in _forms(canary))
    ]


def _forms(canary: str) -> list[str]:
    """The word, and what of its base64 does not depend on what stands around it."""
    inside = [base64.b64encode(b" " * pad + canary.encode()).decode()[4 if pad else 0 : -4] for pad in (0, 1, 2)]
    return [canary, *inside]
