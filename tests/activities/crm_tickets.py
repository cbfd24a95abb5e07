"""A CRM's tickets in a list, for what reads them: in order, page by page, as the page of adapters asks for."""

from collections.abc import Collection, Mapping
from datetime import datetime

from activities.crm_adapters.page import CrmAdapter, CrmAway, CrmState, Found, Position, state_of
from domain.outlets import CrmWrite
from domain.ticket import Ticket


class ListedCrm(CrmAdapter):
    """`found` may stand in any order. It breaks down after `pages` pages."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.pages = 1000
        self.says: dict[str, CrmState | None] = {}
        self.is_deaf = False  # takes writes and keeps none

    def shows(self, ticket_no: str, changed_at: datetime, *, fault: str = "", words: str = "") -> None:
        ticket = None if fault else Ticket(ticket_no=ticket_no, created_at=changed_at, words=words)
        position = Position(at=changed_at, id=ticket_no)
        self.found.append(Found(position=position, ticket_no=ticket_no, ticket=ticket, fault=fault))

    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        if not self.pages:
            raise CrmAway("HTTP 503")
        self.pages -= 1
        places = sorted(self.found, key=lambda found: (found.position.at, found.position.id))
        behind = [each for each in places if (each.position.at, each.position.id) > (position.at, position.id)]
        return tuple(behind[:limit])

    async def write(self, write: CrmWrite) -> None:
        if not self.is_deaf:
            self.says[write.ticket_no] = state_of(write)

    async def states(self, ticket_nos: Collection[str]) -> Mapping[str, CrmState | None]:
        return {ticket_no: self.says[ticket_no] for ticket_no in ticket_nos if ticket_no in self.says}
