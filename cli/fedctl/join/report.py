"""What joining shows at its end: what was granted, for how long, and what to do next."""

from collections.abc import Iterable

from rich.table import Table

from fedctl.join.endpoint import refused_address
from fedctl.join.grants import rules_for_copies, rules_for_health, rules_for_renewal
from fedctl.join.planning import Plan
from fedctl.join.tokens import Issued
from fedctl.rights.rbac import READ, WRITE, Rule
from fedctl.tables import table
from fedctl.telling import note, say, show, warn
from kubefed.api.core_v1beta1 import Scope
from kubefed.kube.connection import Connection

_EVERY_VERB = {*READ, *WRITE}
_EVERYTHING = "*"


def report(plan: Plan, connection: Connection, issued: Issued, *, dry_run: bool) -> None:
    """The rights as a table, and beside it what a person has to know."""
    names = plan.names
    would = "would get" if dry_run else "has"
    say(f"\nThe controller {would} these rights in {names.cluster}, as service account {names.account}:")
    show(rights_table(_sections(plan)))
    _say_token(plan, issued)
    _warn(plan, connection)
    if dry_run:
        note("Dry run: nothing was written.")
    else:
        note(f"{names.cluster} is joined. `fedctl get clusters` shows when it is ready.")


def _say_token(plan: Plan, issued: Issued) -> None:
    if issued.expires_at:
        say(f"Its token ends at {issued.expires_at}; the controller renews it in time.")
    elif not plan.is_strict:
        warn("its token never ends (trust Compatible): set spec.trust of the KubeFedConfig to Strict and join again.")


def _warn(plan: Plan, connection: Connection) -> None:
    cluster = plan.names.cluster
    if plan.grant.rights_are_limited:
        note(
            "FederatedClusterRoles can only grant what the controller may do itself; for more, join again with "
            "--grant-escalation."
        )
    objection, needed = refused_address(connection, plan.config)
    if objection:
        warn(
            f"{connection.server} is {objection}, which the controller refuses until it is allowed: "
            f"fedctl install --allowed-endpoint-range {needed}, then restart a controller that runs. Until then, "
            f"{cluster} is shown as malformed."
        )


def _sections(plan: Plan) -> list[tuple[str, list[Rule]]]:
    names, grant = plan.names, plan.grant
    is_limited = grant.scope is Scope.NAMESPACED
    sections = [(names.namespace if is_limited else "all namespaces", rules_for_copies(grant))]
    if is_limited:
        sections.append(("the cluster", rules_for_health(grant, names.namespace)))
    if plan.is_strict:
        sections.append((names.namespace, rules_for_renewal(names.account)))
    return sections


def rights_table(sections: Iterable[tuple[str, Iterable[Rule]]]) -> Table:
    """One row per rule; each section says where its rules hold. Pure."""
    return table(
        ("WHERE", "WHAT", "MAY"),
        (
            (where if number == 0 else " ", _what(rule), _verbs(rule))
            for where, rules in sections
            for number, rule in enumerate(rules)
        ),
    )


def _what(rule: Rule) -> str:
    """`deployments, replicasets (apps)`."""
    if "nonResourceURLs" in rule:
        return ", ".join("all paths" if url == _EVERYTHING else url for url in rule["nonResourceURLs"])
    if rule["resources"] == [_EVERYTHING]:
        return "everything"
    group = f" ({rule['apiGroups'][0]})" if rule["apiGroups"][0] else ""
    names = f" named {', '.join(rule['resourceNames'])}" if "resourceNames" in rule else ""
    return f"{', '.join(rule['resources'])}{group}{names}"


def _verbs(rule: Rule) -> str:
    verbs = rule["verbs"]
    if verbs == [_EVERYTHING]:
        return "everything"
    if set(verbs) >= _EVERY_VERB:
        return ", ".join(["read and write", *(verb for verb in verbs if verb not in _EVERY_VERB)])
    return "read" if set(READ) == set(verbs) else ", ".join(verbs)
