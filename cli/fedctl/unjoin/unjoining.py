"""Unjoins a member.

The order keeps the controller from fighting what is done: first its record goes, so that the member is none of its
business any more, then its rights, and only then the copies. Everything can be run again after an interruption: the
credentials in the host, by which an unfinished unjoin is recognised, go last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from fedctl.apiserver import ApiServer
from fedctl.asking import client_of
from fedctl.changes import Writer
from fedctl.contexts import open_context
from fedctl.dnsnames import require_label
from fedctl.federation import CLUSTERS, Federation, federated_type, scope_of
from fedctl.join.identity import uid_of
from fedctl.kinds import SECRETS
from fedctl.manifests import Manifest, key_of
from fedctl.membernames import CLUSTER_LABEL, MemberNames, names_of
from fedctl.options import HostOptions
from fedctl.rights.credentials import secret_name
from fedctl.rights.refreshing import refresh_credential_rights
from fedctl.telling import note, say, warn
from fedctl.unjoin.account import remove_account, remove_namespace
from fedctl.unjoin.copies import Cleaning, Copy, Failure, Fate, fates, found, listed, sentences, treated
from fedctl.unjoin.services import remove_imports
from fedctl.waiting import wait_until
from kubefed.api.core_v1beta1 import KubeFedConfig, Scope
from kubefed.app.config import FEDERATION_ID_ANNOTATION
from kubefed.core.errors import KubefedError, Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.client import Client

_FORGOTTEN_WITHIN_S = 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for."""

    cluster: str
    context: str
    kubeconfig: str
    host_name: str
    deletes: bool
    force: bool


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the host knows of the member that leaves. `record` is None after an interrupted unjoin."""

    federation: Federation
    config: KubeFedConfig
    names: MemberNames
    record: Manifest | None
    secrets: tuple[Manifest, ...]

    @property
    def cluster(self) -> ClusterName:
        """The name of the member."""
        return self.names.cluster


def unjoin(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Do it, and say what was removed and what stays. Raises Misconfigured when part of it failed without --force."""
    cluster = ClusterName(require_label("the cluster name", wish.cluster))
    with Federation.opened(options) as federation:
        leaving = _leaving(federation, cluster, wish)
        host = Writer(federation.host, dry_run)
        with _member(leaving, wish) as member:
            cleaning = _cleaning(leaving, wish, member) if member else None
            if member and cleaning:
                _survey(member, cleaning, wish)
            _forget(host, leaving)
            if member and cleaning:
                _clean_member(Writer(member, dry_run), leaving, cleaning, wish)
        _remove_credentials(host, leaving)
        _say_end(leaving, was_reached=member is not None, dry_run=dry_run)


# --- before anything is removed --------------------------------------------------------------------------------


def _leaving(federation: Federation, cluster: ClusterName, wish: Wish) -> Leaving:
    config = federation.config()
    records = federation.clusters()
    record = next((each for each in records if each["metadata"]["name"] == cluster), None)
    secrets = _secrets(federation, cluster, records)
    if record is None and not secrets:
        known = ", ".join(str(each["metadata"]["name"]) for each in records) or "none"
        raise Misconfigured(f"there is no cluster {cluster!r} in namespace {federation.namespace}; there are: {known}")
    names = names_of(cluster, federation.namespace, record, wish.host_name, federation.host.context.name)
    return Leaving(federation, config, names, record, secrets)


def _secrets(federation: Federation, cluster: str, records: list[Manifest]) -> tuple[Manifest, ...]:
    """The member's credentials: what its record names, unless that is another cluster's, and what is labelled for it."""
    named = {secret_name(each) for each in records if each["metadata"]["name"] == cluster} - {""}
    others = {secret_name(each) for each in records if each["metadata"]["name"] != cluster}
    labelled = federation.host.objects(SECRETS, federation.namespace, labels=f"{CLUSTER_LABEL}={cluster}")
    secrets = {key_of(each): each for each in labelled}
    for name in named:
        key = ObjectKey(federation.namespace, name)
        secret = federation.host.find(SECRETS, key)
        if secret and (secret["metadata"].get("labels") or {}).get(CLUSTER_LABEL, cluster) == cluster:
            secrets[key] = secret
    return tuple(secret for key, secret in secrets.items() if key.name not in others)


@contextmanager
def _member(leaving: Leaving, wish: Wish) -> Iterator[ApiServer | None]:
    """The member, or None when it cannot be had and --force makes that no reason to stop. Raises what is wrong."""
    with ExitStack() as opened:
        member: ApiServer | None = None
        try:
            member = opened.enter_context(ApiServer.opened(open_context(wish.kubeconfig, wish.context)))
            _check_same(leaving, member)
        except KubefedError as problem:
            if not wish.force:
                note(f"Nothing was removed. With --force the host forgets {leaving.cluster} and leaves it as it is.")
                raise
            warn(f"{leaving.cluster} itself is left as it is: {problem}")
            member = None
        yield member


def _check_same(leaving: Leaving, member: ApiServer) -> None:
    """Raises Misconfigured when the context leads to another cluster than the one that was joined."""
    known = uid_of(leaving.record) if leaving.record else ""
    if known and known != member.identity():
        raise Misconfigured(
            f"context {member.context.name!r} leads to another cluster than the one that was joined as "
            f"{leaving.cluster!r}: name the right one with --cluster-context"
        )


