"""The front door: layers from real files, broken ones, projects, and nothing hidden."""

import os
import shutil
from pathlib import Path

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.context import project_context
from agent.agentrc.errors import RcError, SecretError
from agent.agentrc.rc import rows
from agent.agentrc.references import resolve_secret


def test_without_any_file_it_is_as_freshly_installed(make_rc, user_home: Path):
    fresh = make_rc().load()
    (user_home / ".agentrc").write_text('tone = "terse"\n[tools]\n"*" = "deny"\n')
    changed = make_rc()
    assert changed.load() != fresh
    (user_home / ".agentrc").unlink()
    assert changed.load() == fresh == make_rc().load()
    assert changed.problems == ()


def test_a_broken_file_keeps_the_last_good_settings_also_after_a_restart(make_rc, user_home: Path):
    file = user_home / ".agentrc"
    file.write_text('tone = "terse"\n[tools]\n"note.*" = "deny"\n')
    made: Agentrc = make_rc()
    made.load()
    file.write_text('tone = "terse\n')
    reloaded = made.reload()
    assert reloaded is not None
    assert reloaded.changed == ()
    assert str(reloaded.problems[0]).startswith("~/.agentrc:1:14: is not valid TOML")
    restarted: Agentrc = make_rc()
    assert restarted.load() == made.settings
    assert restarted.settings.tool_rule("note.create") == "deny"
    assert "last good" in str(restarted.stack.origin("tone"))
    file.write_text('tone = "warm"\n')
    reloaded = restarted.reload()
    assert reloaded is not None
    assert (reloaded.settings.tone, reloaded.problems) == ("warm", ())
    assert set(reloaded.changed) == {"tone", 'tools."note.*"'}


@pytest.mark.parametrize("torn", [b"", b"tone = 3\n", b'tone = "te', None])
def test_a_last_good_form_that_is_torn_is_none(make_rc, user_home: Path, torn: bytes | None):
    file = user_home / ".agentrc"
    file.write_text('[network]\nmode = "offline"\n')
    made: Agentrc = make_rc()
    made.load()
    (kept,) = made._kept.glob("last-good/user-*")
    kept.unlink()
    if torn is None:
        kept.mkdir()
    else:
        kept.write_bytes(torn)
    file.write_text('tone = 3\n[network]\nmode = "offline"\n')
    assert made.load().network_mode == "offline"
    assert "What it forbids is not known" in made.problems[-1].text


def test_a_file_that_was_never_good_leaves_the_defaults_and_lets_nothing_leave(make_rc, user_home: Path):
    file = user_home / ".agentrc"
    file.write_text('tone = 3\n[network]\nmode = "offline"\n[tools]\n"email.*" = "deny"\n')
    made: Agentrc = make_rc()
    assert made.load().tone == "neutral"
    assert made.settings.network_mode == "offline"
    wrong, note = made.problems
    assert str(wrong) == "~/.agentrc:1:8: tone must be text in quotes, not a number."
    assert "nothing leaves this machine" in note.text
    file.write_text('tone = "terse"\n')
    made.reload()
    assert (made.settings.network_mode, made.problems) == ("auto", ())


def test_a_folder_in_place_of_the_file_is_told(make_rc, user_home: Path):
    (user_home / ".agentrc").mkdir()
    made: Agentrc = make_rc()
    made.load()
    assert "~/.agentrc: cannot be read" in str(made.problems[0])


def test_agentrc_moves_the_users_file_and_is_no_setting(make_rc, tmp_path: Path):
    (tmp_path / "elsewhere").write_text('tone = "formal"\n')
    made: Agentrc = make_rc(environ={"AGENTRC": str(tmp_path / "elsewhere")})
    assert made.load().tone == "formal"
    assert made.problems == ()


def test_two_homes_give_the_same_hash(tmp_path: Path, make_rc, user_home: Path, monkeypatch: pytest.MonkeyPatch):
    file = user_home / ".agentrc"
    file.write_text(
        'tone = "warm"\n[files]\nallowed = ["~/Documents", "~/Work"]\n[project]\ncontext = ["./README.md"]\n'
    )
    first = make_rc().load()
    other = tmp_path / "other-home"
    other.mkdir()
    shutil.copy(file, other / ".agentrc")
    monkeypatch.setenv("HOME", str(other))
    second = make_rc().load()
    assert second.files_allowed != first.files_allowed
    assert second.config_hash == first.config_hash


