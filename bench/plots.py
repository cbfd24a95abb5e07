"""What operations cost at each size of the ledger, drawn on logarithmic axes: flat lines are what is wanted."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_LEFT, _TOP, _WIDE, _HIGH, _KEY = 70, 40, 460, 300, 230  # the frame, and room for the key beside it
_COLOURS = (
    "#2f6fb2",
    "#d9822b",
    "#3a8f5c",
    "#a8479b",
    "#c23b3b",
    "#6b6f76",
    "#9a7b1c",
    "#1f9aa8",
    "#5b4bc4",
    "#8c5a3c",
)

Line = Mapping[int, float]  # cost by size


def svg(called: str, lines: Mapping[str, Line]) -> str:
    """One file that needs nothing else. Raises ValueError where nothing was measured."""
    sizes = sorted({size for line in lines.values() for size in line})
    costs = [cost for line in lines.values() for cost in line.values()]
    if not costs:
        raise ValueError("there is nothing to draw")
    decades = range(math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs))) + 1)
    grid = "".join(_rule(decade, decades) for decade in decades)
    axis = "".join(
        f'<text x="{_x(size, sizes):.1f}" y="{_TOP + _HIGH + 20}" text-anchor="middle">{size:,}</text>'
        for size in sizes
    )
    drawn = "".join(_line(place, name, line, sizes, decades) for place, (name, line) in enumerate(lines.items()))
    wide, high = _LEFT + _WIDE + _KEY, max(_TOP + _HIGH + 40, _TOP + 20 * len(lines) + 20)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" font-family="sans-serif"'
        f' font-size="12"><rect width="{wide}" height="{high}" fill="#fff"/><title>{escape(called)}</title>'
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(called)}</text>{grid}{axis}{drawn}</svg>\n'
    )


def _x(size: int, sizes: Sequence[int]) -> float:
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])
    return _LEFT + 20 + (_WIDE - 40) * ((math.log10(size) - first) / (last - first) if last > first else 0.5)


def _y(cost: float, decades: range) -> float:
    span = max(1, decades[-1] - decades[0])
    return _TOP + _HIGH * (1 - (math.log10(cost) - decades[0]) / span)


def _rule(decade: int, decades: range) -> str:
    y = _y(10.0**decade, decades)
    line = f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dfe3e8"/>'
    return f'{line}<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**decade:g} ms</text>'


def _line(place: int, name: str, line: Line, sizes: Sequence[int], decades: range) -> str:
    colour, at, beside = _COLOURS[place % len(_COLOURS)], _TOP + 20 * place + 10, _LEFT + _WIDE + 16
    dashes = ' stroke-dasharray="6 3"' if place >= len(_COLOURS) else ""
    points = [(_x(size, sizes), _y(line[size], decades)) for size in sorted(line)]
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    pen = f'stroke="{colour}" stroke-width="2"{dashes}'
    key = f'<line x1="{beside}" x2="{beside + 22}" y1="{at - 4}" y2="{at - 4}" {pen}/>'
    drawn = f'<polyline points="{along}" fill="none" {pen}/>'
    return f'{drawn}{dots}{key}<text x="{beside + 28}" y="{at}">{escape(name)}</text>'
