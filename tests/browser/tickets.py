"""Tickets for browser tests: brought to the API or by the reference CRM, awaited until the complaint stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.end_to_end.stack import Stack

DAY = timedelta(days=1)


class Tickets:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def bring(self, ticket_no: str, *tags: str, age: timedelta = timedelta(), **fields: Any) -> str:
        """Taken by the API and dispatched; `age` ago the CRM created it. Returns its number."""
        return self._bring_to(f"{self._stack.api}/api/v1/tickets", ticket_no, tags, age, fields)

    def come(self, ticket_no: str, *tags: str, age: timedelta = timedelta(), **fields: Any) -> str:
        """The same the whole way: created in the reference CRM, which tells Vocloop of it by its own trigger."""
        return self._bring_to(f"{self._stack.crm}/tickets", ticket_no, tags, age, fields)

    def _bring_to(
        self, address: str, ticket_no: str, tags: tuple[str, ...], age: timedelta, fields: dict[str, Any]
    ) -> str:
        body = {
            "ticket_no": ticket_no,
            "created_at": (datetime.now(UTC) - age).isoformat(),
            "tags": tags,
            "customer": {"name": "欧阳春晓", "phone": "13987651234"},
            "vehicle": {"vin": "LSVAC4187E2184099", "plate": "沪B77Q21", "brand": "星河", "model": "X7 四驱版"},
            **fields,
        }
        answer = self._stack.http.post(address, json=body)
        assert answer.is_success, answer.text
        self._stack.until(ticket_no, stage="dispatched" if tags else "triage")
        return ticket_no

    def ask(self, ticket_no: str, command: str, *, role: str, department: str = "", **body: Any) -> dict[str, Any]:
        """A command by this actor, accepted."""
        actor = {"role": role, "department": department, "id": f"{department or role}-1"}
        answer = self._stack.ask(ticket_no, command, actor=actor, **body)
        assert answer.is_success, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt
