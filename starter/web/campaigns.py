"""Campaigns as a page: what is copied, how often, since when and by which channels."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import Response

from domain import masking
from domain.access import Permission, is_concerned
from domain.channels import named
from domain.wording import Both
from ledger import campaigns, queries, tickets
from ledger.campaigns import Campaign
from starter.api.answers import At
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.web import pages

router = pages.router()

_SHOWN = 30  # campaigns
_NUMBERS = 12  # complaints of each
_DAYS = 42  # of arrivals drawn at most: the last ones


class Shown(NamedTuple):
    """`words` are the first one's, masked; `numbers` those that concern who looks; `days` how many came on each day."""

    campaign: Campaign
    words: str
    channels: tuple[Both, ...]
    numbers: tuple[str, ...]
    days: tuple[tuple[date, int], ...]

    @property
    def most(self) -> int:
        return max(count for _, count in self.days)


@router.get("/campaigns", dependencies=[needs(Permission.READ)])
async def show(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """The newest first."""
    zone = ZoneInfo(behind.files.policy_at(at).calendar.zone)
    found = await campaigns.newest(behind.engine, limit=_SHOWN)
    shown = [await _shown(behind, each, who, zone=zone) for each in found]
    return pages.page(request, who, "campaigns.html", shown=shown)


async def _shown(behind: Behind, campaign: Campaign, who: Principal, *, zone: ZoneInfo) -> Shown:
    first = await tickets.get(behind.engine, campaign.campaign)
    near = campaign.ticket_nos[:_NUMBERS]
    mine = [each for each in near if is_concerned(await queries.complaint(behind.engine, each), who.actor)]
    return Shown(
        campaign=campaign,
        words=masking.told(first.words, first).strip() if first else "",
        channels=tuple(named(each) for each in campaign.channels),
        numbers=tuple(mine),
        days=arrivals(campaign.born, zone=zone),
    )


def arrivals(born: tuple[datetime, ...], *, zone: ZoneInfo) -> tuple[tuple[date, int], ...]:
    """How many came on each local day from the first to the last, days without any among them."""
    counts = Counter(each.astimezone(zone).date() for each in born)
    last = max(counts)
    first = max(min(counts), last - timedelta(days=_DAYS - 1))
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple((day, counts[day]) for day in every)
