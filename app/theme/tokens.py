"""Design tokens: the only place where a colour, a distance or a font size is written down. No Qt here.

Two themes share one set of names. `contrast` is the WCAG 2 ratio; PAIRS lists which colour is ever put on which, and
a test holds each pair to AA.
"""

from typing import NamedTuple

# Distances in device-independent pixels: multiples of 4.
GAP_1, GAP_2, GAP_3, GAP_4, GAP_6, GAP_8 = 4, 8, 12, 16, 24, 32
RADIUS_SMALL, RADIUS, RADIUS_LARGE = 6, 8, 12
READING_WIDTH_MAX = 760  # a line of text longer than that is hard to follow


class Theme(NamedTuple):  # before the first paint; a dataclass of thirty fields takes 4 ms to be made
    """Colours as #rrggbb, by what they are for."""

    name: str
    dark: bool
    window: str  # behind everything
    surface: str  # where one reads and writes
    raised: str  # cards on a surface
    subtle: str  # hover, stripes, code
    border: str  # decoration
    outline: str  # the edge of what can be operated: 3:1
    text: str
    muted: str
    accent: str
    accent_strong: str  # accent under the pointer
    on_accent: str
    accent_soft: str
    accent_text: str  # accent as text on surface or accent_soft
    good: str
    good_soft: str
    wait: str
    wait_soft: str
    wait_line: str  # the edge of a card; decoration
    bad: str
    bad_soft: str
    bad_line: str
    info: str
    info_soft: str
    rail: str
    rail_text: str
    rail_active: str
    rail_active_text: str
    selection: str


LIGHT = Theme(
    name="light", dark=False, window="#f4f2ee", surface="#fdfcfa", raised="#ffffff", subtle="#efece6",
    border="#e2ded5", outline="#808685", text="#1b2326", muted="#586368", accent="#0e7480", accent_strong="#0a5d67",
    on_accent="#ffffff", accent_soft="#dcedee", accent_text="#0a5a63", good="#1b6b3c", good_soft="#dff0e4",
    wait="#855300", wait_soft="#faecd0", wait_line="#e3bd74",
    bad="#ab241c", bad_soft="#fae3e0", bad_line="#e6a8a2", info="#37529b", info_soft="#e4e9f7",
    rail="#12343b", rail_text="#b9d0d3", rail_active="#235059", rail_active_text="#ffffff", selection="#bfe0e3",
)  # fmt: skip

DARK = Theme(
    name="dark", dark=True, window="#14181a", surface="#1a1f22", raised="#22282c", subtle="#2a3136",
    border="#333c41", outline="#7a868c", text="#e9edee", muted="#a6b1b6", accent="#4dbbc5", accent_strong="#74d0d8",
    on_accent="#04272b", accent_soft="#183a40", accent_text="#7ad3db", good="#7bd3a0", good_soft="#1a3626",
    wait="#ecc06a", wait_soft="#3b2f15", wait_line="#7d642b",
    bad="#f59a93", bad_soft="#452322", bad_line="#86433f", info="#a4bbf5", info_soft="#25304d",
    rail="#0d1719", rail_text="#9db4b8", rail_active="#1c3a40", rail_active_text="#ffffff", selection="#1f5f67",
)  # fmt: skip

# (foreground, background, least ratio): 4.5 for text, 3 for edges and large signs.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, paper, 4.5) for ink in ("text", "muted") for paper in ("window", "surface", "raised", "subtle")),
    *((ink, paper, 4.5) for ink in ("text", "accent_text") for paper in ("accent_soft", "surface", "raised")),
    *((tone, paper, 4.5) for tone in ("good", "wait", "bad", "info") for paper in ("raised", "surface")),
    *((tone, f"{tone}_soft", 4.5) for tone in ("good", "wait", "bad", "info")),
    ("text", "selection", 4.5),
    ("on_accent", "accent", 4.5),
    ("on_accent", "accent_strong", 4.5),
    ("rail_text", "rail", 4.5),
    ("rail_active_text", "rail_active", 4.5),
    *(("accent", paper, 3.0) for paper in ("window", "surface", "raised")),
    *(("outline", paper, 3.0) for paper in ("window", "surface", "raised")),
)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, from 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
