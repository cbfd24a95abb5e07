"""Which figures of a simulation and of a backtest are drawn, and what they are called."""

from collections.abc import Mapping, Sequence

from domain.risk_telling import FLOORS
from domain.wording import Both, both
from starter.simulating.grading import LEVELS, Moved, Spread
from starter.simulating.outcomes import PolicyOutcome
from starter.simulating.picture import Chart, Row, page

_CASES: dict[str, Both] = {
    "red_cases": ("红灯工单", "red cases"),
    "handoffs_made": ("成功转派", "hand-offs made"),
    "vp_copies": ("抄送副总裁", "copies to a VP"),
}
_REFUSED: dict[str, Both] = {
    "evidence_missing": ("没有举证", "no evidence"),
    "only_arbitration_moves_it": ("接单后只有仲裁能改派", "accepted: only arbitration moves it"),
    "grey_lead_keeps_it": ("灰色问题牵头部门不得退单", "a grey issue's lead keeps it"),
    "reason_missing": ("没有理由", "no reason"),
    "unknown_department": ("矩阵中没有的部门", "an unknown department"),
    "ruling_is_final": ("终局裁定", "a ruling is final"),
}


def simulated(outcomes: Sequence[PolicyOutcome], *, assumed: Mapping[str, str]) -> str:
    """Of one policy or two over the same log."""
    totals = [Row(called, tuple(int(getattr(each, name)) for each in outcomes)) for name, called in _CASES.items()]
    charts = [
        Chart(("总览", "At a glance"), tuple(totals)),
        _chart(("超时的时钟", "Breached clocks"), [each.breaches for each in outcomes], "clock"),
        _chart(("升级", "Escalations"), [each.escalations for each in outcomes], "level"),
        _chart(("被拒的转派", "Refused hand-offs"), [each.handoffs_refused for each in outcomes], "refused"),
        _chart(("仲裁", "Arbitrations"), [each.arbitrations for each in outcomes], "dispute"),
        _chart(("红灯最多的团队", "Teams with most red"), [each.red_by_team for each in outcomes], ""),
    ]
    said = ", ".join(f"{name}={value}" for name, value in assumed.items())
    notes = [
        (f"共 {outcomes[0].cases} 张工单。", f"{outcomes[0].cases} cases."),
        (f"日志未说明而假设：{said}。", f"Assumed, because the log does not say: {said}."),
    ]
    names = [f"{each.policy} ({each.version})" for each in outcomes]
    return page(("策略对比", "What a policy would have made of it"), policies=names, charts=charts, notes=notes)


def backtested(spreads: Sequence[Spread], apart: Moved | None, *, most: int) -> str:
    """Of one points table or two over the same complaints."""
    levels = [Row((f"{n} 级", f"level {n}"), tuple(each.levels[str(n)] for each in spreads)) for n in LEVELS]
    floors = [
        Row(called, counts)
        for floor, called in FLOORS.items()
        if any(counts := tuple(each.floors.get(str(floor), 0) for each in spreads))
    ]
    charts = [
        Chart(("风险等级分布", "Complaints by level"), tuple(levels)),
        Chart(("单独决定等级的事实", "Facts that alone call for a level"), tuple(floors)),
    ]
    names = [f"{each.policy} ({each.version}, {each.table})" for each in spreads]
    return page(
        ("风险回测", "Risk backtest"), policies=names, charts=charts, notes=_moves(apart, most) if apart else []
    )


def _moves(apart: Moved, most: int) -> list[Both]:
    counted = (
        f"升 {apart.up}，降 {apart.down}，不变 {apart.same}。",
        f"{apart.up} rise, {apart.down} fall, {apart.same} stay.",
    )
    movers = [
        (
            f"{each.complaints} 张：{each.before} 级变为 {each.after} 级。"
            f"{'；'.join(why.zh for why in each.reasons)}。",
            f"{each.complaints}: level {each.before} to {each.after}. {'; '.join(why.en for why in each.reasons)}.",
        )
        for each in apart.movers[:most]
    ]
    return [counted, *movers]


def _chart(called: Both, counted: Sequence[Mapping[str, int]], kind: str) -> Chart:
    found = dict.fromkeys(name for each in counted for name in each)
    rows = [Row(_called(name, kind), tuple(each.get(name, 0) for each in counted)) for name in found]
    return Chart(called, tuple(sorted(rows, key=lambda row: -max(row.counts))))


def _called(name: str, kind: str) -> Both:
    if kind == "refused":
        return _REFUSED.get(name, (name, name))
    return both(f"{kind}:{name}") if kind else (name, name)
