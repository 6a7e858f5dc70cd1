"""Gets the credentials of the new account out of the member, and makes sure that they work."""

import asyncio
import base64
from dataclasses import dataclass, replace

from fedctl.apiserver import ApiServer
from fedctl.asking import client_of
from fedctl.kinds import SECRETS, SERVICE_ACCOUNTS
from fedctl.membernames import MemberNames
from fedctl.waiting import wait_until
from kubefed.api.durations import Duration
from kubefed.core.errors import ApiError, Misconfigured, Unintelligible
from kubefed.core.secret import Secret
from kubefed.kube.connection import Connection, Credentials

_SHORTEST_S, _LONGEST_S = 600, 24 * 3600
_TOKEN_WAIT_S = 30.0
_WORKS_WITHIN_S = 10.0
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, when it ends (empty: never), and the authority that the member's pods trust."""

    token: Secret
    expires_at: str = ""
    ca_pem: str = ""


def parse_lifetime(text: str) -> int:
    """Seconds. Raises Misconfigured for what is no duration, or shorter or longer than makes sense."""
    try:
        seconds = Duration.parse(text).seconds
    except ValueError:
        raise Misconfigured(f"--token-lifetime {text!r} is no duration: write one such as 12h or 90m") from None
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise Misconfigured(f"--token-lifetime {text} is not between 10m and 24h: the controller renews tokens in time")
    return int(seconds)


def request_token(member: ApiServer, names: MemberNames, lifetime_s: int) -> Issued:
    """Ask for a token that ends."""
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": lifetime_s},
    }
    path = SERVICE_ACCOUNTS.object_path(names.account, "token")
    status = member.post(path, body).get("status") or {}
    if not status.get("token"):
        raise Unintelligible(f"context {member.context.name}: POST {path}", status=201, reason="NoToken")
    return Issued(Secret(str(status["token"])), str(status.get("expirationTimestamp") or ""))


def wait_for_token(member: ApiServer, names: MemberNames) -> Issued:
    """Wait until the member has filled the Secret with a token that never ends. Raises Misconfigured after 30 s."""

    def found() -> dict[str, str]:
        data: dict[str, str] = member.get(SECRETS, names.account).get("data") or {}
        return data

    wait_until(
        lambda: bool(found().get("token")),
        _TOKEN_WAIT_S,
        f"the member did not issue a token into Secret {names.account} within 30 s: its kube-controller-manager does that, "
        "check that it runs",
    )
    data = found()
    return Issued(Secret(_decoded(data["token"])), ca_pem=_decoded(data.get("ca.crt", "")))


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def verify(connection: Connection, issued: Issued) -> None:
    """Use the token as the controller will. Raises Misconfigured when the member does not accept it in ten seconds."""
    asyncio.run(_verify(replace(connection, credentials=Credentials(issued.token))))


async def _verify(connection: Connection) -> None:
    answer = "no answer"
    async with client_of(connection) as client:
        try:
            async with asyncio.timeout(_WORKS_WITHIN_S):
                while True:
                    try:
                        status = (await client.fetch("/healthz", accept="*/*")).status
                    except ApiError as error:
                        answer = error.explanation()
                    else:
                        if status not in (401, 403):  # API servers hear of new accounts and roles a moment later
                            return
                        answer = f"{status}"
                    await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            raise Misconfigured(
                f"the member does not accept the new credentials ({answer}): nothing was registered in the host. Check "
                "that its API server issues service account tokens for itself (--api-audiences)"
            ) from None
