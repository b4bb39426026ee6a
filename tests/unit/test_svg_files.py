"""SVG files read as drawings, and drawings written as SVG."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strokeanim as sa
from strokeanim.errors import InputError, OutputError
from strokeanim.geometry import Drawing
from strokeanim.io.limits import Limits
from strokeanim.io.svg.reader import PRECISION, parse_svg
from strokeanim.io.svg.writer import write_svg
from tests.strategies import drawings

XMLNS = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
)
BOX = 'viewBox="0 0 100 100"'
LINE = '<path d="M1 2L3 4"/>'
LINE_POINTS = [(1, 2), (3, 4)]


def svg(body: str, root: str = BOX) -> bytes:
    return f"<svg {XMLNS} {root}>{body}</svg>".encode()


def strokes(body: str, root: str = BOX, layer: str | None = None) -> list[list[tuple[float, ...]]]:
    (drawing,) = parse_svg(svg(body, root), "folder/cat.svg", layer=layer)
    # decimals hide that a number was 3 × 0.1; no test here needs more of them
    return [[tuple(np.round(p, 4).tolist()) for p in stroke] for stroke in drawing.strokes]


def read(body: str, **more: object) -> Drawing:
    (drawing,) = parse_svg(svg(body), "cat.svg", **more)  # type: ignore[arg-type]
    return drawing


# --- what write_svg writes


def round_trip(given: list[Drawing], folder: Path, name: str = "x.svg") -> list[Drawing]:
    write_svg(given, folder / name)
    return parse_svg((folder / name).read_bytes(), name)


def test_written_drawings_come_back(tmp_path: Path) -> None:
    given = [
        Drawing([[(0, 0), (3.5, 4.125), (3.5, 4.125), (-7, 100)], [(5, 5)]], "nose", "17"),
        Drawing((), "", "empty"),
        Drawing([[(1e6, 2), (1e6 + 1, 2)]], "mouth & <co>", 'q"uote\n\ttab'),
        Drawing([[(0, 0), (1, 0), (0, 0)]]),
    ]
    assert round_trip(given, tmp_path) == given
    assert round_trip(given[:1], tmp_path) == given[:1]
    assert round_trip(given[1:2], tmp_path) == given[1:2]
    assert round_trip([], tmp_path) == []


@settings(max_examples=60)
@given(st.lists(drawings(timed=False, empty=True), max_size=4))
def test_any_drawings_come_back_nearly(
    tmp_path_factory: pytest.TempPathFactory, given: list[Drawing]
) -> None:
    back = round_trip(given, tmp_path_factory.getbasetemp())
    assert len(back) == len(given)
    for one, other in zip(given, back, strict=True):
        assert len(one.strokes) == len(other.strokes)
        for before, after in zip(one.strokes, other.strokes, strict=True):
            if len(before) == 2 and len(after) == 1:
                assert np.abs(before - after).max() < 1e-3  # a line to itself is a dot
            else:
                np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-3)
    if all(re.fullmatch("[ -\ud7ff]*", d.label + d.key) for d in given):
        assert [(d.label, d.key) for d in back] == [(d.label, d.key) for d in given]


def test_characters_that_xml_lacks_break_nothing(tmp_path: Path) -> None:
    (back,) = round_trip([Drawing([[(0, 0)]], "a\0b\x1b", "\ud800\ufffe")], tmp_path)
    assert (back.label, back.key) == ("a\ufffdb\ufffd", "\ufffd\ufffd")


def test_the_same_drawings_give_the_same_bytes(tmp_path: Path) -> None:
    given = [drawing for drawing in sa.load("sample:nose")[:3] if isinstance(drawing, Drawing)]
    for name in ("a.svg", "a.svgz", "a.svg.gz"):
        write_svg(given, tmp_path / name)
        before = (tmp_path / name).read_bytes()
        write_svg(iter(given), tmp_path / name)
        assert (tmp_path / name).read_bytes() == before
    assert gzip.decompress((tmp_path / "a.svgz").read_bytes()) == (tmp_path / "a.svg").read_bytes()


def test_what_is_written_is_plain_and_side_by_side(tmp_path: Path) -> None:
    write_svg([Drawing([[(0, 0), (10, 10)], [(1, 1.5)]], "a", "b")] * 3, tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text()
    assert 'd="M 0 0 L 10 10"' in text
    assert 'd="M 1 1.5 L 1 1.5"' in text
    assert 'fill="none"' in text
    assert "style" not in text
    assert len(set(re.findall(r"translate\([^)]*\)", text))) == 3
    left, top, width, height = map(float, re.findall('viewBox="([^"]*)"', text)[0].split())
    shifts = [tuple(map(float, s.split())) for s in re.findall(r"translate\(([^)]*)\)", text)]
    assert all(left <= x <= left + width - 10 and top <= y <= top + height - 10 for x, y in shifts)
    assert all(max(abs(a - c), abs(b - d)) > 10 for a, b in shifts[:1] for c, d in shifts[1:])


def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path) -> None:
    def broken() -> list[Drawing]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_svg((d for _ in "x" for d in broken()), tmp_path / "x.svg")
    with pytest.raises(OutputError):
        write_svg([], tmp_path / "none" / "x.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_moved_group_moves_nothing_in_the_drawing(tmp_path: Path) -> None:
    given = [Drawing([[(0, 0), (10, 10)]], "a", "b"), Drawing([[(3, 3), (4, 9)]], "c", "d")]
    write_svg(given, tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text()
    text = re.sub(r"translate\([^)]*\)", "matrix(2 0 0 2 7 7)", text)
    assert parse_svg(text.encode(), "x.svg") == given


# --- shapes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<path d="M1 2L3 4"/>', [LINE_POINTS]),
        ('<path d="m1,2 2,2"/>', [LINE_POINTS]),
        ('<path d="M1 2h2v2H0V0"/>', [[(1, 2), (3, 2), (3, 4), (0, 4), (0, 0)]]),
        ('<path d="M1 2 3 2 3 4z"/>', [[(1, 2), (3, 2), (3, 4), (1, 2)]]),
        ('<path d="M1 2 3 2z m5 5 l1 0"/>', [[(1, 2), (3, 2), (1, 2)], [(6, 7), (7, 7)]]),
        ('<path d="M1 2H3ZV5"/>', [[(1, 2), (3, 2), (1, 2)], [(1, 2), (1, 5)]]),
        ('<path d="M1 2L3 4M5 6L7 8"/>', [LINE_POINTS, [(5, 6), (7, 8)]]),
        ('<path d="M1 2L1 2"/>', [[(1, 2)]]),
        ('<path d="M1 2Z"/>', [[(1, 2)]]),
        ('<path d="M9 9M1 2L3 4"/>', [LINE_POINTS]),
        ('<path d="M1 2L1 2 3 4 3 4"/>', [LINE_POINTS]),
        ('<path d="M0 0A5 0 0 0 1 3 4"/>', [[(0, 0), (3, 4)]]),
        ('<path d="M0 0A1e9 1e9 0 0 1 3 4"/>', [[(0, 0), (3, 4)]]),
        ('<path d="M1 2A5 5 0 0 1 1 2L3 4"/>', [LINE_POINTS]),
        ('<path d="M0 0C1 1 2 2 3 3"/>', [[(0, 0), (3, 3)]]),
        ('<path d="M1 2L3 4L5 oops 7 8"/>', [LINE_POINTS]),
        ('<path d="M1 2L3 4 X 5 6"/>', [LINE_POINTS]),
        ('<line x1="1" y1="2" x2="3" y2="4"/>', [LINE_POINTS]),
        ('<line x1="10%" x2="1in" y2="25%"/>', [[(10, 0), (96, 25)]]),
        ('<polyline points="1,2 3,4, 5-6"/>', [[(1, 2), (3, 4), (5, -6)]]),
        ('<polyline points="1,2 3,4 5"/>', [LINE_POINTS]),
        ('<polygon points="1 2 3 2 3 4"/>', [[(1, 2), (3, 2), (3, 4), (1, 2)]]),
        ('<rect x="1" y="2" width="3" height="4"/>', [[(1, 2), (4, 2), (4, 6), (1, 6), (1, 2)]]),
    ],
)
def test_straight_shapes(body: str, expected: list[list[tuple[float, float]]]) -> None:
    assert strokes(body) == expected


def test_numbers_without_spaces_and_with_dangling_points() -> None:
    assert strokes('<path d="M1.5.5L-3.-4.L2e1-1E0"/>') == [[(1.5, 0.5), (-3, -4), (20, -1)]]
    assert strokes('<path d="M0 0a5 5 0 015 5"/>')[0][-1] == (5, 5)


CIRCLES = [
    '<circle cx="50" cy="40" r="30"/>',
    '<ellipse cx="50" cy="40" rx="30" ry="30"/>',
    '<ellipse cx="50" cy="40" rx="30"/>',
    '<rect x="20" y="10" width="60" height="60" rx="30"/>',
    '<rect x="20" y="10" width="60" height="60" ry="99" rx="99"/>',
    '<path d="M80 40A30 30 0 1 1 20 40A30 30 0 0 1 80 40Z"/>',
    '<path d="M80 40a30-30 77 01-60 0 1 1 0 0 1 60 0"/>',
    '<path d="M80 40A30 30 0 1 0 50 70A30 30 0 0 0 80 40"/>',
]


@pytest.mark.parametrize("body", CIRCLES)
@pytest.mark.parametrize("scale", [0.001, 1, 1000])
def test_round_shapes_are_within_a_thousandth(body: str, scale: float) -> None:
    (stroke,) = read(f'<g transform="scale({scale})">{body}</g>').strokes
    points = stroke / scale - [50, 40]
    radii = np.hypot(points[:, 0], points[:, 1])
    middles = np.hypot(*((points[1:] + points[:-1]) / 2).T)
    assert max(np.abs(radii - 30).max(), np.abs(middles - 30).max()) < 60 * PRECISION
    assert (stroke[0] == stroke[-1]).all()
    assert 20 < len(stroke) < 100


def test_a_cubic_is_within_a_thousandth() -> None:
    (stroke,) = read('<path d="M0 0C0 100 100 -100 100 50"/>').strokes
    t = np.linspace(0, 1, 2001)[:, None]
    p = np.array([(0, 0), (0, 100), (100, -100), (100, 50)], dtype=float)
    s = 1 - t
    curve = s**3 * p[0] + 3 * s * s * t * p[1] + 3 * s * t * t * p[2] + t**3 * p[3]
    from strokeanim.geometry import Box

    a, b = stroke[:-1, None].astype(float), stroke[1:, None].astype(float)
    along = (((curve - a) * (b - a)).sum(-1) / ((b - a) ** 2).sum(-1)).clip(0, 1)[..., None]
    away = np.hypot(*np.moveaxis(a + along * (b - a) - curve, -1, 0)).min(axis=0)
    assert away.max() < Box.around([stroke]).longer * PRECISION
    assert len(stroke) < 80


def test_smooth_commands_mirror_controls_of_their_own_kind() -> None:
    def end(d: str) -> list[tuple[float, ...]]:
        return strokes(f'<path d="{d}"/>')[0]

    assert end("M0 0C0 9 9 9 9 0S18 -9 18 0") == end("M0 0C0 9 9 9 9 0C9 -9 18 -9 18 0")
    assert end("M0 0Q5 9 9 0T18 0") == end("M0 0Q5 9 9 0Q13 -9 18 0")
    assert end("M0 0Q5 9 9 0S18 -9 18 0") == end("M0 0Q5 9 9 0C9 0 18 -9 18 0")
    assert end("M0 0L9 0s9 -9 9 0") == end("M0 0L9 0C9 0 18 -9 18 0")
    assert end("M0 0L9 0T18 9") == end("M0 0L9 0Q9 0 18 9")


def test_a_large_and_a_small_arc_both_ways_round() -> None:
    def highest(flags: str) -> tuple[float, float]:
        ys = [y for _, y in strokes(f'<path d="M0 0A5 5 0 {flags} 6 0"/>')[0]]
        return round(min(ys), 1), round(max(ys), 1)

    assert highest("0 1") == (-1, 0)
    assert highest("0 0") == (0, 1)
    assert highest("1 1") == (-9, 0)
    assert highest("1 0") == (0, 9)


# --- transforms and coordinates


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("translate(10)", [(11, 2), (13, 4)]),
        ("translate(10, 20)", [(11, 22), (13, 24)]),
        ("scale(2)", [(2, 4), (6, 8)]),
        ("scale(2 -1)", [(2, -2), (6, -4)]),
        ("rotate(90)", [(-2, 1), (-4, 3)]),
        ("rotate(90 1 2)", [(1, 2), (-1, 4)]),
        ("skewX(45)", [(3, 2), (7, 4)]),
        ("skewY(45)", [(1, 3), (3, 7)]),
        ("matrix(1 2 3 4 5 6)", [(12, 16), (20, 28)]),
        ("translate(10) scale(2)", [(12, 4), (16, 8)]),
        ("scale(2),translate(10)", [(22, 4), (26, 8)]),
        ("nonsense", LINE_POINTS),
        ("matrix(1 2)", LINE_POINTS),
        ("rotate(", LINE_POINTS),
        ("none", LINE_POINTS),
    ],
)
def test_transforms(transform: str, expected: list[tuple[float, float]]) -> None:
    assert strokes(f'<path transform="{transform}" d="M1 2L3 4"/>') == [expected]
    assert strokes(f'<g transform="{transform}">{LINE}</g>') == [expected]
    assert strokes(f'<g style="transform: {transform}"><a>{LINE}</a></g>') == [expected]


def test_transforms_nest_from_the_outside_in() -> None:
    body = f'<g transform="translate(10)"><g transform="scale(2)">{LINE}</g></g>'
    assert strokes(body) == [[(12, 4), (16, 8)]]


@pytest.mark.parametrize(
    "root",
    [
        BOX,
        f'{BOX} width="10mm" height="10mm"',
        'width="200" height="300"',
        'width="100%" height="100%"',
        'viewBox="-50 -50 10 10" width="100"',
        'viewBox="0 0 0 0" width="10" height="10"',
        'viewBox="oops"',
        'x="5" y="5" transform="scale(3)"',
        "",
    ],
)
def test_the_root_neither_scales_nor_shifts(root: str) -> None:
    assert strokes(LINE, root) == [LINE_POINTS]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'<svg x="10" y="20">{LINE}</svg>', [(11, 22), (13, 24)]),
        (f'<svg width="50" height="50" viewBox="0 0 10 10">{LINE}</svg>', [(5, 10), (15, 20)]),
        (f'<svg width="50%" height="50" viewBox="0 0 10 10">{LINE}</svg>', [(5, 10), (15, 20)]),
        (f'<svg width="100" height="50" viewBox="0 0 10 10">{LINE}</svg>', [(30, 10), (40, 20)]),
        (
            '<svg width="100" height="50" viewBox="0 0 10 10" preserveAspectRatio="none">'
            f"{LINE}</svg>",
            [(10, 10), (30, 20)],
        ),
        (
            '<svg width="100" height="50" viewBox="0 0 10 10" preserveAspectRatio="xMinYMin slice">'
            f"{LINE}</svg>",
            [(10, 20), (30, 40)],
        ),
        (f'<svg viewBox="0 0 10 10">{LINE}</svg>', [(10, 20), (30, 40)]),
        (
            '<svg width="50" height="50" viewBox="0 0 10 10"><line x2="100%" y2="5"/></svg>',
            [(0, 0), (50, 25)],
        ),
        (f'<defs><g id="a">{LINE}</g></defs><use href="#a" x="10"/>', [(11, 2), (13, 4)]),
        (f'<defs><g id="a">{LINE}</g></defs><use xlink:href="#a" y="1"/>', [(1, 3), (3, 5)]),
        (
            '<use href="#a" x="10" transform="scale(2)"/>'
            f'<symbol id="a" transform="translate(1)">{LINE}</symbol>',
            [(24, 4), (28, 8)],
        ),
        (
            f'<symbol id="a" viewBox="0 0 10 10">{LINE}</symbol>'
            '<use href="#a" width="50" height="50" x="1"/>',
            [(6, 10), (16, 20)],
        ),
        (
            f'<symbol id="a" viewBox="0 0 10 10">{LINE}</symbol><use href="#a"/>',
            [(10, 20), (30, 40)],
        ),
        (
            '<defs><path id="a" d="M1 2L3 4"/><g id="b"><use href="#a"/></g></defs>'
            '<use href="#b"/>',
            LINE_POINTS,
        ),
    ],
)
def test_nested_svg_use_and_symbol(body: str, expected: list[tuple[float, float]]) -> None:
    assert strokes(body) == [expected]


def test_strokes_are_in_document_order_and_the_key_is_the_stem() -> None:
    (drawing,) = parse_svg(svg(f'<g>{LINE}</g><path d="M0 0L1 1"/>'), "some/where/cat.svg")
    assert (drawing.label, drawing.key, len(drawing.strokes)) == ("", "cat", 2)
    assert drawing.strokes[0].tolist() == [[1, 2], [3, 4]]


# --- looks

OTHER = '<path d="M9 9L8 8" stroke="red"/>'
OTHER_POINTS = [(9, 9), (8, 8)]


@pytest.mark.parametrize(
    "attributes",
    [
        'display="none"',
        'visibility="hidden"',
        'visibility="collapse"',
        'opacity="0"',
        'opacity="0%"',
        'stroke-opacity="0.0" fill="none"',
        'style="display:none"',
        'style="opacity : 0 ; fill:red"',
        'class="gone"',
        'class="a gone b" style="stroke:red"',
        'id="gone"',
        'stroke="none" fill="none"',
        'stroke="transparent" fill="none"',
        'stroke="#0000" fill="none"',
        'stroke="rgba(0, 0, 0, 0)" fill="none"',
        'stroke-width="0" fill="none"',
        'stroke-width="0px" fill="none"',
        'transform="scale(0)"',
        'transform="scale(1 0)"',
        'display="inline" style="display:none !important"',
    ],
)
def test_the_invisible_is_no_ink(attributes: str) -> None:
    style = "<style>/* x */ .gone, #gone { display: none }</style>"
    shape = '<path d="M1 2L3 4" stroke="black" {}/>'
    if "stroke=" in attributes:
        shape = '<path d="M1 2L3 4" {}/>'
    assert strokes(style + shape.format(attributes) + OTHER) == [OTHER_POINTS]
    if "stroke=" not in attributes:
        assert strokes(f'{style}<g {attributes}><path d="M1 2L3 4"/></g>' + OTHER) == [OTHER_POINTS]


@pytest.mark.parametrize(
    "tag",
    [
        "defs",
        "clipPath",
        "mask",
        "symbol",
        "pattern",
        "marker",
        "linearGradient",
        "metadata",
        "foreignObject",
        "switchh",
    ],
)
def test_definitions_are_no_ink(tag: str) -> None:
    assert strokes(f"<{tag}>{OTHER}</{tag}>{LINE}") == [LINE_POINTS]


def test_visibility_can_be_given_back_below_but_display_can_not() -> None:
    assert strokes(
        f'<g visibility="hidden">{OTHER}<g visibility="visible">{LINE}</g></g>'.replace(
            '<path d="M1', '<path stroke="red" d="M1'
        )
    ) == [LINE_POINTS]
    with pytest.raises(InputError, match="nothing to draw"):
        strokes(f'<g display="none"><g display="inline">{LINE}</g></g>')


@pytest.mark.parametrize(
    ("rules", "is_shown"),
    [
        ("path{display:none}", False),
        ("*{display:none} .a{display:inline}", False),
        (".a{stroke:none}", False),
        (".a{stroke:none} path.a{stroke:red}", True),
        ("path.a{stroke:red} .a{stroke:none}", True),
        (".a{stroke:none !important} #p{stroke:red}", False),
        (".b{stroke:red} .a{stroke:none}", False),
        (".a{stroke:none} .b{stroke:red}", True),
        (".b{stroke:red}.a{stroke:none}.b{stroke:blue}", True),
        ("#p{stroke:red} path.a.b{stroke:none}", True),
        ("svg g .a{stroke:none}", False),
        ("g > path{stroke:none}", False),
        ("defs path{stroke:none}", True),
        (".a:hover{stroke:none}", True),
        ("path + path{stroke:none}", True),
        ("path[d]{stroke:none}", True),
        ("@media print{.a{stroke:none}} .x{}", True),
        ("@import url('http://example.invalid/x.css'); .a{stroke:none}", False),
        ("@font-face{src:url(file:///x)} .a{stroke:none}", False),
        ("<!-- .a{stroke:none} -->", False),
        ("/* .a{stroke:none} */", True),
        ("/* /* */ .a{stroke:none} /*", False),
        (".a{fill:none;;stroke : NONE ;}", False),
        (".c,.a{stroke:none}", False),
        (".a{stroke:inherit}", True),
        ("}{", True),
        (".a{stroke:none", True),
    ],
)
def test_style_rules(rules: str, is_shown: bool) -> None:
    body = (
        f"<style>{rules.replace('<', '&lt;')}</style><g stroke='green'>"
        '<path id="p" class="a b" fill="none" stroke="black" d="M1 2L3 4"/></g>'
        '<line class="keep" x1="9" y1="9" x2="8" y2="8" style="stroke:red;display:inline"/>'
    )
    expected = [LINE_POINTS, OTHER_POINTS] if is_shown else [OTHER_POINTS]
    assert strokes(body) == expected


def test_lines_are_kept_and_colouring_is_left_out() -> None:
    fill = '<path d="M0 0L5 0 5 5Z" fill="pink"/>'
    ink = '<path d="M0 0L5 0 5 5Z" fill="#f00"/>'
    assert strokes(fill + OTHER) == [OTHER_POINTS]
    assert strokes(fill) == [[(0, 0), (5, 0), (5, 5), (0, 0)]]
    # a pupil: filled with what lines are drawn with
    assert len(strokes(ink + OTHER)) == 2
    assert (
        len(strokes('<g color="red"><path d="M0 0L5 0 5 5Z" fill="currentColor"/></g>' + OTHER))
        == 2
    )
    # a line has no inside
    assert strokes('<line x2="5" y2="5" fill="red"/>' + OTHER) == [OTHER_POINTS]


@pytest.mark.parametrize(
    "page",
    [
        '<rect width="100" height="100" fill="white"/>',
        '<rect width="100%" height="100%"/>',
        '<rect x="-5" y="-5" width="200" height="200" fill="white"/>',
        '<path d="M0 0h100v100H0z" fill="#fff"/>',
        '<polygon points="0,0 100,0 100,100 0,100"/>',
    ],
)
def test_a_page_of_paper_is_no_ink(page: str) -> None:
    assert strokes(page + LINE) == [LINE_POINTS]
    assert strokes(page + LINE, 'width="100" height="100"') == [LINE_POINTS]
    with pytest.raises(InputError, match="as large as the page"):
        strokes(page)
    framed = page.replace("/>", ' stroke="black"/>')
    assert len(strokes(framed)) == 1


def test_a_circle_or_triangle_as_large_as_the_page_is_ink() -> None:
    assert len(strokes('<circle cx="50" cy="50" r="50"/>')) == 1
    assert len(strokes('<path d="M0 0H100L50 100Z"/>')) == 1


# --- layers

LAYERS = (
    '<g id="layer1" inkscape:label="left eye" inkscape:groupmode="layer" style="display:none" '
    f'transform="translate(10)">{LINE}</g>'
    f'<g id="layer2" inkscape:label="mouth">{OTHER}</g>'
    '<g id="hidden-figma" opacity="0" data-name="Frame 3"><path d="M0 0L1 1"/></g>'
    f'<g visibility="hidden"><g id="inner">{LINE}</g></g>'
    f'<symbol id="part">{LINE}</symbol><path id="lone" transform="scale(2)" d="M1 2L3 4"/>'
    '<use id="copy" href="#part" x="5"/>'
)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("left eye", [(11, 2), (13, 4)]),
        ("layer1", [(11, 2), (13, 4)]),
        ("mouth", OTHER_POINTS),
        ("Frame 3", [(0, 0), (1, 1)]),
        ("inner", LINE_POINTS),
        ("part", LINE_POINTS),
        ("lone", [(2, 4), (6, 8)]),
        ("copy", [(6, 2), (8, 4)]),
    ],
)
def test_a_layer_by_name_hidden_or_not(layer: str, expected: list[tuple[float, float]]) -> None:
    assert strokes(LAYERS, layer=layer) == [expected]
    assert read(LAYERS, layer=layer).key == layer


def test_a_layer_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match="no layer 'left aye'; did you mean 'left eye'"):
        read(LAYERS, layer="left aye")
    with pytest.raises(InputError, match="it has 'left eye', 'mouth', 'Frame 3', 'inner', 'part'"):
        read(LAYERS, layer="zzz")
    with pytest.raises(InputError, match="no group in it has a name"):
        read(LINE, layer="zzz")
    with pytest.raises(InputError, match="nothing to draw in that layer"):
        read('<g id="a"/>' + LINE, layer="a")


# --- as programs export them


def test_inkscape() -> None:
    data = b"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape (http://www.inkscape.org/) -->
<svg width="210mm" height="297mm" viewBox="0 0 210 297" version="1.1" id="svg5"
   inkscape:version="1.2" sodipodi:docname="face.svg"
   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
   xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
   xmlns="http://www.w3.org/2000/svg" xmlns:svg="http://www.w3.org/2000/svg">
  <sodipodi:namedview id="namedview7" pagecolor="#ffffff"><inkscape:grid type="xygrid"/>
  </sodipodi:namedview>
  <defs id="defs2"><inkscape:path-effect effect="spiro" id="path-effect1"/></defs>
  <g inkscape:label="Layer 1" inkscape:groupmode="layer" id="layer1" transform="translate(0,10)">
    <path style="fill:none;stroke:#000000;stroke-width:0.264583px;stroke-linecap:butt"
       d="m 10,10 20,0" id="path1" inkscape:original-d="M 0,0 H 99"/>
    <svg:path style="fill:none;stroke:#000000" d="M 10,30 V 40" id="path2"/>
  </g>
  <g inkscape:groupmode="layer" id="layer2" inkscape:label="Layer 2" style="display:none">
    <path style="fill:none;stroke:#000000" d="M 0,0 H 5" id="path3"/></g>
</svg>"""
    (drawing,) = parse_svg(data, "face.svg")
    assert [s.tolist() for s in drawing.strokes] == [[[10, 20], [30, 20]], [[10, 40], [10, 50]]]
    (hidden,) = parse_svg(data, "face.svg", layer="Layer 2")
    assert [s.tolist() for s in hidden.strokes] == [[[0, 0], [5, 0]]]


