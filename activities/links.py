"""The customer's link to their complaint, as letters carry it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import customer_links
from ledger.links import LinkSigner


class CustomerLinks:
    def __init__(self, engine: AsyncEngine, signer: LinkSigner, *, clock: Callable[[], datetime]) -> None:
        self._engine, self._signer, self._clock = engine, signer, clock

    async def of(self, ticket_no: str) -> str:
        """The address for a letter, always the same; "" when CX revoked it and issued no other."""
        at = self._clock()
        token = await customer_links.to_send(self._engine, self._signer, ticket_no=ticket_no, at=at)
        return self._signer.address(token) if token else ""
