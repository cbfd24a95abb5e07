"""Sends imported tickets to the API, a few at a time."""

import asyncio
from collections.abc import Callable, Iterable

import httpx2

from starter.importing.rows import Accepted, Rejected

AT_ONCE = 8
_TAKEN = (200, 202)
_TIMEOUT_SECONDS = 30.0
_REASONS = {
    409: "The ticket number is already there with another content.",
    422: "The API does not take this ticket",
}

Outcome = Accepted | Rejected


async def send(rows: Iterable[Accepted], *, api: str, done: Callable[[Outcome], None]) -> None:
    """POST each ticket and tell `done` what came of it: the row, or why the API refused it.

    Sending twice is safe: the API knows a ticket by its number. Raises httpx2.TransportError when the API is away.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(base_url=api, timeout=_TIMEOUT_SECONDS) as client:
        try:
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    await gate.acquire()
                    group.create_task(_send_one(client, row, gate, done))
        except* httpx2.TransportError as errors:
            raise _first(errors) from None


async def _send_one(
    client: httpx2.AsyncClient, row: Accepted, gate: asyncio.Semaphore, done: Callable[[Outcome], None]
) -> None:
    try:
        answer = await client.post("/api/v1/tickets", json=row.ticket.model_dump(mode="json"))
    finally:
        gate.release()
    done(row if answer.status_code in _TAKEN else Rejected(line=row.line, reason=_reason(answer)))


def _reason(answer: httpx2.Response) -> str:
    if answer.status_code == 422:
        return f"{_REASONS[422]}{_detail(answer)}."
    return _REASONS.get(answer.status_code, f"The API answered {answer.status_code}{_detail(answer)}.")


def _detail(answer: httpx2.Response) -> str:
    """What the problem says is wrong: its fields where it lists them, else its detail."""
    try:
        problem = answer.json()
    except ValueError:
        return ""
    if not isinstance(problem, dict):
        return ""
    listed = [f"{each.get('field')}: {each.get('how')}" for each in problem.get("errors") or ()]
    said = "; ".join(listed) or str(problem.get("detail", ""))
    return f": {said}".rstrip(".") if said else ""


def _first(errors: BaseExceptionGroup[httpx2.TransportError]) -> httpx2.TransportError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
