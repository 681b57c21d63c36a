"""Layers: the winner, where it was said, whom it beat; and the compiled settings."""

import itertools

import pytest

from agent.agentrc.check import check_bytes
from agent.agentrc.errors import InvalidValueError, UnknownKeyError
from agent.agentrc.layers import LAYERS, Entry, Layer
from agent.agentrc.settings import Settings
from agent.agentrc.sources import builtin, environment, session
from agent.agentrc.stack import Stack

ACCOUNT = '[accounts.work]\nkind = "smtp"\nhost = "h"\nfrom = "me@example.org"\n'


def layer(name: str, text: str) -> Layer:
    checked = check_bytes(name, text.encode(), name)
    assert not checked.errors, checked.errors
    return checked.layer


def stack(*layers: Layer) -> Stack:
    return Stack([builtin(), *layers])


@pytest.mark.parametrize("present", list(itertools.product((False, True), repeat=5)))
def test_the_highest_layer_wins_in_every_pattern_of_presence(present: tuple[bool, ...]):
    named = [name for name, there in zip(LAYERS[1:], present, strict=True) if there]
    made = stack(*(Layer(name, (Entry(("tone",), f"tone of {name}", name, 7),)) for name in reversed(named)))
    order = ["built-in", *named]
    assert made.value("tone") == (f"tone of {order[-1]}" if named else "neutral")
    origin = made.origin("tone")
    assert (origin.layer, origin.beaten) == (order[-1], tuple(reversed(order[:-1])))
    assert made.settings().tone == made.value("tone")


def test_an_explanation_reads_like_a_sentence():
    made = stack(layer("user", '\n\ntone = "warm"'), session(["tone=terse"]))
    lines = str(made.explain("tone")).splitlines()
    assert lines[0] == 'tone = "terse"  (--set)'
    assert lines[1] == '  over "warm"  (user:3)'
    assert lines[2] == '  over "neutral"  (built-in)'


def test_what_nobody_sets_is_none_and_what_does_not_exist_teaches():
    assert stack().explain("project.name").value is None
    with pytest.raises(UnknownKeyError, match="Did you mean tone"):
        stack().value("tne")


def test_rules_out_of_the_box():
    settings = stack().settings()
    asked = {"email.send", "message.post", "issue.create", "rc.set"}
    tools = asked | {"note.create", "task.add", "web.fetch", "file.read", "calc.evaluate"}
    assert {tool: settings.tool_rule(tool) for tool in tools} == {
        tool: "ask" if tool in asked else "allow" for tool in tools
    }


def test_an_unlisted_effect_outside_asks_unless_the_user_allowed_it():
    assert stack().settings().tool_rule("crm.send", outside=True) == "ask"
    assert stack().settings().tool_rule("crm.send") == "allow"
    own = stack(layer("user", '[tools]\n"crm.*" = "allow"')).settings()
    assert own.tool_rule("crm.send", outside=True) == "allow"


def test_rules_are_tried_in_file_order_and_higher_layers_first():
    user = layer("user", '[tools]\n"email.send" = "deny"\n"email.*" = "allow"\n"*" = "ask"')
    made = stack(user)
    assert [made.settings().tool_rule(tool) for tool in ("email.send", "email.draft", "note.create")] == [
        "deny",
        "allow",
        "ask",
    ]
    assert stack(user, session(["tools.email.send=ask"])).settings().tool_rule("email.send") == "ask"


def test_explaining_a_tool_names_the_rule_that_decides():
    made = stack(layer("user", '[tools]\n"email.*" = "deny"'))
    said = made.explain("tools.email.send")
    assert (said.key, said.value, str(said.origin)) == ('tools."email.*"', "deny", "user:2")
    assert [lost.value for lost in said.beaten] == ["ask", "allow"]


def test_settings_can_never_be_changed_without_asking():
    everything = stack(layer("user", '[tools]\n"*" = "allow"')).settings()
    assert everything.tool_rule("email.send") == "allow"
    assert everything.tool_rule("rc.set") == "ask"
    assert stack(layer("user", '[tools]\n"rc.*" = "deny"')).settings().tool_rule("rc.set") == "deny"


def test_a_higher_file_replaces_a_connection_whole_and_a_variable_refines_it():
    user = layer("user", ACCOUNT + 'secret = "keyring:work"\nuser = "me"')
    project = layer("project", ACCOUNT.replace('"h"', '"elsewhere"'))
    mixed = stack(user, project).settings().accounts["work"]
    assert (mixed.host, mixed.secret, mixed.user) == ("elsewhere", None, None)
    refined = stack(user, environment({"AGENTRC_ACCOUNTS__WORK__PORT": "2525"}).layer).settings().accounts["work"]
    assert (refined.host, refined.port, refined.secret) == ("h", 2525, "keyring:work")


