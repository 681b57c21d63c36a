"""Files of the library that are shown as what they are: pictures, and sounds in words. Their bytes are asked for when
something is about to be seen, and only so many are held.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.protocol import commands, events
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.wording import count, one_line, size

HELD_MAX, HELD_BYTES_MAX = 40, 64_000_000
FILES_SHOWN_MAX = 8  # on one card
NAME_CHARACTERS_MAX = 80
PICTURE, SOUND = "image/", "audio/"
Then = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class FileFace:
    """`format`: of a picture, as its bytes say it ("png"); "" for what is none. `words`: name, kind, length, size.
    Without an `id` there is nothing to open."""

    id: str
    format: str
    words: str


def face(file_id: str, said: Mapping[str, Any]) -> FileFace:
    """`said`: what the library has of it."""
    media_type = str(said.get("media_type", ""))
    kind = "Picture" if media_type.startswith(PICTURE) else "Sound" if media_type.startswith(SOUND) else "File"
    parts = [kind, one_line(str(said.get("name", "")), NAME_CHARACTERS_MAX), _length(said.get("seconds"))]
    parts += [size(said["bytes"])] if isinstance(said.get("bytes"), int) else []
    shown = media_type.removeprefix(PICTURE) if kind == "Picture" else ""
    return FileFace(file_id, shown, " · ".join(filter(None, parts)))


def faces(facts: Mapping[str, Any]) -> tuple[FileFace, ...]:
    """Of what came with a call."""
    found = facts.get("files")
    rows: Sequence[Any] = found if isinstance(found, list) else ()
    shown = tuple(
        face(str(one["id"]), one) for one in rows[:FILES_SHOWN_MAX]
        if isinstance(one, Mapping) and "id" in one and "media_type" in one
    )  # fmt: skip
    return (*shown, *_not_kept(facts, len(shown)))


def _not_kept(facts: Mapping[str, Any], kept: int) -> tuple[FileFace, ...]:
    """What the server answered with and is not in the library: no known kind, too large, or of a kept answer."""
    came = sum(said for name in ("pictures", "sounds") if isinstance(said := facts.get(name), int))
    lost = came - kept
    return (FileFace("", "", f"{count(lost, 'picture or sound', 'pictures or sounds')} not kept"),) if lost > 0 else ()


def _length(seconds: Any) -> str:
    if not isinstance(seconds, int | float):
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


class FilesPresenter(Presenter):
    """Nothing of it is shown by itself: who wants a file is told once, when it is there."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._asked: dict[str, str] = {}  # file id by the command that asks for it
        self._wanted: dict[str, list[Then]] = {}

    def handlers(self) -> Handlers:
        return {events.FileLoaded: self._loaded, events.Failed: self._failed}

    def want(self, file_id: str, then: Then) -> None:
        """`then` is told its bytes, now or later; none where it is not there any more."""
        if file_id in self._held:
            self._held.move_to_end(file_id)
            then(self._held[file_id])
            return
        self._wanted.setdefault(file_id, []).append(then)
        if file_id not in self._asked.values():
            command = commands.LoadFile(artifact_id=file_id)
            self._asked[command.id] = file_id
            self._submit(command)

    def _loaded(self, event: events.FileLoaded) -> None:
        self._asked.pop(event.cause, None)
        self._hold(event.artifact_id, event.content)

    def _failed(self, event: events.Failed) -> None:
        if file_id := self._asked.pop(event.cause, ""):
            self._hold(file_id, b"")

    def _hold(self, file_id: str, content: bytes) -> None:
        self._held[file_id] = content
        while len(self._held) > HELD_MAX or sum(map(len, self._held.values())) > HELD_BYTES_MAX:
            self._held.popitem(last=False)
        for then in self._wanted.pop(file_id, ()):
            then(content)
