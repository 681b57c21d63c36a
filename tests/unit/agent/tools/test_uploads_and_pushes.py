"""file.upload and repository.push: there where an account is; what they are decided on; nothing else is read."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.tools.connected import Connected
from agent.tools.errors import ToolArgumentBad, ToolRefusedError
from agent.tools.registry import Registry
from sync.intent import check
from tests.sim.repositories import bare, cloned, commit, git

SHARE = '[accounts.box]\nkind = "webdav"\nurl = "http://127.0.0.1:1/dav"\n'


@pytest.fixture
def own(workshop: Any) -> Any:
    workshop.registry = Registry(more=Connected(lambda: workshop.context.settings))
    return workshop


def names(own: Any) -> set[str]:
    return {spec.name for spec in own.registry.specs()} & {"file.upload", "repository.push"}


def test_they_are_there_where_an_account_is(own: Any, tmp_path: Path) -> None:
    assert names(own) == set()
    own.settings(SHARE)
    assert names(own) == {"file.upload"}
    own.settings(f'[accounts.site]\nkind = "git"\npath = "{tmp_path.as_posix()}"\n')
    assert names(own) == {"repository.push"}


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (None, "Budget.md"), ("reports/may.md", "reports/may.md"), ("reports/", "reports/Budget.md"),
        ("/reports//x.md", "reports/x.md"), ("reports\\x.md", "reports/x.md"), ("./x.md", "x.md"),
    ],
)  # fmt: skip
def test_where_a_file_goes(own: Any, said: str | None, path: str) -> None:
    own.settings(SHARE)
    own.context.library.create("document", "Budget", "1")
    made = own.deferred("file.upload", {"title": "budget", **({"path": said} if said else {})})
    assert made.intent.payload["path"] == path
    assert (made.intent.destination, made.intent.basis) == ("webdav:box", {"etag": ""})
    assert made.intent.payload["attached"][0]["version"] == 1
    assert made.intent.sentence == f"File Budget.md (version 1) to {path} in the folder box"
    check(made.intent)


def test_a_path_never_leads_out(own: Any) -> None:
    own.settings(SHARE)
    own.context.library.create("document", "Budget", "1")
    for path in ("../x.md", "a/../../x", "/".join("a" * 30)):
        with pytest.raises(ToolArgumentBad, match="leads out"):
            own.call("file.upload", {"title": "Budget", "path": path})
    with pytest.raises(ToolArgumentBad, match="no folder named"):
        own.call("file.upload", {"title": "Budget", "account": "elsewhere"})
    assert own.call("file.upload", {"title": "Nothing such"}).ask == "which_item"


def test_it_is_decided_on_the_file_as_it_was_last_sent(own: Any) -> None:
    own.settings(SHARE)
    own.context.library.create("document", "Budget", "1")
    delivered = (
        SimpleNamespace(payload={"path": "other.md"}, receipt={"reference": '"1"'}),
        SimpleNamespace(payload={"path": "Budget.md"}, receipt={"reference": '"2"'}),
        SimpleNamespace(payload={"path": "Budget.md"}, receipt={"reference": '"3"'}),
    )
    made = own.deferred("file.upload", {"title": "Budget"}, sent=lambda destination: delivered)
    assert made.intent.basis == {"etag": '"2"'}


@pytest.fixture
def clone(own: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    made = cloned(bare(tmp_path / "there.git").as_uri(), tmp_path / "clone")
    own.settings(f'[accounts.site]\nkind = "git"\npath = "{made.as_posix()}"\n')
    return made


def test_a_push_says_what_would_leave(own: Any, clone: Path) -> None:
    first = commit(clone, "a.txt", "1", "First")
    made = own.deferred("repository.push")
    assert made.intent.basis == {"there": ""}
    git(clone, "push", "origin", "main")
    second, third = commit(clone, "a.txt", "2", "Second"), commit(clone, "a.txt", "3", "Fix\tthe door")
    made = own.deferred("repository.push", {"repository": "site"})
    assert made.intent.basis == {"there": first}
    assert made.intent.payload == {
        "remote": "origin", "branch": "main", "commit": third, "commits": ["Fix the door", "Second"],
    }  # fmt: skip
    assert made.intent.sentence == "Push 2 commits to origin/main of site: Fix the door; Second"
    assert made.intent.destination == "git:site"
    assert second
    check(made.intent)


def test_what_cannot_be_pushed_is_told_at_once(own: Any, clone: Path) -> None:
    with pytest.raises(ToolRefusedError, match="no branch main"):
        own.call("repository.push")
    commit(clone, "a.txt", "1", "First")
    git(clone, "push", "origin", "main")
    with pytest.raises(ToolRefusedError, match="all of it already"):
        own.call("repository.push")
    git(clone, "checkout", "--detach")
    with pytest.raises(ToolRefusedError, match="on no branch"):
        own.call("repository.push")
    with pytest.raises(ToolArgumentBad, match="no clone named"):
        own.call("repository.push", {"repository": "other"})
