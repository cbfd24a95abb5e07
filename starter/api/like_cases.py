"""Like cases, like pay: what complaints of one kind were paid as goodwill, and what stands out."""

from fastapi import APIRouter

from domain.access import Permission
from domain.goodwill import GoodwillKind
from domain.like_cases import Spread
from starter.api.answers import At
from starter.api.views import View
from starter.http.behind import BehindRoutes
from starter.http.principals import needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["goodwill"])


class CaseView(View):
    """All that one complaint was paid in one kind, in fen."""

    ticket_no: str
    regions: tuple[str, ...]
    fen: int


class SpreadView(View):
    """What complaints of one kind were paid, in fen. `quartiles` null: too few to compare. `outliers` stand out."""

    kind: GoodwillKind
    tag: str
    tier: str
    count: int
    least: int
    median: int
    most: int
    quartiles: tuple[int, int] | None
    outliers: tuple[CaseView, ...]


class LikeCasesView(View):
    """`items`: the most frequent kind of case first."""

    items: tuple[SpreadView, ...]


@router.get(
    "/goodwill/like-cases",
    dependencies=[needs(Permission.READ)],
    summary="Like cases, like pay: what complaints of one kind were paid, and what stands out",
    responses=documented(*ACCESS),
)
async def list_like_cases(behind: BehindRoutes, at: At) -> LikeCasesView:
    """Of the months that the policy compares. No customer's data: whoever may read sees it."""
    return LikeCasesView(items=tuple(_spread(each) for each in await behind.goodwill.like_cases(at=at)))


def _spread(spread: Spread) -> SpreadView:
    like, cases = spread.like, spread.cases
    return SpreadView(
        kind=GoodwillKind(like.kind),
        tag=like.tag,
        tier=like.tier,
        count=len(cases),
        least=cases[0].fen,
        median=spread.median,
        most=cases[-1].fen,
        quartiles=spread.quartiles,
        outliers=tuple(CaseView(**each._asdict()) for each in spread.outliers),
    )
