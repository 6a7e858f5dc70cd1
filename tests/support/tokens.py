"""Service account tokens as a sandbox's API server would have signed them earlier: those that it issues live ten minutes
at least, and no test waits for that."""

import base64
import json
import time
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.support.federation import Federation
from tests.support.records import claims_of, token_of

_COORDINATE_BYTES = 32


def a_token(federation: Federation, member: str, *, issued_s_ago: int, ends_in_s: int) -> str:
    """The member's token of the moment, with another life."""
    token, now = token_of(federation, member), int(time.time())
    header = json.loads(_decoded(token.split(".")[0]))
    life = {"iat": now - issued_s_ago, "nbf": now - issued_s_ago, "exp": now + ends_in_s}
    signed = f"{_encoded(_json(header))}.{_encoded(_json({**claims_of(token), **life}))}"
    return f"{signed}.{_encoded(_signature(federation, member, signed.encode()))}"


def _signature(federation: Federation, member: str, signed: bytes) -> bytes:
    pem = (federation.sandbox.cluster(member).layout().pki / "service-accounts.key").read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    halves = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return b"".join(half.to_bytes(_COORDINATE_BYTES, "big") for half in halves)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
