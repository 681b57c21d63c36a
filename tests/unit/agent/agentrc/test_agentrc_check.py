"""The strict schema: what is wrong is named with file, line, column and a remedy."""

import pytest

from agent.agentrc.check import PROBLEMS_MAX, check_bytes
from agent.agentrc.parse import BOM, FILE_BYTES_MAX

EXAMPLE = b"""schema = 1
tone = "terse"  # a comment
length = "short"
format = "markdown"
language = "en"
timezone = "Europe/Berlin"
emoji = false

[model]
default = "starter"

[tools]
"email.*" = "ask"
"note.*" = "allow"

[accounts.work]
kind = "smtp"
host = "127.0.0.1"
port = 2525
security = "none"
from = "me@example.org"
user = "me"
secret = "keyring:work"

[channels.ops]
kind = "webhook"
url = "http://127.0.0.1:8080/hook"

[trackers.web]
kind = "http"
url = "http://127.0.0.1:8080/issues"

[contacts]
Dana = "dana@example.org"

[files]
allowed = ["~/Documents"]

[network]
mode = "auto"

[practice]
enabled = true

[project]
name = "Leeds"
context = "We write British English."
"""


def problems(text: str, layer: str = "user") -> list[str]:
    return [str(problem) for problem in check_bytes(layer, text.encode(), "rc").problems]


def test_the_documented_example_is_valid_and_places_are_kept():
    checked = check_bytes("user", EXAMPLE, "rc")
    assert checked.problems == ()
    entries = {".".join(entry.path): entry for entry in checked.layer.entries}
    assert entries["tone"].line == 2
    assert entries["accounts.work.port"].line == 19
    assert entries["project.context"].value == ["We write British English."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'tone = "ters"',
            "rc:1:8: tone must be neutral, terse, warm or formal, or a sentence, not 'ters'. Did you mean",
        ),
        ('\nlangth = "short"', "rc:2:1: there is no setting langth. Did you mean length?"),
        ('verbosity = "short"', "rc:1:1: there is no setting verbosity. The setting for that is length."),
        ('emoji = "no"', "rc:1:9: emoji must be true or false, without quotes, not 'no'."),
        ("length = 3", "rc:1:10: length must be short, normal or long, not 3."),
        ('timezone = "Berlin"', "rc:1:12: timezone must be local or a zone such as Europe/Berlin, not 'Berlin'."),
        ('language = "English"', "rc:1:12: language must be a language code"),
        ("[model]\ndefualt = 'x'", "rc:2:1: there is no setting model.defualt. Did you mean model.default?"),
        ("[modle]\ndefault = 'x'", "rc:1:1: there is no setting modle. Did you mean model?"),
        ('model = "x"', "rc:1:1: model is a table: write [model] above its settings."),
        ('tools = "ask"', "rc:1:1: tools is a table"),
        (
            '[tools]\n"email.*" = "aks"',
            "rc:2:13: tools.\"email.*\" must be allow, ask or deny, not 'aks'. Did you mean 'ask'?",
        ),
        ('[tools]\n"rc.set" = "allow"', "rc:2:12: rc.set can be ask or deny"),
        ('[accounts.w]\nkind = "imap"', "rc:2:8: accounts.w.kind must be smtp, caldav, webdav or git, not 'imap'"),
        ('[accounts.work]\nkind = "smtp"\nhost = "h"', "rc:2:1: [accounts.work] of kind smtp needs from."),
        ('[accounts.work]\nhost = "h"', '[accounts.work] needs kind = "smtp"'),
        ('[trackers.x]\nkind = "github"\nproject = "a/b"', "needs secret."),
        ("[accounts.work]\nport = 70000", "rc:2:8: accounts.work.port must be a number from 1 to 65535"),
        ('[accounts.work]\nfrom = "me"', "must be an e-mail address"),
        (
            '[channels.ops]\nkind = "webhook"\nurl = "ftp://x"',
            "must be an address that begins with http:// or https://",
        ),
        ('[channels.ops]\nkind = "webhook"\nurl = "http://x:port"', "must be an address that begins with http"),
        ('[contacts]\nDana = "dana"', "rc:2:8: contacts.Dana must be an e-mail address"),
        ("[files]\nallowed = 3", "rc:2:11: files.allowed must be a list"),
        ('[files]\nallowed = ["~/a", 3]', "files.allowed holds an entry that must be text in quotes, not a number."),
        ("schema = 2", "rc:1:10: schema is 2, but 1 is the newest that this Carryon reads."),
        ('schema = "1"', "rc:1:10: schema must be 1"),
        ('lock = ["tone"]', "lock stands only in the system's file"),
        ('tone = ""', "must not be empty"),
        ("[model]\ncontext = 100", 'rc:2:11: model.context must be "auto", or a number from 2048 to 1048576 without'),
        ('[model]\ncontext = "8192"', "without quotes, not '8192'"),
        ("[model]\ncontext = true", 'model.context must be "auto"'),
        ('[files]\nallowed = ["Documents"]', "must be a whole path such as ~/Documents"),
        ('[model]\ndefault = "a\\u0000b"', "holds a character that cannot be seen"),
        ('[accounts.work]\nhost = "a\\nb"', "must stand on one line"),
        ("a = 2020-01-01", "there is no setting a."),
    ],
)
def test_each_mistake_is_named_with_its_place_and_a_remedy(text: str, expected: str):
    found = problems(text)
    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tone = terse", 'rc:1:8: is not valid TOML: Invalid value. Text needs quotes: tone = "…"'),
        ('[tools]\nemail.* = "ask"', 'A name with * needs quotes: "email.*" = …'),
        (
            "tone: terse",
            "rc:1:5: is not valid TOML: Expected '=' after a key in a key/value pair. A setting is written",
        ),
        ("a = 1\na = 2", "rc:2:6: is not valid TOML"),
        ("files = [", "rc:1:10: is not valid TOML"),
        ("x = " + "[" * 5000, "nests brackets too deeply"),
    ],
)
def test_syntax_mistakes_are_named_with_their_place(text: str, expected: str):
    (problem,) = problems(text)
    assert expected in problem


