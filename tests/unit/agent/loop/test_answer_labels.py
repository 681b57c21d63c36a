"""The digest under an answer is that of the weights that gave it, over ten thousand mixed requests."""

import random
from dataclasses import replace

from agent.agentrc.settings import Settings
from agent.loop.minds import Minds
from agent.loop.ports import Situation
from models.contracts import ChatRequest, Decision, Message
from models.scripted import INFO, Scripted

REQUESTS = 10_000
COMPILED = (
    '{"tone":"neutral","length":"normal","format":"markdown","language":"en","timezone":"local","emoji":false,'
    '"model":{"default":"qwen"},"tools":[["*","allow"]],"files":{"allowed":[]},"network":{"mode":"auto"},'
    '"practice":{"enabled":false}}'
)


def test_no_answer_names_other_weights_than_those_that_gave_it() -> None:
    weights = {"starter": "a" * 64, "qwen": "b" * 64, "llama": "c" * 64}
    asked = dict.fromkeys(weights, 0)
    chosen = ["qwen"]
    settings = Settings.of(COMPILED)

    def open_model(name: str) -> Scripted:
        script = [Decision("handoff", 0.9)] * REQUESTS if name == "starter" else ["Blue."] * REQUESTS
        return Scripted(script, info=replace(INFO, name=name, sha256=weights[name]))

    minds = Minds(open_model, lambda: replace(settings, model_default=chosen[0]))
    luck = random.Random(7)
    thread = ChatRequest((Message("user", "what colour is the sea"),))
    for _ in range(REQUESTS):
        chosen[0] = luck.choice(("starter", "qwen", "llama"))
        if minds.talks() and luck.random() < 0.7:
            list(minds.chat(thread))
            label, made_by = minds.chat_label(()), chosen[0]
        else:
            label, made_by = minds.decide("email Dana", Situation()).label, "starter"
        asked[made_by] += 1
        assert (label.model, label.model_sha256) == (made_by, weights[made_by])
    minds.close()
    assert min(asked.values()) > REQUESTS / 10
