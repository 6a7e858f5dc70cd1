"""Network addresses of the loopback device, changed through rtnetlink. Linux only, and only in a namespace of our own.

The `ip` command is not on every machine, and one process per pod address would be slow.
"""

import contextlib
import errno
import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address

_NEW_LINK, _NEW_ADDRESS, _DELETE_ADDRESS, _ERROR = 16, 20, 21, 2
_REQUEST, _ACKNOWLEDGE, _CREATE, _EXCLUSIVE = 0x1, 0x4, 0x400, 0x200
_UP = 0x1
_LOCAL_ATTRIBUTE = 2
_LOOPBACK_INDEX = 1  # in every network namespace
_HOST_PREFIX = 32
_HOST_SCOPE = 254
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ANSWER_BYTES = 4096


def bring_up_loopback() -> None:
    """Switch the loopback device on. A new namespace has it switched off."""
    _ask(_NEW_LINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, _LOOPBACK_INDEX, _UP, _UP))


def add_address(address: str) -> None:
    """Put an address on loopback; nothing happens when it is there."""
    with _but_for(errno.EEXIST):
        _ask(_NEW_ADDRESS, _CREATE | _EXCLUSIVE, _address_body(address))


def remove_address(address: str) -> None:
    """Take an address off loopback; nothing happens when it is not there."""
    with _but_for(errno.EADDRNOTAVAIL):
        _ask(_DELETE_ADDRESS, 0, _address_body(address))


def _address_body(address: str) -> bytes:
    message = struct.pack("=BBBBi", socket.AF_INET, _HOST_PREFIX, 0, _HOST_SCOPE, _LOOPBACK_INDEX)
    return message + struct.pack("=HH4s", 8, _LOCAL_ATTRIBUTE, IPv4Address(address).packed)


def _ask(kind: int, flags: int, body: bytes) -> None:
    with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)) as link:
        link.bind((0, 0))
        link.send(_HEADER.pack(_HEADER.size + len(body), kind, flags | _REQUEST | _ACKNOWLEDGE, 1, 0) + body)
        answer = link.recv(_ANSWER_BYTES)
    _, answered, *_ = _HEADER.unpack_from(answer)
    code = struct.unpack_from("=i", answer, _HEADER.size)[0] if answered == _ERROR else 0
    if code:
        raise OSError(-code, os.strerror(-code))


@contextlib.contextmanager
def _but_for(expected: int) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno != expected:
            raise