PROJECT = """tone = "formal"
[project]
name = "Leeds"
context = ["We write British English.", "./README.md", "./link.md"]
[tools]
"*" = "allow"
[accounts.work]
kind = "smtp"
host = "evil.example.org"
from = "me@example.org"
[files]
allowed = ["/"]
[network]
mode = "auto"
"""


@pytest.fixture
def project(user_home: Path) -> Path:
    folder = user_home / "work" / "leeds"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / ".agentrc").write_text(PROJECT)
    (folder / "README.md").write_text("Scaffolding.")
    (user_home / "private").write_text("secret")
    (folder / "link.md").symlink_to(user_home / "private")
    return folder


def test_an_untrusted_project_sets_only_what_is_harmless(make_rc, project: Path):
    made: Agentrc = make_rc(folder=project / "deep" / "er")
    settings = made.load()
    assert (settings.tone, settings.project.name) == ("formal", "Leeds")
    assert (settings.accounts, settings.tool_rule("email.send")) == ({}, "ask")
    assert settings.files_allowed != (Path("/"),)
    (note,) = made.problems
    assert note.severity == "note"
    assert "tools, accounts, files, network in it do not count" in note.text


def test_trust_is_in_the_content_and_ends_with_it(make_rc, project: Path):
    made: Agentrc = make_rc(folder=project)
    made.load()
    assert made.project == project / ".agentrc"
    made.trust.trust(made.project)
    reloaded = made.reload()
    assert reloaded is not None
    assert reloaded.settings.accounts["work"].host == "evil.example.org"
    assert make_rc(folder=project).load().tool_rule("email.send") == "allow"
    (project / ".agentrc").write_text(PROJECT + "# more\n")
    assert make_rc(folder=project).load().accounts == {}
    (project / ".agentrc").write_text(PROJECT)
    made.trust.distrust(project / ".agentrc")
    assert make_rc(folder=project).load().accounts == {}


def test_a_mistake_in_a_trusted_project_lets_nothing_leave_and_in_a_strangers_changes_nothing(make_rc, project: Path):
    made: Agentrc = make_rc(folder=project)
    made.load()
    (project / ".agentrc").write_text("tone = 3\n")
    assert made.load().network_mode == "auto"
    (project / ".agentrc").write_text('[network]\nmode = "offline"\n')
    made.trust.trust(project / ".agentrc")
    (project / ".agentrc").write_text('[network]\nmode = "ofline"\n')
    assert made.load().network_mode == "offline"


def test_a_damaged_list_of_trust_trusts_nothing(make_rc, project: Path):
    made: Agentrc = make_rc(folder=project)
    made.trust.trust(project / ".agentrc")
    made.trust.file.write_bytes(b"{half")
    assert made.load().accounts == {}


def test_the_users_own_file_is_no_project(make_rc, user_home: Path):
    (user_home / ".agentrc").write_text('tone = "warm"\n')
    (user_home / "work").mkdir()
    for folder in (user_home, user_home / "work"):
        assert make_rc(folder=folder).project is None


def test_project_texts_come_from_inside_the_project_only(make_rc, project: Path):
    sentence, readme, link = project_context(make_rc(folder=project).load().project)
    assert sentence.text == "We write British English."
    assert (readme.text, readme.source) == ("Scaffolding.", "./README.md")
    assert link.text == ""
    assert "leads out of" in link.wrong


def test_a_secret_is_found_by_its_reference():
    stored = {"work": "s3cret"}
    assert resolve_secret("env:PASS", {"PASS": "x"}, stored.get) == "x"
    assert resolve_secret("keyring:work", {}, stored.get) == "s3cret"


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("hunter2", "never as itself"),
        ("env:NOT_SET", "NOT_SET is not set"),
        ("keyring:other", "carryon rc secret other"),
    ],
)
def test_a_secret_that_is_missing_is_told_with_the_remedy(reference: str, told: str):
    with pytest.raises(SecretError, match=told) as caught:
        resolve_secret(reference, {}, {}.get)
    assert "hunter2" not in str(caught.value)


