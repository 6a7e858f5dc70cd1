"""The sandbox: real Kubernetes control planes on this machine, for the demo, the tests and the benchmark.

A sandbox is one host cluster and some members, described by a topology: etcd, API servers and, where wanted,
controller-managers, schedulers and simulated nodes, all from one binary that is built once and cached.

    from fedctl.sandbox.running import Sandbox

    with Sandbox.started(2, name="try", owner=True, controllers=False) as sandbox:
        print(sandbox.kubeconfig, sandbox.cluster("member1").endpoint)

Pure modules (topology, addresses, servers, policies, kubeconfig, simulator.rules) know no processes; the shells around
them start, watch and remove. Nothing here may be imported by the product: the sandbox is a tool beside it.
"""
