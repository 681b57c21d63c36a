"""The summary of the checks, the pins, the menu entry, and errors in words."""

import configparser
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from setup_steps import checks, commands, pins
from setup_steps.checks import Check, Verdict
from setup_steps.errors import SetupError
from setup_steps.places import Places
from setup_steps.talk import Talk


def test_all_checks_run_and_failures_speak(
    places: Places, talk: Talk, heard: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Check("quiet", ("-c", "print('unheard')"), "")
    bad = Check("loud", ("-c", "print('the fault'); raise SystemExit(1)"), "mend it so")
    monkeypatch.setattr(checks, "QUICK", (bad, good))
    monkeypatch.setattr(Places, "python", Path(sys.executable))
    verdicts = checks.run_quick(places, talk)
    assert [verdict.passed for verdict in verdicts] == [False, True]
    assert checks.names_of_failed(verdicts) == "loud"
    assert "the fault" in heard.getvalue()
    assert "unheard" not in heard.getvalue()
    assert "(mend it so)" in heard.getvalue()


def test_the_summary_has_a_line_a_check() -> None:
    text = checks.summary([Verdict(Check("lint", (), "x"), True, 1.25), Verdict(Check("types", (), "y"), False, 75)])
    assert text.splitlines() == ["", "Checks", "  lint     passed    1.2 s", "  types    FAILED     1:15  (y)"]


def test_pytest_runs_off_screen_unless_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pytest, on a test that looks at its environment."""
    monkeypatch.setattr(Places, "python", Path(sys.executable))
    test = places.root / "test_inner.py"
    test.write_text("import os\ndef test_it(): assert os.environ['QT_QPA_PLATFORM'] == 'offscreen'\n")
    plain = {"PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    assert checks.run_pytest(places, ("-q", str(test)), plain) == 0
    assert checks.run_pytest(places, ("-q", str(test)), {**plain, "QT_QPA_PLATFORM": "xcb"}) == 1
    assert checks.run_pytest(places, ("-q", str(test)), {**plain, "PYTEST_ADDOPTS": "-k nothing_of_that_name"}) == 5


def test_the_whole_suite_runs_in_two_halves_where_there_are_cores() -> None:
    assert checks.side_by_side(8) == checks.side_by_side(2) == ("-n", "2")
    assert checks.side_by_side(1) == checks.side_by_side(None) == ()


def test_pins_are_read_by_their_normal_names(places: Places) -> None:
    places.constraints.write_text("# x\nSome_Name==1.0 ; python_version < '3.12'\nother==2 # why\n\nnot-pinned>=3\n")
    assert pins.read_pins(places.constraints) == {"some-name": "1.0", "other": "2"}
    assert pins.pinned(places.constraints, "some.name") == "some.name==1.0"
    with pytest.raises(SetupError, match="no pinned version"):
        pins.pinned(places.constraints, "missing")


def test_every_dependency_is_pinned_by_version_alone(checkout: Path) -> None:
    from setup_steps.stamp import read_project

    project = read_project(checkout / "pyproject.toml")["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {pins.normal(line.split(">")[0].split("=")[0]) for line in wanted}
    known = pins.read_pins(checkout / "packaging" / "constraints.txt")
    assert names | set(pins.BUILD) | {"pip", "setuptools"} <= known.keys()
    assert "://" not in (checkout / "packaging" / "constraints.txt").read_text()


def test_rewriting_keeps_what_is_kept_by_hand(places: Places) -> None:
    project = {
        "dependencies": ["click>=8", "not-installed-anywhere>=1"],
        "optional-dependencies": {"dev": ["pytest>=9"], "train": []},
    }
    places.constraints.write_text("cmake==1.2.3\npywin32-ctypes==0.2.3\nclick==0.0.1\n")
    pins.rewrite(places.constraints, Path(sys.executable), project)
    known = pins.read_pins(places.constraints)
    assert known["cmake"] == "1.2.3"
    assert known["pywin32-ctypes"] == "0.2.3"
    assert known["click"] != "0.0.1"
    assert {"pytest", "pluggy", "pip"} <= known.keys()
    assert "not-installed-anywhere" not in known


def test_arguments_after_the_dashes_go_on() -> None:
    assert commands.split_arguments(["test", "--", "-k", "x", "--", "y"]) == (["test"], ("-k", "x", "--", "y"))
    assert commands.split_arguments(["run"]) == (["run"], ())


def test_an_error_of_the_disk_is_put_into_words() -> None:
    text = commands.explain(OSError(28, "No space left on device", "/some/place"))
    assert "No space left on device" in text
    assert "/some/place" in text
    assert "what to do" in text


def test_an_error_becomes_words_and_code_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_asked: object) -> int:
        raise SetupError("It broke.", where="there", do="Mend it.\nThen again.")

    monkeypatch.setitem(commands.COMMANDS, "check", fail)
    assert commands.main(["check"]) == 3
    said = capsys.readouterr().err
    assert "It broke." in said
    assert "where:      there" in said
    assert "what to do: Mend it." in said


def test_ctrl_c_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_asked: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(commands.COMMANDS, "check", interrupt)
    assert commands.main(["check"]) == 130
    assert "goes on where this one was" in capsys.readouterr().err


def test_the_menu_entry_starts_what_pyproject_installs(checkout: Path) -> None:
    from setup_steps.stamp import read_project

    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(checkout / "packaging" / "carryon.desktop")
    fields = entry["Desktop Entry"]
    assert fields["Exec"] in read_project(checkout / "pyproject.toml")["project"]["gui-scripts"]
    assert (checkout / "packaging" / "icons" / f"{fields['Icon']}.svg").is_file()


def test_the_menu_and_the_window_show_one_logo(checkout: Path) -> None:
    same = (checkout / "app/assets/logo.svg").read_bytes() == (checkout / "packaging/icons/carryon.svg").read_bytes()
    assert same, "the logo changed: copy app/assets/logo.svg to packaging/icons/carryon.svg"


def test_ci_calls_make_test_with_nobody_to_ask(checkout: Path, tmp_path: Path) -> None:
    """The real script, with a stand-in for make that shows what it was given."""
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "make $* CI=$CI YES=$CARRYON_YES in $PWD"\ncat\n')
    make.chmod(0o755)
    argv = [str(checkout / ".ci" / "run")]
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, input="unread", check=True)
    assert done.stdout == f"make test CI=true YES=1 in {checkout}\n"
