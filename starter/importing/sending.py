"""Sends imported tickets to the API, a few at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import httpx2

from domain.ticket import Ticket
from starter.importing.rows import Accepted, Rejected

AT_ONCE = 8
_OK, _CONFLICT = 200, 409
_TAKEN = (_OK, 202)
_TIMEOUT_SECONDS = 30.0
_REASONS = {
    401: "The API does not know the key; set VOCLOOP_API_KEY, or VOCLOOP_HOME to the home of `vocloop up`.",
    _CONFLICT: "The ticket number is already there with another content.",
    422: "The API does not take this ticket",
}

Outcome = Accepted | Rejected


async def send(
    rows: Iterable[Accepted],
    *,
    api: str,
    headers: Mapping[str, str],
    stamped_at: datetime,
    done: Callable[[Outcome], None],
) -> None:
    """POST each ticket and tell `done` what came of it: the row, or why the API refused it.

    Sending twice is safe: the API knows a ticket by its number, and one that this import dated itself (`created_at` is
    `stamped_at`) is held against the date it was taken with. Raises httpx2.TransportError when the API is away.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(base_url=api, timeout=_TIMEOUT_SECONDS, headers=headers, trust_env=False) as client:
        try:
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    await gate.acquire()
                    group.create_task(_send_one(client, row, gate, done, stamped_at=stamped_at))
        except* httpx2.TransportError as errors:
            raise _first(errors) from None


async def _send_one(
    client: httpx2.AsyncClient,
    row: Accepted,
    gate: asyncio.Semaphore,
    done: Callable[[Outcome], None],
    *,
    stamped_at: datetime,
) -> None:
    try:
        answer = await _post(client, row.ticket)
        if answer.status_code == _CONFLICT and row.ticket.created_at == stamped_at:
            answer = await _post_as_kept(client, row.ticket, answer)
    finally:
        gate.release()
    done(row if answer.status_code in _TAKEN else Rejected(line=row.line, reason=_reason(answer)))


async def _post(client: httpx2.AsyncClient, ticket: Ticket) -> httpx2.Response:
    return await client.post("/api/v1/tickets", json=ticket.model_dump(mode="json"))


async def _post_as_kept(client: httpx2.AsyncClient, ticket: Ticket, refused: httpx2.Response) -> httpx2.Response:
    """The answer to the ticket under the date it was first taken with: whether anything else differs, the API says."""
    found = await client.get(f"/api/v1/complaints/{ticket.ticket_no}")
    if found.status_code != _OK:
        return refused
    kept_at = datetime.fromisoformat(found.json()["ticket"]["created_at"])
    return await _post(client, ticket.model_copy(update={"created_at": kept_at}))


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
