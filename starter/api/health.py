"""Whether the process lives, whether it can do its work, and where to go from here."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.service import RPCError

from domain.explanations import Sentence
from ledger import database
from starter.api.answers import sentence
from starter.http.behind import Behind, BehindRoutes
from starter.http.problems import AGAIN_AFTER_S

router = APIRouter(tags=["health"])

_PATIENCE = timedelta(seconds=2)


class PartReady(BaseModel):
    model_config = ConfigDict(frozen=True)

    ready: bool
    sentence: Sentence


class Readiness(BaseModel):
    """`temporal` away: tickets and commands are taken all the same, and delivered when it is back."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    ledger: PartReady
    temporal: PartReady


@router.get("/healthz", summary="Whether the process lives")
async def healthz() -> dict[str, str]:
    """It asks neither the ledger nor Temporal: a supervisor that restarts on failure should ask this."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Whether the ledger and Temporal can be worked with",
    responses={503: {"model": Readiness, "description": "One of them cannot; the body says which."}},
)
async def readyz(response: Response, behind: BehindRoutes) -> Readiness:
    """For who sends requests here: 503 while one of them is away."""
    ledger, temporal = await asyncio.gather(database.is_ready(behind.engine), _answers(behind))
    if not (ledger and temporal):
        response.status_code, response.headers["Retry-After"] = 503, str(AGAIN_AFTER_S)
    return Readiness(
        ready=ledger and temporal,
        ledger=PartReady(ready=ledger, sentence=sentence(_LEDGER[ledger])),
        temporal=PartReady(ready=temporal, sentence=sentence(_TEMPORAL[temporal])),
    )


async def _answers(behind: Behind) -> bool:
    request = DescribeNamespaceRequest(namespace=behind.client.namespace)
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            await behind.client.workflow_service.describe_namespace(request, timeout=_PATIENCE)
    except (RPCError, RuntimeError, TimeoutError):  # RuntimeError is the SDK's word for no connection
        return False
    return True


_LEDGER = {
    True: ("账本就绪。", "The ledger is ready."),
    False: (
        "账本不可用或版本不符；请检查数据库并执行迁移（`vocloop up` 会执行）。",
        "The ledger is away or of another release; see to its database and run the migrations (`vocloop up` does).",
    ),
}
_TEMPORAL = {
    True: ("Temporal 就绪。", "Temporal is ready."),
    False: (
        "Temporal 没有应答；请启动它。工单照常接收，恢复后自动投递。",
        "Temporal does not answer; start it. Tickets are taken meanwhile and delivered when it is back.",
    ),
}
