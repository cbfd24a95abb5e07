"""Figures of one policy or two as a page of bars: one file that needs nothing else, in Chinese and in English."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from domain.wording import Both

_LEFT, _LONGEST, _WIDTH = 250, 380, 720  # where bars begin, the longest one, the drawing
_BAR, _GAP = 16, 14

_STYLE = """
:root { color-scheme: light dark;
  --ink: #1d2126; --soft: #5f6873; --line: #dfe3e8; --page: #fff; --p0: #2f6fb2; --p1: #d9822b }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --soft: #9aa4b0; --line: #343b44; --page: #15191e; --p0: #6ea8e5; --p1: #f0a95a }
}
body { margin: 0 auto; max-width: 760px; padding: 32px 20px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }
h1 { font-size: 22px; margin: 0 0 4px } h2 { font-size: 16px; margin: 0 0 8px }
small, .en { color: var(--soft); font-weight: 400 }
ul { padding: 0; list-style: none } li { margin: 4px 0 }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 8px }
section { border-top: 1px solid var(--line); padding-top: 20px; margin-top: 28px }
svg { width: 100%; height: auto; display: block } text { fill: var(--ink); font-size: 13px }
text.en { fill: var(--soft); font-size: 11px }
.p0 { fill: var(--p0); background: var(--p0) } .p1 { fill: var(--p1); background: var(--p1) }
""".strip()


class Row(NamedTuple):
    """What is counted, and how many of it under each policy."""

    called: Both
    counts: tuple[int, ...]


class Chart(NamedTuple):
    called: Both
    rows: tuple[Row, ...]


def page(called: Both, *, policies: Sequence[str], charts: Sequence[Chart], notes: Sequence[Both] = ()) -> str:
    """The whole page. Charts without rows are left out; bars of one chart have one scale, from nought."""
    zh, en = map(escape, called)
    said = "".join(f"<li>{escape(one)}<br><small>{escape(other)}</small></li>" for one, other in notes)
    drawn = "".join(_section(chart, policies) for chart in charts if chart.rows)
    keys = "".join(f'<li><i class="p{number}"></i>{escape(name)}</li>' for number, name in enumerate(policies))
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{zh} · {en}</title><style>{_STYLE}</style></head>'
        f'<body><h1>{zh} <span class="en" lang="en">{en}</span></h1><ul class="key">{keys}</ul>{drawn}'
        f"{f'<section><ul>{said}</ul></section>' if said else ''}</body></html>\n"
    )


def _section(chart: Chart, policies: Sequence[str]) -> str:
    zh, en = map(escape, chart.called)
    most = max((count for row in chart.rows for count in row.counts), default=0) or 1
    height = len(chart.rows) * _height(policies)
    bars = "".join(_row(row, most, number * _height(policies), policies) for number, row in enumerate(chart.rows))
    drawing = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{zh} · {en}">{bars}</svg>'
    return f'<section><h2>{zh} <span class="en" lang="en">{en}</span></h2>{drawing}</section>'


def _height(policies: Sequence[str]) -> int:
    return max(2, len(policies)) * (_BAR + 2) + _GAP


def _row(row: Row, most: int, top: int, policies: Sequence[str]) -> str:
    zh, en = row.called
    names = f'<text x="0" y="{top + 13}">{escape(zh)}</text>'
    if en != zh:
        names += f'<text x="0" y="{top + 30}" class="en" lang="en">{escape(en)}</text>'
    return names + "".join(
        _bar(count, most, top + number * (_BAR + 2), number, policies[number])
        for number, count in enumerate(row.counts)
    )


def _bar(count: int, most: int, top: int, number: int, policy: str) -> str:
    long = round(_LONGEST * count / most, 1)
    drawn = f'<rect class="p{number}" x="{_LEFT}" y="{top}" width="{long}" height="{_BAR}" rx="2">'
    told = f"<title>{escape(policy)}: {count}</title></rect>"
    return f'{drawn}{told}<text x="{_LEFT + long + 6}" y="{top + 13}">{count}</text>'
