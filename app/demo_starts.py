"""The starts of the believable afternoon: one of this morning, whole, and some weeks of them in numbers."""

from agent.protocol import events
from agent.starts.record import Span, Start, StartClass
from agent.starts.slo import Standing, Target

MODEL = "model starter"
SPANS = (
    Span("interpreter", 0, 14), Span("qt", 14, 86), Span("window imports", 86, 99), Span("window", 99, 112),
    Span("first paint", 112, 118), Span("start imports", 118, 121), Span("model imports", 121, 139),
    Span("model file", 139, 140), Span("spawn starter", 140, 143), Span("rooms imports", 143, 231),
    Span(MODEL, 141, 268), Span("model python", 141, 201, MODEL), Span("model check", 201, 203, MODEL),
    Span("model import", 203, 226, MODEL), Span("model map", 226, 233, MODEL), Span("model context", 233, 241, MODEL),
    Span("model warm", 241, 267, MODEL), Span("rooms", 231, 262), Span("profile imports", 262, 351),
    Span("settings", 351, 353), Span("database", 353, 358), Span("database look", 353, 354, "database"),
    Span("database connection", 354, 358, "database"), Span("joining", 358, 361), Span("recovery", 361, 362),
    Span("watching", 362, 376), Span("unaccounted", 376, 381), Span("models", 381, 382), Span("backup", 382, 388),
)  # fmt: skip
LAST = Start(
    id="demo-start", kind=StartClass.AFTER_IDLE, at=1_795_503_600_000, app_build="4f1c09a2be77", llama_build="b6210",
    ok=True, evidence="14 hours after the last", window_ms=118.0, ready_ms=388.0, first_token_ms=None, accounted=0.987,
    used_until=1_795_503_600_000, spans=SPANS,
)  # fmt: skip


def shown() -> events.StartsShown:
    return events.StartsShown(last=LAST, kept=74, standings=STANDINGS)


STANDINGS = (
    Standing(Target("window", StartClass.WARM_DISK, 250, 600, 0.05), 46, 1, 121, 187, 0.43, "pass"),
    Standing(Target("window", StartClass.AFTER_UPDATE, 900, 2_000, 0.10), 3, 0, 410, 455, 0.0, "insufficient"),
    Standing(Target("ready", StartClass.WARM_DISK, 800, 1_500, 0.05), 46, 0, 392, 610, 0.0, "pass"),
    Standing(Target("ready", StartClass.AFTER_IDLE, 1_200, 3_000, 0.05), 25, 3, 640, 3_480, 2.4, "regress"),
)
