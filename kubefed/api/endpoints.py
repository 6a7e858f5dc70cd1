"""The address of an API server as a KubeFedCluster may state it, read as client-go reads it."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an API server is. `path` is a prefix of every request, empty at the root."""

    scheme: str
    host: str
    port: int | None
    path: str
    has_user_info: bool = field(default=False)
    """Whether user and password stood before the host. They are not kept."""


def parse_endpoint(text: str) -> Endpoint:
    """Read a URL, or a host with or without a port, for which https is meant.

    Raises ValueError with a message that does not contain the text, because a password may be in it.
    """
    if not text:
        raise ValueError("host must be a URL or a host:port pair")
    if _FORBIDDEN.search(text):
        raise ValueError("host must not contain spaces or control characters")
    url = _split(text)
    if url is None or not url.scheme or not url.netloc:
        url = _split(f"https://{text}")
        if url is None or url.path not in {"", "/"}:
            raise ValueError("host must be a URL or a host:port pair")
    if not url.hostname:
        raise ValueError("host is missing")
    return Endpoint(url.scheme, url.hostname, _port(url), url.path.rstrip("/"), "@" in url.netloc)


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _port(url: SplitResult) -> int | None:
    """The port, unless it is left to the scheme. Python's own reading takes spaces and other digits as well."""
    host, colon, text = url.netloc.rpartition("@")[2].rpartition("]")[2].rpartition(":")
    if ":" in host:
        raise ValueError("an IPv6 address needs brackets")
    if not colon or not text:
        return None
    if not _DIGITS.fullmatch(text):
        raise ValueError("port must be a number")
    port = int(text)
    if not 1 <= port <= _HIGHEST_PORT:
        raise ValueError("must be between 1 and 65535, inclusive")
    return port


_FORBIDDEN = re.compile(r"[\x00-\x20\x7f]")
_DIGITS = re.compile(r"[0-9]{1,9}")
_HIGHEST_PORT = 65535