def test_illustrator() -> None:
    data = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 24.0.1, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" id="Layer_1" xmlns="http://www.w3.org/2000/svg"
  xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px"
  viewBox="0 0 100 100" style="enable-background:new 0 0 100 100;" xml:space="preserve">
<style type="text/css"><![CDATA[
	.st0{fill:#FFFFFF;}
	.st1{fill:none;stroke:#231F20;stroke-width:2;stroke-miterlimit:10;}
	.st2{clip-path:url(#SVGID_2_);}
]]></style>
<rect class="st0" width="100" height="100"/>
<switch><foreignObject requiredExtensions="&#38;ns_ai;" width="1" height="1"/>
<g><defs><rect id="SVGID_1_" width="50" height="50"/></defs>
<clipPath id="SVGID_2_"><use xlink:href="#SVGID_1_" style="overflow:visible;"/></clipPath>
<g class="st2"><line class="st1" x1="10" y1="10" x2="20" y2="20"/>
<polyline class="st1" points="30,30 40,30 40,40 "/></g></g></switch>
</svg>"""
    (drawing,) = parse_svg(data, "art.svg")
    assert [s.tolist() for s in drawing.strokes] == [
        [[10, 10], [20, 20]],
        [[30, 30], [40, 30], [40, 40]],
    ]


def test_figma_and_outlined_icons() -> None:
    figma = b"""<svg width="24" height="24" viewBox="0 0 24 24" fill="none"
xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#clip0)">
<rect width="24" height="24" fill="white"/>
<path d="M4 12H20" stroke="black" stroke-width="2" stroke-linecap="round"/>
<path d="M1 1L2 2"/></g><defs><clipPath id="clip0"><rect width="24" height="24" fill="white"/>
</clipPath></defs></svg>"""
    (drawing,) = parse_svg(figma, "icon.svg")
    assert [s.tolist() for s in drawing.strokes] == [[[4, 12], [20, 12]]]
    icon = b"""<svg xmlns="http://www.w3.org/2000/svg" height="24" viewBox="0 0 24 24" width="24">
<path d="M0 0h24v24H0z" fill="none"/><path d="M3 18h18v-2H3v2z"/></svg>"""
    (drawing,) = parse_svg(icon, "menu.svg")
    assert len(drawing.strokes) == 1
    assert drawing.box.height == 2


def test_hand_made_without_namespace_or_style() -> None:
    plotter = b'<svg><path d="M0 0L10 0"/><polyline points="1 1 2 2"/><line x2="5" y2="5"/></svg>'
    assert len(parse_svg(plotter, "p.svg")[0].strokes) == 3


@pytest.mark.parametrize("profile", ["inkscape", "plain", "illustrator", "figma", "web"])
def test_the_first_frame_of_our_own_and_another_by_its_layer(tmp_path: Path, profile: str) -> None:
    noses = [drawing for drawing in sa.load("sample:nose")[:3] if isinstance(drawing, Drawing)]
    animation = sa.Animation.from_drawings(noses)
    animation.save(tmp_path / "x.svg", profile=profile)
    data = (tmp_path / "x.svg").read_bytes()
    (first,) = parse_svg(data, "x.svg")
    (third,) = parse_svg(data, "x.svg", layer="nose-3")
    for nose, back in ((noses[0], first), (noses[2], third)):
        assert len(back.strokes) == len(nose.strokes)
        shape = [b.width / b.height for b in (nose.box, back.box)]
        assert shape[0] == pytest.approx(shape[1], rel=0.05)
    if profile == "inkscape":
        assert parse_svg(data, "x.svg", layer="nose 3")[0].strokes[0] == pytest.approx(
            third.strokes[0]
        )


# --- files without anything to draw


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "nothing to draw: no path"),
        ("<text>hello</text>", "but text.*Object to Path"),
        ('<image href="data:image/png;base64,AAAA"/>', "embedded picture.*PNG"),
        ("<foreignObject><p>x</p></foreignObject>", "foreign objects"),
        ('<path d="M1 2L3 4" display="none"/>', "nothing to draw.*hidden"),
        ('<path d=""/><path d="oops"/><path d="L1 1"/><path/>', "nothing to draw"),
        (
            '<circle r="0"/><circle r="-1"/><rect width="5"/><rect width="-5" height="5"/>',
            "nothing to draw",
        ),
        (
            '<use href="http://example.invalid/x.svg#a"/><use href="#nowhere"/><use/>',
            "nothing to draw",
        ),
    ],
)
def test_nothing_to_draw(body: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"cat.svg (has|holds) nothing.*{message}|{message}"):
        read(body)


# --- bad and hostile files


def refused(data: bytes, message: str, **more: object) -> None:
    started = time.monotonic()
    with pytest.raises(InputError, match=message) as caught:
        parse_svg(data, "bad.svg", **more)  # type: ignore[arg-type]
    assert str(caught.value).startswith("bad.svg")
    assert len(str(caught.value)) < 1000
    assert time.monotonic() - started < 20  # of a hang, not of speed


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: invalid XML.*no element found"),
        (b"hello", "line 1: invalid XML"),
        (b"\x89PNG\r\n\x1a\n\0\0", "invalid XML|decode"),
        (b"<svg>\n\n<path d='M0 0'\n</svg>", "line 4: invalid XML"),
        (b"<svg><g></svg>", "line 1: invalid XML at column .*mismatched"),
        (b"<html><svg/></html>", "outermost element is <html>"),
        (b'<svg xmlns="urn:x"/>', "is no SVG"),
        (b'<?xml version="1.0" encoding="bogus"?><svg/>', "UTF-8"),
        (b'<?xml version="1.0" encoding="shift_jis"?><svg/>', "UTF-8"),
        (b'<?xml version="1.0" encoding="idna"?><svg/>', "UTF-8"),
        (b"<svg>\xff\xfe</svg>", "invalid XML"),
        (b"<svg>&nbsp;</svg>", "undefined entity"),
        (b"<svg a='1' a='2'/>", "duplicate attribute"),
        (b"<svg><x:path/></svg>", "unbound prefix"),
    ],
)
def test_bad_xml(data: bytes, message: str) -> None:
    refused(data, message)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?><svg><g id="é">{LINE}</g></svg>'
    (drawing,) = parse_svg(text.encode(encoding), "x.svg", layer="é")
    assert drawing.points == 2


LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(30))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE svg [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE svg [<!ENTITY l30 SYSTEM "{marker}">]>',
        '<!DOCTYPE svg [<!ENTITY % x SYSTEM "{marker}"> %x;]>',
        '<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]>',
    ],
)
def test_entities_are_refused_and_nothing_is_fetched(tmp_path: Path, doctype: str) -> None:
    marker = tmp_path / "marker"
    marker.write_text("M1 2L3 4")
    text = doctype.replace("{marker}", marker.as_uri()) + f"<svg><text>&l30;</text>{LINE}</svg>"
    refused(text.encode(), "declares entities.*Illustrator.*Inkscape")


def test_an_external_doctype_and_references_are_not_followed(tmp_path: Path) -> None:
    marker = tmp_path / "marker.svg"
    marker.write_bytes(svg(OTHER))
    body = (
        f'<use href="{marker.as_uri()}#a"/><image href="{marker.as_uri()}"/>'
        f'<style>@import url({marker.as_uri()});</style><script href="{marker}"/>{LINE}'
    )
    doctype = f'<!DOCTYPE svg SYSTEM "{marker.as_uri()}">'.encode()
    (drawing,) = parse_svg(doctype + svg(body), "x.svg")
    assert [s.tolist() for s in drawing.strokes] == [[[1, 2], [3, 4]]]


def bomb(levels: int, copies: int) -> str:
    groups = "".join(
        f'<g id="a{i}">' + f'<use href="#a{i + 1}"/>' * copies + "</g>" for i in range(levels)
    )
    return f"{groups}<path id='a{levels}' d='M1 2L3 4'/>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (bomb(20, 10), "more than 1000000 elements, counting what <use> repeats"),
        (f"<defs>{bomb(20, 10)}</defs>", "more than 1000000 elements"),
        (bomb(500, 1), "more than 100 levels"),
        ('<g id="a"><use href="#a"/></g>', "'#a' inside of itself"),
        ('<use id="a" href="#a"/>', "'#a' inside of itself"),
        ('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>', "inside of itself"),
        ("<g>" * 100_000 + "</g>" * 100_000, "more than 100 levels"),
        ("<g>" * 100_000, "more than 100 levels"),
        ('<path d="M0 0L1e999 0"/>', "too large"),
        ('<path d="M0 0L1e308 1e308 1e308 1e308"/>', "too large"),
        ('<path d="M0 0A1e999 1 0 0 1 5 5"/>', "too large"),
        ('<path d="M0 0C1 1e40 2 2 3 3"/>', "too large"),
        ('<circle r="1e999"/>', "too large"),
        ('<circle r="1e200"/>', "too large"),
        ('<polyline points="0,0 1e999,1"/>', "too large"),
        ('<g transform="scale(1e300)"><g transform="scale(1e300)"><path d="M0 0h1"/></g></g>',
         "too large"),
        (f'<g transform="translate(1e999)">{LINE}</g>', "too large"),
        ('<svg viewBox="0 0 1e-320 1e-320"><path d="M0 0L9 9"/></svg>', "too large"),
        ('<path d="M0 0' + "z" * 1_000_000 + '"/>', "more than 100000 strokes"),
        ("<style>" + "".join(f"g .a{i} path{{fill:red}}" for i in range(5000)) + "</style>"
         + LINE * 1000, "too many to apply"),
    ],
)  # fmt: skip
def test_bombs_and_absurd_numbers(body: str, message: str) -> None:
    refused(svg(body), message)


@pytest.mark.parametrize(
    "body",
    [
        "<style>" + "/*/" * 300_000 + "</style>",
        "<style>" + "{" * 300_000 + "</style>",
        "<style>" + "a" * 300_000 + "</style>",
        f'<g style="{"/*" * 100_000}"/>',
        f'<g transform="{"scale(" * 50_000}"/>',
        f'<g transform="scale{" " * 100_000}"/>',
        f'<g class="{"a " * 100_000}"/>',
        f'<path d="{"x" * 300_000}"/>',
        f'<path d="M0 0 1{"1" * 200}X {"1" * 3000}X"/>',
        f'<path stroke-dasharray="{"1," * 100_000}" stroke="{"#" * 100_000}" d=""/>',
        f'<g fill="{"rgb(" * 50_000}" opacity="{"9" * 100_000}" stroke-width="{"." * 100_000}"/>',
        f'<rect width="{"1 " * 50_000}"/>',
        '<path d="M nan inf"/><path d="M0 0 NaN,5"/><path d="M0 0h"/>',
        '<path d="M0 0A1 1 0 2 3 4 4"/>',
        '<circle r="nan"/><circle r="inf"/><circle r="&#x663;"/>',
    ],
)
def test_what_could_hang_a_parser_does_not(body: str) -> None:
    started = time.monotonic()
    assert strokes(body + OTHER) in ([OTHER_POINTS], [[(0, 0)], OTHER_POINTS])
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("limits", "body", "message"),
    [
        (Limits(strokes=2), LINE * 3, "more than 2 strokes"),
        (Limits(strokes=2), '<path d="M0 0h1m1 1h1m1 1h1"/>', "more than 2 strokes"),
        (Limits(points=9), f'<polyline points="{"1 2 3 4 " * 6}"/>', "more than 9 points"),
        (Limits(points=9), f'<path d="M0 0 {"c1 1 2 3 4 4" * 10}"/>', "more than 9 points"),
        (Limits(points=9), '<circle r="5"/>', "more than 9 points"),
        (Limits(points=9), LINE * 9, "more than 9 elements"),
        (Limits(nesting=3), f"<g><g><g>{LINE}</g></g></g>", "more than 3 levels"),
        (Limits(bytes=100), LINE, "more than 100 bytes"),
    ],
)
def test_limits(limits: Limits, body: str, message: str) -> None:
    refused(svg(body), message, limits=limits)


def test_many_points_are_read_in_reasonable_time() -> None:
    started = time.monotonic()
    assert read('<path d="M0 0' + "L1 2 3 4.5 5-6" * 60_000 + '"/>').points == 180_001
    assert read(LINE * 5000).points == 10_000
    assert time.monotonic() - started < 15


EVERYTHING = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b">' + svg(
    "<style>.a{stroke:red;fill:none} g .a{opacity:.5}</style><defs><symbol id='s' "
    "viewBox='0 0 9 9'><circle r='3' cx='4'/></symbol></defs>"
    "<g transform='translate(1,2) rotate(30)' class='a'>"
    "<path d='M1 2C3 4 5 6 7 8s1 2 3 4q1 2 3 4t5 6a5 6 30 0 1 7 8z' stroke='#123'/>"
    "<use href='#s' x='5' width='20%' height='5mm'/></g>"
    "<rect width='5' height='6' rx='2'/><polygon points='1,2 3,4 5,6' style='stroke:blue'/>"
)


def never_anything_else(data: bytes) -> None:
    for layer in (None, "s"):
        try:
            found = parse_svg(data, "x.svg", Limits(points=20_000), layer)
        except InputError:
            continue
        assert all(np.isfinite(stroke).all() for d in found for stroke in d.strokes)


def test_cut_short_anywhere() -> None:
    assert len(parse_svg(EVERYTHING, "x.svg")[0].strokes) == 3
    for end in range(0, len(EVERYTHING), 7):
        refused(EVERYTHING[:end], "invalid XML")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_random_damage_ends_in_an_input_error_or_a_drawing(data: st.DataObject) -> None:
    damaged = bytearray(EVERYTHING)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        length = data.draw(st.integers(0, 5))
        damaged[at : at + length] = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b"1e999", b"-", b"%", b"e", b"<", b'"', b"'", b"(", b"0", b"NaN"])
        )
    never_anything_else(bytes(damaged))


SPECIAL = st.sampled_from(
    [
        "0",
        "-1",
        "1e308",
        "-1e308",
        "1e-320",
        "1e999",
        "nan",
        "50%",
        "1e38",
        "",
        "9mm",
        "e",
        ".",
        "3",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from("MmLlHhVvCcSsQqTtAaZz") | SPECIAL, max_size=25), SPECIAL, SPECIAL)
def test_any_path_data_and_sizes(words: list[str], one: str, two: str) -> None:
    never_anything_else(
        svg(
            f'<path d="M0 0 {" ".join(words)}"/><path d="{" ".join(words)}" stroke-width="{one}"/>'
            f'<g id="s" transform="matrix({one} 1 {two} 1 {one} 2)">'
            f'<svg width="{one}" height="{two}" viewBox="{one} {two} {two} {one}">'
            f'<ellipse cx="{two}" cy="{one}" rx="{one}" ry="{two}"/></svg>'
            f'<rect x="{one}" width="{two}" height="{one}" rx="{two}"/></g>',
            f'viewBox="{one} {two} {one} {two}"',
        )
    )


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    never_anything_else(data)
    never_anything_else(b"<svg>" + data + b"</svg>")


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_style(rules: str, inline: str) -> None:
    from xml.sax.saxutils import escape, quoteattr

    clean = [re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd]", "", text) for text in (rules, inline)]
    inside = quoteattr(clean[1])
    never_anything_else(
        svg(f"<style>{escape(clean[0])}</style><g style={inside} class={inside}>{LINE}</g>")
    )
