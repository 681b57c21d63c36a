"""Commits to a branch elsewhere, by real git: over a folder and over HTTP on loopback. Nothing of others is lost."""

import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.item import Item
from sync.transports.git import Clone, GitPush
from sync.transports.git_running import OUTPUT_BYTES_MAX, Git
from sync.transports.outcomes import (
    ChangedError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Limits
from tests.sim.between import FAULTS, Between, Fault
from tests.sim.repositories import GitServer, bare, cloned, commit, git, has_http_backend
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=3, read_s=5, total_s=8)
posix = pytest.mark.skipif(sys.platform == "win32", reason="a program of the shell")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return bare(tmp_path / "there.git")


@pytest.fixture
def clone(tmp_path: Path, there: Path) -> Path:
    return cloned(there.as_uri(), tmp_path / "clone")


def push(clone: Path, push_s: float = 8) -> GitPush:
    return GitPush(Clone("site", clone), limits=LIMITS, push_s=push_s)


def item(of: str, there: str = "", **more: str) -> Item:
    return an_item({"there": there}, **{"remote": "origin", "branch": "main", "commit": of, **more})


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "refs/heads/main")


def nothing() -> None:
    pass


def test_a_branch_that_is_new_there_and_one_that_grows(clone: Path, there: Path) -> None:
    first = commit(clone, "a.txt", "1", "First")
    receipt = push(clone).deliver(item(first), nothing)
    assert (head(there), receipt.reference) == (first, first)
    second = commit(clone, "a.txt", "2", "Second")
    offered: list[str] = []
    push(clone).deliver(item(second, first), lambda: offered.append(head(there)))
    assert offered == [first], "offered once, before anything happened"
    assert head(there) == second
    assert "already" in push(clone).deliver(item(second, first), nothing).text


def test_only_what_was_decided_on_leaves(clone: Path, there: Path) -> None:
    first = commit(clone, "a.txt", "1", "First")
    commit(clone, "a.txt", "2", "Made later")
    git(clone, "tag", "v1")
    push(clone).deliver(item(first), nothing)
    assert head(there) == first
    assert git(there, "tag") == ""


def test_a_branch_that_moved_is_a_conflict_with_both_sides(clone: Path, there: Path, tmp_path: Path) -> None:
    first = commit(clone, "a.txt", "1", "First")
    push(clone).deliver(item(first), nothing)
    other = cloned(there.as_uri(), tmp_path / "other")
    git(other, "pull", "origin", "main")
    theirs = commit(other, "b.txt", "2", "Theirs")
    git(other, "push", "origin", "main")
    ours, offered = commit(clone, "a.txt", "3", "Ours"), []
    with pytest.raises(ChangedError, match="has moved") as caught:
        push(clone).deliver(item(ours, first), lambda: offered.append(1))
    assert offered == []
    assert caught.value.then.startswith(f"{first[:10]} First, Me, ")
    assert caught.value.now == f"{theirs[:10]} a commit that your clone does not have yet"
    with pytest.raises(RejectedError, match="throw away commits"):
        push(clone).deliver(item(ours, str((caught.value.basis or {})["there"])), nothing)
    assert head(there) == theirs, "never by force, not even after a yes"


def test_somebody_who_comes_between_the_question_and_the_push_is_noticed(
    clone: Path, there: Path, tmp_path: Path
) -> None:
    first = commit(clone, "a.txt", "1", "First")
    push(clone).deliver(item(first), nothing)
    other = cloned(there.as_uri(), tmp_path / "other")
    git(other, "pull", "origin", "main")
    theirs = commit(other, "b.txt", "2", "Theirs")
    ours = commit(clone, "a.txt", "3", "Ours")
    with pytest.raises(ChangedError):
        push(clone).deliver(item(ours, first), lambda: git(other, "push", "origin", "main"))
    assert head(there) == theirs


def test_what_may_have_happened_is_asked(clone: Path, there: Path) -> None:
    first = commit(clone, "a.txt", "1", "First")
    assert push(clone).find(item(first)) is None
    push(clone).deliver(item(first), nothing)
    assert push(clone).find(item(first))
    second = commit(clone, "a.txt", "2", "Second")
    assert push(clone).find(item(second, first)) is None
    git(clone, "push", "origin", "main")
    assert push(clone).find(item(first)), "a later commit holds the earlier"
    git(there, "update-ref", "refs/heads/main", git(there, "commit-tree", f"{first}^{{tree}}", "-m", "other"))
    with pytest.raises(UncertainError, match="has moved"):
        push(clone).find(item(second, first))


@posix
def test_a_repository_that_refuses_is_told_with_its_words(clone: Path, there: Path) -> None:
    hook(there / "hooks" / "pre-receive", "echo 'Fridays are quiet' >&2; exit 1")
    with pytest.raises(RejectedError, match="refused it"):
        push(clone).deliver(item(commit(clone, "a.txt", "1", "First")), nothing)


@posix
def test_a_hook_of_the_clone_is_heard(clone: Path, there: Path) -> None:
    hook(clone / ".git" / "hooks" / "pre-push", "echo 'pre-push: tests fail' >&2; exit 1")
    with pytest.raises(RejectedError, match="tests fail"):
        push(clone).deliver(item(commit(clone, "a.txt", "1", "First")), nothing)


