"""task.add, task.list, task.done. The user's words for the time are kept beside what they were understood as.

A task due on a day is kept as that day's midnight. What is due also rings: at its time, else on that day at nine.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.protocol.records import Artifact
from agent.times import resolve, resolve_range
from agent.tools.context import ToolContext
from agent.tools.facts import day_after, is_midnight, milliseconds, moment_fact, when_fact
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.titles import choices, matching, one_line, which

TASKS_MAX = 100
REMINDER_HOUR = 9


def add(args: Mapping[str, str], context: ToolContext) -> Result:
    said = args.get("due", "")
    when = resolve(said, context.now, context.settings.language) if said else None
    title, due_at = one_line(args["title"]), milliseconds(when.start) if when else None
    if context.target:
        task = _change(title, said, due_at, context)
    else:
        task = context.library.add_task(title, said=said, due_at=due_at, conversation_id=context.conversation_id)
    if when:
        _remind(task, context)
    facts = {
        "title": title,
        "due": when_fact(when) if when else None,
        "said": said or None,
        "understood": bool(when or not said),
    }
    return Done(facts, task.id)


def _change(title: str, said: str, due_at: int | None, context: ToolContext) -> Artifact:
    """Another name, another time; it rings no more at the time before."""
    stop_reminding(context.library.get(context.target), context)
    context.library.rename(context.target, title)
    return context.library.set_due(context.target, said=said, due_at=due_at)


def _remind(task: Artifact, context: ToolContext) -> None:
    rings_at = _rings_at(task, context)
    if rings_at > context.now_ms:
        context.library.add_timer(task.title, rings_at, conversation_id=context.conversation_id)


def _rings_at(task: Artifact, context: ToolContext) -> int:
    """When it is due, in milliseconds; for a day, nine o'clock of it."""
    due_at = int(task.data["due_at"])
    if not is_midnight(due_at, context.zone):
        return due_at
    day = datetime.fromtimestamp(due_at / 1000, context.zone)
    return milliseconds(day.replace(hour=REMINDER_HOUR))


def stop_reminding(task: Artifact, context: ToolContext) -> None:
    """A task that is done rings no more."""
    if task.data.get("due_at") is None:
        return
    rings_at = _rings_at(task, context)
    for timer in context.library.waiting_timers():
        if timer.label == task.title and timer.rings_at == rings_at:
            context.library.cancel_timer(timer.id)


def listing(args: Mapping[str, str], context: ToolContext) -> Result:
    """Open tasks; what is late belongs to any list that begins today."""
    said = args.get("when")
    since = until = None
    if said:
        span = resolve_range(said, context.now, context.settings.language)
        if span is None:
            return NeedsClarification("time", {"said": said})
        until = milliseconds(span[1])
        since = milliseconds(span[0]) if span[0].date() > context.now.date() else None
    tasks = context.library.tasks(since=since, until=until, done=False)
    shown = [_row(task, context) for task in tasks[:TASKS_MAX]]
    return Done({"when": said, "count": len(tasks), "tasks": shown})


def _row(task: Artifact, context: ToolContext) -> dict[str, Any]:
    due_at = task.data.get("due_at")
    row = {"id": task.id, "title": task.title, "due": None, "said": task.data.get("said") or None, "late": False}
    if due_at is None:
        return row
    whole_day = is_midnight(due_at, context.zone)
    over_at = day_after(due_at, context.zone) if whole_day else due_at
    return row | {"due": moment_fact(due_at, context.zone, whole_day=whole_day), "late": over_at < context.now_ms}


def done(args: Mapping[str, str], context: ToolContext) -> Result:
    """Open tasks first; the same title twice means the one that is due first."""
    if context.target:
        return _tick_off(context.library.get(context.target), context)
    for already in (False, True):
        tasks = [task for task in context.library.tasks(done=already) if task.id not in context.without]
        found = matching(args["title"], tasks)
        if found and len(choices(found)) == 1:
            return _tick_off(found[0], context)
        if found:
            return which("which_task", args["title"], found, context)
    if context.without:  # another of that name was wanted, and there is none
        return which("which_task", args["title"], (), context)
    return which("which_task", args["title"], context.library.tasks(done=False), context)


def _tick_off(task: Artifact, context: ToolContext) -> Result:
    already = bool(task.data.get("done"))
    if not already:
        context.library.mark_task(task.id, done=True)
        stop_reminding(task, context)
    return Done({"title": task.title, "already": already}, task.id)
