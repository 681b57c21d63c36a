"""More models: proposals in words, downloads with speed and time left, finds, what the buttons ask for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.protocol import commands, events, model_commands
from agent.protocol.records import ModelJob
from app import demo, demo_models
from app.presenters.desk import Desk
from app.presenters.gallery import GalleryPresenter
from app.presenters.model_jobs import job_face, time_left
from app.presenters.offers import OfferRow
from models.found import Finds
from models.gallery.cards import Cards

FETCHING, KEPT = demo_models.FETCHING, demo_models.KEPT
FETCH = demo_models.FETCH


@pytest.fixture
def gallery(desk: Desk) -> GalleryPresenter:
    for event in demo.afternoon():
        desk.handle(event)
    return desk.gallery


def row(gallery: GalleryPresenter, key: str) -> OfferRow:
    found = gallery.offer(key)
    assert found is not None
    return found


def told(desk: Desk, job: ModelJob) -> None:
    desk.handle(events.ModelJobChanged(job=job))


# Jobs in words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "1.2 GB of 2.5 GB · 11.3 MB a second · about 2 min left"),
        ({"bytes_per_second": None, "seconds_left": None}, "1.2 GB of 2.5 GB"),
        ({"total": 0, "done": 0}, "Asking the server…"),
        ({"phase": "waiting"}, "1.2 GB of 2.5 GB. Waiting for the network; it goes on by itself."),
        ({"phase": "checking"}, "All of it is here. Checking that every byte is right… 46 %"),
        ({"state": "paused"}, "Paused. 1.2 GB of 2.5 GB are kept on this disk."),
        ({"state": "waiting"}, "Waits until what was begun before it is done."),
        ({"state": "done"}, "Fetched, and every byte checked."),
        ({"note": "The server sends it in one go."},
         "1.2 GB of 2.5 GB · 11.3 MB a second · about 2 min left The server sends it in one go."),
        ({"state": "failed", "why": "The disk lacks room.", "where": "/disk", "todo": "Free some."},
         "The disk lacks room. (/disk) Free some."),
    ],
)  # fmt: skip
def test_a_download_is_said_in_words(changes: dict[str, object], words: str) -> None:
    assert job_face(replace(FETCH, **changes)).words == words  # type: ignore[arg-type]


def test_the_bar_shows_a_share_or_only_that_it_goes_on() -> None:
    assert job_face(FETCH).percent == 46
    assert job_face(replace(FETCH, total=0)).percent == -1
    assert job_face(replace(FETCH, state="failed")).percent is None


def test_time_left_is_as_exact_as_it_can_be() -> None:
    assert [time_left(seconds) for seconds in (None, 59, 61, 3_540, 8_000)] == [
        "", "less than a minute left", "about 1 min left", "about 59 min left", "about 2 h 13 min left",
    ]  # fmt: skip


# Proposals


def test_what_fits_comes_first_and_what_is_too_large_is_hidden_but_counted(gallery: GalleryPresenter) -> None:
    assert gallery.offers[0].key == KEPT, "what was begun"
    chips = [one.chip for one in gallery.offers]
    assert chips[1] == "Fits well"
    assert "Too large" not in chips
    hidden = gallery.hidden
    assert hidden > 0
    gallery.show_all(on=True)
    assert len(gallery.offers) == len(chips) + hidden
    assert gallery.offers[-1].chip == "Too large"


def test_a_proposal_says_what_one_wants_to_know(gallery: GalleryPresenter) -> None:
    one = row(gallery, "Qwen3-1.7B-Q4_K_M.gguf")
    assert one.main
    assert (one.title, one.main.label) == ("Qwen3 1.7B", "Get it, 1.3 GB")
    assert one.fit.endswith("words a second.")
    whole = "\n".join(one.about)
    assert "Apache-2.0, free to use, also at work" in whole
    assert "Using tools: fair. 75 of 100 single calls right" in whole
    assert "Languages: over 100, says its publisher" in whole


def test_a_file_that_its_publisher_exchanged_is_fetched_only_when_asked(
    gallery: GalleryPresenter, desk: Desk, submitted
) -> None:
    """It was here once and is gone; what is offered now is another one than was pinned then."""
    key = "Qwen3-1.7B-Q4_K_M.gguf"
    why = f"The publisher now offers another {key} (aaaa…) than the one that you had (bbbb…)."
    told(desk, ModelJob(f"fetch:{key}", "fetch", "qwen3-1.7b", key, "failed", why=why, newer=True))
    one = row(gallery, key)
    assert one.job
    assert one.main
    assert "Nothing changes unless you take the new one" in one.job.words
    assert one.main.label == "Use the new version"
    gallery.act(key, one.main.name)
    sent = submitted.last(model_commands.FetchModel)
    assert (sent.name, sent.accept_new) == ("qwen3-1.7b", True)


def test_what_nobody_tested_is_not_called_good(gallery: GalleryPresenter) -> None:
    assert "Using tools: nobody has tested it openly." in row(gallery, "SmolLM3-Q4_K_M.gguf").about[1]


def test_a_model_that_is_here_can_be_used(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    known = {Path("/models") / FETCHING: "mine"}
    from models.gallery import offers, propose

    listed = propose(offers(), demo_models.MACHINE, {}, ())
    here = tuple(replace(one, here_as="mine") if one.offer.file == FETCHING else one for one in listed)
    assert known
    desk.handle(events.OffersListed(offers=here, machine=demo_models.MACHINE))
    assert row(gallery, FETCHING).chip == "On this machine"
    gallery.act(FETCHING, "use")
    assert submitted.last(commands.UseModel).name == "mine"


def test_the_machine_is_described_and_can_be_measured(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    assert "16.4 GB of memory" in gallery.machine
    assert gallery.is_measured
    assert "graphics" not in gallery.machine
    desk.handle(
        events.OffersListed(offers=(), machine=replace(demo_models.MACHINE, cards=Cards("RTX", 10_000_000_000)))
    )
    assert "room for 10.0 GB of a model on the RTX" in gallery.machine
    gallery.measure()
    assert submitted.last(model_commands.MeasureSpeed)
    told(desk, ModelJob("measure", "measure", state="going"))
    assert gallery.measures
    assert gallery.machine.startswith("Measuring")
    told(desk, ModelJob("measure", "measure", state="failed", why="The disk lacks room.", todo="Free some."))
    assert gallery.machine == "The disk lacks room. Free some."


# Downloads


def test_the_main_button_follows_the_download(gallery: GalleryPresenter, desk: Desk) -> None:
    labels = []
    for state in ("waiting", "going", "held", "paused", "failed"):
        told(desk, replace(FETCH, state=state))
        main = row(gallery, FETCHING).main
        labels.append(main.label if main else "")
    assert labels == ["Pause", "Pause", "Pause", "Go on", "Try again"]


def test_an_earlier_starts_download_can_go_on_or_be_taken_away(gallery: GalleryPresenter, submitted) -> None:
    kept = row(gallery, KEPT)
    assert kept.job
    assert kept.job.words == "Paused. 1.3 GB of 5.0 GB are kept on this disk."
    assert kept.main
    assert kept.main.label == "Go on"
    gallery.act(KEPT, "fetch")
    assert submitted.last(model_commands.FetchModel).name == "qwen3-8b"
    gallery.act(KEPT, "drop")
    assert submitted.last(model_commands.DropDownload).file == KEPT
    gallery.act(FETCHING, "pause")
    assert submitted.last(model_commands.StopModelJob).job == f"fetch:{FETCHING}"


def test_a_download_of_something_else_has_a_row_of_its_own(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    from models.downloads import Unfinished

    other = Unfinished("parrot.gguf", 5, 10, "https://example.org/parrot.gguf")
    desk.handle(events.OffersListed(offers=(), machine=demo_models.MACHINE, unfinished=(other,)))
    assert [one.title for one in gallery.offers] == ["parrot.gguf"]
    gallery.act("parrot.gguf", "fetch")
    assert submitted.last(model_commands.FetchModel).name == "https://example.org/parrot.gguf"


def test_progress_changes_one_row_alone(gallery: GalleryPresenter, desk: Desk, parts: Callable[..., object]) -> None:
    heard = parts(gallery)
    told(desk, replace(FETCH, done=1_200_000_000))
    assert heard == [("offer", FETCHING)]


def test_a_finished_download_is_told_wherever_the_user_is(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    told(desk, replace(FETCH, state="done"))
    toast = desk.toasts.latest
    assert toast
    assert (toast.action, toast.notify) == ("Use it", "Model here")
    desk.toasts.act(toast)
    assert submitted.last(commands.UseModel).name == FETCH.name


# Finds


def test_what_lies_here_is_told_apart(gallery: GalleryPresenter) -> None:
    assert [(one.title, one.chip, one.main is not None) for one in gallery.found] == [
        ("llama3.2:3b", "Ollama", True),
        ("gemma-3-12b-it-Q4_K_M", "LM Studio", True),
        ("nomic-embed-text-v1.5.Q8_0", "Hugging Face", True),
        ("Qwen2.5-32B-Instruct-Q4_K_M", "Not complete", False),
    ]
    assert "for searching, it cannot chat" in gallery.found[2].about
    assert gallery.search_words == "3 models can be used without fetching anything."
    assert "reads pictures" in gallery.left_out_text


def test_a_find_is_used_and_then_stands_on_the_list_above(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    first = gallery.found[0]
    gallery.act_on_found(first.key, "add")
    assert submitted.last(model_commands.AddFound).path == first.key
    told(desk, ModelJob(f"add:{first.key}", "add", first.title, first.key, "going", done=1, total=4))
    reading = gallery.one_found(first.key)
    assert reading
    assert reading.job
    assert reading.job.words == "Reading it once, to know it again… 25 %"
    mine = replace(demo.MODELS[1], name="llama3.2-3b", path=first.key)
    desk.handle(events.ModelsListed(models=(*demo.MODELS, mine), details={}))
    assert gallery.one_found(first.key) is None
    assert "1 more is on the list above already" in gallery.search_words


def test_looking_happens_once_by_itself_and_can_be_stopped(desk: Desk, submitted) -> None:
    desk.show_view("models")
    assert submitted.last(model_commands.FindModels).folder == ""
    told(desk, ModelJob("find", "find", state="going"))
    assert desk.gallery.search_words.startswith("Looking through")
    desk.gallery.stop_looking()
    assert submitted.last(model_commands.StopModelJob).job == "find"
    told(desk, ModelJob("find", "find", state="done"))
    desk.handle(events.ModelsFound(finds=Finds((), (), ())))
    assert "None of the programs" in desk.gallery.search_words
    before = len(submitted.all(model_commands.FindModels))
    desk.handle(events.StoreChanged(areas=frozenset({"models"})))
    assert len(submitted.all(model_commands.FindModels)) == before


# The list


def test_a_check_that_fails_offers_to_fetch_again(gallery: GalleryPresenter, desk: Desk, submitted) -> None:
    name = demo.MODELS[1].name
    desk.models.check(name)
    assert submitted.last(model_commands.CheckModel).name == name
    told(desk, ModelJob(f"check:{name}", "check", name, state="going", done=1, total=2))
    card = desk.models.card(name)
    assert card
    assert (card.can_stop, card.can_check, card.can_fetch) == (True, False, False)
    desk.models.stop(name)
    assert submitted.last(model_commands.StopModelJob).job == f"check:{name}"
    desk.handle(demo_models.damaged(name, demo.MODELS[1].path))
    card = desk.models.card(name)
    assert card
    assert card.job
    assert Path(demo.MODELS[1].path).name in card.job.words
    assert card.can_fetch
    desk.models.fetch_again(name)
    assert submitted.last(model_commands.FetchModel).name == name


def test_where_a_model_computes_is_among_its_facts(desk: Desk) -> None:
    placed = "28 of 32 layers on the GeForce RTX 3060, 0.9 GB left free."
    desk.handle(events.ModelsListed(models=demo.MODELS, details={**demo.DETAILS, "placement": placed}))
    assert dict(desk.models.cards[0].facts)["Where it computes"] == placed
