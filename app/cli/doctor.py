"""`carryon doctor`: looks at everything a profile stands on and says what is wrong, where, and what to do."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import click

from agent.explain import explain
from app.cli.opening import command, json_option
from app.cli.printing import NEGATIVE, show, table

FREE_BYTES_MIN = 200_000_000  # on the disk
MEMORY_BYTES_MIN = 300_000_000  # what the window, its worker and the starter take
DRIVER = "Update the driver; until then: CARRYON_ACCEL=cpu make run"
CHOSEN = "chosen model"
ANOTHER = "Put it back, or choose another: carryon models use starter"


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    ok: bool
    says: str
    todo: str = ""


@click.command()
@json_option
@command
def doctor(as_json: bool) -> None:
    """Check the profile: settings, database, disk, models, outbox."""
    findings = [_look(about, check) for about, check in CHECKS.items()]
    rows = [("ok" if item.ok else "!!", item.about, " ".join((item.says, item.todo)).strip()) for item in findings]
    show(findings, as_json=as_json, lines=table(rows))
    if not all(item.ok for item in findings):
        raise SystemExit(NEGATIVE)


def _look(about: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  a doctor reports whatever is broken
        _, what, where, todo = explain(error)
        return Finding(about, False, f"{what} {where}".strip(), todo)


def _settings() -> Finding:
    from agent.agentrc.agentrc import Agentrc
    from agent.paths import Paths

    rc = Agentrc(Paths.of().make(), environ=os.environ)
    rc.load()
    wrong = [problem for problem in rc.problems if problem.severity == "error"]
    return Finding("settings", not wrong, str(wrong[0]) if wrong else f"{rc.file} is fine.")


def _database() -> Finding:
    from agent.library.blobs import damaged
    from agent.paths import Paths
    from agent.store import open_store
    from agent.store.integrity import problems

    path = Paths.of().make().database
    store = open_store(path)
    try:
        wrong = problems(store, thorough=True) or tuple(f"content {digest[:12]} changed" for digest in damaged(store))
        why = store.read_only
    finally:
        store.close()
    if why and not wrong:
        return Finding("database", False, f"{path} is open for reading only. {why.what}", why.todo)
    todo = "Run: carryon restore" if wrong else ""
    return Finding("database", not wrong, wrong[0] if wrong else f"{path} is whole.", todo)


def _disk() -> Finding:
    from agent.paths import Paths

    free = shutil.disk_usage(Paths.of().make().data).free
    todo = "" if free >= FREE_BYTES_MIN else "Free some space."
    return Finding("disk", free >= FREE_BYTES_MIN, f"{free / 1e9:.1f} GB free.", todo)


def _model() -> Finding:
    from agent.headstart import start_worker_early

    host = start_worker_early()
    try:
        info = host.info()
    finally:
        host.close()
    return Finding("starter model", True, f"loads in {info.load_ms:.0f} ms, {info.sha256[:12]}.")


def _chosen_model() -> Finding:
    """Its header alone: whether it is there, whole, and one that answers."""
    from agent.agentrc.agentrc import Agentrc
    from agent.paths import Paths
    from models.catalog import STARTER, Catalog
    from models.errors import ModelError

    paths = Paths.of().make()
    name = Agentrc(paths, environ=os.environ).load().model_default
    if name == STARTER:
        return Finding(CHOSEN, True, "the starter, which comes with Carryon.")
    catalog = Catalog(paths.data)
    note = next((model.note for model in catalog.list() if model.name == name), "")
    try:
        header = catalog.header(name)
    except ModelError as error:
        return Finding(CHOSEN, False, f"{name}: {note or error.what}", ANOTHER)
    if note or header.kind == "search":
        return Finding(CHOSEN, False, f"{name}: {note or 'it is for searching and does not answer.'}", ANOTHER)
    return Finding(CHOSEN, True, f"{name} is there: {header.path}.")


def _memory() -> Finding:
    from models.devices.memory import look
    from models.devices.verdict import gigabytes

    memory = look()
    bound = f", because of {memory.bound}" if memory.bound else ""
    enough = memory.available_bytes >= MEMORY_BYTES_MIN
    says = f"{gigabytes(memory.available_bytes)} of {gigabytes(memory.total_bytes)} free{bound}."
    return Finding("memory", enough, says, "" if enough else "Close other programs.")


def _graphics_card() -> Finding:
    """None is no fault; a driver that fails is."""
    from models.devices.verdict import device_words
    from models.host.devices import ask_devices

    report = ask_devices()
    if report.problem:
        return Finding("graphics card", False, report.problem, report.todo or DRIVER)
    says = "; ".join(map(device_words, report.cards)) or "none that this build of llama.cpp can use"
    return Finding("graphics card", True, says + ".")


def _outbox() -> Finding:
    from app.cli.opening import profile

    with profile(offline=True, quiet=True) as runtime:
        counts = runtime.outbox.counts()
    asks = sum(counts.get(state, 0) for state in ("unknown", "conflict", "rejected", "expired"))
    says = ", ".join(f"{number} {state}" for state, number in counts.items()) or "empty"
    return Finding("outbox", not asks, says + ".", "Run: carryon outbox list" if asks else "")


CHECKS: dict[str, Callable[[], Finding]] = {
    "settings": _settings,
    "database": _database,
    "disk": _disk,
    "memory": _memory,
    "graphics card": _graphics_card,
    "starter model": _model,
    CHOSEN: _chosen_model,
    "outbox": _outbox,
}
