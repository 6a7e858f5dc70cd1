"""Asks the ready members what they export and import, and prints it."""

from datetime import UTC, datetime

from fedctl.copies import Answers, Question, fetch, unknown_clusters
from fedctl.dnsnames import require_label
from fedctl.federation import Federation
from fedctl.get.listing import print_document
from fedctl.get.workloads import ALL_NAMESPACES
from fedctl.options import HostOptions, Output
from fedctl.services.rows import Answered, ServiceRow, service_rows
from fedctl.services.tables import exports_table, imports_table, services_document, services_table
from fedctl.telling import note, say, show
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.words import EXPORTS, IMPORTS, OF_IMPORT, SLICES


def show_exports(options: HostOptions, place: ObjectKey, output: Output | None) -> None:
    """The services of a namespace, or one. A namespace is empty for that of the context, and ALL_NAMESPACES for all."""
    everywhere = place.namespace == ALL_NAMESPACES
    with Federation.opened(options) as federation:
        namespace = "" if everywhere else _namespace(federation, place.namespace)
        rows = read_services(federation, namespace, place.name)
    if output in (Output.json, Output.yaml):
        print_document(services_document(rows), output)
    elif rows:
        show(services_table(rows, with_namespace=everywhere, wide=output is Output.wide))
    else:
        where = "" if everywhere else f" in namespace {namespace}"
        note(f"No cluster exports a service{where}: fedctl export service NAME.")


def describe_service(federation: Federation, namespace: str, name: str) -> bool:
    """Print everything about one service of the clusterset; False when no cluster exports or imports it."""
    rows = read_services(federation, _namespace(federation, namespace), name)
    for row in rows:
        _print(row, datetime.now(UTC))
    return bool(rows)


def read_services(federation: Federation, namespace: str, name: str) -> list[ServiceRow]:
    """What the ready members hold; of all namespaces when `namespace` is empty, and of all names when `name` is."""
    config = federation.config()
    records = {ClusterName(each["metadata"]["name"]): each for each in federation.clusters()}
    place = ObjectKey(namespace, name if namespace else "")
    carried = f"{OF_IMPORT}={name}" if name else OF_IMPORT

    def ask(question: Question) -> Answers:
        return fetch(federation, config, records, question)

    exports = ask(Question(EXPORTS, place, labels=""))
    for sentence in unknown_clusters(exports):
        note(sentence)
    imports = ask(Question(IMPORTS, place, labels=""))
    slices = ask(Question(SLICES, ObjectKey(namespace, ""), labels=carried))
    rows = service_rows(Answered(exports, imports, slices))
    return [row for row in rows if name in ("", row.key.name)]


def _namespace(federation: Federation, typed: str) -> str:
    return require_label("the namespace", typed) if typed else federation.host.context.namespace


def _print(row: ServiceRow, now: datetime) -> None:
    say(f"Service {row.key} of the clusterset")
    say(f"  Type:       {row.type or 'not imported anywhere'}")
    say(f"  Ports:      {', '.join(row.ports) or 'none'}")
    ready = ", ".join(f"{count} in {cluster}" for cluster, count in row.ready.items())
    say(f"  Ready:      {ready or 'no endpoint'}")
    say(f"  Conflicts:  {'; '.join(row.conflicts) or 'none'}")
    if row.exports:
        say("\nExports")
        show(exports_table(row.exports, now))
    if row.imports:
        say("\nImports")
        show(imports_table(row.imports))
