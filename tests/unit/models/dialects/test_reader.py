"""What streams is told as early as it is certain, and whatever goes wrong in it, no word is lost and nothing breaks."""

import json

import pytest

from models.contracts import CALLS_MAX
from models.dialects.dialect import Dialect
from models.dialects.reader import Reader, Said, Wrote
from models.dialects.source import CALL_CHARACTERS_MAX
from tests.unit.models.dialects.forms import FORMS
from tests.unit.models.dialects.streams import TOOLS, Model, read, together

KNOWN = {tool.name: tool for tool in TOOLS}
CALL = '<call>\n{"name": "clock_now", "arguments": {"place": "Oslo"}}\n</call>'


def dialect_of(form: str) -> Dialect:
    return Model.of(FORMS[form]).dialect


TAGS = dialect_of("an object in tags")
THINKS = dialect_of("an object in tags, with thinking")
ALONE = dialect_of("an object alone")
LISTED = dialect_of("a list with ids")
BARE = dialect_of("parameters in tags")


def reader(dialect: Dialect = TAGS) -> Reader:
    return Reader(dialect, KNOWN)


# -- how early -------------------------------------------------------------------------------------------------------


def test_text_is_told_at_once_but_for_what_may_begin_a_mark() -> None:
    told = reader()
    assert told.feed("Hello <b>there</b> <") == [Said("Hello <b>there</b>")]
    assert told.feed("ca") == []
    assert told.feed("t> and") == [Said(" <cat> and")]
    assert told.finish() == []


def test_blanks_are_held_only_where_tools_are_given() -> None:
    assert Reader(TAGS, {}).feed("Hello ") == [Said("Hello ")]
    told = reader()
    assert told.feed("Hello ") == [Said("Hello")]
    assert told.finish() == [Said(" ")]


def test_a_call_is_told_as_soon_as_it_is_complete() -> None:
    told = reader(LISTED)
    assert told.feed('[CALLS][{"name": "clock_now", "arguments": {}, "id": "x"') == []
    assert told.feed("}") == [Wrote("clock_now", {})]
    assert told.feed(', {"name": "clock_now", "arguments": {"place": "Rome"}, "id": "y"}') == [
        Wrote("clock_now", {"place": "Rome"})
    ]
    assert told.feed("]") == told.finish() == []


def test_the_beginning_of_a_call_is_seen_before_its_end() -> None:
    told = reader()
    told.feed("Let me see.\n<call")
    assert told.pending is None
    told.feed('>\n{"na')
    assert told.pending == '<call>\n{"na'


def test_what_may_be_text_is_no_call_before_it_names_a_tool() -> None:
    told = reader(ALONE)
    told.feed('{"name": "clock')
    assert told.pending is None
    told.feed('_now", ')
    assert told.pending == '{"name": "clock_now", '


# -- around a call ---------------------------------------------------------------------------------------------------


def test_text_before_and_behind_calls() -> None:
    heard = read(TAGS, [f"First.\n{CALL}\n{CALL}\nThen more.\n"])
    assert heard.calls == [("clock_now", {"place": "Oslo"})] * 2
    assert heard.text == "First.\n\nThen more.\n"


def test_thinking_is_told_apart() -> None:
    heard = read(THINKS, list(f"<think>\nIs it <late>?\n</think>\n\nI look.\n{CALL}<|end|>"))
    assert (heard.thought, heard.text) == ("Is it <late>?", "I look.")
    assert heard.calls == [("clock_now", {"place": "Oslo"})]


def test_thinking_that_a_prompt_left_open() -> None:
    left_open = dialect_of("thinking left open")
    told = Reader(left_open, KNOWN)
    assert told.thinking
    assert together([*told.feed("hm, <ca"), *told.feed("ll>?\n</think>\nYes.")]).thought == "hm, <call>?"
    assert not told.thinking


def test_thinking_that_never_ends_stays_thinking() -> None:
    heard = read(THINKS, ["<think>and on", " and on</thi"])
    assert (heard.thought, heard.text) == ("and on and on</thi", "")


