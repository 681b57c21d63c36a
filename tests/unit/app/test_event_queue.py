"""Events keep their order between threads; only neighbouring tokens of one turn are joined."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from agent.protocol.events import Event, StoreChanged, TokenArrived
from app.bridge import EventQueue


def drained(queue: EventQueue) -> list[Event]:
    taken = []
    while (event := queue.take()) is not None:
        taken.append(event)
    return taken


def flat(events: list[Event]) -> list[tuple[str, str]]:
    """Events as they matter: text by turn, joined; everything else as a wall."""
    made: list[tuple[str, str]] = []
    for event in events:
        if not isinstance(event, TokenArrived):
            made.append(("wall", ""))
        elif made and made[-1][0] == event.turn_id:
            made[-1] = (event.turn_id, made[-1][1] + event.text)
        else:
            made.append((event.turn_id, event.text))
    return made


tokens = st.builds(TokenArrived, turn_id=st.sampled_from(["a", "b"]), index=st.just(0), text=st.text(max_size=3))
walls = st.builds(StoreChanged, areas=st.just(frozenset({"library"})))


@given(st.lists(st.one_of(tokens, walls)))
def test_joining_changes_neither_text_nor_order(events: list[Event]) -> None:
    queue = EventQueue()
    for event in events:
        queue.put(event)
    taken = drained(queue)
    assert flat(taken) == flat(events)
    assert len(taken) == len(flat(events))


def test_only_the_first_event_wakes() -> None:
    queue = EventQueue()
    wall = StoreChanged(areas=frozenset())
    assert [queue.put(wall), queue.put(wall)] == [True, False]
    drained(queue)
    assert queue.put(wall)


def test_many_threads_lose_nothing() -> None:
    queue = EventQueue()

    def write(turn: str) -> None:
        for number in range(1_000):
            queue.put(TokenArrived(turn_id=turn, index=number, text=f"{number},"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    taken = drained(queue)
    for turn in "abcd":
        text = "".join(event.text for event in taken if isinstance(event, TokenArrived) and event.turn_id == turn)
        assert text == "".join(f"{number}," for number in range(1_000))
