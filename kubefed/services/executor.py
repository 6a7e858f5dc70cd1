"""Does what a plan says to one object of one member, and asks whether something is really gone. Decides nothing."""

from typing import Any

import orjson

from kubefed.core.errors import NotFound, Rejected
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client
from kubefed.services.facts import Part
from kubefed.services.plan import Verb, Write
from kubefed.services.words import EXPORTS, OF_SERVICE, SERVICES, SLICES


async def carry_out(client: Client, write: Write) -> int | None:
    """Write; the object's new resourceVersion, None when it is gone. Raises ApiError."""
    try:
        return await _send(client, write, write.body)
    except Rejected:
        if write.otherwise is None:
            raise
        return await _send(client, write, write.otherwise)


async def _send(client: Client, write: Write, content: Any) -> int | None:
    body = orjson.dumps(content)
    match write.verb:
        case Verb.CREATE:
            return (await client.create(write.resource, write.key.namespace, body)).resource_version
        case Verb.REPLACE:
            return (await client.replace(write.resource, write.key, body)).resource_version
        case Verb.PATCH:
            return (await client.patch(write.resource, write.key, body)).resource_version
        case Verb.STATUS:
            return (await client.patch(write.resource, write.key, body, subresource="status")).resource_version
        case Verb.DELETE:
            return await _delete(client, write)


async def _delete(client: Client, write: Write) -> int | None:
    try:
        left = await client.delete(write.resource, write.key, uid=write.uid)
    except NotFound as answer:
        if answer.reason != "NotFound":
            raise
        return None
    return left.resource_version if left is not None else None


async def is_gone(client: Client, key: ObjectKey, part: Part) -> bool:
    """Ask the server, consistently, whether a part of an export is not there. Raises ApiError when that cannot be told.

    A server that does not serve the type at all has not said that.
    """
    if part is Part.SLICES:
        selector = f"{OF_SERVICE}={key.name}"
        async for page in client.pages(SLICES, namespace=key.namespace, label_selector=selector, metadata_only=True):
            if page.items:
                return False
        return True
    try:
        await client.get_metadata(EXPORTS if part is Part.EXPORT else SERVICES, key)
    except NotFound as answer:
        if answer.reason != "NotFound":
            raise
        return True
    return False
