"""Which of the copies' own statuses are collected, and how they stand in an object of their own."""

import msgspec

from kubefed.core.names import ClusterName
from kubefed.kube.wire import TOO_LARGE, Metadata
from kubefed.sync.collection import collected, statuses_apart
from tests.builders.objects import a_copy, a_fed_deployment
from tests.builders.situations import Situation, a_cluster

EU = ClusterName("eu")


def a_copy_saying(status: bytes) -> Metadata:
    return msgspec.structs.replace(a_copy().build(), status=status)


def test_only_clusters_that_can_tell_are_listened_to() -> None:
    copy = a_copy_saying(b'{"loadBalancer":{}}')
    situation = Situation(a_fed_deployment()).with_clusters(
        a_cluster("eu").holding(copy),
        a_cluster("us").holding(copy).unready(),
        a_cluster("asia").holding(copy).unread(),
        a_cluster("mars").holding(a_copy_saying(b"")),
    )
    assert collected(situation.build()) == {EU: b'{"loadBalancer":{}}'}


def test_apart_every_cluster_that_can_tell_has_an_entry() -> None:
    situation = Situation(a_fed_deployment()).with_clusters(
        a_cluster("us"),
        a_cluster("eu").holding(a_copy_saying(b'{"loadBalancer":{}}')),
        a_cluster("asia").unready(),
        a_cluster("mars").holding(a_copy_saying(TOO_LARGE)),
    )
    assert statuses_apart(situation.build()) == [
        {"clusterName": "eu", "status": {"loadBalancer": {}}},
        {"clusterName": "mars", "status": {}},
        {"clusterName": "us", "status": {}},
    ]
