"""Servers of tools for the pictures: one in use, one to look at, one that was never asked."""

from agent.protocol.server_events import ClientsFound, ServerAsked, ServersListed, ServersPreviewed, ServersTaken
from agent.protocol.server_records import (
    CandidateView,
    ClassView,
    ClientView,
    PromptArgument,
    PromptView,
    QuestionField,
    RefusedView,
    ServerQuestion,
    ServerToolView,
    ServerView,
)

HERE, ELSEWHERE = "The server runs on this machine.", "The server runs elsewhere."
LOCAL = ClassView("local", "0s", "none", ("files",))
NOTHING = ClassView("local", "0s", "none", ())
LATER = ClassView("deferrable", "7d", "none", ("network",))
ONLINE = ClassView("online", "5m", "none", ("network",))
NEW = "You have not said yet what it is."
LACKS = "Its declaration lacks “inputSchema”, which the protocol wants."
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
        resources=3, prompts=2,
        refused=(RefusedView("tool", "merge_project", LACKS),),
        offers=(
            PromptView("tracker", "triage", "Sorts the open issues of a project by how urgent they are.",
                       (PromptArgument("project", "Which project", True),
                        PromptArgument("since", "Only what is newer, such as 7d", False))),
            PromptView("tracker", "weekly_report", "What was done and decided in the last seven days."),
        ),
    ),
    ServerView(
        "git", "uvx mcp-server-git", True,
        "The server git is not installed: uvx would fetch it at each start, which fails without a network. "
        "While online: carryon servers update git", "", None, "", (), can_update=True,
    ),
)  # fmt: skip

TRIAGE = (
    "Go through the open issues of the project web. For each, say in one line how urgent it is and why, the most "
    "urgent first. Leave out what nobody has touched for a year."
)
TRIAGE_SOURCE = "the prompt triage of the server tracker"

QUESTION = ServerQuestion(
    "demo-question", "tracker", "Which project should the issue go to?",
    (QuestionField("project", "choice", "Project", "", True, ("web", "desktop")),
     QuestionField("urgent", "yes_no", "Urgent", "Somebody is called at once.", False)),
)  # fmt: skip


NEW_NAMES, NEW_SECRETS = ("github-tools", "files"), ("github-tools.GITHUB_TOKEN",)
CLIENTS = (
    ClientView(
        "Cursor", "/home/mira/.cursor/mcp.json",
        (CandidateView("GitHub Tools", "github-tools", "npx -y @scope/server-github", "", NEW_SECRETS),
         CandidateView("files", "files", "npx -y @scope/files /home/mira/notes", ""),
         CandidateView("tracker", "", "", "there is a server named tracker already; it is left as it is.")),
    ),
    ClientView("LM Studio", "/home/mira/.lmstudio/mcp.json", (),
               "The file is no JSON: Expecting value: line 4. Take comments out of it."),
)  # fmt: skip
CHANGE = """--- ~/.agentrc
+++ ~/.agentrc
@@ -18,3 +18,11 @@
 [servers.git]
 command = ["uvx", "mcp-server-git"]
+
+[servers.github-tools]
+command = ["npx", "-y", "@scope/server-github"]
+[servers.github-tools.env]
+GITHUB_TOKEN = "keyring:github-tools.GITHUB_TOKEN"
+
+[servers.files]
+command = ["npx", "-y", "@scope/files", "/home/mira/notes"]
"""


def found(cause: str) -> ClientsFound:
    return ClientsFound(cause=cause, clients=CLIENTS)


def previewed(cause: str) -> ServersPreviewed:
    return ServersPreviewed(
        cause=cause, names=NEW_NAMES, diff=CHANGE, secrets=NEW_SECRETS, notes=(), fingerprint="demo"
    )


def taken(cause: str) -> ServersTaken:
    return ServersTaken(cause=cause, names=NEW_NAMES, change=7, secrets=NEW_SECRETS)


def listed() -> ServersListed:
    return ServersListed(servers=SERVERS)


def asked() -> ServerAsked:
    return ServerAsked(question=QUESTION)
