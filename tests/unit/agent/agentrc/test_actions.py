"""A tool of the user's own: what it must declare, and that no value breaks out of its place in a template."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.agentrc.actions import action, faults
from agent.agentrc.check import check_bytes
from agent.agentrc.templates import TemplateError, Value, fill_json, fill_url

WHOLE: dict[str, Any] = {
    "about": "Starts a deployment.", "method": "POST", "url": "https://ci.example.org/{{project}}/run",
    "class": "deferrable", "fresh": "1h", "repeat": "none", "touches": ["network"],
    "json": '{"ref": "{{branch}}", "n": "{{count}}"}',
    "args": {"project": "title: which one", "branch": "title", "count": "number?: how often"},
}  # fmt: skip


def test_a_whole_declaration_has_no_faults() -> None:
    assert list(faults("deploy", WHOLE)) == []
    made = action("deploy", WHOLE)
    assert (made.tool, made.fresh_s, made.reach) == ("action.deploy", 3_600, "deferrable")
    assert [(one.name, one.kind, one.about, one.required) for one in made.arguments] == [
        ("project", "title", "which one", True), ("branch", "title", "Branch.", True),
        ("count", "number", "how often", False),
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["about", "method", "url", "class", "fresh", "repeat", "touches"])
def test_what_is_undeclared_does_not_register(part: str) -> None:
    lacking = {name: value for name, value in WHOLE.items() if name != part}
    assert list(faults("deploy", lacking)) == [f"needs {part}"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://{{project}}.example.org/{{branch}}{{count}}"}, "may not stand in the host"),
        ({"url": "{{project}}"}, "may not stand in the host"),
        ({"url": "https://ci.example.org:{{project}}/"}, "may not stand in the host"),
        ({"url": "https://me:pw@ci.example.org/{{project}}"}, "no login"),
        ({"url": "ftp://ci.example.org/{{project}}"}, "http:// or https://"),
        ({"json": '{"ref": {{branch}}, "n": "{{count}}"}'}, "json is none"),
        ({"json": '{"{{branch}}": "{{count}}"}'}, "name of a member"),
        ({"json": "[" * 30 + '"{{branch}}{{count}}"' + "]" * 30}, "nested deeper"),
        ({"json": '{"ref": "{{branch}} {{count}} {{other}}"}'}, "{{other}} is not among its args"),
        ({"json": '{"ref": "{{branch}}"}'}, "argument count is used nowhere"),
        ({"body": "x"}, "json and body"),
        ({"method": "GET"}, "GET sends no body"),
        ({"class": "online"}, "only GET"),
        ({"touches": []}, "reaches the network"),
        ({"touches": ["network", "moon"]}, "'moon'"),
        ({"fresh": "99d"}, "at most 30d"),
        ({"repeat": "query"}, 'needs find = "https://…" with {{key}} in it'),
        ({"repeat": "query", "find": "https://ci.example.org/?q={{key}}"}, "must hold {{key}}"),
        ({"repeat": "query", "find": "https://evil.example.org/?q={{key}}"}, "same host"),
        ({"find": "https://ci.example.org/"}, "belongs to repeat"),
        ({"headers": {"Host": "x"}}, "'Host' cannot be set"),
        ({"headers": {"X: y\r\nZ": "x"}}, "cannot be set"),
        ({"headers": {"X-A": "a\r\nB: c"}}, "plain letters"),
        ({"headers": {"Authorization": "keyring:ci"}, "secret": "keyring:ci"}, "one of them is enough"),
        ({"args": {**WHOLE["args"], "key": "title"}}, "cannot be called 'key'"),
        ({"args": {**WHOLE["args"], "count": "colour"}}, "not 'colour'"),
    ],
)
def test_what_cannot_be_a_tool_is_told(change: dict[str, Any], words: str) -> None:
    assert any(words in fault for fault in faults("deploy", {**WHOLE, **change})), list(
        faults("deploy", {**WHOLE, **change})
    )


def test_a_name_is_a_plain_one() -> None:
    assert "small letters" in next(faults("De Ploy", WHOLE))


def test_the_file_says_where_it_is_wrong() -> None:
    raw = b'tone = "terse"\n[actions.ci]\nabout = "Runs it."\nmethod = "POST"\n'
    (problem,) = check_bytes("user", raw, "rc").problems
    assert str(problem).startswith("rc:3:1: [actions.ci] needs url, class, fresh, repeat, touches.")
    secret = check_bytes("user", b'[actions.ci.headers]\nX-Token = "ghp_0123456789abcdefghij0123"\n', "rc").problems
    assert any("GitHub token" in str(one) for one in secret)


anything = st.text(st.characters(exclude_categories=["Cs"]))


@given(anything, anything)
def test_no_value_breaks_out_of_a_json_text(first: str, second: str) -> None:
    template = '{"to": "{{a}}", "said": "He said: {{b}}!", "fixed": [1, {"x": "{{a}}"}]}'
    filled = fill_json(template, {"a": Value(first), "b": Value(second)})
    assert json.loads(json.dumps(filled)) == {"to": first, "said": f"He said: {second}!", "fixed": [1, {"x": first}]}


@given(anything, anything)
def test_no_value_leads_to_another_address(first: str, second: str) -> None:
    try:
        url = fill_url("https://ci.example.org/a/{{a}}/b?q={{b}}&z=1", {"a": Value(first), "b": Value(second)})
    except TemplateError:
        assert first in ("", ".", "..")
        return
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "ci.example.org", "")
    assert [unquote(step) for step in parts.path.split("/")] == ["", "a", first, "b"]
    assert parse_qs(parts.query, keep_blank_values=True) == {"q": [second], "z": ["1"]}


def test_a_number_becomes_one_and_what_was_left_out_is_left_out() -> None:
    template = '{"n": "{{n}}", "all": ["{{a}}", "x"], "note": "{{a}}", "text": "n={{n}}{{a}}"}'
    assert fill_json(template, {"n": Value("12", number=True)}) == {"n": 12, "all": ["x"], "text": "n=12"}
    for said in ("1; drop", "true", "[1]", "1e999", "NaN", ""):
        with pytest.raises(TemplateError, match="is no number"):
            fill_json('"{{n}}"', {"n": Value(said, number=True)})
