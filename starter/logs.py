"""What a process of ours writes to its log: a line for people, or an object for a collector; no customer's words.

An error is told by its class and where it happened; its text stays out, for it may quote what somebody wrote.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

from settings import Settings

_IDS = ("temporal_workflow", "temporal_activity", "request")  # what the SDK and our middleware say of whom it is about
_TEMPORALS = frozenset({"workflow_id", "workflow_type", "run_id", "activity_type", "attempt"})


def set_up(settings: Settings) -> None:
    """For the root logger, once, at the process's start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if settings.log_format == "json" else _text())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # its lines hold whole addresses
    # The SDK logs every failed attempt with its text, which may be personal; FailureLog says it in our way.
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)


def _text() -> logging.Formatter:
    return logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def _json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=_IDS),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _plain,
            _where,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        keep_exc_info=True,
    )


def _plain(_logger: Any, _name: str, said: Any) -> Any:
    """What the SDK says of a workflow or an activity, without its inputs, beside the rest."""
    for name in _IDS:
        about = said.pop(name, None) or {}
        said |= {key: value for key, value in about.items() if name == "request" or key in _TEMPORALS}
    return said


def _where(_logger: Any, _name: str, said: Any) -> Any:
    raised = said.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] is not None:
        frames = traceback.extract_tb(raised[2])
        said["error"] = raised[0].__name__
        said["where"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return said
