"""Markdown as the small HTML that a text document understands. What comes in is untrusted.

Raw HTML is text, pictures are their description, links keep their address (the view shows it before it opens one).
The parser and the highlighter are imported at the first answer, not at the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync.steering import shown

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

CHARACTERS_MAX = 60_000  # beyond that it is shown as plain text: laying it out would hold up the window
CODE_CHARACTERS_MAX = 20_000  # beyond that code is not coloured
SAFE_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours that text needs, as #rrggbb."""

    text: str
    muted: str
    accent: str
    good: str
    bad: str
    info: str
    wait: str
    subtle: str
    border: str


def render(text: str, inks: Inks) -> str:
    """HTML for `text`; never fails, never refers to anything outside."""
    if len(text) > CHARACTERS_MAX:
        return plain(text)
    parser = _parser()
    environment: dict[str, Any] = {"inks": inks}
    made: str = parser.renderer.render(parser.parse(text, environment), parser.options, environment)
    return made


def plain(text: str) -> str:
    return f'<div style="white-space: pre-wrap">{escape(text)}</div>'


def safe_address(address: str) -> str:
    """The address itself where it is one to open, else nothing."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    return address if scheme in SAFE_SCHEMES else ""


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("code_inline", _code_inline)
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("table_open", _table)
    return parser


def _image(_: Any, tokens: Sequence[Any], index: int, __: Any, ___: Any) -> str:
    return f"[{escape(tokens[index].content or 'picture')}]"


def _link(_: Any, tokens: Sequence[Any], index: int, __: Any, environment: Any) -> str:
    address = safe_address(str(tokens[index].attrGet("href") or ""))
    return f'<a href="{escape(address)}" style="color: {environment["inks"].accent}">' if address else "<a>"


def _table(_: Any, __: Sequence[Any], ___: int, ____: Any, environment: Any) -> str:
    colour = environment["inks"].border
    return f'<table border="1" cellspacing="0" cellpadding="6" style="border-color: {colour}; margin: 6px 0">'


def _code_inline(_: Any, tokens: Sequence[Any], index: int, __: Any, environment: Any) -> str:
    paper = environment["inks"].subtle
    return f'<code style="background-color: {paper}">&nbsp;{escape(shown(tokens[index].content))}&nbsp;</code>'


def _code(_: Any, tokens: Sequence[Any], index: int, __: Any, environment: Any) -> str:
    token, inks = tokens[index], environment["inks"]
    language = (token.info or "").split(maxsplit=1)
    body = _coloured(shown(token.content.rstrip("\n")), language[0] if language else "", inks)
    return (
        f'<table width="100%" cellspacing="0" cellpadding="10" style="margin: 6px 0"><tr>'
        f'<td style="background-color: {inks.subtle}"><pre style="margin: 0">{body}</pre></td></tr></table>'
    )


def _coloured(code: str, language: str, inks: Inks) -> str:
    if not language or len(code) > CODE_CHARACTERS_MAX:
        return escape(code)
    from pygments import lex  # type: ignore[import-untyped]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    return "".join(_ink(str(kind), value, inks) for kind, value in lex(code, lexer))


def _ink(kind: str, value: str, inks: Inks) -> str:
    colour = next((getattr(inks, name) for part, name in _CODE_INKS if part in kind), "")
    return f'<span style="color: {colour}">{escape(value)}</span>' if colour else escape(value)


_CODE_INKS = (
    ("Comment", "muted"), ("Keyword", "accent"), ("String", "good"), ("Number", "info"), ("Function", "info"),
    ("Class", "info"), ("Decorator", "wait"), ("Builtin", "wait"), ("Generic.Deleted", "bad"),
    ("Generic.Inserted", "good"), ("Name.Tag", "accent"), ("Name.Attribute", "info"),
)  # fmt: skip


def coloured_diff(diff: str, inks: Inks, lines_max: int = 2_000) -> str:
    """A unified diff, line by line in the colours of coming and going."""
    lines = diff.splitlines()
    head = next((number for number, line in enumerate(lines[:3], 1) if line.startswith("@@")), 0)
    lines = lines[head:]  # without the names of the two sides and the first place, which are for programs
    made = [_diff_line(line, inks) for line in lines[:lines_max]]
    if len(lines) > lines_max:
        made.append(f"… {len(lines) - lines_max:,} more lines")
    return f"<pre>{chr(10).join(made)}</pre>"


def _diff_line(line: str, inks: Inks) -> str:
    colour = {"+": inks.good, "-": inks.bad, "@": inks.info}.get(line[:1], "")
    return f'<span style="color: {colour}">{escape(line)}</span>' if colour else escape(line)
