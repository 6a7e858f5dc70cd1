"""Members as a person reaches them: by contexts of their own kubeconfig, and never another cluster than the one joined."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.join.identity import uid_of
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from kubefed.core.errors import Misconfigured


@contextmanager
def member_of(options: HostOptions, record: Manifest, contexts: Mapping[str, str]) -> Iterator[ApiServer]:
    """The cluster of a record, by the context named for it or the one of its name.

    Raises Misconfigured when there is no such context, or it leads to another cluster than the one that was joined.
    """
    cluster = str(record["metadata"]["name"])
    with ApiServer.opened(open_context(options.kubeconfig, contexts.get(cluster, cluster))) as member:
        joined = uid_of(record)
        if joined and joined != member.identity():
            raise Misconfigured(f"context {member.context.name} leads to another cluster than the one that was joined")
        yield member
