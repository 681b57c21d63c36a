"""Laws of taking back: whatever a call did to the library, undo leaves it as it was before, and loses nothing."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled
from agent.protocol.records import CallStatus
from agent.runtime import Runtime
from models.contracts import Decision, PointedCall
from models.scripted import Scripted

NOW = 1_795_600_000.0
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
WHEN = st.sampled_from(["tomorrow", "on friday", "next monday at 9", "in two hours", "some day", "15 December"])
LONG = st.sampled_from(["ten minutes", "1 hour", "90 seconds", "a while"])
TITLE = st.sampled_from(["Packing", "packing list", "Trip to Rome", "call Ivo", "invoice her", "no such thing"])

CALLS = st.one_of(
    st.tuples(st.just("note.create"), st.fixed_dictionaries({"body": WORDS}, optional={"title": WORDS})),
    st.tuples(st.just("note.append"), st.fixed_dictionaries({"title": TITLE, "text": WORDS})),
    st.tuples(st.just("task.add"), st.fixed_dictionaries({"title": WORDS}, optional={"due": WHEN})),
    st.tuples(st.just("task.done"), st.fixed_dictionaries({"title": TITLE})),
    st.tuples(
        st.just("calendar.add"), st.fixed_dictionaries({"title": WORDS, "when": WHEN}, optional={"duration": LONG})
    ),
    st.tuples(st.just("timer.set"), st.fixed_dictionaries({"duration": LONG}, optional={"label": WORDS})),
)
CHANGES: dict[str, dict[str, str]] = {
    "note.create": {"body": "said anew"},
    "note.append": {"text": "another text"},
    "task.add": {"due": "on sunday"},
    "task.done": {"title": "invoice her"},
    "calendar.add": {"when": "on sunday at 4"},
    "timer.set": {"duration": "twenty minutes"},
}


def seen(runtime: Runtime) -> Any:
    """Everything that a person finds in the library, to the byte, and what will ring."""
    library = runtime.library
    shown = [
        (work.id, work.kind, work.title, work.tags, dict(work.data), library.content(work.id))
        for work in library.list(limit=1_000)
    ]
    return sorted(shown, key=lambda row: row[0]), sorted(library.waiting_timers(), key=lambda timer: timer.id)


def furnish(runtime: Runtime) -> None:
    runtime.library.create("note", "Packing", "shirts\n")
    runtime.library.create("note", "Packing list", "shoes")
    runtime.library.create("document", "Trip to Rome", "")
    runtime.library.add_task("call Ivo", said="on friday", due_at=int((NOW + 200_000) * 1000))
    runtime.library.add_timer("call Ivo", int((NOW + 200_000) * 1000))
    runtime.library.add_task("invoice her")


def say(runtime: Runtime, text: str, decision: Decision, place: str | None) -> tuple[list[CallSettled], str]:
    runtime.minds.model("starter")._script.append(decision)  # type: ignore[attr-defined]
    events = list(runtime.turn(Request(text, place)))
    settled = [event for event in events if isinstance(event, CallSettled) and event.turn_id == events[-1].turn_id]
    return settled, events[-1].message.conversation_id


@settings(max_examples=100, deadline=None)
@given(CALLS, st.integers(0, 2))
def test_undo_leaves_the_library_as_it_was(call: tuple[str, dict[str, str]], changes: int) -> None:
    tool, args = call
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = Paths.of({"CARRYON_HOME": str(root / "home"), "AGENTRC": str(root / "agentrc")}).make()
        with build(paths, environ={}, starter=Scripted([]), offline=True, clock=lambda: NOW) as runtime:
            runtime.connection.execute("PRAGMA synchronous = OFF")
            furnish(runtime)
            states = [seen(runtime)]
            (made,), place = say(runtime, "do it", Decision("called", 0.9, (PointedCall(tool, args),)), None)
            if made.call.status is not CallStatus.DONE:
                assert seen(runtime) == states[0], "a question changes nothing"
                return
            follow = Decision("called", 0.9, (PointedCall(tool, CHANGES[tool]),), follow="amend")
            for _ in range(changes):
                states.append(seen(runtime))
                (changed,), _ = say(runtime, "rather so", follow, place)
                assert changed.call.status is CallStatus.DONE
            undo = Decision("called", 0.9, (PointedCall(tool, {}),), follow="undo")
            (undone,), _ = say(runtime, "undo", undo, place)
            if undone.call.status is CallStatus.UNDONE:
                assert seen(runtime) == states[-1]
            else:
                assert undone.call.status is CallStatus.REFUSED
                assert seen(runtime) == states[-1], "what changed nothing has nothing to take back"
