"""The story of the product, from the command line, with the shipped model and a real mail server."""

from pathlib import Path

from tests.flow.person import Carryon, Mailbox

STORY = "email Dana that the contract is signed, and remind me on Friday to invoice her"


def test_queued_offline_reset_without_loss_delivered_once(carryon: Carryon, agentrc: Path, mailbox: Mailbox) -> None:
    said = carryon("ask", STORY, "--json", "--offline", "--approve").document
    mail, reminder = said["calls"]
    assert (mail["tool"], mail["status"]) == ("email.send", "queued")
    assert mail["args"]["to"] == "Dana"
    assert mail["args"]["body"] == "the contract is signed"
    assert (reminder["tool"], reminder["status"]) == ("task.add", "done")
    assert said["model"]["sha256"]
    assert not mailbox.letters

    carryon("chat", "reset", said["conversation"])
    assert [item["state"] for item in carryon("outbox", "list", "--json").document] == ["queued"]
    assert "invoice her" in carryon("library", "list").out

    carryon("chat", "undo", said["conversation"])
    assert STORY in carryon("chat", "show", said["conversation"]).out

    carryon("outbox", "flush")
    carryon("outbox", "flush")
    assert len(mailbox.letters) == 1
    assert mailbox.letters[0]["To"] == "dana@example.org"
    (item,) = carryon("outbox", "list", "--json").document
    assert item["state"] == "delivered"
    assert item["receipt"]
    assert item["idempotency_key"] in mailbox.letters[0]["Message-ID"]


def test_the_dotfile_changes_the_next_answer(carryon: Carryon, agentrc: Path) -> None:
    neutral = carryon("ask", "remind me to water the plants tomorrow", "--json").document
    carryon("rc", "set", "tone", "terse")
    assert "# mine, and it stays" in agentrc.read_text()
    terse = carryon("ask", "remind me to water the plants tomorrow", "--json").document
    assert len(terse["reply"]) < len(neutral["reply"])
    assert terse["config_hash"] != neutral["config_hash"]


def test_with_practice_on_a_name_is_enough(carryon: Carryon) -> None:
    """A fresh machine: no account, no contact."""
    carryon("practice", "on")
    said = carryon("ask", STORY, "--json", "--approve").document
    assert [call["status"] for call in said["calls"]] == ["queued", "done"]
    carryon("outbox", "flush")
    (letter,) = carryon("practice", "list", "--json").document
    assert (letter["to"], letter["body"].strip()) == ("dana@practice.invalid", "the contract is signed")
