"""Changes by Carryon: one line, nothing else; recorded; taken back byte by byte."""

import resource
import stat
import threading
from pathlib import Path

import pytest

from agent.agentrc import rc as commands
from agent.agentrc.agentrc import Agentrc
from agent.agentrc.editing import set_value, unset
from agent.agentrc.errors import ChangedMeanwhileError, InvalidValueError, RcError
from agent.agentrc.history import HISTORY_MAX, Change, History
from agent.agentrc.proposals import Desk
from agent.agentrc.writing import write_atomically

FILE = b"""# mine
tone  =  "warm"   # as I like it

[tools]  # first match
# outside
"email.*" = "ask"

[model]
default = "starter"
"""


def desk(folder: Path, raw: bytes | None = FILE) -> Desk:
    file = folder / ".agentrc"
    if raw is not None:
        file.write_bytes(raw)
    return Desk(file, "~/.agentrc", History(folder / "state" / "history"), lambda: 12.5)


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("tone",), "terse", b'tone  =  "warm"   # as', b'tone  =  "terse"   # as'),
        (("model", "default"), "big", b'default = "starter"', b'default = "big"'),
        (("tools", "email.*"), "deny", b'"email.*" = "ask"', b'"email.*" = "deny"'),
        (
            ("tools", "email.send"),
            "deny",
            b"[tools]  # first match\n",
            b'[tools]  # first match\n"email.send" = "deny"\n',
        ),
        (("network", "mode"), "offline", b'"starter"\n', b'"starter"\n\n[network]\nmode = "offline"\n'),
    ],
)
def test_an_edit_touches_its_line_only(path: tuple[str, ...], value: str, old: bytes, new: bytes):
    assert set_value(FILE, path, value) == FILE.replace(old, new)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_mark_and_last_newline_stay(ending: bytes, bom: bytes, last: bool):
    raw = bom + (FILE if last else FILE.rstrip(b"\n")).replace(b"\n", ending)
    edited = set_value(raw, ("length",), "short")
    edited = set_value(edited, ("tools", "note.*"), "deny")
    edited = set_value(edited, ("network", "mode"), "offline")
    assert edited.startswith(bom)
    assert edited.endswith(ending) is last
    assert edited.count(b"\n") == edited.count(ending)
    assert unset(unset(unset(edited, ("length",)), ("tools", "note.*")), ("network", "mode")).startswith(raw.rstrip())


def test_a_rule_on_one_line_is_not_rewritten_behind_the_users_back():
    with pytest.raises(RcError, match=r"Write them under \[tools\]"):
        set_value(b'tools = { "email.*" = "ask" }\n', ("tools", "email.send"), "deny")


def test_a_character_that_ends_lines_elsewhere_does_not_move_a_rule():
    raw = 'tone = "a\u2028b c"\n[tools]\n"a" = "ask"\n'.encode()
    assert set_value(raw, ("tools", "b"), "deny") == raw.replace(b"[tools]\n", b'[tools]\nb = "deny"\n')


def test_the_proposal_is_a_diff_and_acceptance_writes_it(tmp_path: Path):
    place = desk(tmp_path)
    proposal = place.propose("tone", "terse")
    assert '-tone  =  "warm"   # as I like it\n+tone  =  "terse"   # as I like it\n' in proposal.diff
    assert place.file.read_bytes() == FILE, "a proposal changes nothing"
    change = place.accept(proposal, by="carryon")
    assert change is not None
    assert b'"terse"' in place.file.read_bytes()
    (logged,) = place.history.log()
    assert (logged.number, logged.at, logged.by, logged.what) == (1, 12500, "carryon", "set tone")
    assert logged.diff == proposal.diff


def test_an_acceptance_is_refused_when_the_file_changed_meanwhile(tmp_path: Path):
    place = desk(tmp_path)
    proposal = place.propose("tone", "terse")
    place.file.write_bytes(FILE + b"# more\n")
    with pytest.raises(ChangedMeanwhileError, match=r"~/\.agentrc changed"):
        place.accept(proposal)
    assert place.file.read_bytes() == FILE + b"# more\n"
    assert place.history.log() == ()


