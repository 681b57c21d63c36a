"""The chat templates that the tests of dialects look at: out of the source archive, into the cache, into the .venv."""

import io
import sys
import tarfile
from io import StringIO
from pathlib import Path

import pytest
from setup_steps import templates
from setup_steps.pip import Pip
from setup_steps.places import Places
from setup_steps.talk import Talk

ROOT = "llama_cpp_python-0.3.36/"


def archive_of(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo(f"{ROOT}{templates.WITHIN}link.jinja")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def test_only_templates_are_unpacked_and_only_into_their_folder(tmp_path: Path) -> None:
    files = {
        f"{ROOT}{templates.WITHIN}one.jinja": b"{{ 1 }}",
        f"{ROOT}{templates.WITHIN}../../../../../outside.jinja": b"{{ 2 }}",
        f"{ROOT}{templates.WITHIN}README.md": b"words",
        f"{ROOT}elsewhere/two.jinja": b"{{ 3 }}",
    }
    folder = tmp_path / "deep" / "templates"
    folder.parent.mkdir()
    assert templates.unpack(archive_of(tmp_path / "source.tar.gz", files), folder) == 2
    assert {path.name for path in folder.iterdir()} == {"one.jinja", "outside.jinja"}
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "source.tar.gz"}


def test_what_is_too_large_or_too_much_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "TEMPLATE_BYTES_MAX", 10)
    monkeypatch.setattr(templates, "TEMPLATES_MAX", 2)
    files = {
        f"{ROOT}{templates.WITHIN}{name}.jinja": data
        for name, data in {"a": b"x" * 11, "b": b"", "c": b"", "d": b""}.items()
    }
    assert templates.unpack(archive_of(tmp_path / "source.tar.gz", files), tmp_path / "out") == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"b.jinja", "c.jinja"}


def test_kept_templates_are_laid_into_the_environment_without_a_program(
    places: Places, talk: Talk, tmp_path: Path
) -> None:
    kept = places.cache / "templates" / "llama-cpp-python==0.3.36"
    kept.mkdir(parents=True)
    (kept / "one.jinja").write_text("{{ 1 }}")
    stale = templates.folder_in(places) / "old.jinja"
    stale.parent.mkdir(parents=True)
    stale.touch()
    assert templates.provide_templates(places, talk, Pip(tmp_path / "no-python-here", places, talk))
    assert [path.name for path in templates.folder_in(places).iterdir()] == ["one.jinja"]


def test_without_a_network_set_up_goes_on(
    places: Places, talk: Talk, heard: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half-made is left behind, so that the next set-up tries again."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert not templates.provide_templates(places, talk, Pip(Path(sys.executable), places, talk))
    assert "will be skipped" in heard.getvalue()
    assert not templates.folder_in(places).exists()
    assert list((places.cache / "templates").iterdir()) == []
