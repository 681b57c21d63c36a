"""Search over what was said: words, signs, every script, the trash apart."""

import pytest

from agent.conversation import Conversations


def test_best_first_and_titles_before_words(conversations: Conversations) -> None:
    said = conversations.begin_turn(None, "hello there")
    conversations.begin_turn(said.conversation_id, "the contract with Dana")
    conversations.create("Contract")
    conversations.begin_turn(None, "nothing about it")
    assert [found.title for found in conversations.search("contract")] == ["Contract", "hello there"]
    assert [found.title for found in conversations.search("contr")] == ["Contract", "hello there"]
    assert len(conversations.search("  ")) == 3


def test_diacritics_signs_and_scripts_without_spaces(conversations: Conversations) -> None:
    conversations.begin_turn(None, "le café de Zoë")
    conversations.begin_turn(None, "costs 5 €")
    conversations.begin_turn(None, "明天下午提醒我开会")
    assert [found.title for found in conversations.search("cafe zoe")] == ["le café de Zoë"]
    assert [found.title for found in conversations.search("€")] == ["costs 5 €"]
    assert [found.title for found in conversations.search("提醒")] == ["明天下午提醒我开会"]


@pytest.mark.parametrize("query", ['"', "title:x OR", "(", "x' --", "NEAR(", "*", "%", "_", "\x00.", "\ud800!", "^"])
def test_whatever_is_typed_is_no_syntax(conversations: Conversations, query: str) -> None:
    conversations.begin_turn(None, "plain words")
    assert conversations.search(query) == ()
    assert conversations.passages(query) == ()


def test_the_trash_is_searched_only_when_asked(conversations: Conversations) -> None:
    said = conversations.begin_turn(None, "a needle")
    conversations.trash(said.conversation_id)
    assert conversations.search("needle") == ()
    assert conversations.passages("needle") == ()
    assert conversations.list() == ()
    (found,) = conversations.search("needle", trashed=True)
    assert found.trashed_at is not None
    assert conversations.list(trashed=True) == (found,)


def test_passages_say_where(conversations: Conversations) -> None:
    said = conversations.begin_turn(None, "long before " * 20 + "the needle in the hay" + " long after" * 40)
    (passage,) = conversations.passages("needle hay")
    assert passage.message_id == said.id
    assert "the **needle** in the **hay**" in passage.snippet
