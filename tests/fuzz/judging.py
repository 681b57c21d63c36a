"""What becomes of a damaged model: the check of its header first, then, if that lets it through, a real worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from models import wire
from models.contracts import ChatRequest, DecideRequest, Message
from models.errors import ModelError, ModelFileBadError, WorkerDiedError, from_record
from models.gguf_check import Header, check
from models.host import Limits, ModelHost, Settings
from models.host.command import worker_environment
from models.host.reason import why

Outcome = Literal[
    "refused by the check", "refused by llama.cpp", "refused when asked", "answered", "ended, and said why", "WRONG"
]
PATIENCE_S = 30.0
N_CTX = 256
CHAT = ChatRequest((Message("user", "hello"),), max_tokens=2, temperature=0, now=0.0)
DECIDE = DecideRequest("remind me friday to invoice her")
TEXTS = ("the sea is wide", "remind sam to call dana tomorrow")
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`words`: what the user would be told, or what is wrong with that."""

    outcome: Outcome
    words: str
    seconds: float = 0.0


class Judge:
    """One nursery; as often replaced as it ends."""

    def __init__(self) -> None:
        self._nursery: subprocess.Popen[bytes] | None = None

    def judge(self, path: Path) -> Verdict:
        try:
            header = check(path)
        except ModelFileBadError as error:
            return _told("refused by the check", error)
        if not CAN_FORK:
            return through_host(path, header)
        return _from_worker(self._raise_one(path, header))

    def close(self) -> None:
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.communicate()
            self._nursery = None

    def _raise_one(self, path: Path, header: Header) -> dict[str, Any]:
        start = wire.Start(
            path=str(path), name="mutant", sha256="0" * 64, threads=1, n_ctx=N_CTX, careful=True, born=0.0
        )
        job = {"argument": start.argument(), "order": _order(header), "patience_s": PATIENCE_S}
        nursery = self._nursery = self._nursery or _open_nursery()
        assert nursery.stdin is not None, "Popen was asked for these pipes"
        assert nursery.stdout is not None, "Popen was asked for these pipes"
        nursery.stdin.write(json.dumps(job).encode() + b"\n")
        nursery.stdin.flush()
        line = nursery.stdout.readline()
        if not line:
            self.close()
            return {"said": "", "words": "the nursery ended", "status": None, "hung": False, "seconds": 0.0}
        found: dict[str, Any] = json.loads(line)
        return found


def _open_nursery() -> subprocess.Popen[bytes]:
    words = [sys.executable, "-P", "-m", "tests.fuzz.nursery"]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=worker_environment())


def _order(header: Header) -> str:
    """The one request that it is given."""
    if header.kind == "starter":
        return wire.encode({"op": "decide", "id": 1, "request": asdict(DECIDE)}).decode()
    if header.kind == "search":
        return wire.encode({"op": "embed", "id": 1, "texts": list(TEXTS)}).decode()
    return wire.encode({"op": "chat", "id": 1, "request": asdict(CHAT)}).decode()


def _from_worker(found: dict[str, Any]) -> Verdict:
    """As the host would see it: the last event, or the end of the process and its last words."""
    if found["hung"]:
        return Verdict("WRONG", f"hung: no answer within {PATIENCE_S:g} s. {found['words'][-300:]}", found["seconds"])
    if found["status"] is None:
        return Verdict("WRONG", found["words"])
    if os.WCOREDUMP(found["status"]):
        return Verdict("WRONG", "left a memory dump", found["seconds"])
    try:
        events = [json.loads(line) for line in found["said"].splitlines()]
    except ValueError as error:
        return Verdict("WRONG", f"said something that is no JSON: {error}", found["seconds"])
    return _from_events(events, found)


def _from_events(events: list[dict[str, Any]], found: dict[str, Any]) -> Verdict:
    last = events[-1] if events else {}
    match last.get("event"):
        case "failed" | "error":
            outcome: Outcome = "refused by llama.cpp" if last["event"] == "failed" else "refused when asked"
            return _told(outcome, from_record(last["error"]), found["seconds"])
        case "finished" | "decided" | "embedded":
            return Verdict("answered", "", found["seconds"])
        case _:
            code = os.waitstatus_to_exitcode(found["status"])
            if code in (0, 99):
                return Verdict("WRONG", f"ended with {code} and no answer. {found['words'][-300:]}", found["seconds"])
            return Verdict("ended, and said why", why(code, found["words"].splitlines()), found["seconds"])


def _told(outcome: Outcome, error: ModelError, seconds: float = 0.0) -> Verdict:
    """Only an error that says what, where and what to do is one."""
    if not error.what.strip(" .") or not error.where or not error.todo:
        return Verdict("WRONG", f"an error without words: {error.record()}", seconds)
    return Verdict(outcome, str(error), seconds)


def through_host(path: Path, header: Header) -> Verdict:
    """The same through the whole host: a process started anew, its death told, its second chance."""
    host = ModelHost(path, name="mutant", settings=Settings(threads=1, n_ctx=N_CTX), limits=Limits(backoff_s=(0.0,)))
    try:
        if header.kind == "starter":
            host.decide(DECIDE)
        elif header.kind == "search":
            host.embed(TEXTS)
        else:
            list(host.chat(CHAT))
    except WorkerDiedError as error:
        return _told("ended, and said why", error)
    except ModelError as error:
        return _told("refused by llama.cpp" if host.state().phase == "refused" else "refused when asked", error)
    finally:
        host.close()
    return Verdict("answered", "")
