"""The one table of settings: key, kind, default, choices, meaning, since when. All else is computed from it: checks,
did-you-mean, the form in Settings, the starter file, this package's README.

A `*` in a key stands for a name of the user's own. `harmless` keys may be set by a project file nobody has trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SCHEMA = 1


class Kind(StrEnum):
    """What a value may be; kinds.py holds the check of each."""

    TEXT = "text"
    TONE = "tone"
    CHOICE = "choice"
    BOOL = "bool"
    SCHEMA = "schema"
    PORT = "port"
    LANGUAGE = "language"
    ZONE = "zone"
    ADDRESS = "address"
    URL = "url"
    REFERENCE = "reference"
    PATH = "path"
    PATHS = "paths"
    TEXTS = "texts"
    COMMAND = "command"
    DURATION = "duration"
    SIZE = "size"
    TOKENS = "tokens"
    CLASSING = "classing"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    kind: Kind
    about: str
    default: object = None  # None: not set, and no key of the compiled settings
    choices: tuple[str, ...] = ()
    since: int = 1  # the schema that brought it
    harmless: bool = False

    @property
    def pattern(self) -> tuple[str, ...]:
        return tuple(self.key.split("."))


TONES = ("neutral", "terse", "warm", "formal")
RULES = ("allow", "ask", "deny")

OPTIONS: tuple[Option, ...] = (
    Option("schema", Kind.SCHEMA, "Version of this file's form.", SCHEMA, harmless=True),
    Option(
        "tone",
        Kind.TONE,
        "How Carryon sounds: one of the choices, or a sentence of your own.",
        "neutral",
        TONES,
        harmless=True,
    ),
    Option("length", Kind.CHOICE, "How much it says.", "normal", ("short", "normal", "long"), harmless=True),
    Option("format", Kind.CHOICE, "Form of its answers.", "markdown", ("markdown", "plain", "bullets"), harmless=True),
    Option("language", Kind.LANGUAGE, "Language of its answers: en, de, es, fr, …", "en", harmless=True),
    Option("timezone", Kind.ZONE, "Zone of your times, such as Europe/Berlin; local is this machine's.", "local"),
    Option("emoji", Kind.BOOL, "Whether answers may hold emoji; false means none, ever.", False, harmless=True),
    Option(
        "lock",
        Kind.TEXTS,
        "Keys that files above may not change, such as network.mode or tools.*; only in the system's file.",
    ),
    Option("model.default", Kind.TEXT, "A name from `carryon models list`, or a path to a GGUF file.", "starter"),
    Option(
        "model.decides",
        Kind.CHOICE,
        "Who is asked first: the starter, or the chosen model itself.",
        "starter",
        ("starter", "chosen"),
    ),
    Option(
        "model.context",
        Kind.TOKENS,
        "How many tokens (pieces of words) a chat model holds of a conversation, such as 8192; auto: what fits here.",
        "auto",
    ),
    Option(
        "model.keep_warm",
        Kind.CHOICE,
        "Whether a chat model stays loaded; auto: it rests in the tray, and while battery or memory is short.",
        "auto",
        ("always", "auto", "never"),
    ),
    Option(
        "model.saved_states",
        Kind.SIZE,
        "How much disk saved states of chat models may take, such as 2 GB, at most a tenth of what is free; or off.",
        "1 GB",
    ),
    Option("tools.*", Kind.CHOICE, "Whether a tool may run: first match wins.", choices=RULES),
    Option("accounts.*.kind", Kind.CHOICE, "What kind of account.", choices=("smtp", "caldav", "webdav", "git")),
    Option("accounts.*.host", Kind.TEXT, "Name of the mail server."),
    Option("accounts.*.port", Kind.PORT, "Port of the mail server (left out: 587, or 465 with tls)."),
    Option(
        "accounts.*.security",
        Kind.CHOICE,
        "How the connection is protected (left out: starttls).",
        choices=("none", "starttls", "tls"),
    ),
    Option("accounts.*.from", Kind.ADDRESS, "The address that mail is sent from."),
    Option("accounts.*.user", Kind.TEXT, "Login name; left out: no login."),
    Option("accounts.*.secret", Kind.REFERENCE, "Where the password is: keyring:NAME or env:NAME."),
    Option("accounts.*.imap_host", Kind.TEXT, "Name of the server that the mailbox is read from (smtp)."),
    Option("accounts.*.imap_port", Kind.PORT, "Its port (left out: 993, or 143 with starttls or none)."),
    Option(
        "accounts.*.imap_security",
        Kind.CHOICE,
        "How that connection is protected (left out: tls).",
        choices=("none", "starttls", "tls"),
    ),
    Option(
        "accounts.*.imap_sent",
        Kind.TEXT,
        "Folder in which your provider itself files what it sends, or auto; a mail in doubt is looked for there.",
    ),
    Option("accounts.*.url", Kind.URL, "Address of the calendar or of the folder (caldav, webdav)."),
    Option("accounts.*.calendar", Kind.TEXT, "Name of the calendar, where url is the account's (caldav)."),
    Option("accounts.*.path", Kind.PATH, "Folder of your clone on this machine (git)."),
    Option("accounts.*.remote", Kind.TEXT, "Name of the remote that is pushed to (git; left out: origin)."),
    Option("accounts.*.branch", Kind.TEXT, "Branch that is pushed (git; left out: the one checked out)."),
    Option("channels.*.kind", Kind.CHOICE, "What kind of channel.", choices=("webhook",)),
    Option("channels.*.url", Kind.URL, "Address of the incoming webhook, or keyring:NAME or env:NAME."),
    Option(
        "channels.*.shape",
        Kind.CHOICE,
        "Form of the message (left out: recognised from the address).",
        choices=("auto", "slack", "teams", "discord", "mattermost", "json"),
    ),
    Option("channels.*.dedupes", Kind.BOOL, "True if the receiver recognises a repeated Idempotency-Key."),
    Option("channels.*.secret", Kind.REFERENCE, "Bearer token, if the channel wants one: keyring:NAME or env:NAME."),
    Option("trackers.*.kind", Kind.CHOICE, "What kind of tracker.", choices=("github", "gitlab", "http")),
    Option("trackers.*.url", Kind.URL, "Address of the tracker (github, gitlab: left out means the public one)."),
    Option("trackers.*.project", Kind.TEXT, "Project at the tracker, such as owner/name (github, gitlab)."),
    Option("trackers.*.dedupes", Kind.BOOL, "True if an http tracker recognises a repeated Idempotency-Key."),
    Option("trackers.*.secret", Kind.REFERENCE, "Access token: keyring:NAME or env:NAME."),
    Option("actions.*.about", Kind.TEXT, "One sentence that says what the action does."),
    Option("actions.*.method", Kind.CHOICE, "Its HTTP method.", choices=("GET", "POST", "PUT", "PATCH", "DELETE")),
    Option("actions.*.url", Kind.TEXT, "Its address; {{name}} stands for an argument, never in the host."),
    Option("actions.*.json", Kind.TEMPLATE, "Its body as JSON, with {{name}} inside texts in quotes."),
    Option("actions.*.body", Kind.TEMPLATE, "Its body as plain text, instead of json."),
    Option("actions.*.secret", Kind.REFERENCE, "Bearer token, if one is wanted: keyring:NAME or env:NAME."),
    Option("actions.*.headers.*", Kind.TEXT, "A header, or keyring:NAME or env:NAME for its value."),
    Option("actions.*.args.*", Kind.TEXT, 'An argument: "kind: what it is"; kind? where it may be left out.'),
    Option(
        "actions.*.class",
        Kind.CHOICE,
        "deferrable: decided now, sent by the outbox; online: asks for an answer.",
        choices=("deferrable", "online"),
    ),
    Option(
        "actions.*.fresh",
        Kind.DURATION,
        "How long it may wait before you are asked again, such as 30m, 12h, 7d; of an online one how long its answer "
        "may be relied on without a network (0s: never kept).",
    ),
    Option(
        "actions.*.past",
        Kind.CHOICE,
        "What becomes of an answer older than that without a network: used with a warning, or asked again later.",
        choices=("flag", "refuse"),
    ),
    Option(
        "actions.*.repeat",
        Kind.CHOICE,
        "How a repeat is recognised there: by a header, by asking, or not at all.",
        choices=("key", "query", "none"),
    ),
    Option("actions.*.repeat_header", Kind.TEXT, "Header that carries the key (left out: Idempotency-Key)."),
    Option("actions.*.find", Kind.TEXT, "Address that is asked whether {{key}} arrived (repeat = query)."),
    Option("actions.*.touches", Kind.TEXTS, 'What it touches: ["network"].'),
    Option("servers.*.command", Kind.COMMAND, "How the server of tools is started: the program and its arguments."),
    Option("servers.*.url", Kind.URL, "Address of a server that is reached over HTTP."),
    Option("servers.*.env.*", Kind.TEXT, "A variable for it; a secret as keyring:NAME or env:NAME."),
    Option("servers.*.headers.*", Kind.TEXT, "A header sent to its url; a secret as keyring:NAME or env:NAME."),
    Option("servers.*.client_id", Kind.TEXT, "Carryon's name where you sign in (left out: it registers itself)."),
    Option("servers.*.client_secret", Kind.REFERENCE, "What goes with client_id: keyring:NAME or env:NAME."),
    Option("servers.*.folder", Kind.PATH, "The folder it is started in."),
    Option("servers.*.roots", Kind.PATHS, "Folders that it is told to work in."),
    Option("servers.*.timeout", Kind.DURATION, "How long one call may go without a sign of life (left out: 60s)."),
    Option("servers.*.enabled", Kind.BOOL, "false: its tools are not there (left out: true)."),
    Option("servers.*.tools.*", Kind.CLASSING, "What one of its tools is; `carryon servers classes` writes it."),
    Option("contacts.*", Kind.ADDRESS, "A name you use, and the e-mail address behind it."),
    Option("files.allowed", Kind.PATHS, "Folders that the file tools may read.", ("~/Documents",)),
    Option("network.mode", Kind.CHOICE, "offline never touches the network.", "auto", ("auto", "offline")),
    Option(
        "network.metered",
        Kind.CHOICE,
        "What the outbox sends where the connection costs by the byte: all, what is small, or none.",
        "small",
        ("all", "small", "none"),
    ),
    Option(
        "network.low_battery",
        Kind.CHOICE,
        "The same while the battery is low and nothing charges it.",
        "all",
        ("all", "small", "none"),
    ),
    Option(
        "outbox.attachments",
        Kind.CHOICE,
        "Which version leaves where a newer one was written since: the one decided on, the newest, or you are asked.",
        "ask",
        ("pinned", "latest", "ask"),
    ),
    Option("sync.folder", Kind.PATH, "Folder that your other laptops see, too: a stick, a shared folder."),
    Option("sync.url", Kind.URL, "Folder on a WebDAV server such as Nextcloud, used in place of sync.folder."),
    Option("sync.user", Kind.TEXT, "Login name on that server."),
    Option("sync.secret", Kind.REFERENCE, "Where the password for it is: keyring:NAME or env:NAME."),
    Option(
        "sync.automatic",
        Kind.CHOICE,
        "Whether the library is exchanged there by itself, once it was done by hand (left out: on change).",
        choices=("on change", "off"),
    ),
    Option(
        "sync.passphrase",
        Kind.REFERENCE,
        "Encrypts what lies there; the same on each of your laptops. Without one no server is used.",
    ),
    Option("practice.enabled", Kind.BOOL, "A practice mailbox, channel and tracker on this machine.", False),
    Option(
        "learning.corrections",
        Kind.BOOL,
        "Whether what you correct is kept on this machine, to teach a model with.",
        False,
    ),
    Option(
        "privacy.snapshots",
        Kind.CHOICE,
        "Whether a chat model's state stays on this disk, so that going on is quick; encrypted needs a keyring.",
        "kept",
        ("kept", "encrypted", "none"),
    ),
    Option(
        "window.tray",
        Kind.BOOL,
        "Whether closing the window leaves Carryon in the tray, where reminders ring and the outbox delivers.",
        False,
    ),
    Option("project.name", Kind.TEXT, "Name of what you are working on.", harmless=True),
    Option(
        "project.context",
        Kind.TEXTS,
        "Told to chat models: sentences, or files beside the project's .agentrc such as ./README.md.",
        harmless=True,
    ),
)

# Rules for tools where no file says anything; what leaves this machine asks, and so does any change of settings.
BUILTIN_RULES: tuple[tuple[str, str], ...] = (
    ("rc.set", "ask"),
    ("email.*", "ask"),
    ("message.*", "ask"),
    ("issue.*", "ask"),
    ("*", "allow"),
)

# What an entry of each kind cannot do without.
REQUIRED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("accounts", "smtp"): ("host", "from"),
    ("accounts", "caldav"): ("url",),
    ("accounts", "webdav"): ("url",),
    ("accounts", "git"): ("path",),
    ("channels", "webhook"): ("url",),
    ("trackers", "github"): ("project", "secret"),
    ("trackers", "gitlab"): ("project", "secret"),
    ("trackers", "http"): ("url",),
}
# A file's entry of these replaces a lower file's entry of that name whole.
CONNECTIONS = ("accounts", "channels", "trackers", "actions", "servers")

# Words that people try, and the setting they mean.
ALSO_SAID: Mapping[str, str] = {
    "style": "tone",
    "voice": "tone",
    "verbosity": "length",
    "lang": "language",
    "locale": "language",
    "tz": "timezone",
    "emojis": "emoji",
    "model": "model.default",
    "n_ctx": "model.context",
    "context_length": "model.context",
    "offline": "network.mode",
    "permissions": "tools",
    "rules": "tools",
    "folders": "files.allowed",
    "smtp": "accounts",
    "webhooks": "channels",
    "mcp": "servers",
    "mcpservers": "servers",
    "mcp_servers": "servers",
    "caldav": "accounts",
    "webdav": "accounts",
    "git": "accounts",
    "attachments": "outbox.attachments",
}
SECRET_WORDS = ("password", "passwd", "pass", "token", "api_key", "apikey", "key")  # people try these; never a key here
