"""kubefed: the federation controller.

The packages below this one are layers. A layer may import those to its right and none to its left:
app -> sync -> clusters -> engine, kube, observe -> api -> core. docs/architecture.md draws them.
"""
