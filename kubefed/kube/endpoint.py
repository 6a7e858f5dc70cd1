"""Which addresses of an API server this controller uses: https, and nothing else in the URL. Pure."""

from kubefed.api.endpoints import parse_endpoint
from kubefed.core.errors import Misconfigured


def https_url(text: str) -> str:
    """The https URL, without a trailing slash, that an API endpoint means. Raises Misconfigured; the text is not shown."""
    try:
        endpoint = parse_endpoint(text)
    except ValueError as problem:
        raise Misconfigured(f"API endpoint cannot be read: {problem}") from None
    if endpoint.scheme != "https":
        raise Misconfigured("API endpoint is not https: write https://host:port")
    if endpoint.has_user_info:
        raise Misconfigured("API endpoint holds a user name: write https://host:port alone")
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    port = f":{endpoint.port}" if endpoint.port else ""
    return f"https://{host}{port}{endpoint.path}"
