"""Makes and removes ServiceExports in members, through a person's own contexts: the controller may not write them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fedctl.apiserver import ApiServer
from fedctl.changes import Writer
from fedctl.dnsnames import require_label
from fedctl.federation import Federation
from fedctl.manifests import Manifest
from fedctl.memberservers import member_of
from fedctl.options import HostOptions, contexts_of
from fedctl.telling import in_words, note, say, warn
from kubefed.core.errors import KubefedError, Misconfigured, NotFound
from kubefed.core.names import ObjectKey
from kubefed.services.words import EXPORTS, SERVICES


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for. Without `clusters`, all that have the Service are meant."""

    name: str
    namespace: str
    clusters: tuple[str, ...]
    contexts: tuple[str, ...]


def export(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Make the exports. Raises Misconfigured when no member has such a Service, or one could not be written."""

    def make(member: ApiServer, key: ObjectKey) -> bool:
        if member.find(SERVICES, key) is None:
            if wish.clusters:
                raise Misconfigured(f"there is no Service {key}")
            return False
        _writer(member, dry_run).ensure(EXPORTS, _manifest(key))
        return True

    key = _in_members(options, wish, make, f"no member that can be reached has a Service {wish.name}")
    if not dry_run:
        note(f"`fedctl get exports {key.name} -n {key.namespace}` shows who imports it.")


def unexport(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Remove the exports. Raises Misconfigured when there is none, or one could not be removed."""

    def remove(member: ApiServer, key: ObjectKey) -> bool:
        return _writer(member, dry_run).delete(EXPORTS, key)

    _in_members(options, wish, remove, f"no member that can be reached exports {wish.name}")


def _in_members(options: HostOptions, wish: Wish, act: Callable[[ApiServer, ObjectKey], bool], none: str) -> ObjectKey:
    """Do it in every member that is meant; to what. One that cannot be reached keeps no other from it."""
    contexts = contexts_of(wish.contexts)
    with Federation.opened(options) as federation:
        namespace = wish.namespace or federation.host.context.namespace
        key = ObjectKey(require_label("the namespace", namespace), require_label("the service's name", wish.name))
        records = _chosen(federation.clusters(), wish)
    acted, failed = 0, []
    for record in records:
        cluster = str(record["metadata"]["name"])
        try:
            with member_of(options, record, contexts) as member:
                acted += act(member, key)
        except KubefedError as problem:
            warn(f"{cluster}: {_told(problem)}")
            failed.append(cluster)
    if failed and (wish.clusters or not acted):
        raise Misconfigured(f"not done in {', '.join(failed)}")
    if not acted:
        raise Misconfigured(none)
    return key


def _chosen(records: list[Manifest], wish: Wish) -> list[Manifest]:
    known = {str(record["metadata"]["name"]): record for record in records}
    if missing := [name for name in wish.clusters if name not in known]:
        raise Misconfigured(f"there is no cluster {', '.join(missing)}; there are: {', '.join(known) or 'none'}")
    return [known[name] for name in wish.clusters] if wish.clusters else list(known.values())


def _writer(member: ApiServer, dry_run: bool) -> Writer:
    """Says of each change in which cluster it was made."""
    return Writer(member, dry_run, tell=lambda change: say(f"{change}, context {member.context.name}"))


def _manifest(key: ObjectKey) -> dict[str, Any]:
    return {
        "apiVersion": EXPORTS.api_version,
        "kind": EXPORTS.kind,
        "metadata": {"name": key.name, "namespace": key.namespace},
    }


def _told(problem: KubefedError) -> str:
    if isinstance(problem, NotFound) and EXPORTS.plural in problem.request:
        return "the cluster has no ServiceExports: fedctl upgrade crds --members"
    return in_words(problem)[0]
