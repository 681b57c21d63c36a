from __future__ import annotations

import re
from collections import Counter

import pytest

from models.distill.corpus import LANGUAGES, digest, inventions, plain, wordings
from models.distill.exam import FOLDER, read
from models.starter.vocabulary import SETTINGS, TOOLS, TOPICS

LINES = wordings()
TOOLS_INVENTED = inventions()


def test_every_outcome_has_at_least_150_english_wordings():
    count = Counter(line.outcome for line in LINES if line.language == "en" and not (line.tool and line.heads))
    count.update(line.outcome for line in LINES if line.language == "en" and line.outcome == "clarify")
    wanted = {*TOOLS, "reply", "handoff", "clarify", "several"}
    assert wanted <= set(count)
    assert min(count[outcome] for outcome in wanted) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_is_there_in_every_language(language: str):
    outcomes = {line.outcome for line in LINES if line.language == language}
    assert {*TOOLS, "reply", "handoff", "clarify", "several", "amend", "again", "cancel", "other", "answer"} <= outcomes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_can_be_followed_up_in_every_language(language: str):
    followed = {line.tool for line in LINES if line.language == language and line.outcome == "amend"}
    assert followed >= {tool.name for tool in TOOLS.values() if tool.arguments}


def test_every_topic_and_setting_has_some():
    heads = Counter(line.heads[0][-1] for line in LINES)
    assert all(heads[f"<topic:{topic}>"] >= 20 for topic in TOPICS)
    assert all(heads[f"<set:{setting}>"] >= 6 for setting in SETTINGS)


def test_a_tenth_is_held_out_of_wordings_and_of_tools():
    for things in (LINES, TOOLS_INVENTED):
        share = sum(thing.held_out for thing in things) / len(things)
        assert 0.05 < share < 0.15


def test_invented_tools_have_requests_that_fit_and_none_is_one_that_ships():
    assert len(TOOLS_INVENTED) >= 300
    assert len({(tool.language, tool.card.name) for tool in TOOLS_INVENTED}) == len(TOOLS_INVENTED)
    assert all(tool.fitting for tool in TOOLS_INVENTED)
    assert not {tool.card.name for tool in TOOLS_INVENTED} & set(TOOLS)


def test_nothing_is_learnt_from_a_wording_that_is_in_the_exam():
    learnt = {plain(line.text) for line in LINES if not line.held_out}
    learnt |= {plain(text) for tool in TOOLS_INVENTED for text in (*tool.fitting, *tool.near)}
    asked = {plain(question.request.text) for file in FOLDER.glob("*.jsonl") for question in read(file)}
    assert not learnt & asked
    assert plain("tell [to|Dana], please!") == "tell dana please"


def test_the_digest_is_one_of_content():
    assert re.fullmatch(r"[0-9a-f]{64}", digest())
