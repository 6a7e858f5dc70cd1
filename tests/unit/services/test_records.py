"""Members' objects as they are read, whatever is left out of them."""

import orjson
import pytest

from kubefed.core.catalogue import ServicePort
from kubefed.kube.wire import Projector
from kubefed.services.records import (
    Endpoint,
    SlicePort,
    read_export,
    read_import,
    read_service,
    read_slice,
)

PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def body(**fields: object) -> bytes:
    return orjson.dumps({"metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7"}, **fields})


def test_what_an_endpoint_does_not_say_means_that_it_is_ready() -> None:
    found = read_slice(
        PROJECTOR,
        body(
            addressType="IPv6",
            endpoints=[
                {"addresses": ["2001:DB8::0:1"]},
                {"addresses": ["2001:db8::2"], "conditions": {"ready": False, "serving": True, "terminating": True}},
                {"addresses": []},
            ],
            ports=[{"port": 53, "protocol": "UDP", "appProtocol": "dns"}],
        ),
    )
    assert found.endpoints == (
        Endpoint("2001:db8::1"),
        Endpoint("2001:db8::2", ready=False, serving=True, terminating=True),
    )
    assert found.ports == (SlicePort("", "UDP", 53, "dns"),)


def test_hints_zones_nodes_and_names_are_read() -> None:
    endpoint = {
        "addresses": ["198.18.0.1"],
        "hostname": "web-0",
        "nodeName": "n",
        "zone": "a",
        "hints": {"forZones": [{"name": "a"}]},
        "targetRef": {"kind": "Pod"},
    }
    found = read_slice(PROJECTOR, body(addressType="IPv4", endpoints=[endpoint], ports=None))
    assert found.endpoints == (Endpoint("198.18.0.1", hostname="web-0", zone="a", node="n"),)
    assert found.hints
    assert found.ports == ()


def test_services_old_and_new_are_read() -> None:
    old = read_service(PROJECTOR, body(spec={"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}))
    assert (old.type, old.ips, old.ports) == ("ClusterIP", ("10.0.0.1",), (ServicePort("", "TCP", 80),))
    new = read_service(
        PROJECTOR, body(spec={"clusterIPs": ["None"], "sessionAffinity": "ClientIP", "ipFamilies": ["IPv6"]})
    )
    assert (new.headless, new.affinity_timeout_s, new.families) == (True, 10_800, ("IPv6",))


@pytest.mark.parametrize("read", [read_export, read_service, read_slice, read_import])
@pytest.mark.parametrize("fields", [{}, {"spec": None, "status": None}, {"spec": {}, "status": {}, "endpoints": None}])
def test_objects_that_say_nothing_are_read(read: object, fields: dict[str, object]) -> None:
    assert read(PROJECTOR, body(**fields)).resource_version == 7  # type: ignore[operator]


@pytest.mark.parametrize("read", [read_export, read_service, read_import])
def test_what_makes_no_sense_is_a_value_error_and_nothing_else(read: object) -> None:
    for nonsense in (b"", b"[]", b'{"metadata":{}}', body(spec=7), b'{"metadata":{"name":"a"},"spec":' + b"[" * 5000):
        with pytest.raises(ValueError, match=r".*"):
            read(PROJECTOR, nonsense)  # type: ignore[operator]


def test_an_import_is_read_as_it_was_written() -> None:
    found = read_import(
        PROJECTOR,
        body(
            spec={"type": "ClusterSetIP", "ports": [{"port": 80, "name": "http"}], "ips": ["10.0.0.9"]},
            status={"clusters": [{"cluster": "us"}, {"cluster": "eu"}], "endpointSliceObjects": "Present"},
        ),
    )
    assert found.spec.ips == ("10.0.0.9",)
    assert found.clusters == ("eu", "us")
    assert found.slice_objects == "Present"
