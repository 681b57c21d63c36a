"""One decision about many items, for every front end. What was decided after reading strangers' words is never approved
in bulk: a yes to it is worth something only from somebody who has seen it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.errors import BadRequestError
from agent.protocol.outbox_records import ItemFilter
from sync.bulk import IDS_MAX, Bulk
from sync.errors import ItemNotFoundError
from sync.item import Item
from sync.listing import states_of
from sync.outbox import Outbox
from sync.states import NEVER_SENT, SET_ASIDE, State

PAGE = 1_000
PART = 250  # a tenth of a second

# Taken back, or too old to go unasked: sent again by its own id, or where the filter names it, never among others.
PUT_ASIDE = (State.EXPIRED, State.CANCELLED)
_AGAIN = (State.FAILED, State.REJECTED, *PUT_ASIDE)
# What each decision is possible for; the outbox itself has the last word.
VERBS: Mapping[str, tuple[State, ...]] = {
    "approve": (State.WAITING_APPROVAL,),
    "cancel": (*NEVER_SENT, *SET_ASIDE, State.UNKNOWN),
    "retry": _AGAIN,
    "retry_at_once": _AGAIN,  # whatever pause was asked for
    "delivered": (State.UNKNOWN,),
    "send_again": (State.UNKNOWN,),
    "send_all_the_same": (State.CONFLICT,),
}
_YES = ("approve", "send_all_the_same")
_VERDICTS = {"delivered": "delivered", "send_again": "retry", "send_all_the_same": "send"}


@dataclass(frozen=True, slots=True)
class Decided:
    """`to_look_at`: ids that a yes was kept from, since strangers' words were read before; `left`: there are more than
    were decided."""

    done: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    to_look_at: tuple[str, ...] = ()
    left: bool = False


def decide(outbox: Outbox, verb: str, ids: Sequence[str]) -> Decided:
    *_, last = decide_in_parts(outbox, verb, ids)
    return last


def decide_in_parts(outbox: Outbox, verb: str, ids: Sequence[str]) -> Iterator[Decided]:
    """What is decided so far, part by part, so that whoever waits can be told and can stop; the last is the whole."""
    if verb not in VERBS:
        raise BadRequestError("There is no such decision.", verb, f"One of: {', '.join(VERBS)}.")
    done, refused, to_look_at = list[str](), dict[str, str](), list[str]()
    for begin in range(0, max(len(ids), 1), PART):
        part = ids[begin : begin + PART]
        unseen = frozenset(_unseen(outbox, verb, part)) if verb in _YES else frozenset[str]()
        bulk = _all(outbox, verb, [item_id for item_id in part if item_id not in unseen])
        done += bulk.done
        refused |= bulk.refused
        to_look_at += [item_id for item_id in part if item_id in unseen]
        yield Decided(tuple(done), dict(refused), tuple(to_look_at), begin + PART < len(ids))


def decide_all(outbox: Outbox, verb: str, wanted: ItemFilter) -> Decided:
    """About everything that the filter leaves in; at most IDS_MAX at once."""
    ids, left = chosen(outbox, verb, wanted)
    return replace(decide(outbox, verb, ids), left=left)


def chosen(outbox: Outbox, verb: str, wanted: ItemFilter) -> tuple[Sequence[str], bool]:
    """Ids of what the filter leaves in and can be decided so, and whether there are more."""
    states = _states(wanted, verb)
    if not states:
        return (), False
    return outbox.ids(
        states, wanted.destination, IDS_MAX, conversation_id=wanted.conversation_id, tool=wanted.tool, text=wanted.text
    )


def put_aside(outbox: Outbox, verb: str, wanted: ItemFilter) -> int:
    """How many the filter leaves in that would be sent again only where it names their state; at most IDS_MAX."""
    if wanted.states or VERBS.get(verb) is not _AGAIN:
        return 0
    return len(chosen(outbox, verb, replace(wanted, states=tuple(state.value for state in PUT_ASIDE)))[0])


def matching(outbox: Outbox, wanted: ItemFilter, verb: str = "", limit: int = IDS_MAX) -> Iterator[Item]:
    """Oldest first; with a verb only those that can be decided so."""
    states = _states(wanted, verb)
    after: str | None = None
    while states and limit > 0:
        page = outbox.list(
            states, wanted.destination, min(limit, PAGE), after,
            conversation_id=wanted.conversation_id, tool=wanted.tool, text=wanted.text,
        )  # fmt: skip
        yield from page
        limit -= len(page)
        if len(page) < PAGE:
            return
        after = page[-1].id


def kept_from(verb: str, item: Item) -> bool:
    """Whether it is left out of a decision about many, for the user to look at."""
    return verb in _YES and bool(item.sources)


def _states(wanted: ItemFilter, verb: str) -> list[str]:
    able = VERBS.get(verb, tuple(State))
    if wanted.states:
        named = states_of(wanted.states)
        return [state.value for state in able if state in named]
    return [state.value for state in able if not (VERBS.get(verb) is _AGAIN and state in PUT_ASIDE)]


def _unseen(outbox: Outbox, verb: str, ids: Sequence[str]) -> Iterator[str]:
    for item_id in ids:
        try:
            if kept_from(verb, outbox.get(item_id)):
                yield item_id
        except ItemNotFoundError:
            continue  # the decision itself says so


def _all(outbox: Outbox, verb: str, ids: Sequence[str]) -> Bulk:
    match verb:
        case "approve":
            return outbox.approve_many(ids)
        case "cancel":
            return outbox.cancel_many(ids)
        case "retry" | "retry_at_once":
            return outbox.retry_many(ids, at_once=verb == "retry_at_once")
    return outbox.resolve_many(ids, _VERDICTS[verb])
