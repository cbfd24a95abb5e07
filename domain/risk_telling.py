"""A grade told so that people can check it: its points, its floors, what would move it; in Chinese and in English."""

from collections.abc import Callable, Iterator
from datetime import datetime

from domain.case import CaseFacts
from domain.complaint import Complaint
from domain.explanations import Sentence, wall_clock
from domain.risk import Grade, grade, moves, next_rise
from domain.risk_table import Dimension, Floor
from domain.values import Value
from domain.vehicle import VehicleFacts
from domain.wording import Both, both

DIMENSIONS: dict[str, Both] = {
    Dimension.PERIOD: ("车型所处阶段", "the model's stage of life"),
    Dimension.AGE: ("首次反映以来的时间", "time since the first report"),
    Dimension.CUSTOMER: ("客户类型", "who the customer is"),
    Dimension.FAULT: ("故障类别", "how grave the fault is"),
    Dimension.THIRD_PARTY: ("第三方介入", "who else was brought in"),
    Dimension.COST: ("维修费用", "what repairs have cost"),
    Dimension.REPAIR_DAYS: ("累计修理天数", "days in repair, all together"),
    Dimension.REPAIRS: ("同一故障修理次数", "repairs of the same fault"),
    Dimension.WARRANTY: ("保修状态", "the warranty"),
}
FLOORS: dict[str, Both] = {
    Floor.RED_LINE: ("触及安全红线", "a red line of safety"),
    Floor.MEDIA: ("媒体曝光或诉讼", "the media or a court"),
    Floor.LETTER: ("律师函或监管函", "a lawyer's or a regulator's letter"),
    Floor.REJECTED_TWICE: ("客户两次驳回", "the customer said no twice"),
    Floor.GUARANTEE_MET: (
        "已达到三包换车或退车条件",
        "the three guarantees call for a replacement or refund",
    ),
    Floor.GUARANTEE_NEAR: ("距三包换车或退车条件只差一步", "one step from the three guarantees' replacement or refund"),
    Floor.GUARANTEE_REPAIR: (
        "三包：应免费换总成或提供备用车",
        "a free assembly or a courtesy car is due",
    ),
}


class Line(Value):
    """One dimension's points and what they are called."""

    dimension: str
    called: Sentence
    points: int


def _same(code: str) -> Both:
    return code, code


class RiskStory(Value):
    """The level that holds, the one the table says, why, and what would move it; `lines` are all dimensions."""

    level: int
    graded: int
    total: int
    table: str
    lines: tuple[Line, ...]
    sentences: tuple[Sentence, ...]


def story(c: Complaint, *, at: datetime, zone: str, matter: Callable[[str], Both] = _same) -> RiskStory | None:
    """How the complaint's risk stands at `at`, instants on the wall clock of `zone`; None without a points table.

    `matter` names what the customer's words told of, by its code in red_line.toml.
    """
    graded = grade(c, at=at)
    if graded is None:
        return None
    lines = tuple(
        Line(dimension=each, called=Sentence(zh=zh, en=en), points=graded.points.get(each, 0))
        for each, (zh, en) in ((each, DIMENSIONS[each]) for each in Dimension)
    )
    return RiskStory(
        level=c.risk_level,
        graded=graded.level,
        total=graded.total,
        table=graded.table,
        lines=lines,
        sentences=(*_why(c, graded, matter), *_what_next(c, at=at, zone=zone)),
    )


def facts_told(case: CaseFacts) -> Both:
    """What is known of a case, one thing after the other; ("", "") when nothing is."""
    said = [_fact(name, value) for name, value in case.known().items() if name not in ("statute", "red_line_words")]
    return "、".join(zh for zh, _ in said), ", ".join(en for _, en in said)


def points_told(points: dict[str, int]) -> Both:
    """The dimensions that have points, the weightiest first."""
    found = sorted(((points, DIMENSIONS[each]) for each, points in points.items() if points), reverse=True)
    return "、".join(f"{zh} {p}" for p, (zh, _) in found), ", ".join(f"{en} {p}" for p, (_, en) in found)


def _why(c: Complaint, graded: Grade, matter: Callable[[str], Both]) -> Iterator[Sentence]:
    level = c.policy.risk.level_of(graded.total) if c.policy.risk else graded.level
    yield _said(f"共 {graded.total} 分，按积分为 {level} 级", f"{graded.total} points, which make level {level}")
    for floor in graded.floors:
        zh, en = FLOORS[floor]
        least = c.policy.risk.floors[floor] if c.policy.risk else graded.level
        yield _said(f"{zh}：至少 {least} 级", f"{_capital(en)}: at least level {least}")
        if floor == Floor.RED_LINE and c.case.red_line_words:
            yield _words_told([matter(code) for code in c.case.red_line_words])
    if graded.is_capped:
        yield _said(f"仅为咨询：最高 {graded.level} 级", f"Only an enquiry: at most level {graded.level}")
    if c.risk_level > graded.level:
        yield _said(
            f"现为 {c.risk_level} 级：等级不会自动下降，只能由客服写明理由后调低",
            f"It stands at level {c.risk_level}: a level does not fall by itself, only CX lowers it, with a reason",
        )
    if c.risk_level < graded.level:
        yield _said(
            f"已由人工调低到 {c.risk_level} 级：积分高于当时才会再次上升",
            f"A person lowered it to level {c.risk_level}: it rises again once the table calls for more than then",
        )


def _what_next(c: Complaint, *, at: datetime, zone: str) -> Iterator[Sentence]:
    rise = next_rise(c)
    if rise and rise.at > at:
        when = wall_clock(rise.at, zone=zone)
        yield _said(
            f"若届时仍未关闭，{when} 起升为 {rise.grade.level} 级",
            f"If it is still open then, it rises to level {rise.grade.level} at {when}",
        )
    for move in moves(c, at=at):
        ((name, value),) = move.case.known().items()
        zh, en = _fact(name, value)
        yield _said(f"如出现“{zh}”，将升为 {move.level} 级", f"With {en} it would be level {move.level}")


def _fact(name: str, value: object) -> Both:
    if name == "cost_fen" and isinstance(value, int):
        yuan = f"{value / 100:,.2f}"
        return f"维修费用 {yuan} 元", f"repairs that cost {yuan} yuan"
    if isinstance(value, VehicleFacts):
        count = len(value.repairs)
        return f"车辆档案（维修 {count} 次）", f"the vehicle's record (repairs: {count})"
    return both(f"{name}:{value}")


def _words_told(matters: list[Both]) -> Sentence:
    zh, en = "、".join(each for each, _ in matters), "; ".join(each for _, each in matters)
    return _said(f"客户的话提到：{zh}", f"The customer's words tell of: {en}")


def _said(zh: str, en: str) -> Sentence:
    return Sentence(zh=f"{zh}。", en=f"{en}.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
