"""Joins a member: check, make its account, get credentials, try them, and only then tell the host."""

from dataclasses import replace

from fedctl.apiserver import ApiServer
from fedctl.changes import Writer
from fedctl.contexts import open_context, proxy_is_of_the_environment
from fedctl.dnsnames import parse_label
from fedctl.join.endpoint import check_connection, disabled_checks
from fedctl.join.identity import Candidate, check_candidate
from fedctl.join.member_objects import TOKEN_SECRET_TYPE, member_objects
from fedctl.join.planning import Plan, Wish, planned
from fedctl.join.registration import Registration, write_record, write_secret
from fedctl.join.report import report
from fedctl.join.tokens import Issued, parse_lifetime, request_token, verify, wait_for_token
from fedctl.kinds import NAMESPACES, SECRETS, SERVICE_ACCOUNTS, type_of
from fedctl.manifests import key_of, print_documents
from fedctl.membernames import CLUSTER_LABEL
from fedctl.options import HostOptions
from fedctl.rights.credentials import secret_name
from fedctl.rights.refreshing import refresh_credential_rights
from fedctl.telling import note
from fedctl.upgrade.member_crds import apply_member_crds
from kubefed.api.core_v1beta1 import Scope
from kubefed.clusters.credentials import fingerprint
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefed.core.secret import Secret
from kubefed.kube.connection import Connection
from kubefed.kube.host import Context, ca_data


def join(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Do it all, and say what was made and granted."""
    labels = dict(parse_label(text) for text in wish.labels)
    lifetime_s = parse_lifetime(wish.lifetime)
    with planned(options, wish) as plan, ApiServer.opened(_member_context(plan, wish)) as member:
        context = member.context
        uid = _check_member(plan, wish, member)
        note(f"Joining {wish.cluster}: context {context.name}, {context.connection.server}, trust {plan.grant.trust}.")
        _write_member(Writer(member, dry_run), plan)
        issued = Issued(Secret("")) if dry_run else _credentials(member, plan, lifetime_s)
        connection = _with_authority(context.connection, issued)
        registration = Registration(
            candidate=_candidate(plan, connection, uid),
            names=plan.names,
            bound_to=fingerprint(connection),
            labels=labels,
            secret_name=wish.secret_name,
            disabled_checks=tuple(disabled_checks(connection)),
            proxy_url=connection.proxy_url if _has_proxy(connection) else "",
        )
        _write_host(Writer(plan.federation.host, dry_run), plan, registration, issued)
        report(plan, connection, issued, dry_run=dry_run)


def print_member_objects(options: HostOptions, wish: Wish) -> None:
    """Print what joining would make in the member. Asks the host what is enabled, and the member nothing."""
    with planned(options, wish) as plan:
        print_documents(member_objects(plan.names, plan.grant))


# --- before anything is written --------------------------------------------------------------------------------


def _member_context(plan: Plan, wish: Wish) -> Context:
    context = open_context(wish.kubeconfig, wish.context)
    has_proxy = _has_proxy(context.connection)
    check_connection(context.connection, context.name, plan.grant.trust, has_proxy=has_proxy)
    return context


def _has_proxy(connection: Connection) -> bool:
    """A proxy of this machine's environment says nothing about the way from the host."""
    return bool(connection.proxy_url) and not proxy_is_of_the_environment(connection)


def _check_member(plan: Plan, wish: Wish, member: ApiServer) -> str:
    """The member's identity. Raises Misconfigured when it must not be joined under this name."""
    uid = member.identity()
    _refuse_ending_namespace(plan, member)
    if wish.error_on_existing:
        _refuse_existing(plan, member)
    check_candidate(_candidate(plan, member.context.connection, uid), plan.records, may_replace=wish.force_replace)
    if uid == plan.federation.host.identity():
        note("This is the host cluster itself: it becomes a member as well, and keeps its own namespaces.")
    return uid


def _refuse_ending_namespace(plan: Plan, member: ApiServer) -> None:
    namespace = member.find(NAMESPACES, ObjectKey("", plan.names.namespace))
    if namespace is not None and namespace["metadata"].get("deletionTimestamp"):
        raise Misconfigured(
            f"namespace {plan.names.namespace} of context {member.context.name} is still being deleted, "
            "as unjoining leaves it: run the command again when it is gone"
        )


def _refuse_existing(plan: Plan, member: ApiServer) -> None:
    if plan.record is not None:
        raise Misconfigured(
            f"cluster {plan.names.cluster!r} is joined already: renew its credentials and rights with "
            f"`fedctl join cluster {plan.names.cluster}`"
        )
    if member.find(SERVICE_ACCOUNTS, plan.names.account) is not None:
        raise Misconfigured(
            f"context {member.context.name} has a service account {plan.names.account} already, left by an earlier join: "
            "go on with --no-error-on-existing"
        )


def _candidate(plan: Plan, connection: Connection, uid: str) -> Candidate:
    return Candidate(plan.names.cluster, connection.server, ca_data(connection), uid)


# --- in the member ---------------------------------------------------------------------------------------------


def _write_member(writer: Writer, plan: Plan) -> None:
    if plan.grant.scope is Scope.CLUSTER:
        apply_member_crds(writer)
    for manifest in member_objects(plan.names, plan.grant):
        resource = type_of(manifest)
        if resource in (NAMESPACES, SECRETS):
            writer.ensure(resource, manifest)
        else:
            writer.apply(resource, manifest)
    if plan.is_strict:
        _revoke_everlasting_token(writer, plan)
    if writer.unchanged:
        note(f"{writer.unchanged} of the objects in the member were as wanted already.")


def _revoke_everlasting_token(writer: Writer, plan: Plan) -> None:
    """KubeFed's token works for ever, and so for whoever has it, until its Secret is gone."""
    found = writer.server.find(SECRETS, plan.names.account)
    if found is not None and found.get("type") == TOKEN_SECRET_TYPE:
        writer.delete(SECRETS, key_of(found))


def _credentials(member: ApiServer, plan: Plan, lifetime_s: int) -> Issued:
    """Get a token, and try it as the controller will use it."""
    names = plan.names
    issued = request_token(member, names, lifetime_s) if plan.is_strict else wait_for_token(member, names)
    verify(_with_authority(member.context.connection, issued), issued)
    return issued


def _with_authority(connection: Connection, issued: Issued) -> Connection:
    """Where the context names no authority, the one that the member gives its own pods, as KubeFed did."""
    return connection if connection.ca_pem else replace(connection, ca_pem=issued.ca_pem)


# --- in the host -----------------------------------------------------------------------------------------------


def _write_host(writer: Writer, plan: Plan, registration: Registration, issued: Issued) -> None:
    """The Secret first: a record without credentials would be reported as malformed."""
    secret = write_secret(writer, registration, plan.record, issued)
    write_record(writer, registration, plan.record, secret)
    if not writer.dry_run:
        refresh_credential_rights(plan.federation)
    _drop_former_secret(writer, plan, secret)


def _drop_former_secret(writer: Writer, plan: Plan, secret: str) -> None:
    """The Secret of an earlier join, if it was made for this cluster and is not the one used now."""
    former = secret_name(plan.record or {})
    if not former or former == secret:
        return
    key = ObjectKey(plan.federation.namespace, former)
    found = writer.server.find(SECRETS, key)
    if found and (found["metadata"].get("labels") or {}).get(CLUSTER_LABEL) == plan.names.cluster:
        writer.delete(SECRETS, key)
