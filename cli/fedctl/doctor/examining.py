"""Reads the host and prints what the doctor finds."""

from collections.abc import Iterator

from fedctl.doctor.findings import Finding, Level, of_cluster, of_configuration, of_objects, of_type
from fedctl.doctor.predecessor import of_kubefed
from fedctl.federation import Federation, federated_type, is_enabled, trust_of
from fedctl.get.clusters import cluster_row
from fedctl.options import HostOptions
from fedctl.tables import BAD, FAINT, WARN, table
from fedctl.telling import note, say, show
from kubefed.api.core_v1beta1 import KubeFedConfig, Trust
from kubefed.app.wish_rules import parts_of_wishes
from kubefed.core.errors import NotFound

_STYLES = {Level.PROBLEM: BAD, Level.WARNING: WARN, Level.NOTE: FAINT}


def examine(options: HostOptions, *, kubefed: bool) -> int:
    """Print the findings, the worst first; how many problems there are. Raises Misconfigured when nothing is installed."""
    with Federation.opened(options) as federation:
        findings = list(_findings(federation, kubefed=kubefed))
    order = list(Level)
    findings.sort(key=lambda each: order.index(each.level))
    if findings:
        rows = [((each.level.value, _STYLES[each.level]), each.about, each.what, each.todo) for each in findings]
        show(table(["LEVEL", "ABOUT", "WHAT", "TO DO"], rows))
    problems = sum(each.level is Level.PROBLEM for each in findings)
    warnings = sum(each.level is Level.WARNING for each in findings)
    (note if findings else say)(f"{problems} problems, {warnings} warnings.")
    return problems


def _findings(federation: Federation, *, kubefed: bool) -> Iterator[Finding]:
    config = federation.config()
    trust = _trust(config, kubefed=kubefed)
    yield from of_configuration(config, trust)
    for record in federation.clusters():
        yield from of_cluster(record, cluster_row(record), config, trust)
    rules = parts_of_wishes()
    for each in federation.type_configs():
        yield from of_type(each, ours=not kubefed)
        kind = federated_type(each)
        try:
            yield from of_objects(kind, federation.host.objects(kind.federated), rules)
        except NotFound:
            level = Level.PROBLEM if is_enabled(each) else Level.NOTE
            yield Finding(level, f"type {kind.name}", f"the host does not serve {kind.federated.qualified_plural}")
    if kubefed:
        yield from of_kubefed(federation)


def _trust(config: KubeFedConfig, *, kubefed: bool) -> Trust:
    """That of the configuration; of one that KubeFed made, the trust that a first start would decide on."""
    return Trust.COMPATIBLE if kubefed and not config.spec.trust else trust_of(config)
