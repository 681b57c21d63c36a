"""Commits of a clone to a branch elsewhere, by the git that is there.

payload: remote, branch, commit. basis: `there`, the commit at the end of that branch when it was last seen, "" where
the branch was not there. A branch that has moved since makes a conflict; it is asked first, and the push itself carries
the expectation (a lease), so that nothing of others is ever lost. What would need force is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sync.item import Item
from sync.transports import attempt
from sync.transports.attempt import Stage
from sync.transports.git_running import Git, Ran
from sync.transports.http import LATER
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.places import is_loopback
from sync.transports.port import Limits, Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
HERE_S = 10.0  # what concerns this machine alone
PUSH_S = 75.0  # with what is asked before it, within the lease
OWN_LOGIN = "Set up git's own credentials, then try again."
# Over plain HTTP whoever answers in the place's stead can ask for a login, and git would give what its helper keeps.
NO_LOGIN_GIVEN = ("-c", "credential.helper=")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")
_NO_LOGIN = re.compile(
    r"could not read (?:Username|Password)|Authentication failed|Permission denied|invalid credentials|"
    r"returned error: 40[13]|access denied|Host key verification failed", re.IGNORECASE,
)  # fmt: skip
_NO_PLACE = re.compile(
    r"does not appear to be a git repository|[Rr]epository .*not found|not found: did you run|returned error: 404|"
    r"transport '.*' not allowed|dubious ownership"
)  # fmt: skip
_NO_NAME = re.compile(r"could not read (?:Username|Password)")  # asked for by git on this side, so nothing was taken
_ANSWERED = re.compile(r"RPC failed; HTTP (\d{3})")
_NOT_THERE_YET = re.compile(r"stale info|fetch first|non-fast-forward|already exists|cannot lock ref|failed to update")


@dataclass(frozen=True, slots=True)
class Clone:
    name: str
    path: Path


class GitPush:
    def __init__(self, clone: Clone, *, limits: Limits | None = None, push_s: float = PUSH_S) -> None:
        self.name = clone.name
        self.mode: Mode = "query"
        self.key_kept_s = KEY_KEPT_S
        self._git = Git(clone.path)
        self._limits = limits or Limits()
        self._push_s = push_s
        self._loopback: bool | None = None

    @property
    def loopback(self) -> bool:
        """Whether every remote of the clone is on this machine."""
        if self._loopback is None:
            ran = self._git.run("remote", "-v", within_s=HERE_S)
            urls = {line.split()[1] for line in ran.out.splitlines() if len(line.split()) > 1}
            self._loopback = bool(urls) and all(map(_is_here, urls))
        return self._loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        remote, branch, commit = self._target(item)
        expected = str((item.basis or {}).get("there") or "")
        places, there = self._pushed_to(remote), self._there(remote, branch)
        if there == commit:
            return self._receipt(remote, branch, commit, "has it already.")
        if there != expected:
            raise self._moved(item, expected, there)
        self._expect_descent(commit, expected)
        offer()
        attempt.current().stage(Stage.SENDING, f"{self.name}, {remote}", self._push_s, self._limits.tell_s)
        ran = self._run_there(
            places, "push", "--porcelain", "--no-follow-tags", f"--force-with-lease=refs/heads/{branch}:{expected}",
            "--", remote, f"{commit}:refs/heads/{branch}", within_s=self._push_s,
        )  # fmt: skip
        return self._judged(ran, item)

    def find(self, item: Item) -> Receipt | None:
        remote, branch, commit = self._target(item)
        there = self._there(remote, branch)
        if there == commit or (there and self._descends(there, commit)):
            return self._receipt(remote, branch, commit, "has it already.")
        if there == str((item.basis or {}).get("there") or ""):
            return None
        raise UncertainError(
            f"{remote}/{branch} has moved to {there[:10] or 'nowhere'}, which this clone does not know.", self.name,
            "Fetch, and look there.", answered=True,
        )  # fmt: skip

    def _target(self, item: Item) -> tuple[str, str, str]:
        remote, branch, commit = (str(item.payload.get(part, "")) for part in ("remote", "branch", "commit"))
        names = _NAME.fullmatch(remote) and _NAME.fullmatch(branch) and ".." not in branch
        if not names or not _COMMIT.fullmatch(commit):
            raise RejectedError("This is no branch, or no commit, that can be pushed.", self.name, "Ask again.")
        return remote, branch, commit

    def _there(self, remote: str, branch: str) -> str:
        """The commit at the end of the branch there; "" where there is no such branch. Nothing was sent yet."""
        limits = self._limits
        attempt.current().stage(Stage.WAITING, f"{self.name}, {remote}", limits.read_s, limits.tell_s)
        places = self._pushed_to(remote)
        asked = ("ls-remote", "--refs", "--", places[0], f"refs/heads/{branch}")
        ran = self._run_there(places, *asked, within_s=limits.read_s)
        if ran.code != 0:
            raise self._no_way(ran, remote, open_way=any(map(_is_open, places)))
        first = ran.out.split()
        return first[0] if first and _COMMIT.fullmatch(first[0]) else ""

    def _pushed_to(self, remote: str) -> Sequence[str]:
        """Its addresses for pushes, the one that is asked first; those for fetches may be others, and what lies there
        is no proof."""
        ran = self._git.run("remote", "get-url", "--push", "--all", remote, within_s=HERE_S)
        return [line.strip() for line in ran.out.splitlines() if line.strip()] or [remote]

    def _run_there(self, places: Sequence[str], *arguments: str, within_s: float) -> Ran:
        """Raises NotConfiguredError for a password in an address of plain HTTP."""
        in_the_open = [place for place in places if _is_open(place)]
        if any(urlsplit(place).password for place in in_the_open):
            where = f"{self.name}, git remote -v"
            raise NotConfiguredError("The password would travel in the open.", where, "Give it an https address.")
        return self._git.run(*(NO_LOGIN_GIVEN if in_the_open else ()), *arguments, within_s=within_s)

    def _no_way(self, ran: Ran, remote: str, *, open_way: bool) -> DeliveryError:
        where = f"{self.name}, remote {remote}"
        if ran.code is None:
            return UnreachableError("The repository did not answer in time.", where, "It is tried again.")
        if _NO_LOGIN.search(ran.err):
            todo = "Give the remote an https address; over plain http no login is given." if open_way else OWN_LOGIN
            return RejectedError(f"The repository wants a login: {ran.said}", where, todo)
        if _NO_PLACE.search(ran.err):
            return RejectedError(f"There is no such repository: {ran.said}", where, "Look at: git remote -v")
        return UnreachableError(f"The repository could not be reached: {ran.said}", where, "It is tried again.")

    def _expect_descent(self, commit: str, expected: str) -> None:
        """A push may only add. Raises RejectedError."""
        known = self._git.run("cat-file", "-e", f"{commit}^{{commit}}", within_s=HERE_S)
        if known.code != 0:
            raise RejectedError(f"The commit {commit[:10]} is no longer in your clone.", self.name, "Ask again.")
        if expected and not self._descends(commit, expected):
            raise RejectedError(
                "Pushing this would throw away commits of the branch there.", self.name,
                "Merge or rebase in your clone, then ask again. Carryon never forces.",
            )  # fmt: skip

    def _descends(self, later: str, earlier: str) -> bool:
        return self._git.run("merge-base", "--is-ancestor", earlier, later, within_s=HERE_S).code == 0

    def _judged(self, ran: Ran, item: Item) -> Receipt:
        remote, branch, commit = self._target(item)
        flag, said = _outcome(ran.out)
        if ran.code == 0:
            return self._receipt(remote, branch, commit, "took it.")
        if flag == "!" and "remote rejected" in said and not _NOT_THERE_YET.search(said):
            raise RejectedError(f"The repository refused it: {said}", self.name, "Change it there, or in your clone.")
        if flag == "!" and _NOT_THERE_YET.search(said):
            raise self._moved(item, str((item.basis or {}).get("there") or ""), self._there(remote, branch))
        if "hook declined" in ran.err or "pre-push" in ran.err:
            raise RejectedError(f"A hook of your clone stopped it: {ran.said}", self.name, "Look at your clone.")
        if ran.code is not None and _NO_NAME.search(ran.err):
            raise self._no_way(ran, remote, open_way=any(map(_is_open, self._pushed_to(remote))))
        if answered := _ANSWERED.search(ran.err):
            self._raise_answered(int(answered[1]), ran)
        why = "it took too long" if ran.code is None else ran.said
        raise UncertainError(f"The push broke off before it was confirmed: {why}", self.name, "Look there.")

    def _raise_answered(self, status: int, ran: Ran) -> None:
        """What a status means is as for every request over HTTP; a gateway's leaves it open."""
        told = f"The repository's server answered {status}: {ran.said}"
        if status in LATER:
            raise RetryableError(told, self.name, "It is tried again.")
        if status // 100 == 4:
            raise RejectedError(told, self.name, "Look whether you may push there.")

    def _moved(self, item: Item, expected: str, there: str) -> ChangedError:
        branch = f"{item.payload['remote']}/{item.payload['branch']}"
        return ChangedError(
            f"{branch} has moved since you decided.", item.destination,
            "Fetch and merge in your clone, then ask again.",
            then=self._said(expected), now=self._said(there), basis={**(item.basis or {}), "there": there},
        )  # fmt: skip

    def _said(self, commit: str) -> str:
        """ "1a2b3c4d5e Fix the door", where the clone knows it."""
        if not commit:
            return "the branch is not there"
        ran = self._git.run("log", "-1", "--format=%s, %an, %as", commit, "--", within_s=HERE_S)
        told = " ".join(ran.out.split())[:200] if ran.code == 0 else "a commit that your clone does not have yet"
        return f"{commit[:10]} {told}"

    def _receipt(self, remote: str, branch: str, commit: str, what: str) -> Receipt:
        return Receipt(f"{remote}/{branch} {what}", commit)


def _outcome(porcelain: str) -> tuple[str, str]:
    """Flag and words of the one branch: "!\\tabc:refs/heads/main\\t[rejected] (stale info)"."""
    for line in porcelain.splitlines():
        flag, _, rest = line.partition("\t")
        if len(flag) == 1 and "\t" in rest:
            return flag, rest.partition("\t")[2].strip()
    return "", ""


def _is_open(url: str) -> bool:
    """Whether what is sent there can be read on the way, and anybody can answer in its place."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # an address that is none is not here
        return False
    if parts.scheme in ("", "file"):
        return ":" not in url.partition("/")[0] or parts.scheme == "file"
    return is_loopback(parts.hostname or "")
