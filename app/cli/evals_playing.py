"""One phase of a run, inside the process that plays it: each case in its own folder, by the commands a person types."""

import io
import json
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

from agent.evals import cases as suites
from agent.evals import scene
from agent.evals.cases import Condition, Phase
from agent.evals.denied import deny
from agent.evals.places import received
from agent.evals.playing import Played, World, play
from agent.evals.scene import Addresses

PLAYED = "played.json"
TRIED_SHOWN_MAX = 5


def play_phase(plan: Path, phase: Phase, condition: Condition, *, denied: bool) -> None:
    """`plan` names the suite, the cases, the destinations; its folder holds the cases' folders."""
    told = json.loads(plan.read_text("utf-8"))
    addresses = Addresses(**told["addresses"])
    tried = deny() if denied else []
    for case in suites.read(Path(told["suite"])):
        if case.id in told["cases"]:
            _one(case, phase, condition, plan.parent / case.id, addresses, tried)


def _one(
    case: suites.Case, phase: Phase, condition: Condition, folder: Path, addresses: Addresses, tried: list[str]
) -> None:  # fmt: skip
    kept = folder / PLAYED
    if kept.exists():
        played = Played(**json.loads(kept.read_text("utf-8")))
    else:
        scene.make(folder, addresses, chats=case.needs == "model")
        played = Played(case.id, scene.names(folder, addresses))
    os.environ.update(scene.environment(folder))
    os.chdir(folder)
    before = len(tried)
    play(case, phase, condition, World(carryon, partial(received, folder.parent)), played)
    if beyond := tried[before:]:
        played.why.append(f"{phase}: there was no network, and yet tried: {'; '.join(beyond[:TRIED_SHOWN_MAX])}")
    kept.write_text(json.dumps(played.plain(), ensure_ascii=False), "utf-8")


def carryon(words: Sequence[str]) -> Any:
    """A command line in this process: its one document. What is no document is one that says so."""
    from app.cli import main

    out, code = io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            main.main(args=[*words, "--json"], prog_name="carryon", standalone_mode=False)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 3
    try:
        return json.loads(out.getvalue())
    except ValueError:
        return {"no document": out.getvalue()[:200], "code": code}
