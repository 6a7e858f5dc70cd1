"""A member as KubeFed's users have them: behind a proxy, its certificate unchecked, its token without an end."""

import base64
from collections.abc import Callable, Iterator

import pytest

from fedctl.federation import CONFIGS
from fedctl.kinds import SECRETS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.fakes.connect_proxy import ConnectProxy, a_connect_proxy
from tests.support.controller import Controller
from tests.support.federation import MEMBER2, SYSTEM, Federation
from tests.support.records import HandMade, claims_of, reaching
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually


@pytest.fixture
def compatible(federation: Federation) -> Iterator[None]:
    """The KubeFedConfig as the first start beside KubeFed's records would decide."""
    key = ObjectKey(SYSTEM, CONFIG_NAME)
    before = federation.host.get(CONFIGS, key)["spec"].get("trust")
    federation.host.merge(CONFIGS, key, {"spec": {"trust": "Compatible"}})
    yield
    federation.host.merge(CONFIGS, key, {"spec": {"trust": before}})


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with a_connect_proxy() as found:
        yield found


def an_endless_token(federation: Federation, namespace: str) -> str:
    """Of a Secret that the member's controllers fill, as KubeFed's join made them."""
    member = federation.servers[MEMBER2]
    account = federation.credentials(MEMBER2)
    name = claims_of(base64.b64decode(account["data"]["token"]).decode())["kubernetes.io"]["serviceaccount"]["name"]
    annotations = {"kubernetes.io/service-account.name": name}
    metadata = {"name": namespace, "namespace": SYSTEM, "annotations": annotations}
    member.create(
        SECRETS,
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/service-account-token"},
    )
    found = eventually(
        lambda: (member.get(SECRETS, ObjectKey(SYSTEM, namespace)).get("data") or {}).get("token"), "the token is there"
    )
    return base64.b64decode(str(found)).decode()


def test_a_member_with_all_that_kubefed_allowed_is_served_and_warned_of(
    federation: Federation,
    compatible: None,  # noqa: ARG001
    proxy: ConnectProxy,
    namespace: str,
    new_controller: Callable[[], Controller],
) -> None:
    record = HandMade(federation, namespace)
    spec = reaching(federation, MEMBER2, proxyURL=proxy.url, disabledTLSValidations=["*"])
    record.write(spec, {"token": an_endless_token(federation, namespace)})
    controller = new_controller()
    controller.start()
    try:
        record.await_state("Ready", "")
        names = (MEMBER2, record.name)  # one cluster: by one name alone it would be told to remove what it has by the other
        shop = Shop(federation, namespace).open(*names)
        wish = shop.config_map(colour="red").placed_on(*names)
        shop.create(wish)
        shop.await_told(wish, fine(*names))
        assert shop.copies(wish, "data", "colour") == {MEMBER2: "red"}
        warned = {each["reason"] for each in federation.record(record.name)["status"]["details"]["warnings"]}
        assert {"TLSValidationDisabled", "ProxyInRecord", "TokenNeverExpires"} <= warned
        assert set(proxy.targets) == {spec["apiEndpoint"].removeprefix("https://").rstrip("/")}
        shop.delete(wish)
        shop.await_gone(wish)
    finally:
        controller.stop()
        record.remove()
        federation.servers[MEMBER2].delete(SECRETS, ObjectKey(SYSTEM, namespace))
