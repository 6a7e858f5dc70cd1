"""How an unexpected exception is told: where it happened, never what it says. Nothing else may live here."""

import logging
from pathlib import PurePath

from kubefed.core.errors import KubefedError

_LOG = logging.getLogger(__name__)


def report_bug(controller: str, problem: BaseException, *, key: str = "") -> None:
    """Log a bug of ours with its place. The text of a foreign exception may hold values, so its type alone is shown."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    place = problem.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{PurePath(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    shown = str(problem) if isinstance(problem, KubefedError) else type(problem).__name__
    _LOG.error("unexpected %s", shown, extra={"controller": controller, "key": key, "where": where})