def test_of_two_acceptances_at_once_one_is_refused(tmp_path: Path):
    place = desk(tmp_path)
    proposals = [place.propose("tone", tone) for tone in ("terse", "formal")]
    barrier, outcomes = threading.Barrier(2), []

    def accept(proposal) -> None:
        barrier.wait(5)
        try:
            outcomes.append(desk(tmp_path, None).accept(proposal) is not None)
        except ChangedMeanwhileError:
            outcomes.append(False)

    threads = [threading.Thread(target=accept, args=(proposal,)) for proposal in proposals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == [False, True]
    assert len(place.history.log()) == 1


def test_a_revert_restores_the_bytes_and_can_itself_be_taken_back(tmp_path: Path):
    place = desk(tmp_path)
    for key, value in (("tone", "terse"), ("model.default", "big"), ("emoji", True)):
        place.accept(place.propose(key, value))
    edited = place.file.read_bytes()
    for number in (3, 2, 1):
        place.revert(number)
    assert place.file.read_bytes() == FILE
    with pytest.raises(ChangedMeanwhileError):
        place.revert(3)
    place.revert(6)
    assert b'"terse"' in place.file.read_bytes()
    place.revert(4, force=True)
    assert place.file.read_bytes() == edited
    assert [change.by for change in place.history.log()] == ["revert"] * 5 + ["you"] * 3


def test_taking_back_the_first_change_takes_the_file_away(tmp_path: Path):
    place = desk(tmp_path, None)
    place.accept(place.propose("tone", "terse"))
    assert place.file.read_bytes() == b'tone = "terse"\n'
    place.revert(1)
    assert not place.file.exists()


def test_a_hand_edit_after_a_change_is_not_lost_by_a_revert(tmp_path: Path):
    place = desk(tmp_path)
    place.accept(place.propose("tone", "terse"))
    by_hand = place.file.read_bytes() + b"# by hand\n"
    place.file.write_bytes(by_hand)
    with pytest.raises(ChangedMeanwhileError):
        place.revert(1)
    place.revert(1, force=True)
    assert place.history.log()[0].before == by_hand


def test_only_valid_changes_are_proposed(tmp_path: Path):
    place = desk(tmp_path)
    for key, value in (("tone", "loud"), ("accounts.new.host", "h"), ("accounts.a.secret", "hunter2")):
        with pytest.raises(InvalidValueError):
            place.propose(key, value)
    with pytest.raises(RcError, match="has a mistake in it") as caught:
        desk(tmp_path, b"tone = 3\n").propose("emoji", True)
    assert "1:8" in str(caught.value)


def test_a_whole_account_is_proposed_at_once(tmp_path: Path):
    place = desk(tmp_path)
    wanted = {"kind": "smtp", "host": "h", "port": "2525", "from": "me@example.org", "secret": "env:PASS"}
    proposal = place.propose_all({f"accounts.work.{name}": value for name, value in wanted.items()})
    assert '+[accounts.work]\n+kind = "smtp"\n+host = "h"\n+port = 2525\n' in proposal.diff
    place.accept(proposal)
    assert commands.check(place.file) == ()


def test_what_changes_nothing_is_not_recorded(tmp_path: Path):
    place = desk(tmp_path)
    proposal = place.propose("tone", "warm")
    assert proposal.changes_nothing
    assert place.accept(proposal) is None
    assert place.accept(place.propose("length", None)) is None
    assert place.history.log() == ()


def test_a_linked_dotfile_stays_a_link_and_keeps_its_mode(tmp_path: Path):
    target = tmp_path / "dotfiles" / "agentrc"
    target.parent.mkdir()
    target.write_bytes(FILE)
    target.chmod(0o640)
    place = desk(tmp_path, None)
    place.file.symlink_to("dotfiles/agentrc")
    place.accept(place.propose("tone", "terse"))
    assert place.file.is_symlink()
    assert b'"terse"' in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in target.parent.iterdir()) == ["agentrc"]


def test_a_new_file_is_the_users_alone(tmp_path: Path):
    place = desk(tmp_path, None)
    assert commands.init(place) == place.file
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    with pytest.raises(RcError, match="is there already"):
        commands.init(place)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path):
    file = tmp_path / "agentrc"
    file.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(RcError, match="could not be written: File too large"):
            write_atomically(file, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["agentrc"]


def test_the_history_is_bounded_and_survives_damage(tmp_path: Path):
    history = History(tmp_path)
    for number in range(HISTORY_MAX + 5):
        history.add(Change(0, number, "you", "f", "w", "", b"a", b"b"))
    assert len(history.log()) == HISTORY_MAX
    assert history.log()[0].number == HISTORY_MAX + 5
    (tmp_path / f"{HISTORY_MAX + 5:06d}.json").write_bytes(b"{half")
    assert len(history.log()) == HISTORY_MAX - 1
    with pytest.raises(RcError, match="There is no change 1"):
        Desk(tmp_path / "f", "f", history, lambda: 0.0).revert(1)


def test_the_starter_file_is_valid_as_it_is_and_with_every_line_switched_on(tmp_path: Path):
    text = commands.starter_text()
    assert commands.check(tmp_path / "f", text) == ()
    on = [line.removeprefix("# ") for line in text.splitlines()]
    on = [
        line
        for line in on
        if line.startswith("[") or (" = " in line.split("#")[0] and line[0] in 'abcdefghijklmnopqrstuvwxyzD"')
    ]
    assert len(on) > 30
    assert commands.check(tmp_path / "f", "\n".join(on)) == ()


def test_the_whole_file_is_saved_from_the_editor_only_if_it_is_right(tmp_path: Path):
    place = desk(tmp_path)
    with pytest.raises(InvalidValueError, match="nothing was changed"):
        place.propose_text(b"tone = 3")
    place.accept(place.propose_text(b'# new\ntone = "formal"\n'))
    assert place.file.read_bytes() == b'# new\ntone = "formal"\n'


def test_the_form_and_the_differences_show_origins(make_rc, user_home: Path):
    (user_home / ".agentrc").write_bytes(FILE)
    made: Agentrc = make_rc(sets=["length=short"])
    made.load()
    rows = {row.key: row for row in commands.rows(made.stack)}
    assert (rows["tone"].value, rows["tone"].origin) == ("warm", "~/.agentrc:2")
    assert rows["length"].origin == "--set"
    assert rows["project.name"].origin == "not set"
    assert rows['tools."email.*"'].choices == ("allow", "ask", "deny")
    changed = [said.key for said in commands.differences(made.stack)]
    assert changed == ["tone", "length"], "what is set to what holds anyway is no difference"
    assert len(commands.explain(made.stack, "tools")) == 5


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({"VISUAL": "code -w", "EDITOR": "vi"}, ["code", "-w"]), ({"EDITOR": "vi"}, ["vi"])],
)
def test_the_users_editor_opens(environ: dict[str, str], expected: list[str]):
    assert commands.editor_command(Path("f"), environ) == [*expected, "f"]


def test_the_last_key_of_a_table_takes_its_header_along_unless_something_is_written_there() -> None:
    raw = b'tone = "terse"  # mine\n'
    assert unset(set_value(raw, ("practice", "enabled"), True), ("practice", "enabled")).strip() == raw.strip()
    kept = b"[practice]\n# try it some day\nenabled = true\n"
    assert b"# try it some day" in unset(kept, ("practice", "enabled"))
