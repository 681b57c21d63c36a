"""Text of models, mails and web pages is untrusted: it may not fetch, run or disguise anything."""

import pytest

from app.presenters import markdown
from app.presenters.markdown import Inks, coloured_diff, render, safe_address

INKS = Inks(*["#112233"] * 9)


def test_markdown_becomes_html() -> None:
    html = render("## Agreed\n\n1. **one**\n2. `two`\n\n| a | b |\n|---|---|\n| 1 | 2 |", INKS)
    for part in ("<h2>", "<ol>", "<strong>one</strong>", "two", "<table", "<td>1</td>"):
        assert part in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="http://evil.example/pixel.png">',
        "![tracker](http://evil.example/pixel.png)",
        "![x](file:///etc/passwd)",
        '<iframe src="x"></iframe>',
    ],
)
def test_nothing_is_loaded(text: str) -> None:
    html = render(text, INKS)
    for part in ("<script", "<img", "<iframe", 'src="http', 'src="file'):
        assert part not in html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "carryon:reset"])
def test_dangerous_addresses_are_no_links(address: str) -> None:
    assert safe_address(address) == ""
    assert "href" not in render(f"[press me]({address})", INKS)


def test_links_keep_their_address() -> None:
    assert 'href="https://example.org/a?b=1&amp;c=2"' in render("[here](https://example.org/a?b=1&c=2)", INKS)


def test_code_is_coloured_and_escaped() -> None:
    html = render("```python\nprint('<b>')  # note\n```", INKS)
    assert "&lt;b&gt;" in html
    assert "color: #112233" in html


def test_unknown_language_is_plain_code() -> None:
    assert "a &lt; b" in render("```nosuchlanguage\na < b\n```", INKS)


def test_very_long_text_is_not_laid_out() -> None:
    text = "**a** " * (markdown.CHARACTERS_MAX // 6 + 10)
    assert "<strong>" not in render(text, INKS)


def test_diff_lines_have_the_colour_of_their_kind() -> None:
    inks = Inks("#0", "muted", "#1", "good", "bad", "info", "#2", "#3", "#4")
    html = coloured_diff("--- a\n+++ b\n@@ -1 +1 @@\n-<old>\n+new\n same", inks)
    assert '<span style="color: bad">-&lt;old&gt;</span>' in html
    assert '<span style="color: good">+new</span>' in html
    assert "--- a" not in html, "the names of the sides are for programs"


def test_long_diff_is_cut_and_says_so() -> None:
    assert "… 500 more lines" in coloured_diff("\n".join(["+x"] * 2_500), INKS)
