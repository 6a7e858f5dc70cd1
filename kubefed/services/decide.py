"""Decides about one service of the clusterset: facts -> Plan. Pure; the only place with rules about what is written where.

Three cases: nobody exports it and that is certain; somebody exports it; somebody may still export it and cannot be asked.
Only the first takes anything away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kubefed.api.core_v1beta1 import StalenessPolicy
from kubefed.api.multicluster import EndpointSliceObjects
from kubefed.core.catalogue import Endpoint as CatalogueEndpoint
from kubefed.core.catalogue import MergedService
from kubefed.core.catalogue import Source as CatalogueSource
from kubefed.core.clock import parse_rfc3339
from kubefed.core.names import ObjectKey
from kubefed.services import conditions
from kubefed.services.facts import ClusterFacts, Facts
from kubefed.services.manifests import Maker
from kubefed.services.merging import Merged, merge
from kubefed.services.offers import Offer, remembered
from kubefed.services.packing import Chunk, Shape, pack
from kubefed.services.plan import Plan, Question, Verb, Write
from kubefed.services.records import Condition, Endpoint, ImportRecord, SliceRecord
from kubefed.services.sources import Source, Stream, carried_from, reference_for, sources_of, stream_of
from kubefed.services.staleness import Stock, aged, drained
from kubefed.services.words import EXPORTS, IMPORTS, SERVICES, SLICES, slice_prefix

_PATIENCE_S = 120.0
"""A new export is told that it is Pending only if writing its imports takes longer."""


def decide(facts: Facts) -> Plan:
    """What is to be done."""
    sources = sources_of(facts)
    questions = tuple(Question(source.cluster, part) for source in sources for part in source.ask)
    offers = _offers(facts, sources)
    if not offers:
        memory = any(source.remembered for source in sources)
        writes = [] if memory else list(_removals(facts))
        return Plan(questions, (*writes, *_refusals(facts, sources)))
    service = _Service(facts, sources, merge(offers))
    imports = tuple(service.writes())
    reports, wait_s = service.reports(settled=not imports and not questions)
    waits = [wait_s, *(source.policy.takes_effect_in(source.lost_s) for source in sources)]
    return Plan(
        questions,
        (*imports, *_refusals(facts, sources), *reports),
        service.merged_service(),
        min((each for each in waits if each is not None), default=None),
    )


def _offers(facts: Facts, sources: Iterable[Source]) -> list[Offer]:
    """The valid exports; and what was published before, as long as one of those who exported cannot be asked."""
    offers = [source.offer for source in sources if source.offer is not None]
    before = _import_before(facts)
    if before is not None and any(source.remembered for source in sources):
        offers.append(remembered(before))
    return offers


def _import_before(facts: Facts) -> ImportRecord | None:
    """The import as it stands: that of the first cluster that has one."""
    return next((each.imported for each in facts.clusters if each.imported is not None), None)


def _removals(facts: Facts) -> Iterator[Write]:
    """Everything that was made for a service that nobody exports any more."""
    for cluster in facts.clusters:
        if not cluster.writable:
            continue
        for record in cluster.carried:
            yield _delete(cluster, record)
        if cluster.derived is not None and not cluster.derived.terminating:
            yield Write(cluster.name, Verb.DELETE, SERVICES, cluster.derived.key, {}, cluster.derived.uid)
        if cluster.imported is not None and not cluster.imported.terminating:
            yield Write(cluster.name, Verb.DELETE, IMPORTS, facts.key, {}, cluster.imported.uid)


def _delete(cluster: ClusterFacts, record: SliceRecord) -> Write:
    return Write(cluster.name, Verb.DELETE, SLICES, record.key, {}, record.uid)


def _refusals(facts: Facts, sources: Iterable[Source]) -> Iterator[Write]:
    """What exports are told that are not published."""
    for source in sources:
        cluster = facts.cluster(source.cluster)
        if source.refusal is not None and cluster is not None and cluster.export is not None:
            told = conditions.refused(cluster.export, source.refusal, facts.now)
            yield from _report(cluster, told)


def _report(cluster: ClusterFacts, told: tuple[Condition, ...]) -> Iterator[Write]:
    export = cluster.export
    if export is None or not cluster.writable or told == export.conditions:
        return
    body = {
        "metadata": {"resourceVersion": str(export.resource_version)},
        "status": {"conditions": conditions.written(told)},
    }
    yield Write(cluster.name, Verb.STATUS, EXPORTS, export.key, body)


@dataclass(frozen=True, slots=True)
class _Stock:
    """A source's endpoints as they are published: packed anew, or as they were carried before."""

    source: Source
    stream: Stream | None
    chunks: tuple[Chunk, ...]
    hit: frozenset[str] = frozenset()

    def treated(self, chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
        """With what the policy for clusters out of reach does to endpoints."""
        if not self.hit:
            return tuple(chunks)
        removes = self.source.policy.kind is StalenessPolicy.REMOVE
        treated = [
            Chunk(
                chunk.name,
                chunk.shape,
                tuple(
                    drained(each) if each.address in self.hit else each
                    for each in chunk.endpoints
                    if not (removes and each.address in self.hit)
                ),
            )
            for chunk in chunks
        ]
        return tuple(chunk for chunk in treated if chunk.endpoints)


class _Service:
    """A service that somebody exports, in all clusters."""

    def __init__(self, facts: Facts, sources: Sequence[Source], merged: Merged) -> None:
        self._facts = facts
        self._merged = merged
        self._sources = [source for source in sources if source.publishes]
        self._maker = Maker(facts.key, facts.owner, merged)
        self._stocks = self._aged([self._stock(source) for source in self._sources])

    # --- endpoints ---------------------------------------------------------------------------------------------

    def _stock(self, source: Source) -> _Stock:
        before = tuple(map(_chunk, reference_for(self._facts, source.cluster)))
        cluster = self._facts.cluster(source.cluster)
        if source.endpoints_remembered or cluster is None:
            return _Stock(source, None, before)
        stream = stream_of(cluster, self._merged.renamed.get(source.cluster, {}))
        return _Stock(source, stream, pack(stream.endpoints, before, slice_prefix(self._facts.key, source.cluster)))

    def _aged(self, stocks: Sequence[_Stock]) -> list[_Stock]:
        hit = aged(
            {
                each.source.cluster: Stock(
                    tuple(endpoint for chunk in each.chunks for endpoint in chunk.endpoints),
                    each.source.policy,
                    each.source.lost_s,
                )
                for each in stocks
            }
        )
        return [_Stock(each.source, each.stream, each.chunks, hit.get(each.source.cluster, frozenset())) for each in stocks]

    def _chunks_in(self, cluster: ClusterFacts, stock: _Stock) -> tuple[Chunk, ...]:
        """A source's slices in one cluster. What is remembered stays as it is there: an older memory replaces no newer."""
        own = carried_from(cluster, stock.source.cluster) if stock.stream is None else ()
        return stock.treated(map(_chunk, own) if own else stock.chunks)

    # --- what is written ---------------------------------------------------------------------------------------

    def writes(self) -> Iterator[Write]:
        """Every object that is not as it should be, in every cluster that can be written and has the namespace."""
        for cluster in self._facts.clusters:
            if cluster.writable and cluster.has_namespace and not cluster.theirs:
                yield from self._writes_in(cluster)

    def _writes_in(self, cluster: ClusterFacts) -> Iterator[Write]:
        key, current = self._facts.key, cluster.imported
        derived = cluster.derived if cluster.derived is not None and not cluster.derived.terminating else None
        ips = _addresses(derived.ips) if derived is not None else current.spec.ips if current is not None else ()
        spec = self._maker.spec(ips, derived.families if derived is not None else ())
        if current is None:
            yield Write(cluster.name, Verb.CREATE, IMPORTS, key, self._maker.new_import(spec))
            return
        if current.terminating:
            return
        if patch := self._maker.import_patch(current, spec):
            yield Write(cluster.name, Verb.PATCH, IMPORTS, key, _at(current.resource_version, patch))
        yield from self._derived_writes(cluster, current)
        yield from self._slice_writes(cluster, current)
        yield from self._status_write(cluster, current, has_address=self._merged.headless or bool(current.spec.ips))

    def _derived_writes(self, cluster: ClusterFacts, current: ImportRecord) -> Iterator[Write]:
        derived, key = cluster.derived, self._maker.service_key
        if self._merged.headless:
            if derived is not None and not derived.terminating:
                yield Write(cluster.name, Verb.DELETE, SERVICES, key, {}, derived.uid)
        elif derived is None:
            fresh = self._maker.new_service(current.uid)
            body = self._maker.new_service(current.uid, current.spec.ips) if current.spec.ips else fresh
            otherwise = fresh if current.spec.ips else None
            yield Write(cluster.name, Verb.CREATE, SERVICES, key, body, otherwise=otherwise)
        elif not derived.terminating and (patch := self._maker.service_patch(derived)):
            yield Write(cluster.name, Verb.PATCH, SERVICES, key, _at(derived.resource_version, patch))

    def _slice_writes(self, cluster: ClusterFacts, current: ImportRecord) -> Iterator[Write]:
        stored = {record.name: record for record in cluster.carried}
        for stock in self._stocks:
            local = stock.source.cluster == cluster.name
            nodes = stock.stream.nodes if stock.stream is not None and local else {}
            for chunk in self._chunks_in(cluster, stock):
                record = stored.pop(chunk.name, None)
                content = self._maker.slice_content(chunk, nodes)
                if record is not None and (content.is_in(record) or (stock.stream is None and not stock.hit)):
                    continue
                verb = Verb.CREATE if record is None else Verb.REPLACE
                version = record.resource_version if record is not None else 0
                body = self._maker.slice_manifest(content, stock.source.cluster, current.uid, version)
                place = ObjectKey(self._facts.key.namespace, chunk.name)
                yield Write(cluster.name, verb, SLICES, place, body, repeats=record is not None)
        for record in stored.values():
            yield _delete(cluster, record)

    def _status_write(self, cluster: ClusterFacts, current: ImportRecord, *, has_address: bool) -> Iterator[Write]:
        if not (has_address or cluster.troubles or current.conditions):
            return
        told = conditions.import_ready(
            current.conditions, has_address, cluster.troubles, current.generation, self._facts.now
        )
        clusters = tuple(sorted(source.cluster for source in self._sources))
        present = EndpointSliceObjects.PRESENT.value
        if (told, clusters, present) == (current.conditions, current.clusters, current.slice_objects):
            return
        status = {
            "clusters": [{"cluster": name} for name in clusters],
            "conditions": conditions.written(told),
            "endpointSliceObjects": present,
        }
        yield Write(cluster.name, Verb.STATUS, IMPORTS, self._facts.key, {"status": status})

    # --- what is told ------------------------------------------------------------------------------------------

    def reports(self, *, settled: bool) -> tuple[tuple[Write, ...], float | None]:
        """What the published exports are told; and when to look again (seconds) for those that are told nothing yet."""
        found: list[Write] = []
        waits: list[float] = []
        problem = self._problem()
        for stock in self._stocks:
            cluster = self._facts.cluster(stock.source.cluster)
            if cluster is None or cluster.export is None or stock.source.offer is None:
                continue
            young_s = _PATIENCE_S - _age_s(cluster.export.creation_timestamp, self._facts.now)
            if not (settled or problem or cluster.export.conditions) and young_s > 0:
                waits.append(young_s)
                continue
            told = conditions.published(
                cluster.export,
                self._merged.conflicts,
                _remarks(stock),
                problem or _all_refused(stock),
                self._facts.now,
                settled=settled,
                everywhere=all(each.writable for each in self._facts.clusters),
            )
            found += _report(cluster, told)
        return tuple(found), min(waits, default=None)

    def _problem(self) -> str:
        """Why the service does not reach every cluster."""
        problems = [
            f"cluster {each.name} has a ServiceImport of this name that somebody else made"
            for each in self._facts.clusters
            if each.theirs
        ]
        problems += [
            f"cluster {each.name}: {trouble.about} cannot be written: {trouble.explanation}"
            for each in self._facts.clusters
            for trouble in each.troubles[:1]
        ]
        return "; ".join(problems)

    def merged_service(self) -> MergedService:
        """The service as names and meshes see it."""
        addresses = {
            each.name: each.imported.spec.ips
            for each in self._facts.clusters
            if each.imported is not None and each.imported.spec.ips and not self._merged.headless
        }
        return MergedService(
            key=self._facts.key,
            type=self._merged.winner.type,
            ports=self._merged.ports,
            sources=tuple(self._catalogued(stock) for stock in self._stocks),
            addresses=addresses,
        )

    def _catalogued(self, stock: _Stock) -> CatalogueSource:
        cluster = self._facts.cluster(stock.source.cluster)
        chunks = stock.treated(stock.chunks)
        names = {port.name for chunk in chunks for port in chunk.shape.ports}
        exposed = self._merged.exposed_by(stock.source.cluster)
        remembered_ports = tuple(port for port in self._merged.ports if port.name in names)
        return CatalogueSource(
            cluster=stock.source.cluster,
            ports=remembered_ports if stock.source.remembered else exposed,
            endpoints=tuple(_catalogue_endpoints(chunks, stock.stream.nodes if stock.stream is not None else {})),
            stale=stock.stream is None or stock.source.lost_s is not None or (cluster is not None and not cluster.writable),
        )


def _catalogue_endpoints(chunks: Iterable[Chunk], nodes: Mapping[str, str]) -> list[CatalogueEndpoint]:
    """Each address once, with all ports that it listens on."""
    found: dict[str, tuple[Endpoint, dict[str, int]]] = {}
    for chunk in chunks:
        for each in chunk.endpoints:
            known, ports = found.setdefault(each.address, (each, {}))
            ports.update({port.name: port.port for port in chunk.shape.ports})
            if each.ready and not known.ready:
                found[each.address] = (each, ports)
    return sorted(
        CatalogueEndpoint(
            address=each.address,
            ready=each.ready,
            ports=tuple(sorted(ports.items())),
            hostname=each.hostname,
            zone=each.zone,
            node=nodes.get(each.address, ""),
        )
        for each, ports in found.values()
    )


def _chunk(record: SliceRecord) -> Chunk:
    endpoints = tuple(
        Endpoint(each.address, each.ready, each.serving, each.terminating, each.hostname, each.zone)
        for each in record.endpoints
    )
    return Chunk(record.name, Shape(record.family, record.ports), endpoints)


def _addresses(ips: Iterable[str]) -> tuple[str, ...]:
    return tuple(ip for ip in ips if ip and ip != "None")[:2]


def _at(version: int, patch: Mapping[str, object]) -> dict[str, object]:
    """A patch that is taken only by the version that was decided about."""
    metadata = patch.get("metadata")
    named = dict(metadata) if isinstance(metadata, dict) else {}
    return {**patch, "metadata": {**named, "resourceVersion": str(version)}}


def _age_s(created: str, now: datetime) -> float:
    try:
        return (now - parse_rfc3339(created)).total_seconds()
    except ValueError:
        return _PATIENCE_S


def _remarks(stock: _Stock) -> list[str]:
    remarks = [stock.source.policy_trouble] if stock.source.policy_trouble else []
    return remarks + _refused_endpoints(stock)


def _refused_endpoints(stock: _Stock) -> list[str]:
    refused = stock.stream.refused if stock.stream is not None else {}
    return [f"{count} endpoints are not exported: {objection}" for objection, count in sorted(refused.items())]


def _all_refused(stock: _Stock) -> str:
    """Why nothing at all of a cluster is published although it has endpoints."""
    return "" if stock.chunks else "; ".join(_refused_endpoints(stock))
