"""What a kind of problem says, and the kinds of the red line's doors; zh and en."""

from typing import NamedTuple

from domain.wording import Both


class Kind(NamedTuple):
    """A problem's status, its title and what to do about it."""

    status: int
    title: Both
    detail: Both


RED_LINE_KINDS: dict[str, Kind] = {
    "not_a_decision_maker": Kind(
        403,
        ("您不是决策人", "Not yours to decide"),
        (
            "只有红线的决策人和管理层可以确认、决定和关闭；请联系他们。",
            "Only a red line's decision-makers and leadership acknowledge, decide and close; ask one of them.",
        ),
    ),
    "unknown_red_line": Kind(
        404,
        ("没有这条红线", "No such red line"),
        ("请核对工单号或演练编号。", "Neither a ticket nor a drill of this id touches a red line; check the id."),
    ),
    "red_line_closed": Kind(
        409,
        ("红线已关闭", "The red line is closed"),
        ("已有评审结论，不再改变。", "It has its review's outcome, and stays as it is."),
    ),
    "not_acknowledged": Kind(
        409,
        ("红线尚未确认", "Nobody has acknowledged it"),
        ("请先确认收到，再作决定。", "Acknowledge it first, then decide."),
    ),
    "undecided": Kind(
        409,
        ("尚未作出决定", "Nothing is decided yet"),
        (
            "请先记录一项决定（可以是“无需措施”），再关闭。",
            "Record a decision first, be it that none is needed; then close.",
        ),
    ),
    "too_many_decisions": Kind(
        409,
        ("决定太多", "Too many decisions"),
        ("不再记录新的决定；请关闭红线。", "No more are kept; close the red line."),
    ),
    "red_line_waits": Kind(
        503,
        ("现在无法处理", "It is not taken now"),
        (
            "红线的流程现在没有应答，指令未确认；请立即电话联系，稍后再试。",
            "The red line's workflow does not answer, so this may not be taken: telephone now, and try again soon.",
        ),
    ),
}
