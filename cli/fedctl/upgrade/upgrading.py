"""Applies the CRDs of this version to the host, or to every member that the person has a context for."""

from collections.abc import Iterable, Mapping

from fedctl.changes import Writer
from fedctl.federation import Federation
from fedctl.install.installation import apply_crds
from fedctl.manifests import Manifest
from fedctl.memberservers import member_of
from fedctl.options import HostOptions, contexts_of
from fedctl.telling import in_words, note, warn
from fedctl.upgrade.member_crds import apply_member_crds
from kubefed.core.errors import KubefedError, Misconfigured


def upgrade_host(options: HostOptions, *, dry_run: bool) -> None:
    """The host's CRDs."""
    with Federation.opened(options) as federation:
        writer = Writer(federation.host, dry_run)
        apply_crds(writer)
        writer.summary()


def upgrade_members(options: HostOptions, contexts: Iterable[str], *, dry_run: bool) -> None:
    """The members' CRDs. One member that cannot be reached keeps no other from it; raises Misconfigured at the end."""
    named = contexts_of(contexts)
    left = []
    with Federation.opened(options) as federation:
        records = federation.clusters()
    for record in records:
        name = record["metadata"]["name"]
        try:
            _upgrade_member(options, record, named, dry_run=dry_run)
        except KubefedError as problem:
            warn(f"{name}: {in_words(problem)[0]}")
            left.append(name)
    if left:
        raise Misconfigured(f"not upgraded: {', '.join(left)}. Name their contexts with --cluster-context CLUSTER=CONTEXT")


def _upgrade_member(options: HostOptions, record: Manifest, named: Mapping[str, str], *, dry_run: bool) -> None:
    with member_of(options, record, named) as member:
        note(f"Upgrading {record['metadata']['name']}: context {member.context.name}.")
        writer = Writer(member, dry_run)
        apply_member_crds(writer)
        writer.summary()
