"""Campaigns: complaints whose texts are copies of one another, told together and each still one of its own."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from domain.access import Permission
from ledger import campaigns
from starter.api.views import View
from starter.http.behind import BehindRoutes
from starter.http.etag import TAGGED, TaggedRoute, if_none_match
from starter.http.principals import needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["complaints"], dependencies=[needs(Permission.READ), if_none_match()], route_class=TaggedRoute)


class CampaignView(View):
    """`campaign` is the number of its first complaint; `ticket_nos` are all, the oldest first."""

    campaign: str
    size: int
    still_open: int
    first_at: datetime
    last_at: datetime
    channels: tuple[str, ...]
    ticket_nos: tuple[str, ...]


class CampaignsView(View):
    items: tuple[CampaignView, ...]


@router.get(
    "/campaigns",
    summary="Copied texts: complaints that say the same, or nearly",
    responses=TAGGED | documented(*ACCESS, "malformed"),
)
async def list_campaigns(behind: BehindRoutes, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> CampaignsView:
    """Those that somebody joined last come first. Each complaint keeps its owner, clocks and rights."""
    found = await campaigns.newest(behind.engine, limit=limit)
    shown = CampaignView.model_fields
    items = ({name: said for name, said in each._asdict().items() if name in shown} for each in found)
    return CampaignsView(items=tuple(CampaignView(**each) for each in items))
