"""`carryon models pull` and `verify`: fetching a model with its progress told, and again when it is damaged."""

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from agent.session import model_offers
from agent.session.offered_now import NOBODY_ASKED, offered_now
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import NEGATIVE, harmless, show, size
from models.errors import CancelledError, ModelFileBadError

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.catalog import KnownModel
    from models.downloads import Step

LINE_EVERY_S = 10.0  # where it is no terminal that could show one line that changes
REDRAW_EVERY_S = 0.2


class Telling:
    """A download's steps on stderr: one line that changes on a terminal, else one now and then."""

    def __init__(self, what: str, *, quiet: bool) -> None:
        self._what = what
        self._quiet = quiet
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._next = 0.0
        self._note = ""
        self.last: Step | None = None

    def __call__(self, step: "Step") -> bool:
        self.last = step
        if self._quiet:
            return True
        now = time.monotonic()
        if step.note and step.note != self._note:
            self._note = step.note
            self._say(f"{self._what}: {step.note}", whole=True)
        elif now >= self._next:
            self._next = now + (REDRAW_EVERY_S if self._live else LINE_EVERY_S)
            self._say(f"{self._what}: {words(step)}", whole=not self._live)
        return True

    def end(self) -> None:
        if self._live and not self._quiet:
            click.echo("\r\033[K", err=True, nl=False)

    def _say(self, line: str, *, whole: bool) -> None:
        line = harmless(line)
        click.echo(f"\r\033[K{line}" if self._live else line, err=True, nl=whole)


def words(step: "Step") -> str:
    """A step as one line: how much, how fast, how long still."""
    if step.phase == "checking":
        return f"checking, {_share(step)}"
    if not step.total:
        return "asking the server"
    parts = [f"{size(step.done)} of {size(step.total)}"]
    if step.phase == "waiting":
        return f"{parts[0]}, waiting for the network"
    if step.bytes_per_second is not None:
        parts.append(f"{step.bytes_per_second / 1e6:.1f} MB a second")
    if step.seconds_left is not None:
        parts.append(duration(step.seconds_left))
    if step.connections > 1:
        parts.append(f"{step.connections} connections")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 60:
        return "less than a minute left"
    if minutes < 60:
        return f"about {minutes} min left"
    return f"about {minutes // 60} h {minutes % 60} min left"


def _share(step: "Step") -> str:
    return f"{100 * step.done // step.total if step.total else 0} %"


@click.command("pull")
@click.argument("model", metavar="NAME_OR_ADDRESS")
@click.option("--sha256", default="", help="The file's SHA-256, as its publisher states it.")
@click.option("--name", default="", help="What to call it.")
@click.option(
    "--accept-new", is_flag=True, help="Take it though its publisher exchanged it since it was first fetched."
)
@json_option
@offline_option
@command
def pull(model: str, sha256: str, name: str, accept_new: bool, as_json: bool, offline: bool) -> None:
    """Fetch a model by its name in `carryon models catalog`, or by the address of its GGUF file. Ctrl-C pauses; the
    same command goes on."""
    from models.gallery import offer_named

    if "://" not in model:
        offer = offer_named(model)
        address, name = offer.address(), name or offer.name
    else:
        address = model
    with profile(offline=offline) as runtime:
        known = fetched(runtime, address, model, as_json=as_json, sha256=sha256, name=name, accept_new=accept_new)
    show(known, as_json=as_json, lines=[f"added: {known.name} ({known.path})"])


def fetched(runtime: "Runtime", address: str, asked: str, *, as_json: bool, **options: Any) -> "KnownModel":
    """The model, fetched and told of; a pause ends the command with 1."""
    from models.downloads import shown

    telling = Telling(options.get("name") or shown(address).rpartition("/")[2], quiet=as_json)
    try:
        return runtime.pull_model(address, watch=telling, **options)
    except (KeyboardInterrupt, CancelledError):
        telling.end()
        step = telling.last
        done, total = (step.done, step.total) if step else (0, 0)
        document = {"paused": {"model": shown(asked), "done": done, "total": total}}
        line = f"paused: {size(done)} of {size(total)} are kept. Go on with: carryon models pull {shown(asked)}"
        show(document, as_json=as_json, lines=[line])
        raise SystemExit(NEGATIVE) from None
    finally:
        telling.end()


@click.command("verify")
@click.argument("name")
@click.option("--fetch-again", is_flag=True, help="If it is damaged or gone and its origin is known, fetch it again.")
@json_option
@offline_option
@command
def verify(name: str, fetch_again: bool, as_json: bool, offline: bool) -> None:
    """Read the whole model again, compare its SHA-256, and ask whether its publisher has a newer version."""
    from models.downloads import read_origin

    with profile(offline=offline) as runtime:
        verdict, why = _verdict(runtime, name)
        file = next((model.path for model in runtime.catalog.list() if model.name == name), None)
        origin = read_origin(file) if file and verdict != "good" else None
        if origin and fetch_again:
            fetched(runtime, origin.address, name, as_json=as_json, name=name)
            verdict, why, origin = "good", "", None
        denied, folder = runtime.connectivity.standing.manual, model_offers.folder(runtime)
        now = offered_now(file, folder, denied=denied) if file and verdict == "good" else NOBODY_ASKED
        source = read_origin(file) if file else None
    document = {"name": name, "verdict": verdict, "file": str(file or ""), "why": why,
                "address": origin.address if origin else "", "newer": now.newer, "publisher": now.words}  # fmt: skip
    lines = [f"{name}: {verdict}", *(f"  {words}" for words in (why, now.words) if words)]
    if now.newer and source:
        lines.append(
            f"  Nothing changes unless you take it: carryon models pull {source.address} --name {name} --accept-new"
        )
    if origin:
        lines.append(
            f"  {file} came from {origin.address}. To fetch it again: carryon models verify {name} --fetch-again"
        )
    show(document, as_json=as_json, lines=lines)
    if verdict in ("changed", "damaged", "missing"):
        raise SystemExit(NEGATIVE)


def _verdict(runtime: "Runtime", name: str) -> tuple[str, str]:
    """Verdict, and why it is no good one."""
    try:
        verdict = runtime.catalog.verify(name)
    except ModelFileBadError as error:
        file = next((model.path for model in runtime.catalog.list() if model.name == name), None)
        if file is None:
            raise
        return "damaged" if file.exists() else "missing", error.what
    return verdict, "It is not as it was when it was added." if verdict == "changed" else ""
