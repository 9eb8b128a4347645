"""The notebook view of an array: a table of its figures and a picture of its chunks."""

from __future__ import annotations

import math
from typing import Any

_LINE_LIMIT = 50


def format_bytes(n: float) -> str:
    """Bytes for people: ``"1.00 GiB"``."""
    for unit in ("B", "kiB", "MiB", "GiB", "TiB"):
        if n < 1024:
            return f"{int(n)} B" if unit == "B" else f"{n:.2f} {unit}"
        n /= 1024
    return f"{n:.2f} PiB"


def table(x: Any) -> str:
    """The HTML of ``_repr_html_``."""
    from swath._engine import core

    chunk_bytes = x.itemsize * math.prod(x.chunksize)
    chunks = x.npartitions
    rows = [
        ("Bytes", format_bytes(x.nbytes), format_bytes(chunk_bytes)),
        ("Shape", str(x.shape), str(x.chunksize)),
        ("Count", "1 array", f"{chunks} chunk{'' if chunks == 1 else 's'}"),
        ("Data type", str(x.dtype), "numpy.ndarray"),
    ]
    body = "".join(f"<tr><th>{name}</th><td>{a}</td><td>{b}</td></tr>" for name, a, b in rows)
    grid = svg(x.chunks, size=core.config_get("array.svg.size") or 120) if x.ndim and x.size else ""
    head = "<thead><tr><td></td><th>Array</th><th>Chunk</th></tr></thead>"
    return (
        f'<table><tr><td><table style="border-collapse: collapse">{head}<tbody>{body}</tbody></table></td>'
        f"<td>{grid}</td></tr></table>"
    )


def svg(chunks: tuple[tuple[int, ...], ...], size: int = 200) -> str:
    """The chunks of up to three axes as SVG; of more axes, pictures of three (the last ones) side by side.

    Colours follow the text colour of the page, so that dark themes look right.
    """
    if not chunks:
        raise NotImplementedError("Can't generate SVG with 0 dimensions")
    if len(chunks) > 3:
        rest, groups = list(chunks), []
        while rest:
            groups.append(tuple(rest[-3:]))
            rest = rest[:-3]
        return "".join(svg(group, size) for group in reversed(groups))
    shape = [sum(c) for c in chunks]
    sides = _sides(shape, size)
    lines = [_borders(c, side) for c, side in zip(chunks, sides, strict=False)]
    if len(chunks) == 1:
        return _document(*_face(lines[0], [0.0, size * 0.15]), [(f"{shape[0]}", sides[0] / 2, size * 0.15 + 18, 0.0)])
    if len(chunks) == 2:
        below = (f"{shape[1]}", sides[1] / 2, sides[0] + 18, 0.0)
        beside = (f"{shape[0]}", sides[1] + 18, sides[0] / 2, -90.0)
        return _document(*_face(lines[1], lines[0]), [below, beside])
    return _block(lines, sides, shape)


def _sides(shape: list[int], size: int) -> list[float]:
    """Drawn lengths: proportional, but no side below a tenth of the longest."""
    longest = max(*shape, 1)
    return [
        size * max(0.1, (length / longest) ** 0.5 if length / longest < 0.1 else length / longest) for length in shape
    ]


def _borders(lengths: tuple[int, ...], side: float) -> list[float]:
    """Where lines are drawn along one axis; thinned where they would merge."""
    total = max(sum(lengths), 1)
    position, result = 0, [0.0]
    for length in lengths:
        position += length
        result.append(side * position / total)
    if len(result) > _LINE_LIMIT:
        step = len(result) / _LINE_LIMIT
        result = [result[int(i * step)] for i in range(_LINE_LIMIT)] + [result[-1]]
    return result


def _face(
    xs: list[float], ys: list[float], shear: tuple[float, float] = (0, 0), origin: tuple[float, float] = (0, 0)
) -> tuple[list[str], float, float]:
    """The lines of a grid, as SVG elements, and its width and height."""
    parts = [
        f'<polygon points="0,0 {xs[-1]:.1f},0 {xs[-1]:.1f},{ys[-1]:.1f} 0,{ys[-1]:.1f}" '
        'style="fill:#ECB172;fill-opacity:0.6;stroke-width:0"/>'
    ]
    for i, y in enumerate(ys):
        parts.append(_line(0, y, xs[-1], y, i in (0, len(ys) - 1)))
    for i, x in enumerate(xs):
        parts.append(_line(x, 0, x, ys[-1], i in (0, len(xs) - 1)))
    return parts, xs[-1], ys[-1]


def _line(x1: float, y1: float, x2: float, y2: float, outer: bool) -> str:
    width = "" if not outer else ' style="stroke-width:2"'
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{width}/>'


def _polygon(points: str, fill: str, opacity: float) -> str:
    return f'<polygon points="{points}" style="fill:{fill};fill-opacity:{opacity};stroke-width:0"/>'


def _block(lines: list[list[float]], sides: list[float], shape: list[int]) -> str:
    """Three axes: depth goes to the lower right, then rows down and columns right."""
    depth = [d * 0.4 for d in lines[0]]
    ys, xs = lines[1], lines[2]
    d, right, bottom = depth[-1], xs[-1], ys[-1]
    parts = [
        _polygon(f"0,0 {right:.1f},0 {right + d:.1f},{d:.1f} {d:.1f},{d:.1f}", "#ECB172", 0.4),
        _polygon(f"0,0 {d:.1f},{d:.1f} {d:.1f},{bottom + d:.1f} 0,{bottom:.1f}", "#8B4903", 0.4),
    ]
    for i, t in enumerate(depth):
        outer = i in (0, len(depth) - 1)
        parts.append(_line(t, t, t + right, t, outer))
        parts.append(_line(t, t, t, t + bottom, outer))
    for i, x in enumerate(xs):
        parts.append(_line(x, 0, x + d, d, i in (0, len(xs) - 1)))
    for i, y in enumerate(ys):
        parts.append(_line(0, y, d, y + d, i in (0, len(ys) - 1)))
    front, width, height = _face(xs, ys)
    parts.append(f'<g transform="translate({d:.1f},{d:.1f})">{"".join(front)}</g>')
    labels = [
        (f"{shape[2]}", d + width / 2, d + height + 18, 0.0),
        (f"{shape[1]}", d + width + 18, d + height / 2, -90.0),
        (f"{shape[0]}", d / 2 - 12, bottom + d / 2 + 12, 45.0),
    ]
    return _document(parts, width + d, height + d, labels)


def _label(label: str, x: float, y: float, turn: float) -> str:
    rotate = f' transform="rotate({turn:.0f},{x:.1f},{y:.1f})"' if turn else ""
    style = 'font-size="1.0rem" font-weight="100" text-anchor="middle" stroke-width="0" fill="currentColor"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}{rotate}>{label}</text>'


def _document(parts: list[str], width: float, height: float, labels: list[tuple[str, float, float, float]]) -> str:
    left = 20
    body = "".join(parts) + "".join(_label(*label) for label in labels)
    return (
        f'<svg width="{width + left + 50:.0f}" height="{height + 40:.0f}" xmlns="http://www.w3.org/2000/svg" '
        f'style="stroke:currentColor;stroke-width:1"><g transform="translate({left},10)">{body}</g></svg>\n'
    )
