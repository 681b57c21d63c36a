"""Commands that fetch are read, and what they name is installed once: from packages on this disk, without an index."""

import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from agent.agentrc.servers import Server
from agent.mcp.errors import McpError, OfflineError
from agent.mcp.fetching.installed import Installed
from agent.mcp.fetching.installing import install
from agent.mcp.fetching.runners import wanted

WORKSHOP = Path(__file__).parents[3] / "mcp_servers" / "workshop.py"


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("uvx mcp-server-git --repository /x", ("python", "mcp-server-git", "", ("--repository", "/x"), ())),
        ("uvx mcp-server-git@2025.1", ("python", "mcp-server-git==2025.1", "", (), ())),
        ("uvx mcp-server-git@latest", ("python", "mcp-server-git", "", (), ())),
        (
            "uvx -p 3.12 --from tool[extra]==2 serve --port 1",
            ("python", "tool[extra]==2", "serve", ("--port", "1"), ()),
        ),
        ("uvx --with=more --with other tool", ("python", "tool", "", (), ("more", "other"))),
        ("uv tool run --quiet tool", ("python", "tool", "", (), ())),
        ("/usr/bin/uvx.exe tool", ("python", "tool", "", (), ())),
        (
            "pipx run --spec git+https://host.example/a/b serve",
            ("python", "git+https://host.example/a/b", "serve", (), ()),
        ),
        ("npx -y @scope/server-files /home/me", ("node", "@scope/server-files", "", ("/home/me",), ())),
        ("npx --yes --package=pkg@1.2.3 -- serve -v", ("node", "pkg@1.2.3", "serve", ("-v",), ())),
    ],
)
def test_commands_are_read(command: str, found: tuple[object, ...]) -> None:
    made = wanted(command.split())
    assert made is not None
    assert (made.kind, made.package, made.program, made.rest, made.more) == found


@pytest.mark.parametrize(
    "command",
    [
        "uvx",
        "npx -y",
        "npx -c x",
        "uvx --index http://x y",
        "uvx --from -r y",
        "npx a;b",
        "npx $(x)",
        "uvx --from http://x y",
        "npx pkg@`x`",
        "uvx --with a;b c",
    ],
)
def test_what_names_no_package_is_told(command: str) -> None:
    with pytest.raises(McpError) as told:
        wanted(command.split())
    assert "name its program" in told.value.todo


def test_what_follows_the_package_is_the_servers_own() -> None:
    made = wanted(["uvx", "a", "b&c", "--from"])
    assert made is not None
    assert (made.package, made.rest) == ("a", ("b&c", "--from"))


def wheel(folder: Path, version: str) -> None:
    """A package as an index would serve it, with one console script."""
    folder.mkdir(exist_ok=True)
    info = f"workshop_server-{version}.dist-info"
    files = {
        "workshop_server.py": WORKSHOP.read_text(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: workshop-server\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nworkshop-server = workshop_server:main\n",
    }
    with zipfile.ZipFile(folder / f"workshop_server-{version}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD")))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    wheel(folder, "1.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_package_is_installed_once_pinned_and_updated(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server("workshop", ("uvx", "workshop-server", "--quiet"))
    installed = Installed(tmp_path / "installed")
    with pytest.raises(OfflineError, match="fetched once"):
        install(server, installed, allows=lambda: False)
    first = install(server, installed, allows=lambda: True)
    assert first is not None
    assert (first.package, first.version, first.command[1:]) == ("workshop-server", "1.0", ("--quiet",))
    assert installed.find(server) == first
    done = subprocess.run(
        [first.command[0]], capture_output=True, text=True, check=True,
        input=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}) + "\n",
    )  # fmt: skip
    assert '"add_numbers"' in done.stdout, "it runs without uvx and without a network"
    assert installed.find(Server("workshop", ("uvx", "another"))) is None

    wheel(wheels, "2.0")
    assert installed.find(server) == first, "pinned until it is asked for"
    second = install(server, installed, allows=lambda: True)
    assert second is not None
    assert (second.version, second.digest != first.digest) == ("2.0", True)
    assert not Path(first.command[0]).exists()
    shutil.rmtree(wheels)
    with pytest.raises(McpError, match="could not be installed"):
        install(server, installed, allows=lambda: True)
    assert installed.find(server) == second, "a failed update leaves what was there"
    assert len([path for path in (tmp_path / "installed" / "workshop").iterdir() if path.is_dir()]) == 1
    if os.name == "posix":
        assert (tmp_path / "installed" / "workshop").stat().st_mode & 0o777 == 0o700


def test_a_damaged_record_counts_as_not_installed(tmp_path: Path) -> None:
    installed = Installed(tmp_path)
    server = Server("s", ("uvx", "x"))
    installed.folder("s").mkdir(parents=True)
    for damage in (
        "",
        "[]",
        '{"form": 1}',
        '{"form": 1, "asked": ["uvx", "x"], "command": "sh", "package": "", "version": ""}',
    ):
        (installed.folder("s") / "resolution.json").write_text(damage)
        assert installed.find(server) is None


def test_a_python_package_without_that_program_is_told(tmp_path: Path, wheels: Path) -> None:
    server = Server("workshop", ("uvx", "--from", "workshop-server", "other"))
    with pytest.raises(McpError, match="no program called other"):
        install(server, Installed(tmp_path / "installed"), allows=lambda: True)
    assert list((tmp_path / "installed" / "workshop").iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm on this machine")
def test_an_npm_package_is_installed_from_its_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    package = tmp_path / "package"
    package.mkdir()
    about = {"name": "@bench/server", "version": "3.1.0", "bin": "serve.js"}
    (package / "package.json").write_text(json.dumps(about))
    (package / "serve.js").write_text("#!/usr/bin/env node\nconsole.log('served', process.argv[2])\n")
    archive = tmp_path / "server.tgz"
    with tarfile.open(archive, "w:gz") as made:
        made.add(package, "package")
    server = Server("bench", ("npx", "-y", str(archive), "here"))
    found = install(server, Installed(tmp_path / "installed"), allows=lambda: True)
    assert found is not None
    assert (found.package, found.version) == ("@bench/server", "3.1.0")
    done = subprocess.run([*found.command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "served here"
