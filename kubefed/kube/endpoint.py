"""Reads the address of an API server as people and KubeFed write it. Pure."""

from urllib.parse import urlsplit

from kubefed.core.errors import Misconfigured


def parse_endpoint(text: str) -> str:
    """The https URL, without a trailing slash, that `text` means; `host`, `host:port` and URLs are accepted.

    Raises Misconfigured for another scheme, user names, queries, fragments, a missing host or a bad port.
    """
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Misconfigured("API endpoint has no valid host and port: write host:port or https://host:port") from None
    if parts.scheme != "https":
        raise Misconfigured(f"API endpoint uses {parts.scheme}: only https is allowed")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise Misconfigured("API endpoint holds a user name, query or fragment: write https://host:port alone")
    if not parts.hostname or port == 0:
        raise Misconfigured("API endpoint has no valid host and port: write host:port or https://host:port")
    return f"https://{parts.netloc}{parts.path.rstrip('/')}"
