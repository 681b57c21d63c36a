"""The made system: the host's settings come along without hiding its own; nothing is removed through a mount."""

from pathlib import Path

import pytest
from setup_steps import fresh, mirror
from setup_steps.errors import UnsupportedError
from setup_steps.fresh import acts, mounts_below
from setup_steps.mirror import for_suite, host_mirror, named_folders, outermost

MOUNTINFO = """\
22 1 254:1 / / rw shared:1 - ext4 /dev/root rw
30 22 0:5 / /var/tmp/carryon-fresh-ab/root/proc rw - proc proc rw
31 22 0:6 / /var/tmp/carryon-fresh-abc/root/proc rw - proc proc rw
"""


def test_mounts_below_a_folder_are_seen() -> None:
    assert mounts_below(Path("/var/tmp/carryon-fresh-ab"), MOUNTINFO) == ("/var/tmp/carryon-fresh-ab/root/proc",)
    assert mounts_below(Path("/var/tmp/carryon-fresh-a"), MOUNTINFO) == ()


def test_a_made_folder_goes_away_and_a_kept_one_stays(
    tmp_path: Path, talk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with fresh.made_folder(talk, keep=False) as gone:  # type: ignore[arg-type]
        (gone / "root").mkdir()
    assert not gone.exists()
    with fresh.made_folder(talk, keep=True) as kept:  # type: ignore[arg-type]
        pass
    assert kept.exists()


def test_without_root_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh.os, "geteuid", lambda: 1000)
    with pytest.raises(UnsupportedError, match="needs root") as stopped:
        fresh.demand_root()
    assert "sudo make fresh" in stopped.value.do


def test_the_story_is_played_with_and_without_network() -> None:
    quick, whole = acts(whole=False), acts(whole=True)
    assert [act.offline for act in quick if act.argv == ("make", "run")] == [False, True]
    assert quick[-1].argv[:2] == whole[-1].argv == ("make", "test")
    assert quick[-1].offline
    assert whole[-1].offline
    assert quick[0].user == fresh.NOBODY
    assert quick[0].code == 3


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with a certificate, a folder of wheels and a local index."""
    for folder in ("wheels", "index/simple", "index/files"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bundle.crt").write_text("CERTIFICATE")
    (tmp_path / "pip.conf").write_text(
        f"[global]\ncert = {tmp_path}/bundle.crt\nextra-index-url = file://{tmp_path}/index/simple\n"
    )
    monkeypatch.setattr(mirror, "PIP_FILES", {str(tmp_path / "pip.conf"): "/etc/pip.conf", "/none": "/none"})
    monkeypatch.setattr(mirror, "apt_options", lambda: f'Acquire::https::CaInfo "{tmp_path}/bundle.crt";\n')
    return tmp_path


def test_the_hosts_settings_come_along(host: Path, tmp_path: Path) -> None:
    variables = {"PIP_FIND_LINKS": str(host / "wheels"), "SSL_CERT_FILE": str(host / "bundle.crt"), "SECRET": "x"}
    made = host_mirror({**variables, "https_proxy": "http://127.0.0.1:9"})
    inside = tmp_path / "made"
    made.write_files(inside)
    assert made.environment == {
        "PIP_FIND_LINKS": str(host / "wheels"),
        "SSL_CERT_FILE": "/etc/host-settings/bundle.crt",
        "https_proxy": "http://127.0.0.1:9",
    }
    assert (inside / "etc/host-settings/bundle.crt").read_text() == "CERTIFICATE"
    assert "cert = /etc/host-settings/bundle.crt" in (inside / "etc/pip.conf").read_text()
    assert "/etc/host-settings/bundle.crt" in (inside / "etc/apt/apt.conf.d/99mmdebstrap").read_text()
    assert made.folders == (host / "index", host / "wheels")


def test_of_addresses_only_local_ones_name_folders(tmp_path: Path) -> None:
    assert list(named_folders("index-url = https://example.org/tmp/simple")) == []
    assert list(named_folders(f"find-links = {tmp_path}")) == [tmp_path]


def test_a_folder_within_another_is_not_shown_twice() -> None:
    paths = [Path("/opt/a/b"), Path("/opt/a"), Path("/opt/ab"), Path("/opt/a")]
    assert outermost(paths) == (Path("/opt/a"), Path("/opt/ab"))


def test_another_release_takes_the_same_sources() -> None:
    text = "Suites: bookworm bookworm-updates\n# not bookworms\nSuites: bookworm-security\n"
    changed = for_suite(text, "bookworm", "trixie")
    assert "Suites: trixie trixie-updates" in changed
    assert "trixie-security" in changed
    assert "bookworms" in changed
    assert for_suite(text, "", "trixie") == text
