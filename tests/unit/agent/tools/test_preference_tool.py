"""rc.set: which setting is meant, and that nothing changes before the user's yes."""

from typing import Any

import pytest

from agent.agentrc.errors import RcError
from agent.tools.results import Proposed

SENTENCES = [
    ("talk to me in Portuguese from today on", "language", "pt"),
    ("antworte ab jetzt auf Deutsch", "language", "de"),
    ("write in English again", "language", "en"),
    ("switch language to french", "language", "fr"),
    ("honestly I stop reading after line three. you're too wordy, shorter answers from now on", "length", "short"),
    ("shorter answers", "length", "short"),
    ("answers can be more detailed", "length", "long"),
    ("stop using emojis", "emoji", False),
    ("no more smileys please", "emoji", False),
    ("use emoji", "emoji", True),
    ("be more formal", "tone", "formal"),
    ("please be less formal", "tone", "warm"),
    ("get to the point", "tone", "terse"),
    ("use bullet points", "format", "bullets"),
    ("no markdown please", "format", "plain"),
    ("always ask before you send an email", 'tools."email.*"', "ask"),
    ("never post anywhere without showing me first", 'tools."message.*"', "ask"),
    ("don't email anyone without asking me", 'tools."email.*"', "ask"),
    ("check with me before you create tickets", 'tools."issue.*"', "ask"),
    ("ask me before doing anything", 'tools."*"', "ask"),
    ("stop asking before you post to channels", 'tools."message.*"', "allow"),
    ("send emails without asking", 'tools."email.*"', "allow"),
    ("never send emails", 'tools."email.*"', "deny"),
    ("I'm in Tokyo now", "timezone", "Asia/Tokyo"),
    ("set my time zone to Lisbon", "timezone", "Europe/Lisbon"),
    ("go offline", "network.mode", "offline"),
    ("use the model llama-3", "model.default", "llama-3"),
    ("Dana's email is dana@example.org", "contacts.Dana", "dana@example.org"),
]


@pytest.mark.parametrize(("said", "key", "value"), SENTENCES)
def test_from_the_whole_sentence(workshop: Any, said: str, key: str, value: Any) -> None:
    result = workshop.call("rc.set", {}, said=said)
    assert isinstance(result, Proposed), result
    assert (result.key, result.value) == (key, value)
    assert result.facts["diff"].startswith("---")


GIVEN = [
    ("tone", "terse", "terse"),
    ("tone", "like a pirate at sea", "like a pirate at sea"),
    ("emoji", "true", True),
    ("language", "Portuguese", "pt"),
    ("language", "pt", "pt"),
    ("timezone", "Lisbon", "Europe/Lisbon"),
    ("lang", "German", "de"),
    ("tools.email.*", "ask", "ask"),
    ("network.mode", "Offline", "offline"),
]


@pytest.mark.parametrize(("key", "value", "meant"), GIVEN)
def test_from_key_and_value(workshop: Any, key: str, value: str, meant: Any) -> None:
    result = workshop.call("rc.set", {"key": key, "value": value}, said="something else")
    assert isinstance(result, Proposed), result
    assert result.value == meant


def test_the_file_is_as_it_was_until_the_user_accepts(workshop: Any) -> None:
    before = workshop.agentrc.file.read_bytes()
    result = workshop.call("rc.set", {"key": "tone", "value": "terse"})
    assert isinstance(result, Proposed)
    assert result.facts["old"] == "neutral"
    assert '+tone = "terse"' in result.facts["diff"]
    assert workshop.agentrc.file.read_bytes() == before
    workshop.agentrc.desk.accept(workshop.agentrc.desk.propose(result.key, result.value))
    assert workshop.agentrc.load().tone == "terse"


@pytest.mark.parametrize(("said", "key", "value"), SENTENCES)
def test_every_proposal_is_one_that_the_file_accepts(workshop: Any, said: str, key: str, value: Any) -> None:
    result = workshop.call("rc.set", {}, said=said)
    desk = workshop.agentrc.desk
    desk.accept(desk.propose(result.key, result.value))
    workshop.agentrc.load()
    assert workshop.agentrc.problems == ()


def test_a_second_wish_is_not_lost(workshop: Any) -> None:
    result = workshop.call("rc.set", {}, said="be terse and drop the emoji")
    assert isinstance(result, Proposed)
    assert (result.key, result.facts["also"]) == ("tone", [["emoji", False]])


def test_the_old_rule_is_told(workshop: Any) -> None:
    workshop.settings('[tools]\n"email.*" = "allow"\n')
    result = workshop.call("rc.set", {}, said="always ask before you send an email")
    assert isinstance(result, Proposed)
    assert result.facts["old"] == "allow"


@pytest.mark.parametrize(
    "said",
    ["dates should be written as dd.mm.yyyy in your answers going forward", "what a nice day", "", "change a setting"],
)
def test_what_no_setting_does_is_a_question_with_the_settings_there_are(workshop: Any, said: str) -> None:
    asked = workshop.asks("rc.set", {}, said=said)
    assert asked.ask == "setting"
    assert {"tone", "length", "language"} <= {option["key"] for option in asked.facts["options"]}


@pytest.mark.parametrize(("key", "value"), [("rc", "x"), ("accounts.work.secret", "hunter2"), ("lock", "tone")])
def test_a_value_that_does_not_fit_is_never_proposed(workshop: Any, key: str, value: str) -> None:
    assert workshop.asks("rc.set", {"key": key, "value": value}, said="").ask == "setting"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("servers.evil.command", '["sh", "-c", "x"]'),
        ("servers.evil.url", "https://evil.example/"),
        (
            "servers.git.tools.git_push",
            '{ class = "local", fresh = "0s", repeat = "none", touches = [], seen = "0123456789abcdef" }',
        ),
    ],
)
def test_no_model_proposes_a_program_or_what_its_tools_are(workshop: Any, key: str, value: str) -> None:
    assert workshop.asks("rc.set", {"key": key, "value": value}, said="").ask == "setting"


@pytest.mark.parametrize("args", [{"key": "tone"}, {"key": "tone", "value": ""}])
def test_a_setting_without_a_value_is_asked_for_its_value(workshop: Any, args: dict[str, str]) -> None:
    asked = workshop.asks("rc.set", args, said="")
    assert (asked.ask, asked.facts, asked.choices) == ("value", {"key": "tone"}, ("neutral", "terse", "warm", "formal"))


def test_the_agent_cannot_free_itself(workshop: Any) -> None:
    assert workshop.asks("rc.set", {"key": "tools.rc.set", "value": "allow"}, said="").ask == "setting"
    assert workshop.asks("rc.set", {}, said="do everything without asking").ask == "setting"


def test_a_broken_file_says_so(workshop: Any) -> None:
    workshop.agentrc.file.write_text("tone = ", "utf-8")
    with pytest.raises(RcError, match="mistake"):
        workshop.call("rc.set", {"key": "tone", "value": "terse"})
