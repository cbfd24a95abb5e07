"""A complaint for the terminal: where it stands, its clocks as bars, its hops, and what happened."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from domain.wording import Language, name

_WIDTH = 48
_LIGHTS = {"green": "green", "yellow": "yellow", "red": "bold red"}
_CUSTODIES = {
    "triage": "magenta",
    "turn": "blue",
    "verification": "cyan",
    "rejected": "red",
    "arbitration": "yellow",
}
_WORDS = {
    "customer": ("客户等待总时长", "The customer has waited"),
    "hop": ("本次流转", "This hop"),
    "department": ("部门累计", "The department's hops together"),
    "hops": ("流转", "Hops"),
    "timeline": ("经过", "Timeline"),
    "clocks": ("时限", "Running clocks"),
    "due": ("到期 (UTC)", "Due (UTC)"),
    "next": ("下一个时点", "Next deadline"),
    "left": ("剩余", "left"),
    "over": ("超期", "over"),
}


def in_rich(found: dict[str, Any], language: Language) -> RenderableType:
    """`found` is what the API says: the complaint, and under "clocks" and "timeline" those where it has begun."""
    head = Panel(_head(found, language), title=escape(found["ticket_no"]), title_align="left")
    if not found["complaint"]:
        return head
    clocks = found["clocks"]
    return Group(
        head,
        _running(clocks, language),
        *_bars(clocks, language),
        _hops(found["complaint"]["facts"]["hops"], language),
        _timeline(found["timeline"]["items"], language),
    )


def _head(found: dict[str, Any], language: Language) -> Text:
    text = Text(found["sentence"][language])
    if found["complaint"]:
        stands = found["complaint"]
        text.append(f"\n● {name(stands['light'], language)}", style=_LIGHTS[stands["light"]])
        text.append(f"  {stands['stage']}  {', '.join(stands['tags'])}")
        due = stands["next_deadline"]
        if due:
            text.append(f"\n{_word('next', language)}: {due['sentence'][language]}")
    return text


def _running(clocks: dict[str, Any], language: Language) -> Table:
    table = Table(_word("clocks", language), "", _word("due", language), "", title_justify="left", box=None)
    for clock in clocks["running"]:
        style = _LIGHTS[clock["light"]]
        governs = clocks["governing"] and clocks["governing"]["key"] == clock["key"]
        table.add_row(
            Text(("▶ " if governs else "  ") + clock["name"][language], style=style),
            clock["holder"],
            _stamp(clock["due_at"]),
            Text(_left(clock["remaining_s"], language), style=style),
        )
    return table


def _bars(clocks: dict[str, Any], language: Language) -> Iterator[RenderableType]:
    """Each of the three clocks as a bar of its segments, and each segment in a sentence."""
    for story in clocks["stories"]:
        title = f"\n{_word(story['clock'], language)} · {story['whose']} · {_length(story['elapsed_s'], language)}"
        yield Text(title, style="bold")
        yield _bar(story["segments"])
        for segment in story["segments"]:
            line = Text("■ ", style=_CUSTODIES[segment["custody"]])
            yield line.append(segment["sentence"][language], style="default")


def _bar(segments: list[dict[str, Any]]) -> Text:
    """As wide as the time each took; a segment is never too short to be seen."""
    total = sum(segment["seconds"] for segment in segments) or 1
    bar = Text()
    for segment in segments:
        width = max(1, round(_WIDTH * segment["seconds"] / total))
        bar.append(("█" if segment["counts"] else "░") * width, style=_CUSTODIES[segment["custody"]])
    return bar


def _hops(hops: list[dict[str, Any]], language: Language) -> Table:
    table = Table("#", _word("hops", language), "", "", "", title_justify="left", box=None)
    for hop in hops:
        answered = hop["response"] or ("deemed" if hop["deemed_at"] else "—")
        left = _stamp(hop["left_at"]) if hop["left_at"] else "…"
        table.add_row(str(hop["number"]), hop["department"], f"{_stamp(hop['entered_at'])} – {left}", answered)
    return table


def _timeline(items: list[dict[str, Any]], language: Language) -> Table:
    table = Table("#", "UTC", _word("timeline", language), title_justify="left", box=None)
    for item in items:
        told = escape(item["sentence"][language])
        note = f"\n[dim]“{escape(item['note'])}”[/dim]" if item["note"] else ""
        table.add_row(str(item["seq"]), _stamp(item["at"]), told + note)
    return table


def _left(seconds: int, language: Language) -> str:
    return f"{_length(abs(seconds), language)} {_word('over' if seconds < 0 else 'left', language)}"


def _length(seconds: int, language: Language) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes = rest // 60
    if language == "zh":
        return (f"{days} 天 " if days else "") + f"{hours} 小时 {minutes} 分"
    return (f"{days} d " if days else "") + f"{hours} h {minutes} min"


def _stamp(instant: str) -> str:
    return instant[:16].replace("T", " ")


def _word(key: str, language: Language) -> str:
    return _WORDS[key][0 if language == "zh" else 1]
