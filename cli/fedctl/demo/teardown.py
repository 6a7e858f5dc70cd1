"""Removes what the demo made."""

from fedctl.demo import controller, own_sandbox, record
from fedctl.telling import note


def remove() -> None:
    """End the controller, remove the sandbox, forget the demo."""
    if not record.directory().exists():
        gone = own_sandbox.remove()
    else:
        with record.only_one():
            demo = record.load()
            ended = demo is not None and controller.stop(demo)
            gone = own_sandbox.remove() or ended
            record.remove()
    note("The demo is removed." if gone else "There is no demo; nothing to remove.")