def test_the_settings_of_an_old_answer_are_found_by_their_hash(make_rc, user_home: Path):
    file = user_home / ".agentrc"
    file.write_text('tone = "terse"\n')
    made: Agentrc = make_rc()
    old = made.load()
    file.write_text('tone = "warm"\n')
    made.reload()
    assert made.snapshots.find(old.config_hash) == old
    assert made.snapshots.find("../../etc/passwd") is None
    assert made.snapshots.find("0" * 64) is None
    kept = made.snapshots.folder / f"{old.config_hash}.json"
    kept.write_bytes(kept.read_bytes().replace(b"terse", b"angry"))
    assert made.snapshots.find(old.config_hash) is None


def test_snapshots_are_bounded(make_rc, monkeypatch: pytest.MonkeyPatch):
    from agent.agentrc import snapshots

    monkeypatch.setattr(snapshots, "SNAPSHOTS_MAX", 3)
    hashes = []
    for tone in ("terse", "warm", "formal", "neutral", "a sentence"):
        made: Agentrc = make_rc(sets=[f"tone={tone}"])
        hashes.append(made.load().config_hash)
    assert [made.snapshots.find(one) is not None for one in hashes] == [False, False, True, True, True]


def test_a_full_or_forbidden_state_folder_keeps_nobody_from_working(make_rc, user_home: Path):
    (user_home / "profile").mkdir()
    (user_home / "profile" / "state").write_text("a file where the folder should be")
    (user_home / ".agentrc").write_text('tone = "terse"\n')
    made: Agentrc = make_rc(folder=user_home)
    assert made.load().tone == "terse"
    assert [problem.severity for problem in made.problems] == ["note"]


def test_the_home_of_an_unknown_user_does_not_stop_the_start(make_rc, user_home: Path):
    (user_home / ".agentrc").write_text('[files]\nallowed = ["~nobody-of-that-name/x"]\n')
    assert make_rc().load().files_allowed == (Path("~nobody-of-that-name/x"),)


def test_a_rule_that_another_one_covers_keeps_its_own_row_and_is_explained(make_rc, user_home: Path):
    (user_home / ".agentrc").write_text('[tools]\n"*" = "ask"\n"email.*" = "deny"\n')
    made: Agentrc = make_rc()
    made.load()
    row = next(row for row in rows(made.stack) if row.key == 'tools."email.*"')
    assert (row.value, row.origin) == ("deny", "~/.agentrc:3")
    assert made.stack.value("tools.email.send") == "ask"
    assert str(made.stack.origin("tools.email.send")) == "~/.agentrc:2"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
@pytest.mark.timeout(30)
def test_a_pipe_in_its_place_is_told_and_not_waited_for(make_rc, user_home: Path):
    os.mkfifo(user_home / ".agentrc")
    made: Agentrc = make_rc()
    made.load()
    assert "no plain file" in str(made.problems[0])
    with pytest.raises(RcError, match="no plain file"):
        made.desk.propose("tone", "terse")


def test_an_endless_file_is_read_in_part(make_rc, user_home: Path):
    with (user_home / ".agentrc").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no room
    made: Agentrc = make_rc()
    made.load()
    assert "larger than" in str(made.problems[0])


def test_a_change_tells_what_stood_there_so_that_it_can_be_taken_back(make_rc, user_home: Path):
    file = user_home / ".agentrc"
    file.write_text('# mine\ntone = "warm"\n')
    made: Agentrc = make_rc()
    before = made.change({"tone": "terse", "length": "short", 'tools."note.*"': "deny"})
    assert before == {"tone": "warm", "length": None, 'tools."note.*"': None}
    assert made.settings.tone == "terse"
    made.change(before)
    assert (made.settings.tone, made.settings.length) == ("warm", "normal")
    assert file.read_text().startswith('# mine\ntone = "warm"\n')
