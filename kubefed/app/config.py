"""Reads the one KubeFedConfig at start: creates it when there is none, fills in defaults, decides trust once, validates.

What is decided is written back, so that the next start, another replica and a person find the same. With a configuration
in a file, what was decided is taken from the host, and nothing is written.
"""

import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kubefed.api.config_validation import mistakes_in_config
from kubefed.api.core_v1beta1 import KubeFedConfig, KubeFedConfigSpec, Scope, Trust
from kubefed.api.defaults import with_config_defaults
from kubefed.api.model import ObjectMeta
from kubefed.app.config_file import read_config_file
from kubefed.clusters.survey import identify
from kubefed.core.errors import AlreadyExists, Misconfigured, NotFound, Stale, Unintelligible
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client
from kubefed.sync.versions import PROPAGATED_VERSIONS

FEDERATION_ID_ANNOTATION = "kubefed.io/federation-id"
"""On the KubeFedConfig: the mark that this federation puts on copies. It travels with backups."""
TRUST_ANNOTATION = "kubefed.io/trust"
"""The decision about trust, where a CRD older than the field `spec.trust` would drop it."""

_LOG = logging.getLogger(__name__)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Configuration:
    """A valid configuration with every default filled in, and what was decided beside it."""

    model: KubeFedConfig
    federation_id: str
    trust: Trust

    @property
    def spec(self) -> KubeFedConfigSpec:
        """The spec, complete."""
        return self.model.spec


async def load_configuration(host: Client, namespace: str, file: str = "") -> Configuration:
    """Read, complete and write back the configuration. Raises Misconfigured naming every field that is not valid.

    `file`: the path of a configuration that counts instead of the host's.
    """
    key = ObjectKey(namespace, CONFIG_NAME)
    if file:
        return await _load_given(host, key, read_config_file(Path(file)))
    for _ in range(_TRIES):
        try:
            return await _load(host, key)
        except (Stale, AlreadyExists):
            continue  # another replica starts at the same time: read what it wrote
    raise Misconfigured(f"KubeFedConfig {key} keeps being changed by somebody else")


async def _load(host: Client, key: ObjectKey) -> Configuration:
    resource = KubeFedConfig.resource_type
    stored = await _stored(host, key)
    found = KubeFedConfig.read(stored) if stored is not None else _fresh(key)
    trust = await _decide_trust(host, found, created=stored is None)
    wanted = _valid(_completed(found, trust), key)
    if stored is None:
        await host.create(resource, key.namespace, orjson.dumps(wanted.manifest()))
    elif wanted != found:
        await host.replace(resource, key, orjson.dumps(_over(stored, wanted.manifest())))
    return _used(wanted, key, trust)


async def _load_given(host: Client, key: ObjectKey, given: KubeFedConfig) -> Configuration:
    """The given configuration, with what was decided for the one in the host."""
    stored = await _stored(host, key)
    decided = (KubeFedConfig.read(stored).metadata.annotations or {}) if stored is not None else {}
    annotations = {**decided, **(given.metadata.annotations or {})}
    metadata = ObjectMeta(name=key.name, namespace=key.namespace, annotations=annotations)
    trust = await _decide_trust(host, given.with_fields(metadata=metadata), created=stored is None)
    if FEDERATION_ID_ANNOTATION not in annotations:
        annotations = {**annotations, FEDERATION_ID_ANNOTATION: await _lasting_id(host, key)}
    named = given.with_fields(metadata=metadata.with_fields(annotations=annotations))
    return _used(_valid(_completed(named, trust), key), key, trust)


async def _lasting_id(host: Client, key: ObjectKey) -> str:
    """The id of a federation for which none is written anywhere: the same at every start. Raises Misconfigured."""
    uid = await identify(host)
    if not uid:
        raise Misconfigured(
            "nothing tells this federation from others: let the controller read the namespace kube-system, or write the "
            f"annotation {FEDERATION_ID_ANNOTATION} with a UUID into the file of --kubefed-config"
        )
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{uid}/{key}"))


async def host_identity(host: Client, config: KubeFedConfig) -> str:
    """By what a member is recognised to be the host itself; empty when that cannot be told, or makes no difference.

    It makes one for federated namespaces only, which a control plane of one namespace has not; nor may it read others.
    """
    return "" if config.spec.scope == Scope.NAMESPACED else await identify(host)


async def _stored(host: Client, key: ObjectKey) -> dict[str, Any] | None:
    """The host's configuration. Raises Misconfigured where such a thing is not served."""
    try:
        return _decoded(await host.get(KubeFedConfig.resource_type, key))
    except NotFound as answer:
        if answer.reason == "NotFound":
            return None
        raise Misconfigured(
            "the host does not serve KubeFedConfig: install kubefed's CRDs first, with `fedctl install`"
        ) from None


def _valid(config: KubeFedConfig, key: ObjectKey) -> KubeFedConfig:
    if mistakes := mistakes_in_config(config):
        raise Misconfigured(f"KubeFedConfig {key} is not valid: " + "; ".join(mistake.for_author() for mistake in mistakes))
    return config


def _used(config: KubeFedConfig, key: ObjectKey, trust: Trust) -> Configuration:
    _LOG.info('Using valid KubeFedConfig "%s"', key)
    if config.spec.scope == Scope.NAMESPACED:
        _LOG.info('KubeFed will be limited to the "%s" namespace', key.namespace)
    else:
        _LOG.info("KubeFed will target all namespaces")
    annotations = config.metadata.annotations or {}
    return Configuration(config, annotations[FEDERATION_ID_ANNOTATION], trust)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        stored = orjson.loads(body)
    except orjson.JSONDecodeError:
        stored = None
    if not isinstance(stored, dict):
        raise Unintelligible(f"GET KubeFedConfig {CONFIG_NAME}", status=200, reason="NotKubernetes")
    return stored


def _over(stored: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is wanted over what is stored: fields that only another version of kubefed knows stay."""
    merged = dict(stored)
    for name, value in wanted.items():
        known = stored.get(name)
        merged[name] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _fresh(key: ObjectKey) -> KubeFedConfig:
    return KubeFedConfig(
        metadata=ObjectMeta(name=key.name, namespace=key.namespace), spec=KubeFedConfigSpec(scope=Scope.CLUSTER)
    )


def _completed(found: KubeFedConfig, trust: Trust) -> KubeFedConfig:
    """With KubeFed's defaults, the decision about trust, and an id for this federation."""
    complete = with_config_defaults(found)
    annotations = {FEDERATION_ID_ANNOTATION: str(uuid.uuid4()), **(found.metadata.annotations or {})}
    annotations[TRUST_ANNOTATION] = str(trust)
    return complete.with_fields(
        metadata=complete.metadata.with_fields(annotations=annotations),
        spec=complete.spec.with_fields(trust=found.spec.trust or str(trust)),
    )


async def _decide_trust(host: Client, found: KubeFedConfig, *, created: bool) -> Trust:
    """What was decided before stands. A KubeFed that is taken over keeps what it allowed; all else starts strict."""
    annotations = found.metadata.annotations or {}
    decided = found.spec.trust or annotations.get(TRUST_ANNOTATION)
    if decided:
        return Trust(decided) if decided in tuple(Trust) else Trust.STRICT
    if FEDERATION_ID_ANNOTATION in annotations:
        return Trust.STRICT
    predates_us = not created or await _has_recorded_versions(host)
    return Trust.COMPATIBLE if predates_us else Trust.STRICT


async def _has_recorded_versions(host: Client) -> bool:
    async for page in host.pages(PROPAGATED_VERSIONS, metadata_only=True):
        return bool(page.items)
    return False
