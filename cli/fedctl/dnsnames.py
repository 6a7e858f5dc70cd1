"""Kubernetes' rules for names that a person types, and sentences for when they are broken. Pure."""

import re

from kubefed.core.errors import Misconfigured

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_LONGEST_LABEL, _LONGEST_SUBDOMAIN = 63, 253


def is_label(text: str) -> bool:
    """Whether the text is a DNS label: `eu-west-1`."""
    return len(text) <= _LONGEST_LABEL and _LABEL.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Whether the text is a DNS subdomain, as most objects' names are: `eu.example-1`."""
    return len(text) <= _LONGEST_SUBDOMAIN and _SUBDOMAIN.fullmatch(text) is not None


def require_label(what: str, text: str) -> str:
    """The text itself. Raises Misconfigured when it is no DNS label."""
    if not is_label(text):
        raise Misconfigured(
            f"{what} {text!r} is not a DNS label: use at most {_LONGEST_LABEL} lower-case letters, digits and -, "
            "beginning and ending with a letter or digit"
        )
    return text


def require_subdomain(what: str, text: str) -> str:
    """The text itself. Raises Misconfigured when it is no DNS subdomain."""
    if not is_subdomain(text):
        raise Misconfigured(
            f"{what} {text!r} is not a DNS name: use at most {_LONGEST_SUBDOMAIN} lower-case letters, digits, - and ., "
            "beginning and ending with a letter or digit"
        )
    return text


def parse_label(text: str) -> tuple[str, str]:
    """Key and value of `key=value`. Raises Misconfigured when it is no Kubernetes label."""
    key, separator, value = text.partition("=")
    prefix, slash, name = key.rpartition("/")
    is_key = len(name) <= _LONGEST_LABEL and _LABEL_NAME.fullmatch(name) and (not slash or is_subdomain(prefix))
    if not separator or not is_key or len(value) > _LONGEST_LABEL or not _LABEL_VALUE.fullmatch(value):
        raise Misconfigured(f"--label {text!r} is no label: write KEY=VALUE, such as region=eu")
    return key, value
