"""Colours are held to WCAG AA wherever one is put on another."""

import re

import pytest

from app.theme.icons import ASSETS
from app.theme.sheet import stylesheet
from app.theme.tokens import DARK, LIGHT, PAIRS, Theme, contrast

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@THEMES
@pytest.mark.parametrize(("ink", "paper", "least"), PAIRS)
def test_every_pair_can_be_read(theme: Theme, ink: str, paper: str, least: float) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, paper)) >= least


@THEMES
def test_stylesheet_is_complete(theme: Theme) -> None:
    sheet = stylesheet(theme, 13)
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")
    for path in re.findall(r'url\("([^"]+)"\)', sheet):
        assert (ASSETS / path.split("/assets/")[1]).is_file(), path


def test_every_icon_is_a_drawing_in_the_text_colour() -> None:
    drawings = sorted((ASSETS / "icons").glob("*.svg"))
    assert len(drawings) > 40
    for drawing in drawings:
        text = drawing.read_text("utf-8")
        assert "currentColor" in text
        assert "href" not in text
        assert "script" not in text