def test_bytes_that_are_not_utf8_are_placed():
    (problem,) = check_bytes("user", b'# \xc3\xa4\ntone = "\xff"', "rc").problems
    assert str(problem) == "rc:2:9: holds a character that is not UTF-8. Save the file as UTF-8."


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    checked = check_bytes("user", BOM + EXAMPLE.replace(b"\n", b"\r\n"), "rc")
    assert checked.problems == ()
    assert checked.layer.entries[1].line == 2


def test_a_huge_file_is_refused_unread():
    (problem,) = check_bytes("user", b"#" * (FILE_BYTES_MAX + 1), "rc").problems
    assert "the most a settings file may have" in problem.text


def test_many_mistakes_are_bounded():
    text = "\n".join(f"nonsense{number} = 1" for number in range(PROBLEMS_MAX * 2))
    assert len(problems(text)) == PROBLEMS_MAX


@pytest.mark.parametrize(
    "value",
    [
        "ghp_abcdefghijklmnopqrstuvwxyz0123",
        "glpat-abcdefghijklmnopqrst",
        "xoxb-1234567890-abcdef",
        "sk-abcdefghijklmnopqrstuvwx",
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://user:hunter2@example.org/hook",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
@pytest.mark.parametrize("place", ['[channels.ops]\nurl = "{}"', 'tone = "x {}"', '[project]\ncontext = ["{}"]'])
def test_a_literal_secret_is_refused_and_never_repeated(place: str, value: str):
    found = problems(place.format(value))
    assert any("carryon rc secret" in problem for problem in found), found
    assert not any(value in problem for problem in found)


@pytest.mark.parametrize("key", ["password", "pasword", "token", "api_key"])
def test_a_password_key_teaches_references_and_hides_the_value(key: str):
    (problem,) = problems(f'[accounts.work]\n{key} = "hunter2"')
    assert 'secret = "keyring:work"' in problem
    assert "carryon rc secret work" in problem
    assert "hunter2" not in problem


def test_a_secret_that_is_no_reference_is_refused_and_not_shown():
    found = " ".join(problems('[accounts.work]\nsecret = "hunter2"'))
    assert "rc:2:10: accounts.work.secret must say where the secret is" in found
    assert "hunter2" not in found
    assert "hunter2" not in " ".join(problems("[accounts.work]\nsecret = hunter2"))


def test_rules_may_be_written_without_quotes_where_toml_allows_it():
    layer = check_bytes("user", b'[tools]\nemail.send = "deny"\n"note.*" = "ask"\nemail.other = "allow"', "rc").layer
    assert [entry.path for entry in layer.entries] == [
        ("tools", "email.send"),
        ("tools", "note.*"),
        ("tools", "email.other"),
    ]


@pytest.mark.parametrize("entry", ["/etc/passwd", "~/.ssh/id_rsa", "../secrets", "./a/../../b"])
def test_a_project_cannot_name_files_outside_itself(entry: str):
    assert "inside the project's folder" in problems(f'[project]\ncontext = ["{entry}"]', "project")[0]
    assert problems(f'[project]\ncontext = ["{entry}"]', "user") == []
