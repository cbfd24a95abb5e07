"""A region's month in the ledger, and the letters to the special-claims desk."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities import ports
from activities.notices import SqlNotices
from domain.goodwill_outlets import DeskBatch, DeskCall, GoodwillBatch
from domain.money import yuan
from domain.outlets import Audience, Notice, NoticeBatch, NoticeKind
from ledger import goodwill
from policy.authorities import load_authorities


class SqlAuthority(ports.Authority):
    """`policy` is the folder that says whose desk it is. Raises PolicyError."""

    def __init__(self, engine: AsyncEngine, *, policy: Path | None, notices: SqlNotices) -> None:
        self._engine, self._authorities, self._notices = engine, load_authorities(policy), notices

    @activity.defn(name="record_goodwill")
    async def record(self, batch: GoodwillBatch) -> None:
        await goodwill.stands(self._engine, batch.entries)

    @activity.defn(name="tell_special_claims_desk")
    async def tell_desk(self, batch: DeskBatch) -> None:
        for call in batch.calls:
            await self._tell(call, batch.region)

    async def _tell(self, call: DeskCall, region: str) -> None:
        request = call.entry.request
        row = await goodwill.get(self._engine, request.request_id)
        occasion = "overdue" if call.is_overdue else "at_desk"
        zh, en = self._authorities.name(region, at=request.at)
        facts = {
            "request_id": request.request_id,
            "region_zh": zh,
            "region_en": en,
            "goodwill": request.kind.value,
            "money": yuan(request.fen),
            "due_at": call.entry.due.isoformat() if call.entry.due else "",
            "is_overdue": "yes" if call.is_overdue else "",
            "is_split": "yes" if call.entry.split_with else "",
            "note_id": row.note_id if row else "",
        }
        audiences = (Audience.MANAGER, Audience.VP) if call.is_overdue else (Audience.MANAGER,)
        notices = tuple(
            Notice(
                key=f"goodwill:{request.request_id}:{occasion}:{audience}",
                kind=NoticeKind.GOODWILL,
                audience=audience,
                department=self._authorities.desk,
                facts={name: said for name, said in facts.items() if said},
            )
            for audience in audiences
        )
        await self._notices.send(NoticeBatch(ticket_no=request.ticket_no, notices=notices))
