"""What the parts of a start are called where a person reads them."""

from agent.starts.record import UNACCOUNTED, StartClass

CLASSES = {
    StartClass.AFTER_UPDATE: "after an update",
    StartClass.COLD_DISK: "with a cold disk",
    StartClass.AFTER_IDLE: "after a long rest",
    StartClass.WARM_DISK: "everyday",
}

_WHOLE = {
    "interpreter": "Starting Python",
    "qt": "Loading the window library",
    "window imports": "Loading the window",
    "window": "Making the window",
    "first paint": "Drawing it",
    "start imports": "Loading what comes next",
    "model imports": "Loading what starts the model",
    "model file": "Looking up the model's file",
    "rooms imports": "Loading the rooms",
    "rooms": "Making the rooms",
    "core": "Starting the core",
    "profile imports": "Loading the core",
    "profile": "Opening the profile",
    "settings": "Reading your settings",
    "database": "Opening the database",
    "database look": "Looking the database over",
    "database connection": "Opening its file",
    "database copy": "A copy before it is changed",
    "migrations imports": "Loading what brings it up to date",
    "catalog": "Looking up the models",
    "registry": "Listing the tools",
    "parts": "Making the parts of the core",
    "joining": "Joining them",
    "telling": "Telling the window what there is",
    "recovery": "Taking up what was cut short",
    "watching": "Watching settings and timers",
    "models": "Asking for the models",
    "backup": "Today's backup",
    "prefix": "Giving the model its instructions",
    "first token": "First word",
    UNACCOUNTED: "Not accounted for",
}
_BEGINNINGS = {
    "spawn ": "Starting the process of {}",
    "migration ": "Bringing the database up to date: {}",
    "schema ": "Reading the shape of the database: {}",
    "tool ": "First use of {}",
}
_MODEL = {
    "python": "Starting Python for the model",
    "modules": "Loading what runs the model",
    "check": "Checking the model's file",
    "import": "Loading llama.cpp",
    "place": "Choosing where it computes",
    "map": "Reading the model",
    "context": "Making room for the conversation",
    "warm": "A trial run",
    "prefix": "Reading the instructions",
    "snapshot": "Taking up a saved state",
}


def plain(name: str) -> str:
    """A span's name for a person; unknown ones are shown as they are."""
    if name in _WHOLE:
        return _WHOLE[name]
    if name.startswith("model "):
        part = name.removeprefix("model ")
        return _MODEL.get(part, f"The model {part}")
    for beginning, words in _BEGINNINGS.items():
        if name.startswith(beginning):
            return words.format(name.removeprefix(beginning))
    return name