def hook(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("remote", "error", "words"),
    [
        ("http://127.0.0.1:1/x.git", UnreachableError, "could not be reached"),
        ("file:///no/such/place.git", RejectedError, "no such repository"),
        ("ext::sh -c 'touch /tmp/never'", RejectedError, "no such repository"),
    ],
)
def test_what_cannot_be_asked_has_sent_nothing(clone: Path, remote: str, error: type[Exception], words: str) -> None:
    git(clone, "remote", "set-url", "origin", remote)
    offered: list[int] = []
    with pytest.raises(error, match=words):
        push(clone).deliver(item(commit(clone, "a.txt", "1", "First")), lambda: offered.append(1))
    assert offered == []


@pytest.mark.parametrize(
    "more", [{"remote": "--upload-pack=x"}, {"branch": "../x"}, {"branch": "-f"}, {"commit": "HEAD"}, {"remote": "a b"}]
)
def test_no_name_is_taken_for_an_option(clone: Path, more: dict[str, str]) -> None:
    first = commit(clone, "a.txt", "1", "First")
    with pytest.raises(RejectedError):
        push(clone).deliver(item(first, **more), nothing)


def test_a_commit_that_is_gone_and_a_clone_that_is_gone(clone: Path, tmp_path: Path) -> None:
    commit(clone, "a.txt", "1", "First")
    with pytest.raises(RejectedError, match="no longer in your clone"):
        push(clone).deliver(item("a" * 40), nothing)
    with pytest.raises(NotConfiguredError, match="no folder"):
        push(tmp_path / "gone").deliver(item("a" * 40), nothing)


def test_what_counts_is_the_place_that_is_pushed_to(clone: Path, there: Path, tmp_path: Path) -> None:
    """Where it is fetched from has the commit already; that is no receipt."""
    first = commit(clone, "a.txt", "1", "First")
    push(clone).deliver(item(first), nothing)
    fork = bare(tmp_path / "fork.git")
    git(clone, "remote", "set-url", "--push", "origin", fork.as_uri())
    assert push(clone).find(item(first)) is None
    assert push(clone).deliver(item(first), nothing).text == "origin/main took it."
    assert head(fork) == first


@pytest.mark.parametrize("url", ["http://[half", "ext::sh -c true", "::", "git@hub.example.org:me/site.git"])
def test_a_remote_that_is_no_address_is_not_here(clone: Path, url: str) -> None:
    git(clone, "remote", "add", "odd", url)
    assert not push(clone).loopback


def test_it_knows_whether_it_needs_the_network(clone: Path) -> None:
    assert push(clone).loopback
    git(clone, "remote", "add", "hub", "git@hub.example.org:me/site.git")
    assert not push(clone).loopback


@pytest.fixture
def server(there: Path) -> Iterator[GitServer]:
    if not has_http_backend():
        pytest.skip("this git brings no http-backend")
    with GitServer(there.parent) as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (FAULTS["none"], None, True), (FAULTS["lose_request"], UncertainError, False),
        (FAULTS["lose_answer"], UncertainError, True), (Fault(503), RetryableError, False),
        (Fault(403), RejectedError, False), (Fault(502), UncertainError, False),
        (FAULTS["stall"], UncertainError, False),
    ],
)  # fmt: skip
def test_over_http_with_faults(
    server: GitServer, clone: Path, there: Path, fault: Fault, error: type[Exception] | None, arrived: bool
) -> None:
    first = commit(clone, "a.txt", "1", "First")
    with Between(server.port) as between:
        git(clone, "remote", "set-url", "origin", f"{between.url}/{there.name}")
        between.script = [fault]
        one = push(clone, push_s=3)
        if error is None:
            one.deliver(item(first), nothing)
        else:
            with pytest.raises(error):
                one.deliver(item(first), nothing)
        assert bool(one.find(item(first))) == arrived
    assert (git(there, "for-each-ref", "--format=%(objectname)") == first) == arrived


def test_a_login_that_is_wanted_is_said_and_nobody_is_asked(there: Path, clone: Path) -> None:
    if not has_http_backend():
        pytest.skip("this git brings no http-backend")
    with GitServer(there.parent, login="Basic bWU6cHc=") as server:
        git(clone, "remote", "set-url", "origin", f"{server.url}/{there.name}")
        began = time.monotonic()
        with pytest.raises(RejectedError, match="wants a login"):
            push(clone).deliver(item(commit(clone, "a.txt", "1", "First")), nothing)
        assert time.monotonic() - began < 5


@posix
def test_what_takes_too_long_ends_with_all_that_it_started(clone: Path, there: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    hook(clone / ".git" / "hooks" / "pre-push", f"sleep 60 & echo $! > {pid_file}; wait")
    with pytest.raises(UncertainError, match="too long"):
        push(clone, push_s=1.5).deliver(item(commit(clone, "a.txt", "1", "First")), nothing)
    until = time.monotonic() + 5
    while time.monotonic() < until and _runs(int(pid_file.read_text())):
        threading.Event().wait(0.02)
    assert not _runs(int(pid_file.read_text()))


def _runs(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_output_is_bounded(clone: Path) -> None:
    commit(clone, "a.txt", "x" * 2 * OUTPUT_BYTES_MAX, "Long")
    ran = Git(clone).run("show", "HEAD:a.txt", within_s=10)
    assert (ran.code, len(ran.out)) == (0, OUTPUT_BYTES_MAX)
