"""The states an issue can be in at a service, and what to do in each: data, drawn in the docs.

docs/operations.md prints `TABLE` and draws it with `LEADS_TO`; `steps` decides by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Goal(Enum):
    """What is wanted of an issue at a service."""

    LOOK = "only learn where it stands"
    DRAFT = "have it stored as a draft"
    TEST = "have it stored and sent to test addresses"
    RELEASE = "have it sent, or scheduled"


class Place(Enum):
    """Where an issue stands at a service. The first that applies, in this order."""

    SETTLED = "the ledger says it was sent, and the service confirmed it"
    FAILED = "it was submitted, and the service says it stopped, or reached nobody"
    GOING = "it was submitted; the service says it is scheduled or being sent"
    SUBMITTED = "the ledger says it was submitted; the service was not asked since"
    SKIPPED = "the ledger says it was left out knowingly"
    UNDECIDED = "the service can't be asked, and the ledger does not say how a release ended"
    UNSEEN = "the service was not asked yet"
    LOST = "the ledger knows what the service holds no longer"
    ABSENT = "the service holds nothing of it"
    STOPPED = "the service says it was paused or cancelled, or failed"
    TAKEN = "the service sent, is sending or scheduled it; the ledger does not say so"
    OUTDATED = "the service holds a draft of an earlier content"
    STORED = "the service holds a draft of it, not yet read back"
    MANGLED = "the draft that was just stored reads otherwise"
    DIFFERENT = "the draft reads otherwise: somebody changed it"
    TESTED = "the draft is faithful and was sent to the test addresses"
    FAITHFUL = "the draft is faithful"


class Action(Enum):
    """What to do. Only DRAFT, TEST and RELEASE change anything at the service."""

    LOOK = "find what the service holds under the issue's key"
    DRAFT = "store the email as a draft, in place of an earlier one"
    COMPARE = "read the draft back and compare it"
    TEST = "send the draft to the test addresses"
    RELEASE = "release the draft, now or at its time"
    RECORD = "write down that the service has it"
    CONFIRM = "ask the service what became of it"
    DONE = "nothing more to do"
    WAIT = "nothing to do yet"
    STOP = "say what is wrong (exit code 1)"
    ASK = "say that a person must look (exit code 3)"


WRITES = frozenset({Action.DRAFT, Action.TEST, Action.RELEASE})
"""What changes something at the service; an intent is written down before each."""
ENDS = frozenset({Action.DONE, Action.WAIT, Action.STOP, Action.ASK})


def _row(look: Action, draft: Action, test: Action, release: Action) -> Mapping[Goal, Action]:
    return dict(zip(Goal, (look, draft, test, release), strict=True))


def _always(action: Action) -> Mapping[Goal, Action]:
    return _row(action, action, action, action)


TABLE: Mapping[Place, Mapping[Goal, Action]] = {
    Place.SETTLED: _always(Action.DONE),
    Place.FAILED: _always(Action.STOP),
    Place.GOING: _always(Action.DONE),
    Place.SUBMITTED: _always(Action.CONFIRM),
    Place.SKIPPED: _row(Action.DONE, Action.STOP, Action.STOP, Action.STOP),
    Place.UNDECIDED: _always(Action.ASK),
    Place.UNSEEN: _always(Action.LOOK),
    Place.LOST: _always(Action.ASK),
    Place.ABSENT: _row(Action.DONE, Action.DRAFT, Action.DRAFT, Action.DRAFT),
    Place.STOPPED: _always(Action.STOP),
    Place.TAKEN: _always(Action.RECORD),
    Place.OUTDATED: _row(Action.DONE, Action.DRAFT, Action.DRAFT, Action.DRAFT),
    Place.STORED: _row(Action.DONE, Action.COMPARE, Action.COMPARE, Action.COMPARE),
    Place.MANGLED: _row(Action.DONE, Action.STOP, Action.STOP, Action.STOP),
    Place.DIFFERENT: _row(Action.DONE, Action.DRAFT, Action.STOP, Action.STOP),
    Place.TESTED: _row(Action.DONE, Action.DONE, Action.DONE, Action.RELEASE),
    Place.FAITHFUL: _row(Action.DONE, Action.DONE, Action.TEST, Action.RELEASE),
}
"""The action for each place and goal."""

_HELD = (Place.STORED, Place.OUTDATED, Place.TAKEN, Place.STOPPED)
LEADS_TO: Mapping[Action, tuple[Place, ...]] = {
    Action.LOOK: (Place.ABSENT, Place.LOST, *_HELD),
    Action.DRAFT: _HELD,
    Action.COMPARE: (Place.FAITHFUL, Place.DIFFERENT, Place.MANGLED),
    Action.TEST: (Place.TESTED,),
    Action.RELEASE: (Place.SUBMITTED,),
    Action.RECORD: (Place.SUBMITTED,),
    Action.CONFIRM: (Place.SETTLED, Place.GOING, Place.FAILED),
}
"""Where each action can lead within a run."""


def drawing(goal: Goal) -> str:
    """The way to a goal as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {Place.UNSEEN.name}"]
    for here, row in TABLE.items():
        action = row[goal]
        places = [there.name for there in LEADS_TO.get(action, ())] or ["[*]"]
        lines += [f"    {here.name} --> {there}: {action.name.lower()}" for there in places]
    return "\n".join(lines) + "\n"
