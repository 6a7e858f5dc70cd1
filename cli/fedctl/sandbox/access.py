"""How the users of a cluster reach it: their credentials, and the kubeconfigs made of them."""

from fedctl.sandbox import kubeconfig, pki
from fedctl.sandbox.kubeconfig import Access
from fedctl.sandbox.state import State


def of_user(state: State, name: str, user: str = pki.ADMIN) -> Access:
    """How a user of `pki.CLIENTS` reaches the cluster `name`."""
    layout = state.layout(name)
    authority = (layout.pki / "ca.crt").read_bytes()
    return Access(context=name, server=layout.endpoint, authority=authority, client=pki.read(layout.pki, user))


def write_kubeconfigs(state: State, name: str) -> None:
    """Write one kubeconfig per client of one cluster; the context is the cluster's name."""
    for user in pki.CLIENTS:
        pki.write_private(state.layout(name).kubeconfig(user), kubeconfig.render([of_user(state, name, user)]).encode())


def write_kubeconfig(state: State) -> None:
    """Write the kubeconfig of the whole sandbox: an administrator's context per cluster, the host's first."""
    host = state.plan.topology.host.name
    members = [cluster.name for cluster in state.plan.topology.members]
    text = kubeconfig.render([of_user(state, name) for name in [host, *members]])
    pki.write_private(state.kubeconfig, text.encode())
