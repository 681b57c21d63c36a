"""Keys as people type them."""

import pytest

from agent.agentrc.errors import UnknownKeyError
from agent.agentrc.keys import find, format_key, parse_key, resolve
from agent.agentrc.options import OPTIONS


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tone", ("tone",)),
        ("accounts.work.host", ("accounts", "work", "host")),
        ('tools."email.*"', ("tools", "email.*")),
        ("tools.'email.*'", ("tools", "email.*")),
        ('contacts."Dana \\"D\\" Scully"', ("contacts", 'Dana "D" Scully')),
    ],
)
def test_a_key_is_read(text: str, path: tuple[str, ...]):
    assert parse_key(text) == path


@pytest.mark.parametrize("text", ["", ".", "tone.", "a..b", 'a"b', '""', "tone tone"])
def test_nonsense_is_not_a_key(text: str):
    with pytest.raises(UnknownKeyError, match="not a setting's name"):
        parse_key(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tools.email.*", ("tools", "email.*")),
        ("tools.email.send", ("tools", "email.send")),
        ("contacts.dana.scully", ("contacts", "dana.scully")),
        ("accounts.my.work.host", ("accounts", "my.work", "host")),
    ],
)
def test_names_with_dots_are_understood_without_quotes(text: str, path: tuple[str, ...]):
    assert resolve(text)[1] == path
    assert resolve(format_key(path))[1] == path


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("tonne", "Did you mean tone?"),
        ("accounts.work.hosst", "Did you mean accounts.work.host?"),
        ("tz", "The setting for that is timezone."),
        ("zzz", "carryon rc explain"),
    ],
)
def test_an_unknown_key_teaches(key: str, hint: str):
    with pytest.raises(UnknownKeyError, match="There is no setting") as caught:
        resolve(key)
    assert hint in str(caught.value)


def test_every_option_finds_itself():
    for option in OPTIONS:
        path = tuple("Name" if part == "*" else part for part in option.pattern)
        assert find(path) == (option, path)


def test_the_readme_tells_every_option_with_its_default():
    from importlib import resources

    readme = resources.files("agent.agentrc").joinpath("README.md").read_text("utf-8")
    for option in OPTIONS:
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{option.key}` |"))
        assert option.about in row
        assert str(option.default if option.default not in (None, False) else "").strip("(),'") in row