def test_thinking_twice() -> None:
    heard = read(THINKS, list("<think>a</think>One.\n<think>b</think>\nTwo."))
    assert (heard.thought, heard.text) == ("ab", "One.\n\nTwo.")


def test_the_common_tag_for_thinking_counts_only_in_front() -> None:
    """Where the template says nothing of thinking: an answer may be about that very tag."""
    assert read(TAGS, ["<think>hm</think>Yes."]).thought == "hm"
    assert read(TAGS, list("\n <think>hm</think>Yes.")).thought == "hm"
    for text in ("Write <think>hm</think>.", "First.\n<think>\nhm\n</think>\nThen."):
        for pieces in ([text], list(text)):
            heard = read(TAGS, pieces)
            assert (heard.thought, heard.text) == ("", text)


def test_a_tag_that_the_template_writes_counts_only_at_the_beginning_of_a_line() -> None:
    text = "Models write <think> and </think> around it."
    for pieces in ([text], list(text)):
        heard = read(THINKS, pieces)
        assert (heard.thought, heard.text) == ("", text)


def test_control_tokens_are_never_shown() -> None:
    told = reader()
    events = [*told.feed("One "), *told.feed("<|strange|>", control=True), *told.feed("two."), *told.finish()]
    assert together(events).text == "One two."


def test_control_tokens_that_are_marks_do_their_work() -> None:
    told = reader(LISTED)
    events = [*told.feed("Ok. "), *told.feed("[CALLS]", control=True), *told.feed('[{"name": "clock_now"}]')]
    assert together(events).calls == [("clock_now", {})]
    assert together(events).text == "Ok."


def test_frames_around_text_are_not_shown() -> None:
    framed = dialect_of("said in a frame")
    stream = "<|open|>say<|sep|>Hello.<|close|>say<|sep|><|open|>call clock_now<|sep|>{}<|close|>call<|sep|><|end|>"
    for pieces in ([stream], list(stream)):
        heard = read(framed, pieces)
        assert (heard.text, heard.calls) == ("Hello.", [("clock_now", {})])


def test_a_frame_that_the_end_cuts_off_is_not_shown_either() -> None:
    framed = dialect_of("said in a frame")
    assert read(framed, ["<|open|>say<|sep|>Hello.<|close|>say"]).text == "Hello."


# -- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ('<call>\n{"name": "clock_now", "arguments": {"place": ', "the answer ended in the middle of it"),
        ("<call>\nclock_now please\n</call>", "“clock” is no value"),
        ('<call>{"name": "clock_now", "arguments": {"place" "Oslo"}}</call>', "“:” was expected"),
        ('<call>{"name": "clock_now", "arguments": [1]}</call>', "its arguments are not an object"),
        ('<call>{"arguments": {}}</call>', "it names no tool"),
        ("<call>" + '{"name": "x", "arguments": ' + '{"a":' * 40 + "1" + "}" * 41 + "</call>", "nested too deeply"),
        ('<call>{"name": "x", "arguments": {"a": 1e999}}</call>', "too large a number"),
        ('<call>{"name": "x", "arguments": {"a": "\\u12G4"}}</call>', "is no character"),
        ('<call>{"name": "x", "arguments": {"a": ' + "9" * 400 + "}}</call>", "too long"),
    ],
)
def test_a_call_that_cannot_be_read_is_text_with_a_reason(stream: str, reason: str) -> None:
    for pieces in ([stream], list(stream)):
        heard = read(TAGS, ["Look: ", *pieces])
        assert heard.calls == []
        assert heard.text.replace(" ", "") == f"Look: {stream}".replace(" ", "")
        assert len(heard.reasons) == 1
        assert reason in heard.reasons[0]


