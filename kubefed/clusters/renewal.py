"""Keeps a member's short-lived token fresh: asks the member for a new one in good time, and stores it on the host."""

import base64
import random
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import orjson

from kubefed.clusters.credentials import SECRETS, TOKEN, CredentialsSecret, TokenLife
from kubefed.core.errors import Unintelligible
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client


class _WireTokenStatus(msgspec.Struct):
    token: Annotated[str, msgspec.Meta(min_length=1)]


class _WireTokenRequest(msgspec.Struct):
    status: _WireTokenStatus


_DECODER = msgspec.json.Decoder(_WireTokenRequest)

SERVICE_ACCOUNTS = ResourceType("", "v1", "serviceaccounts", "ServiceAccount", namespaced=True)
_RENEW_BETWEEN = (0.5, 0.8)  # of the token's life: early enough for a day off, spread so that members do not queue up


def renewal_due(life: TokenLife, rng: random.Random) -> datetime:
    """When to ask for the next token."""
    return life.issued_at + (life.expires_at - life.issued_at) * rng.uniform(*_RENEW_BETWEEN)


async def renew(member: Client, host: Client, secret: CredentialsSecret, life: TokenLife) -> None:
    """Ask the member for a token of the same length for the same account, then replace the one in the Secret.

    The old token stays valid until its own end, so whoever reads the Secret a moment too early loses nothing. Raises
    Stale when somebody else changed the Secret meanwhile.
    """
    token = await _request_token(member, life)
    patch = {
        "metadata": {"resourceVersion": str(secret.resource_version)},
        "data": {TOKEN: base64.b64encode(token.encode()).decode()},
    }
    await host.patch(SECRETS, secret.key, orjson.dumps(patch))


async def _request_token(member: Client, life: TokenLife) -> str:
    account = ObjectKey(life.namespace, life.service_account)
    wanted_s = max(timedelta(minutes=10), life.expires_at - life.issued_at).total_seconds()
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": int(wanted_s)},
    }
    path = SERVICE_ACCOUNTS.object_path(account, "token")
    answer = await member.post(path, orjson.dumps(body))
    try:
        return _DECODER.decode(answer).status.token
    except ValueError:
        raise Unintelligible(f"POST {path}", status=201, reason="NoToken") from None
