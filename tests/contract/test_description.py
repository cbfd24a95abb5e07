"""Requests made from our own OpenAPI description, in every shape it allows and in many it does not, to the real API
with a real worker, ledger and Temporal behind it: each answer is one that the description tells of, and none our fault.

No operation is left out. Of what schemathesis could hold answers to, asking.NOT_ASKED says what it does not, and why.
"""

import asyncio
import contextlib
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from settings import Settings
from starter.server import create_app
from tests.contract.asking import Asking, excluded
from tests.starter.api_server import RunningApi
from tests.starter.processes import free_port

DESCRIBED = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
# An operation that schemathesis cannot read has no `ok()`, and ends the collection.
OPERATIONS = {each.ok().label: each.ok() for each in DESCRIBED.get_all_operations()}  # type: ignore[union-attr]


def bounded(examples: int, *, steps: int = 1) -> settings:
    """The same requests in each run."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture
async def asking(asked_api: RunningApi, request: pytest.FixtureRequest) -> Asking:
    """With a complaint and a file on it, or a subscription whose receiver is away, whichever the label is about."""
    label = str(request.node.callspec.params["label"]) if hasattr(request.node, "callspec") else ""
    url = f"http://127.0.0.1:{free_port()}/"
    known = await _subscription(asked_api, url) if "webhook" in label else await _complaint(asked_api)
    return Asking(asked_api, {**known, "url": url})


async def _complaint(api: RunningApi) -> dict[str, str]:
    ticket_no = (await api.opened())["ticket_no"]
    return {"ticket_no": ticket_no, "sha256": (await api.proof(ticket_no))["sha256"]}


async def _subscription(api: RunningApi, url: str) -> dict[str, str]:
    webhook_id = (await api.post("/webhooks", {"url": url, "kinds": ["closed"]})).json()["webhook_id"]
    delivery_id = (await api.post(f"/webhooks/{webhook_id}/ping", {})).json()["delivery_id"]
    return {"webhook_id": webhook_id, "delivery_id": delivery_id}


@pytest.mark.parametrize("label", OPERATIONS)
async def test_every_answer_is_one_that_the_description_tells_of(asking: Asking, label: str) -> None:
    operation = OPERATIONS[label]
    met = await asyncio.to_thread(_asked, asking, operation, GenerationMode.POSITIVE)
    assert met, "nothing was asked"
    await asyncio.to_thread(_asked, asking, operation, GenerationMode.NEGATIVE)


def _asked(asking: Asking, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> list[int]:
    met: list[int] = []

    @bounded(4)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        met.append(asking(asking.aimed(case) if mode is GenerationMode.POSITIVE else case))

    try:
        ask()
    except Unsatisfiable:  # there is nothing of it that could be made wrong
        assert mode is GenerationMode.NEGATIVE
    print(operation.label, mode.value, sorted(met))
    return met


async def test_what_was_made_can_be_gone_on_with(asking: Asking) -> None:
    """Along the description's links: from a ticket to its complaint, from a subscription to its log."""
    met: set[str] = set()
    wrong: list[Exception] = []

    class Going(DESCRIBED.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return asking.kwargs

        def validate_response(self, response: Any, case: Case[Any], **_: Any) -> None:
            met.add(f"{case.operation.label} {response.status_code}")
            # Halves of signs are dropped before words are counted; what is refused is asked operation by operation.
            not_asked = [*excluded(), schemathesis.checks.negative_data_rejection]
            try:
                case.validate_response(response, excluded_checks=not_asked)
            except Exception as fault:
                wrong.append(fault)
                raise

    # A walk that is drawn twice meets what it made the first time, and may have to turn elsewhere.
    with contextlib.suppress(FlakyStrategyDefinition):
        await asyncio.to_thread(Going.run, settings=bounded(100, steps=8))
    assert not wrong
    print(sorted(met))
    assert any(each.startswith("GET /api/v1/complaints/{ticket_no}") for each in met)
    assert any(each.startswith("GET /api/v1/webhooks/{webhook_id}") for each in met)
