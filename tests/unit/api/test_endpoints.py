"""API server addresses as client-go reads them."""

import pytest

from kubefed.api.endpoints import Endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("https://eu.example.com:6443", Endpoint("https", "eu.example.com", 6443, "")),
        ("https://eu.example.com", Endpoint("https", "eu.example.com", None, "")),
        ("https://eu.example.com:", Endpoint("https", "eu.example.com", None, "")),
        ("http://10.0.0.1:8080/", Endpoint("http", "10.0.0.1", 8080, "")),
        ("https://gate/clusters/eu/", Endpoint("https", "gate", None, "/clusters/eu")),
        ("eu.example.com", Endpoint("https", "eu.example.com", None, "")),
        ("eu.example.com:6443", Endpoint("https", "eu.example.com", 6443, "")),
        ("10.0.0.1:6443", Endpoint("https", "10.0.0.1", 6443, "")),
        ("10.0.0.1:6443/", Endpoint("https", "10.0.0.1", 6443, "")),
        ("localhost:6443", Endpoint("https", "localhost", 6443, "")),
        ("https://[fd00::1]:6443", Endpoint("https", "fd00::1", 6443, "")),
        ("[fd00::1]:6443", Endpoint("https", "fd00::1", 6443, "")),
        ("https://[fd00::1]", Endpoint("https", "fd00::1", None, "")),
        ("ftp://eu", Endpoint("ftp", "eu", None, "")),
        ("https://user:hunter2@eu:6443", Endpoint("https", "eu", 6443, "", has_user_info=True)),
    ],
)
def test_urls_and_hosts_are_read(text: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "https:///path",
        "eu/path",
        "10.0.0.1:6443/path",
        "https://eu:0",
        "https://eu:65536",
        "https://eu:99999999999",
        "https://eu:port",
        "https://eu:-1",
        "https://eu: 80",
        "https://eu:\u0661",
        "https://e u",
        "https://eu\n",
        "https://fd00::1",
        "https://[fd00::1",
        "https://:6443",
        "https://user:hunter2@:6443",
        "https://user:hunter2@eu:port",
    ],
)
def test_anything_else_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"host|port|bracket|between") as refusal:
        parse_endpoint(text)
    assert "hunter2" not in str(refusal.value)
