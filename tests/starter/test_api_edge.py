import logging

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from settings import Settings
from starter.api_edge import Edge
from tests.starter.processes import free_port
from tests.starter.serving import served


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("欧阳春晓 13812348000 says so")


async def test_an_error_nobody_foresaw_is_a_problem_with_a_reference_and_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    edge = Edge(breaks, settings=Settings(), larger={})
    with caplog.at_level(logging.ERROR):
        async with served(edge, port=free_port()) as address, httpx2.AsyncClient(trust_env=False) as http:
            response = await http.get(f"{address}/api/v1/complaints", params={"vin": "LSVAA4182E2987654"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "internal")
    assert "ValueError" not in response.text
    line = next(record.getMessage() for record in caplog.records if record.name == "vocloop.api")
    assert problem["reference"] in line
    assert "ValueError at" in line
    assert not [secret for secret in ("欧阳", "13812348000", "LSVAA") if secret in line]
