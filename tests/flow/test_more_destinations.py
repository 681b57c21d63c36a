"""Attachments, a folder elsewhere, a push, an action of one's own: from the command line to real servers and back."""

import os
from pathlib import Path

import pytest

from tests.flow.person import Carryon, Mailbox
from tests.sim.file_server import FileServer
from tests.sim.receiving import Receiver, Reply
from tests.sim.repositories import bare, cloned, commit, git


def put_in(carryon: Carryon, file: Path, text: str) -> None:
    file.write_text(text)
    carryon("library", "import", str(file))


def test_a_mail_takes_work_of_the_library_along(
    carryon: Carryon, agentrc: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    put_in(carryon, tmp_path / "Budget report.md", "# Budget\n\nFine.\n")
    said = carryon("call", "email.send", "to=Dana", "body=Here it is.", "attach=budget report", "--approve", "--json")
    (made,) = said.document["calls"]
    assert made["status"] == "queued"
    shown = carryon("outbox", "show", made["outbox_id"])
    assert "Budget report.md (version 1)" in shown.out
    carryon("outbox", "flush")
    (letter,) = mailbox.letters
    parts = letter.get_payload()
    assert isinstance(parts, list)
    assert parts[1].get_filename() == "Budget report.md"
    assert parts[1].get_payload(decode=True) == b"# Budget\n\nFine.\n"


def test_a_newer_version_is_asked_about_and_the_one_decided_on_leaves(
    carryon: Carryon, agentrc: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    put_in(carryon, tmp_path / "Plan.md", "one\n")
    said = carryon("call", "email.send", "to=Dana", "body=Here it is.", "attach=Plan", "--approve", "--json")
    item = said.document["calls"][0]["outbox_id"]
    carryon("call", "note.append", "title=Plan", "text=two")
    carryon("outbox", "flush", code=None)
    assert mailbox.letters == []
    shown = carryon("outbox", "show", item, "--json").document
    assert shown["state"] == "conflict"
    assert "newer version of Plan.md" in str(shown["last_error"])


@pytest.fixture
def more(agentrc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    clone = cloned(bare(tmp_path / "there.git").as_uri(), tmp_path / "clone")
    agentrc.write_text(agentrc.read_text() + f'\n[accounts.site]\nkind = "git"\npath = "{clone.as_posix()}"\n')
    return clone


def test_a_push_is_decided_here_and_leaves_later(carryon: Carryon, more: Path, tmp_path: Path) -> None:
    first = commit(more, "a.txt", "1", "Fix the door")
    said = carryon("call", "repository.push")
    assert git(tmp_path / "there.git", "for-each-ref") == ""
    assert "approval" in said.out
    (item,) = carryon("outbox", "list", "--json").document
    assert item["state"] == "waiting_approval"
    carryon("outbox", "approve", item["id"])
    carryon("outbox", "flush")
    assert git(tmp_path / "there.git", "rev-parse", "main") == first
    refused = carryon("call", "repository.push", code=1)
    assert "all of it already" in refused.out or first[:7] in refused.out or "Commit something" in refused.out


def test_a_file_goes_into_a_folder_and_its_next_version_replaces_it(
    carryon: Carryon, agentrc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX", "pw")
    with FileServer(tmp_path / "served") as server:
        account = f'\n[accounts.box]\nkind = "webdav"\nurl = "{server.url}/"\nuser = "me"\nsecret = "env:BOX"\n'
        agentrc.write_text(agentrc.read_text() + account)
        put_in(carryon, tmp_path / "Report.md", "one\n")
        for text in ("one\n", "one\ntwo"):
            carryon("call", "file.upload", "title=Report", "path=reports/", "--approve")
            carryon("outbox", "flush")
            assert (server.folder / "reports" / "Report.md").read_text().strip() == text.strip()
            carryon("call", "note.append", "title=Report", "text=two")
        (server.folder / "reports" / "Report.md").write_text("theirs")
        carryon("call", "file.upload", "title=Report", "path=reports/", "--approve")
        carryon("outbox", "flush", code=None)
        assert (server.folder / "reports" / "Report.md").read_text() == "theirs"
        (stopped,) = [item for item in carryon("outbox", "list", "--json").document if item["state"] == "conflict"]
        carryon("outbox", "edit", stopped["id"], "path=reports/mine.md")
        carryon("outbox", "approve", stopped["id"])
        carryon("outbox", "flush")
        assert (server.folder / "reports" / "mine.md").read_text().startswith("one")
        assert (server.folder / "reports" / "Report.md").read_text() == "theirs"
    states = [item["state"] for item in carryon("outbox", "list", "--json").document]
    assert states == ["delivered"] * 3


ACTION = """
[actions.deploy]
about = "Starts a deployment."
method = "POST"
url = "{url}/projects/{{{{project}}}}/run"
json = '{{"ref": "{{{{branch}}}}"}}'
secret = "env:CI_TOKEN"
class = "deferrable"
fresh = "2h"
repeat = "key"
touches = ["network"]
args = {{ project = "title: which project", branch = "title: which branch" }}
"""


def test_an_action_of_ones_own_has_its_effect_once(
    carryon: Carryon, agentrc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_TOKEN", "s3cret")
    with Receiver() as receiver:
        agentrc.write_text(agentrc.read_text() + ACTION.format(url=receiver.url))
        assert "action.deploy" in carryon("tools").out
        receiver.script = [Reply(cut="answer")]
        carryon("call", "action.deploy", "project=web", 'branch=ma"in', "--approve")
        carryon("outbox", "flush", code=None)
        (item,) = carryon("outbox", "list", "--json").document
        carryon("outbox", "retry", item["id"], code=None)
        carryon("outbox", "flush", code=None)
        (item,) = carryon("outbox", "list", "--json").document
        assert item["state"] == "delivered"
        assert len(receiver.effects) == 1
        assert len(receiver.requests) == 2
        seen = receiver.requests[0]
    assert (seen.path, seen.body) == ("/projects/web/run", {"ref": 'ma"in'})
    assert seen.headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in carryon("outbox", "show", item["id"], "--json").out


def test_one_that_lacks_a_part_is_told_with_its_line(carryon: Carryon, agentrc: Path) -> None:
    agentrc.write_text(agentrc.read_text() + '\n[actions.deploy]\nabout = "Starts a deployment."\n')
    checked = carryon("rc", "check", code=None)
    assert "[actions.deploy] needs method, url, class, fresh, repeat, touches." in checked.out + checked.err


def test_a_call_that_cannot_be_is_told_before_anything_is_stored(carryon: Carryon, agentrc: Path) -> None:
    for words in (("email.send", "to=Dana"), ("no.such",), ("note.create", "body")):
        refused = carryon("call", *words, code=2)
        assert refused.err
    assert carryon("chat", "list", "--json").document == []
