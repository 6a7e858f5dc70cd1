"""The way to a member as the controller goes it: its record, its Secret in the host, and the federation's rules."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from fedctl.asking import client_of
from fedctl.federation import trust_of
from kubefed.api.allowed_ranges import allowed_ranges
from kubefed.api.core_v1beta1 import KubeFedConfig, Trust
from kubefed.clusters.credentials import SECRETS, connection_for, decode_secret
from kubefed.clusters.record import read_record, secret_key
from kubefed.core.errors import NotFound
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.client import Client


@dataclass(frozen=True, slots=True)
class MemberLinks:
    """Opens clients for members. `host` reads their Secrets with the person's own rights."""

    host: Client
    namespace: str
    trust: Trust
    addresses: AddressPolicy

    @classmethod
    def of(cls, host: Client, namespace: str, config: KubeFedConfig) -> "MemberLinks":
        """The rules are those of the configuration."""
        return cls(host, namespace, trust_of(config), AddressPolicy.of(allowed_ranges(config)))

    @asynccontextmanager
    async def client(self, record: Mapping[str, Any]) -> AsyncIterator[Client]:
        """A client for the cluster of a record's manifest.

        Raises Misconfigured when record or Secret cannot be used, Forbidden when the Secret may not be read.
        """
        cluster = read_record(self.host.projector.object(orjson.dumps(record)))
        try:
            secret = decode_secret(await self.host.get(SECRETS, secret_key(cluster, self.namespace)))
        except NotFound:
            secret = None
        connection = connection_for(cluster, secret, trust=self.trust, addresses=self.addresses)
        async with client_of(connection) as client:
            yield client


def is_ready(record: Mapping[str, Any]) -> bool:
    """Whether the controller found the cluster well; only such are asked anything."""
    conditions = (record.get("status") or {}).get("conditions") or ()
    return any((each.get("type"), each.get("status")) == ("Ready", "True") for each in conditions)