def test_a_connection_that_is_only_half_there_does_not_count_and_is_told():
    made = stack(session(["accounts.new.host=h"]))
    assert made.settings().accounts == {}
    assert "needs kind" in made.problems[0].text


def test_the_systems_lock_holds_against_every_layer_above():
    system = layer(
        "system", 'lock = ["network.mode", "tools.*"]\n[network]\nmode = "offline"\n[tools]\n"email.*" = "deny"'
    )
    user = layer("user", '[network]\nmode = "auto"\n[tools]\n"*" = "allow"')
    made = stack(system, user, session(["tools.email.send=allow"]))
    settings = made.settings()
    assert (settings.network_mode, settings.tool_rule("email.send")) == ("offline", "deny")
    assert [problem.severity for problem in made.problems] == ["note"] * 3
    assert "network.mode is locked" in str(made.problems[0])


def test_a_locked_rule_goes_before_a_users_catch_all():
    system = layer("system", 'lock = ["tools.email.*"]\n[tools]\n"email.*" = "deny"')
    made = stack(system, layer("user", '[tools]\n"*" = "allow"'))
    assert made.settings().tool_rule("email.send") == "deny"
    assert made.settings().tool_rule("note.create") == "allow"


def test_the_hash_is_of_what_holds_not_of_how_it_is_written():
    plain = stack(layer("user", 'tone = "warm"\n[contacts]\nA = "a@b.c"\nB = "b@b.c"'))
    other = stack(layer("user", '# hello\n\ntone   = "warm"\n[contacts]\nB = "b@b.c"\nA = "a@b.c"'))
    by_variable = stack(layer("user", '[contacts]\nA = "a@b.c"\nB = "b@b.c"'), session(["tone=warm"]))
    assert plain.config_hash == other.config_hash == by_variable.config_hash
    assert plain.config_hash != stack().config_hash
    ordered = stack(layer("user", '[tools]\n"a" = "ask"\n"*" = "deny"'))
    swapped = stack(layer("user", '[tools]\n"*" = "deny"\n"a" = "ask"'))
    assert ordered.config_hash != swapped.config_hash


def test_old_settings_can_be_looked_at_again():
    made = stack(layer("user", ACCOUNT + '[trackers.t]\nkind = "http"\nurl = "http://x"')).settings()
    assert Settings.of(made.compiled) == made


def test_ports_follow_the_protection_of_the_connection():
    ports = {
        security: stack(layer("user", ACCOUNT + f'security = "{security}"')).settings().accounts["work"].port
        for security in ("none", "starttls", "tls")
    }
    assert ports == {"none": 25, "starttls": 587, "tls": 465}


def test_variables_are_read_by_kind_and_a_bad_one_harms_only_itself():
    environ = {
        "AGENTRC": "/some/where",
        "AGENTRC_TONE": "terse",
        "AGENTRC_EMOJI": "yes",
        "AGENTRC_MODEL__DEFAULT": "big",
        "AGENTRC_FILES__ALLOWED": "~/a, ~/b",
        "AGENTRC_TOOLS__EMAIL__SEND": "deny",
        "AGENTRC_LENGHT": "short",
        "AGENTRC_LENGTH": "tiny",
        "AGENTRC_ACCOUNTS__A__SECRET": "hunter2",
        "OTHER": "x",
    }
    checked = environment(environ)
    made = stack(checked.layer).settings()
    assert (made.tone, made.emoji, made.model_default) == ("terse", True, "big")
    assert [path.name for path in made.files_allowed] == ["a", "b"]
    assert made.tool_rule("email.send") == "deny"
    told = {problem.where: problem.text for problem in checked.problems}
    assert set(told) == {"AGENTRC_LENGHT", "AGENTRC_LENGTH", "AGENTRC_ACCOUNTS__A__SECRET"}
    assert "Did you mean AGENTRC_LENGTH?" in told["AGENTRC_LENGHT"]
    assert "hunter2" not in str(told)


@pytest.mark.parametrize(
    "text", ["tone", "=x", "tone=loud", "emoji=perhaps", "tools.rc.set=allow", "accounts.a.port=x"]
)
def test_a_bad_set_is_told_at_once(text: str):
    with pytest.raises((InvalidValueError, UnknownKeyError)):
        session([text])


def test_contacts_are_found_as_people_write_them():
    settings = stack(layer("user", '[contacts]\nDana = "dana@example.org"')).settings()
    assert settings.contact(" dana ") == "dana@example.org"
    assert settings.contact("Dan") is None
