"""A complaint for the terminal: where it stands, its clocks as bars, its hops, and what happened."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from domain.wording import Both, Language
from starter.telling.events import Names

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
    "due": ("到期", "Due"),
    "at": ("时间", "When"),
    "zone": ("时间均为 {} 时区", "Times are those of {}"),
    "deemed": ("视同接单", "deemed accepted"),
    "next": ("下一个时点", "Next deadline"),
    "left": ("剩余", "left"),
    "over": ("超期", "over"),
    "risk": ("风险 {} 级", "Risk level {}"),
    "provisional": ("暂定", "provisional"),
}


class _Reader:
    """Who looks: what they call things, and what their clock shows."""

    def __init__(self, names: Names, language: Language) -> None:
        self.names, self.language = names, language
        self._zone = ZoneInfo(names.zone)

    def says(self, both: Both) -> str:
        return both[0 if self.language == "zh" else 1]

    def word(self, key: str) -> str:
        return self.says(_WORDS[key])

    def called(self, code: str) -> str:
        return self.says(self.names.of(code))

    def at(self, instant: str) -> str:
        return datetime.fromisoformat(instant).astimezone(self._zone).strftime("%Y-%m-%d %H:%M")


def in_rich(found: dict[str, Any], *, names: Names, language: Language) -> RenderableType:
    """`found` is what the API says: the complaint, and under "clocks", "risk" and "timeline" those where it has begun.

    Instants are told on the wall clock of `names.zone`, which is named once.
    """
    reader = _Reader(names, language)
    head = Panel(_head(found, reader), title=escape(found["ticket_no"]), title_align="left")
    if not found["complaint"]:
        return head
    clocks = found["clocks"]
    return Group(
        head,
        _running(clocks, reader),
        *_bars(clocks, reader),
        _risk(found["risk"], reader),
        _hops(found["complaint"]["facts"]["hops"], reader),
        _timeline(found["timeline"]["items"], reader),
    )


def _head(found: dict[str, Any], reader: _Reader) -> Text:
    text = Text(found["sentence"][reader.language])
    if found["complaint"]:
        stands = found["complaint"]
        text.append(f"\n● {reader.called(stands['light'])}", style=_LIGHTS[stands["light"]])
        tags = ("、" if reader.language == "zh" else ", ").join(
            reader.says(reader.names.tag(t)) for t in stands["tags"]
        )
        text.append(f"  {reader.called(stands['stage'])}  {tags}")
        due = stands["next_deadline"]
        if due:
            still = f" ({reader.word('provisional')})" if due["is_provisional"] else ""
            text.append(f"\n{reader.word('next')}: {due['sentence'][reader.language]}{still}")
        text.append(f"\n{reader.word('zone').format(reader.names.zone)}", style="dim")
    return text


def _risk(risk: dict[str, Any], reader: _Reader) -> Text:
    said = risk["story"]["sentences"] if risk["story"] else ()
    lines = [reader.word("risk").format(risk["level"]), *(f"  {each[reader.language]}" for each in said)]
    return Text("\n".join(lines) + "\n")


def _running(clocks: dict[str, Any], reader: _Reader) -> Table:
    table = Table(reader.word("clocks"), "", reader.word("due"), "", title_justify="left", box=None)
    for clock in clocks["running"]:
        style = _LIGHTS[clock["light"]]
        governs = clocks["governing"] and clocks["governing"]["key"] == clock["key"]
        table.add_row(
            Text(("▶ " if governs else "  ") + clock["name"][reader.language], style=style),
            escape(reader.called(clock["holder"])),
            reader.at(clock["due_at"]) + (f" {reader.word('provisional')}" if clock["is_provisional"] else ""),
            Text(_left(clock["remaining_s"], reader), style=style),
        )
    return table


def _bars(clocks: dict[str, Any], reader: _Reader) -> Iterator[RenderableType]:
    """Each of the three clocks as a bar of its segments, and each segment in a sentence."""
    for story in clocks["stories"]:
        whose = story["whose"] if story["clock"] == "customer" else reader.called(story["whose"])
        title = f"\n{reader.word(story['clock'])} · {whose} · {_length(story['elapsed_s'], reader.language)}"
        yield Text(title, style="bold")
        yield _bar(story["segments"])
        for segment in story["segments"]:
            line = Text("■ ", style=_CUSTODIES[segment["custody"]])
            yield line.append(segment["sentence"][reader.language], style="default")


def _bar(segments: list[dict[str, Any]]) -> Text:
    """As wide as the time each took; a segment is never too short to be seen."""
    total = sum(segment["seconds"] for segment in segments) or 1
    bar = Text()
    for segment in segments:
        width = max(1, round(_WIDTH * segment["seconds"] / total))
        bar.append(("█" if segment["counts"] else "░") * width, style=_CUSTODIES[segment["custody"]])
    return bar


def _hops(hops: list[dict[str, Any]], reader: _Reader) -> Table:
    table = Table("#", reader.word("hops"), reader.word("at"), "", title_justify="left", box=None)
    for hop in hops:
        left = reader.at(hop["left_at"]) if hop["left_at"] else "…"
        spell = f"{reader.at(hop['entered_at'])} – {left}"
        table.add_row(str(hop["number"]), escape(reader.called(hop["department"])), spell, _answer(hop, reader))
    return table


def _answer(hop: dict[str, Any], reader: _Reader) -> str:
    if hop["response"]:
        return reader.called(f"response:{hop['response']}")
    return reader.word("deemed") if hop["deemed_at"] else "—"


def _timeline(items: list[dict[str, Any]], reader: _Reader) -> Table:
    table = Table("#", reader.word("at"), reader.word("timeline"), title_justify="left", box=None)
    for item in items:
        told = escape(item["sentence"][reader.language])
        note = f"\n[dim]“{escape(item['note'])}”[/dim]" if item["note"] else ""
        table.add_row(str(item["seq"]), reader.at(item["at"]), told + note)
    return table


def _left(seconds: int, reader: _Reader) -> str:
    return f"{_length(abs(seconds), reader.language)} {reader.word('over' if seconds < 0 else 'left')}"


def _length(seconds: int, language: Language) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes = rest // 60
    if language == "zh":
        return (f"{days} 天 " if days else "") + f"{hours} 小时 {minutes} 分"
    return (f"{days} d " if days else "") + f"{hours} h {minutes} min"
