"""How many tokens a chat model is to hold: a line of the settings, shown and explained like any other."""

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.errors import InvalidValueError
from agent.agentrc.keys import resolve
from agent.agentrc.kinds import from_text
from agent.compose import build
from agent.paths import Paths
from agent.protocol import commands, events
from agent.session.handling import Session


@pytest.mark.parametrize(("line", "tokens"), [("", 0), ('context = "auto"', 0), ("context = 8192", 8_192)])
def test_it_is_a_line_of_the_settings(paths: Paths, line: str, tokens: int) -> None:
    paths.agentrc.write_text(f"[model]\n{line}\n")
    assert Agentrc(paths, environ={}).load().model_context == tokens


def test_settings_show_it_take_a_number_and_refuse_what_is_none(paths: Paths) -> None:
    with build(paths, environ={}, offline=True) as runtime:
        session = Session(runtime)
        (loaded,) = [one for one in session.handle(commands.LoadSettings()) if isinstance(one, events.SettingsLoaded)]
        (shown,) = [option for option in loaded.options if option.key == "model.context"]
        assert (shown.value, shown.origin) == ("auto", "built-in")
        list(session.handle(commands.SetOption(key="model.context", value="16384")))
        assert runtime.settings.model_context == 16_384
        assert "context = 16384\n" in paths.agentrc.read_text()
        for bad in (0, -1, 1_000, 2_000_000, True, "much", "8 k"):
            with pytest.raises(InvalidValueError, match='must be "auto", or a number from 2048 to 1048576'):
                runtime.change_settings({"model.context": bad})
        list(session.handle(commands.SetOption(key="model.context", value="auto")))
        assert runtime.settings.model_context == 0


def test_what_is_typed_is_a_number_or_a_word() -> None:
    option, _ = resolve("model.context")
    assert [from_text(option, text) for text in ("8192", " 8192 ", "auto")] == [8192, 8192, "auto"]