def _cleaning(leaving: Leaving, wish: Wish, member: ApiServer) -> Cleaning:
    """Copies of types that are disabled by now count as well."""
    limited = scope_of(leaving.config) is Scope.NAMESPACED
    targets = (federated_type(each).target for each in leaving.federation.type_configs())
    return Cleaning(
        targets=tuple(target for target in targets if target.namespaced or not limited),
        owner=(leaving.config.metadata.annotations or {}).get(FEDERATION_ID_ANNOTATION, ""),
        deletes=wish.deletes,
        namespace=leaving.names.namespace if limited else "",
        spares_namespaces=member.identity() == leaving.federation.host.identity(),
    )


def _survey(member: ApiServer, cleaning: Cleaning, wish: Wish) -> None:
    """Find out, before anything is removed, whether the copies can be read at all."""
    _, failures = asyncio.run(_with_client(member, lambda client: found(client, cleaning)))
    _complain(failures, wish, "nothing was removed yet; with --force these stay as they are")


# --- in the host -----------------------------------------------------------------------------------------------


def _forget(writer: Writer, leaving: Leaving) -> None:
    """Delete the record, and wait until it is gone: while there is one, the controller keeps the member."""
    if leaving.record is None:
        note(f"The record of {leaving.cluster} is gone already: going on with an earlier unjoin.")
        return
    key = key_of(leaving.record)
    writer.delete(CLUSTERS, key)
    if writer.dry_run:
        return
    wait_until(
        lambda: writer.server.find(CLUSTERS, key) is None,
        _FORGOTTEN_WITHIN_S,
        f"KubeFedCluster {key} is being deleted, but a finalizer holds it, so nothing else was removed: see who put it "
        f"there (kubectl get kubefedcluster -n {key.namespace} {key.name} -o yaml), then run the command again",
    )


def _remove_credentials(writer: Writer, leaving: Leaving) -> None:
    for secret in leaving.secrets:
        writer.delete(SECRETS, key_of(secret))
    if not writer.dry_run:
        refresh_credential_rights(leaving.federation)


# --- in the member ---------------------------------------------------------------------------------------------


def _clean_member(writer: Writer, leaving: Leaving, cleaning: Cleaning, wish: Wish) -> None:
    failures = _removal(lambda: remove_account(writer, leaving.names), wish)
    failures += _removal(lambda: remove_imports(writer, cleaning.owner, cleaning.namespace), wish)
    decided, problems = _treat_copies(writer, cleaning)
    failures += problems
    for sentence in sentences(decided):
        say(sentence + (" (dry run)" if writer.dry_run else ""))
    if not cleaning.spares_namespaces:
        failures += _removal(lambda: remove_namespace(writer, leaving.names, holds_copies=_are_in(leaving, decided)), wish)
    _complain(failures, wish, "run the command again when that is settled, or with --force to leave these behind")


def _removal(remove: Callable[[], None], wish: Wish) -> list[Failure]:
    """Under --force, what stands in the way of one removal stands in the way of no other."""
    try:
        remove()
    except KubefedError as problem:
        if not wish.force:
            raise
        return [Failure("objects of the membership stay", str(problem))]
    return []


def _treat_copies(writer: Writer, cleaning: Cleaning) -> tuple[dict[Copy, Fate], list[Failure]]:
    """Read again what is there now that nobody adds to it, and treat it."""

    async def treat(member: Client) -> tuple[dict[Copy, Fate], list[Failure]]:
        copies, unread = await found(member, cleaning)
        decided = fates(copies, cleaning)
        failed = [] if writer.dry_run else await treated(member, decided)
        return decided, unread + failed

    return asyncio.run(_with_client(writer.server, treat))


def _are_in(leaving: Leaving, decided: dict[Copy, Fate]) -> bool:
    """Whether copies that stay are in the system namespace of the member."""
    namespace = leaving.names.namespace
    return any(copy.key.namespace == namespace and fate is not Fate.DELETED for copy, fate in decided.items())


async def _with_client(server: ApiServer, use: Callable[[Client], Awaitable[T]]) -> T:
    async with client_of(server.context.connection) as client:
        return await use(client)


# --- what is said ----------------------------------------------------------------------------------------------


def _complain(failures: list[Failure], wish: Wish, todo: str) -> None:
    if not failures:
        return
    if not wish.force:
        raise Misconfigured(f"{listed(failures)}: {todo}")
    for failure in failures:
        warn(f"left behind: {failure.what} ({failure.reason})")


def _say_end(leaving: Leaving, *, was_reached: bool, dry_run: bool) -> None:
    names = leaving.names
    if not was_reached:
        note(
            f"Left behind in {names.cluster}: its copies, service account {names.account}, (cluster) roles and bindings "
            f"named {names.role!r} and {names.token_role!r}. To remove them when it is back: join it, then unjoin it."
        )
    if dry_run:
        note("Dry run: nothing was written.")
        return
    note(f"{names.cluster} is no member any more. Placements and overrides that name it stay, and have no effect.")
