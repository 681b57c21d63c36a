"""repository.push: the commits of one of the user's clones to a branch elsewhere. Read from the clone alone: which
commit, and where the branch was when it was last seen; the network is the outbox's (sync/transports/git.py)."""

import re
from collections.abc import Mapping

from agent.agentrc.settings import Clone
from agent.tools.context import ToolContext
from agent.tools.errors import ToolArgumentBad, ToolRefusedError
from agent.tools.outgoing import Place, declared, default_account, deferred
from agent.tools.results import Result
from agent.tools.titles import one_line
from sync.transports.git_running import Git

TOOL = "repository.push"
HERE_S = 10.0
SUBJECTS_MAX = 5
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")


def push(args: Mapping[str, str], context: ToolContext) -> Result:
    clone = _clone(args.get("repository", ""), context)
    git = Git(clone.path)
    branch = clone.branch or _asked(git, "symbolic-ref", "--short", "HEAD", lacks="It is on no branch.")
    if not _NAME.fullmatch(branch) or not _NAME.fullmatch(clone.remote) or ".." in branch:
        raise ToolRefusedError(
            f"{clone.remote}/{branch} is no branch that can be pushed.", TOOL, "Correct the settings."
        )
    commit = _asked(
        git, "rev-parse", "--verify", f"refs/heads/{branch}^{{commit}}", lacks=f"There is no branch {branch}."
    )
    seen = git.run("rev-parse", "--verify", "--quiet", f"refs/remotes/{clone.remote}/{branch}", within_s=HERE_S)
    there = seen.out.strip() if seen.code == 0 else ""
    if there == commit:
        raise ToolRefusedError(f"{clone.remote}/{branch} has all of it already.", clone.name, "Commit something first.")
    subjects = _subjects(git, there, commit)
    said = f"{len(subjects)} commits" if len(subjects) != 1 else "1 commit"
    sentence = f"Push {said} to {clone.remote}/{branch} of {clone.name}: {'; '.join(subjects[:SUBJECTS_MAX])}"
    payload = {"remote": clone.remote, "branch": branch, "commit": commit, "commits": subjects[:SUBJECTS_MAX]}
    facts = {"repository": clone.name, "branch": branch, "remote": clone.remote, "count": len(subjects)}
    place = Place(f"git:{clone.name}", clone.name)
    return deferred(TOOL, args, place, payload, one_line(sentence)[:900], facts, context, basis={"there": there})


def _clone(said: str, context: ToolContext) -> Clone:
    clones = context.settings.clones
    name = declared(said, clones) if said else default_account(clones)
    if name is None:
        raise ToolArgumentBad(
            f"There is no clone named {said!r}.", TOOL, f"There is: {', '.join(clones) or 'none yet'}."
        )
    return clones[name]


def _asked(git: Git, *arguments: str, lacks: str) -> str:
    ran = git.run(*arguments, within_s=HERE_S)
    if ran.code != 0:
        raise ToolRefusedError(f"{lacks} {ran.said}".strip(), TOOL, "Look at your clone with: git status")
    return ran.out.strip()


def _subjects(git: Git, there: str, commit: str) -> list[str]:
    """Of the commits that the branch there does not have, newest first."""
    since = [f"^{there}"] if there else []
    ran = git.run("log", "--format=%s", "--max-count=1000", commit, *since, "--", within_s=HERE_S)
    return [one_line(line)[:120] for line in ran.out.splitlines() if line.strip()]
