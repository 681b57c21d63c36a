"""How the models stand, by name: the status line and the Models room say it in the same words."""

from dataclasses import dataclass, replace

from agent.protocol.events import ModelStateChanged

STARTER = "starter"  # it decides what is to be done, whoever talks


@dataclass(frozen=True, slots=True)
class ModelFace:
    words: str
    tone: str
    line: str  # in the status line


READY = ModelFace("Answers now", "good", "ready")
GETTING_READY = ModelFace("Getting ready…", "info", "getting ready")
FACES = {
    "starting": GETTING_READY,
    "restarting": ModelFace("Starting again…", "wait", "starting again"),
    "ready": READY,
    "busy": READY,
    "stopped": ModelFace("Resting", "muted", "resting"),
    "closed": ModelFace("Resting", "muted", "resting"),
    "resting": ModelFace("Resting", "muted", "resting"),
    "refused": ModelFace("Cannot be used", "bad", "cannot be used"),
}
RESTING = "resting"


class Standings:
    """What was last heard of each model."""

    def __init__(self) -> None:
        self._heard: dict[str, ModelStateChanged] = {}

    def hear(self, event: ModelStateChanged) -> None:
        self._heard[event.name] = event

    def knows(self, name: str) -> bool:
        return name in self._heard

    def face(self, name: str) -> ModelFace:
        """One that rests says why in the status line, since nobody asked for that."""
        heard = self._heard.get(name)
        face = FACES.get(heard.state, GETTING_READY) if heard else GETTING_READY
        if heard and heard.state == RESTING and heard.why:
            return replace(face, line=heard.why[0].lower() + heard.why[1:].rstrip("."))
        return face

    def why(self, name: str) -> str:
        heard = self._heard.get(name)
        return heard.why if heard else ""