def test_a_good_call_behind_a_bad_one_is_read() -> None:
    heard = read(TAGS, [f"<call>no</call>\n{CALL}"])
    assert heard.calls == [("clock_now", {"place": "Oslo"})]
    assert heard.text == "<call>no</call>"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"name": "note.delete", "arguments": {}}, "“note.delete”, which is none of the tools"),
        ({"name": "note.create", "arguments": {}}, "“title” is missing"),
        ({"name": "note.create", "arguments": {"title": 7}}, "“title” must be a text, not 7"),
        ({"name": "note.create", "arguments": {"title": "x", "tags": ["a", 3]}}, "“tags[1]” must be a text, not 3"),
    ],
)
def test_a_call_that_does_not_fit_is_text_with_a_reason(written: dict[str, object], reason: str) -> None:
    stream = f"<call>\n{json.dumps(written)}\n</call>"
    heard = read(TAGS, [stream])
    assert heard.calls == []
    assert json.dumps(written) in heard.text
    assert reason in heard.reasons[0]


def test_more_calls_than_allowed_are_text() -> None:
    stream = "\n".join([CALL] * (CALLS_MAX + 2))
    heard = read(TAGS, [stream])
    assert len(heard.calls) == CALLS_MAX
    assert len(heard.reasons) == 2
    assert f"more than {CALLS_MAX} calls" in heard.reasons[0]
    assert heard.text.count("Oslo") == 2


def test_a_call_without_end_is_given_up() -> None:
    told = reader()
    events = told.feed('<call>\n{"name": "note.create", "arguments": {"title": "')
    piece = "x" * 10_000
    for _ in range(CALL_CHARACTERS_MAX // len(piece) + 2):
        events += told.feed(piece)
    heard = together([*events, *told.finish()])
    assert "longer than" in heard.reasons[0]
    assert heard.text.count("x") >= CALL_CHARACTERS_MAX


def test_json_that_is_no_call_stays_text_without_complaint() -> None:
    """Where calls have no mark of their own, an answer in JSON must come through."""
    for stream in ('{"name": "Dana", "age": 7}', '{"name": "Dana"', 'See {"name": 3, "of": "x"}.', '{"names": []}'):
        for pieces in ([stream], list(stream)):
            heard = read(ALONE, pieces)
            assert (heard.text, heard.calls, heard.reasons) == (stream, [], [])


def test_an_object_may_be_laid_out_in_lines() -> None:
    for stream in ('{ "name": "clock_now", "parameters": {}}', '{\n  "name": "clock_now",\n  "parameters": {}\n}'):
        for pieces in ([stream], list(stream)):
            assert read(ALONE, pieces).calls == [("clock_now", {})]
    assert read(ALONE, list('{\n  "names": []}')).text == '{\n  "names": []}'


def test_words_that_only_look_like_an_address_stay_text() -> None:
    addressed = dialect_of("addressed to the tool")
    heard = read(addressed, list(" to=user<|message|>Write to=somebody else, or to=me."))
    assert (heard.text, heard.reasons) == ("Write to=somebody else, or to=me.", [])


def test_a_call_may_lack_the_marks_behind_it() -> None:
    assert read(TAGS, ['<call>\n{"name": "clock_now", "arguments": {}}']).calls == [("clock_now", {})]
    assert read(TAGS, ['<call>{"name":"clock_now"}', "</ca"]).calls == [("clock_now", {})]


def test_a_text_may_hold_the_mark_that_closes_it() -> None:
    """It counts only with what must follow it."""
    said = "use </parameter> and </function> with care"
    stream = f"<call>\n<function=note.create>\n<parameter=title>\n{said}\n</parameter>\n</function>\n</call>"
    for pieces in ([stream], list(stream)):
        assert read(BARE, pieces).calls == [("note.create", {"title": said})]


def test_bare_values_mean_what_the_schema_says() -> None:
    def title_and(name: str, value: str) -> dict[str, object]:
        body = f"<parameter=title>\n12\n</parameter>\n<parameter={name}>\n{value}\n</parameter>\n"
        heard = read(BARE, [f"<call>\n<function=note.create>\n{body}</function>\n</call>"])
        assert len(heard.calls) == 1, heard
        return heard.calls[0][1]

    assert title_and("count", "7") == {"title": "12", "count": 7}
    assert title_and("done", "True") == {"title": "12", "done": True}
    assert title_and("body", "null") == {"title": "12", "body": "null"}
    assert title_and("tags", "['a', 'b']") == {"title": "12", "tags": ["a", "b"]}
    assert title_and("unknown", "3.5") == {"title": "12", "unknown": 3.5}
