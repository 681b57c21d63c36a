"""The two installers behind the commands that fetch: a virtual environment with pip, a folder with npm. No shell;
argument lists only, bounded in time, in an environment without the tokens of the user's shell.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.mcp.errors import McpError
from agent.mcp.fetching.runners import Wanted
from agent.mcp.running.environment import minimal

INSTALL_SECONDS_MAX = 600
LOOK_SECONDS_MAX = 60
SAID_CHARACTERS_MAX = 300  # of what an installer complained about
HANDED_ON = ("PIP_", "NPM_CONFIG_", "npm_config_", "SSL_CERT_", "REQUESTS_CA_", "NODE_EXTRA_CA_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")

# Run by the new environment's own Python: which packages were asked for, with their programs and a digest of all files.
LOOK = """
import hashlib, json
from importlib.metadata import distributions
found, whole = [], hashlib.sha256()
for one in sorted(distributions(), key=lambda one: one.name.lower()):
    record = one.read_text("RECORD") or ""
    whole.update(f"{one.name} {one.version} {hashlib.sha256(record.encode()).hexdigest()}\\n".encode())
    if one.read_text("REQUESTED") is not None and one.name.lower() not in ("pip", "setuptools"):
        programs = [entry.name for entry in one.entry_points if entry.group == "console_scripts"]
        found.append([one.name, one.version, programs])
print(json.dumps([found, whole.hexdigest()]))
"""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`digest`: of everything that was installed."""

    program: Path
    package: str
    version: str
    digest: str


def fetch_python(asked: Wanted, folder: Path) -> Fetched:
    _run([_interpreter(), "-m", "venv", str(folder)], LOOK_SECONDS_MAX)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = str(scripts / "python")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    _run([*pip, asked.package, *asked.more], INSTALL_SECONDS_MAX)
    found, digest = json.loads(_run([python, "-I", "-c", LOOK], LOOK_SECONDS_MAX))
    for name, version, programs in found:
        if program := _chosen(asked.program, name, programs):
            path = scripts / (f"{program}.exe" if os.name == "nt" else program)
            return Fetched(path, name, version, digest)
    raise _no_program(asked)


def _interpreter() -> str:
    """This very Python; in a frozen bundle the system's."""
    if not getattr(sys, "frozen", False):
        return sys.executable
    found = shutil.which("python3") or shutil.which("python")
    if found is None:
        raise McpError(
            "There is no Python on this machine to install a server with.", "PATH", "Install Python 3 first."
        )
    return found


def fetch_node(asked: Wanted, folder: Path) -> Fetched:
    npm = shutil.which("npm")
    if npm is None:
        raise McpError("There is no npm on this machine to install a server with.", "PATH", "Install Node.js first.")
    folder.mkdir(mode=0o700)
    _run(
        [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-update-notifier", asked.package],
        INSTALL_SECONDS_MAX,
    )
    lock = folder / "package-lock.json"
    root = json.loads(lock.read_bytes())["packages"]
    name = next(iter(root[""].get("dependencies", {})), "")
    package = json.loads((folder / "node_modules" / name / "package.json").read_bytes())
    programs = package.get("bin") or {}
    if isinstance(programs, str):
        programs = {name.rpartition("/")[2]: programs}
    program = _chosen(asked.program, name.rpartition("/")[2], list(programs))
    if not program:
        raise _no_program(asked)
    path = folder / "node_modules" / ".bin" / (f"{program}.cmd" if os.name == "nt" else program)
    return Fetched(path, name, str(package.get("version", "")), _digest(lock))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _chosen(wanted_program: str, package: str, programs: Sequence[str]) -> str:
    """The program that was named, else the one called like the package, else the only one."""
    if wanted_program:
        return wanted_program if wanted_program in programs else ""
    alike = [one for one in programs if one.replace("_", "-").casefold() == package.replace("_", "-").casefold()]
    return next(iter(alike), programs[0] if len(programs) == 1 else "")


def _no_program(asked: Wanted) -> McpError:
    which = f"called {asked.program}" if asked.program else "of that name, or more than one"
    return McpError(
        f"{asked.package} brings no program {which}.",
        "~/.agentrc",
        "Name the program behind the package, as its page says.",
    )


def _run(argv: list[str], seconds_max: int) -> str:
    """What it wrote. Raises McpError with its last words."""
    try:
        done = subprocess.run(
            argv, env=_environment(os.environ), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=seconds_max, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise McpError(
            f"{Path(argv[0]).name} took longer than {seconds_max} s.", " ".join(argv[:4]), "Try again."
        ) from error
    except OSError as error:
        raise McpError(f"{Path(argv[0]).name} could not be started: {error.strerror or error}.", argv[0]) from error
    if done.returncode:
        said = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "it did not say why")
        raise McpError(
            f"It could not be installed: {said[:SAID_CHARACTERS_MAX]}",
            argv[-1],
            "Look at the name, and whether you are online.",
        )
    return done.stdout


def _environment(here: Mapping[str, str]) -> dict[str, str]:
    """What an installer needs to reach its index; the tokens of the user's shell are not among it."""
    kept = {name: value for name, value in here.items() if name.startswith(HANDED_ON) or name in PROXIES}
    return minimal(kept)
