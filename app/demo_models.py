"""More models than are on the demo's list: what lies on its disk, what it could fetch, a download half way.

The proposals are the real ones, before a machine that is invented.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from agent.protocol import events
from agent.protocol.events import Event
from agent.protocol.records import Model, ModelJob
from models.found import Finds, Found, LeftOut
from models.gallery import Machine, Speed, offers, propose

SPEED = Speed("demo", "Ryzen 5 7530U, 12 cores, 16 GB, Linux", 21.4e9, 93.0, 6, "b7021", 0)
MACHINE = Machine(16_400_000_000, 9_100_000_000, 12, speed=SPEED)
HOME = Path("/home/mira")
FETCHING, KEPT = "Qwen3-4B-Instruct-2507-Q4_K_M.gguf", "Qwen3-8B-Q4_K_M.gguf"
KEPT_BYTES = (1_306_000_000, 5_027_783_488)

FINDS = Finds(
    models=(
        Found("llama3.2:3b", "Ollama", HOME / ".ollama/models/blobs/sha256-dde5aa3fc5ffc17176b5e8bdc82f587b24b2678c",
              2_019_377_376, "llama", "chat", "llama3.2"),
        Found("gemma-3-12b-it-Q4_K_M", "LM Studio",
              HOME / ".lmstudio/models/lmstudio-community/gemma-3-12b-it-GGUF/gemma-3-12b-it-Q4_K_M.gguf",
              7_300_574_880, "gemma3", "chat", "gemma"),
        Found("nomic-embed-text-v1.5.Q8_0", "Hugging Face",
              HOME / ".cache/huggingface/hub/nomic-embed-text-v1.5.Q8_0.gguf", 146_146_432, "nomic-bert", "search",
              "apache-2.0"),
        Found("Qwen2.5-32B-Instruct-Q4_K_M", "Hugging Face",
              HOME / ".cache/huggingface/hub/Qwen2.5-32B-Instruct-Q4_K_M-00001-of-00005.gguf",
              15_800_000_000, "qwen2", "chat", "apache-2.0", 5, "incomplete",
              "4 of 5 files are here; Qwen2.5-32B-Instruct-Q4_K_M-00004-of-00005.gguf is missing."),
    ),
    left_out=(
        LeftOut(HOME / ".lmstudio/models/lmstudio-community/gemma-3-12b-it-GGUF/mmproj-model-f16.gguf", "LM Studio",
                "It reads pictures for another model; left alone."),
    ),
    looked_in=("Ollama: /home/mira/.ollama/models", "LM Studio: /home/mira/.lmstudio/models"),
)  # fmt: skip

FETCH = ModelJob(
    f"fetch:{FETCHING}", "fetch", "qwen3-4b-2507", FETCHING, "going", "fetching", 1_152_000_000, 2_497_281_120,
    11_300_000.0, 119.0,
)  # fmt: skip


def more(known: tuple[Model, ...]) -> Iterator[Event]:
    """What the Models room hears once it is opened."""
    from models.downloads import Unfinished

    kept = Unfinished(KEPT, *KEPT_BYTES, f"https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/main/{KEPT}")
    paths = {Path(model.path): model.name for model in known}
    yield events.OffersListed(offers=propose(offers(), MACHINE, paths, (kept,)), machine=MACHINE, unfinished=(kept,))
    yield events.ModelsFound(finds=FINDS)
    yield waits_for_the_network()


def goes_on() -> Iterator[Event]:
    """The network is back."""
    yield events.ConnectivityChanged(state="online", manual=False, why="The network is back")
    yield events.ModelJobChanged(job=FETCH)


def damaged(name: str, path: str) -> Event:
    """A check that found something."""
    file = Path(path).name
    why = f"The file {file} is damaged. It is not as it was when it came."
    job = ModelJob(
        f"check:{name}", "check", name, state="failed", why=why, where=path, todo="Fetch it again.", again=True
    )
    return events.ModelJobChanged(job=job)


def waits_for_the_network() -> Event:
    waiting = replace(FETCH, phase="waiting", bytes_per_second=None, seconds_left=None)
    return events.ModelJobChanged(job=waiting)
