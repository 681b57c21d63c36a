"""The twenty tools that ship: their cards as the user reads them in Settings and under `carryon tools`.

No tool module is imported here; `module` says where the code is once it is called.
"""

from agent.tools.spec import Connectivity, Idempotency, Kind, Param, Past, ToolSpec, Touches

DAY_S = 86_400
ALWAYS_FRESH = 0
MAIL_FRESH_S = 7 * DAY_S  # a message that waited longer is held and shown, never sent by itself
PAGE_FRESH_S = DAY_S  # an older copy of a page is still shown, with its age and a warning

LIBRARY = frozenset({Touches.LIBRARY})
FILES = frozenset({Touches.FILES})
NETWORK = frozenset({Touches.NETWORK})
NOTHING: frozenset[Touches] = frozenset()


def _local(name: str, about: str, module: str, touches: frozenset[Touches], *params: Param) -> ToolSpec:
    return ToolSpec(
        name, about, f"agent.tools.{module}", params, Connectivity.LOCAL, ALWAYS_FRESH, Idempotency.NONE, touches
    )


def _outside(name: str, about: str, module: str, idempotency: Idempotency, *params: Param) -> ToolSpec:
    return ToolSpec(
        name, about, f"agent.tools.{module}", params, Connectivity.DEFERRABLE, MAIL_FRESH_S, idempotency, NETWORK
    )


def _optional(name: str, kind: Kind, about: str) -> Param:
    return Param(name, kind, about, required=False)


SHIPPED: tuple[ToolSpec, ...] = (
    _local(
        "note.create",
        "Writes a new note into your library.",
        "notes:create",
        LIBRARY,
        _optional("title", Kind.TITLE, "What the note is called; made from its first words when you name none."),
        Param("body", Kind.TEXT, "What the note says."),
    ),
    _local(
        "note.append",
        "Adds text to the end of a note you have; the earlier version is kept.",
        "notes:append",
        LIBRARY,
        Param("title", Kind.TITLE, "Which note."),
        Param("text", Kind.TEXT, "What to add."),
    ),
    _local(
        "library.search",
        "Searches everything in your library.",
        "shelves:search",
        LIBRARY,
        Param("query", Kind.TITLE, "The words to look for."),
    ),
    _local(
        "library.open",
        "Opens a note or document of your library.",
        "shelves:open_one",
        LIBRARY,
        Param("title", Kind.TITLE, "Which one."),
    ),
    _local(
        "task.add",
        "Puts something on your task list, with a reminder if you say when.",
        "tasks:add",
        LIBRARY,
        Param("title", Kind.TITLE, "What is to be done."),
        _optional("due", Kind.TIME, "By when, as you would say it: next friday at 9."),
    ),
    _local(
        "task.list",
        "Shows your open tasks.",
        "tasks:listing",
        LIBRARY,
        _optional("when", Kind.TIME, "Only those due then: today, next week."),
    ),
    _local(
        "task.done",
        "Ticks off a task.",
        "tasks:done",
        LIBRARY,
        Param("title", Kind.TITLE, "Which task; a part of its name is enough."),
    ),
    _local(
        "calendar.add",
        "Puts an appointment into your calendar.",
        "appointments:add",
        LIBRARY,
        Param("title", Kind.TITLE, "What the appointment is."),
        Param("when", Kind.TIME, "Day and time, as you would say it."),
        _optional("duration", Kind.DURATION, "How long it takes; an hour when you do not say."),
    ),
    _local(
        "calendar.list",
        "Shows your appointments.",
        "appointments:listing",
        LIBRARY,
        _optional("when", Kind.TIME, "Which days; the coming week when you do not say."),
    ),
    _local(
        "timer.set",
        "Starts a timer that rings even if Carryon was closed in between.",
        "timers:start",
        LIBRARY,
        Param("duration", Kind.DURATION, "How long: 45 seconds, an hour and a half."),
        _optional("label", Kind.TITLE, "What it is for."),
    ),
    _local(
        "calc.evaluate",
        "Calculates, exactly where that is possible.",
        "calc:evaluate",
        NOTHING,
        Param("expression", Kind.TITLE, "The sum, such as 15/100*240 or sqrt(144)+3."),
    ),
    _local(
        "units.convert",
        "Converts between units.",
        "units:convert",
        NOTHING,
        Param("value", Kind.NUMBER, "The number."),
        Param("from", Kind.TITLE, "The unit you have: miles, cups, celsius."),
        Param("to", Kind.TITLE, "The unit you want."),
    ),
    _local(
        "clock.now",
        "Tells date and time, here or in a city elsewhere.",
        "clock:tell",
        NOTHING,
        _optional("place", Kind.TITLE, "A city or country; here when you name none."),
    ),
    _local(
        "file.read",
        "Reads a file in the folders you allowed.",
        "files:read",
        FILES,
        Param("path", Kind.PATH, "Which file."),
    ),
    _local(
        "file.find",
        "Finds files by name or by what is in them, in the folders you allowed.",
        "finding:find",
        FILES,
        Param("query", Kind.TITLE, "The words to look for."),
    ),
    _outside(
        "email.send",
        "Writes an e-mail; it leaves when you are online and have agreed.",
        "mail:send",
        Idempotency.NONE,
        Param("to", Kind.TITLE, "A name from your contacts, or an address."),
        _optional("subject", Kind.TITLE, "The subject; made from the first words when you give none."),
        Param("body", Kind.TEXT, "What the e-mail says."),
        Param(
            "attach",
            Kind.TITLE,
            "Work of your library that goes with it, by its title; several with commas.",
            required=False,
            beyond_starter=True,
        ),
    ),
    _outside(
        "message.post",
        "Posts a message to a channel; it leaves when you are online and have agreed.",
        "messages:post",
        Idempotency.KEY,
        Param("channel", Kind.TITLE, "Which channel, as named in your settings."),
        Param("text", Kind.TEXT, "What the message says."),
    ),
    _outside(
        "issue.create",
        "Files an issue with a tracker; it leaves when you are online and have agreed.",
        "issues:create",
        Idempotency.QUERY,
        Param("project", Kind.TITLE, "Which tracker or project, as named in your settings."),
        Param("title", Kind.TITLE, "What is wrong or wanted, in a line."),
        _optional("body", Kind.TEXT, "More about it."),
    ),
    ToolSpec(
        "web.fetch",
        "Fetches a web page as text; offline you get the copy kept from last time, with its age.",
        "agent.tools.pages:fetch",
        (Param("url", Kind.URL, "The address of the page."),),
        Connectivity.ONLINE,
        PAGE_FRESH_S,
        Idempotency.QUERY,
        NETWORK,
        past=Past.FLAG,
    ),
    _local(
        "rc.set",
        "Proposes a change of your settings; nothing changes before you accept it.",
        "preferences:propose",
        frozenset({Touches.SETTINGS}),
        _optional("key", Kind.TITLE, "Which setting; found from your words when left out."),
        _optional("value", Kind.TITLE, "Its new value."),
    ),
)
