"""Servers of tools for the pictures: one in use, one to look at, one that was never asked."""

from agent.protocol.server_events import ServerAsked, ServersListed
from agent.protocol.server_records import ClassView, QuestionField, ServerQuestion, ServerToolView, ServerView

HERE, ELSEWHERE = "The server runs on this machine.", "The server runs elsewhere."
LOCAL = ClassView("local", "0s", "none", ("files",))
NOTHING = ClassView("local", "0s", "none", ())
LATER = ClassView("deferrable", "7d", "none", ("network",))
ONLINE = ClassView("online", "5m", "none", ("network",))
NEW = "You have not said yet what it is."
CHANGED = "The server says something else about it than when you looked at it."


def _tool(
    name: str, about: str, suggested: ClassView, why: str = "", said: ClassView | None = None, what: str = HERE
) -> ServerToolView:
    plain = name.rpartition(".")[2]
    return ServerToolView(name, plain, about, why, said, suggested, what if why else "", f"{plain:0<16}")


SERVERS = (
    ServerView(
        "clockwork", "uvx mcp-server-time", True, "", "mcp-time 2026.10.19", 1_795_500_000_000,
        "mcp-server-time 2026.10.19",
        (_tool("clockwork.convert_time", "Convert time between timezones", LOCAL, said=NOTHING),
         _tool("clockwork.get_current_time", "Get current time in a specific timezone", LOCAL, said=NOTHING)),
        can_update=True,
    ),
    ServerView(
        "tracker", "https://tracker.halden.example/mcp", True, "", "tracker 4.2", 1_795_520_000_000, "",
        (_tool("tracker.create_issue", "Opens an issue in a project.", LATER, NEW, what=ELSEWHERE),
         _tool("tracker.list_issues", "Lists the issues of a project.", ONLINE, CHANGED, ONLINE, ELSEWHERE),
         _tool("tracker.close_issue", "Closes an issue.", LATER, said=LATER)),
        resources=3, prompts=1,
    ),
    ServerView(
        "git", "uvx mcp-server-git", True,
        "The server git is not installed: uvx would fetch it at each start, which fails without a network. "
        "While online: carryon servers update git", "", None, "", (), can_update=True,
    ),
)  # fmt: skip

QUESTION = ServerQuestion(
    "demo-question", "tracker", "Which project should the issue go to?",
    (QuestionField("project", "choice", "Project", "", True, ("web", "desktop")),
     QuestionField("urgent", "yes_no", "Urgent", "Somebody is called at once.", False)),
)  # fmt: skip


def listed() -> ServersListed:
    return ServersListed(servers=SERVERS)


def asked() -> ServerAsked:
    return ServerAsked(question=QUESTION)
