"""Does a host allow what meeting there needs? Asked with refs of the probe's own, which go away again.

    its namespace takes a ref      `--atomic` is honoured      a stale lease is refused      a ref may be deleted

Without all four a run could be lost or done twice, so nothing is shared. Nothing else on the remote is touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from state.errors import WorkspaceRefused
from state.path_word import path_word
from workflow.doors.git.plumbing import look
from workflow.doors.git.tips import run_git
from workflow.meeting.moves import AnswerLost, Move, PushRefused
from workflow.service.meeting_place import Place
from workflow.views.doctor import Looked

PREFIX_FOR_BRANCHES = "refs/heads/phasegate-meeting"


def probe(place: Place) -> Iterator[Looked]:
    """What the host allows, each with its fix. Raises WorkspaceRefused when it does not answer."""
    place.remote.look("HEAD")
    refs = [f"{place.names.prefix}/probe/{secrets.token_hex(4)}" for _ in range(2)]
    head, other = _commits(place)
    try:
        yield from _asked(place, refs, head, other)
    finally:
        there = place.remote.look(*refs)
        for ref in refs:
            if ref in there:
                _pushes(place, [Move(ref, there[ref], "")])


def _asked(place: Place, refs: list[str], head: str, other: str) -> Iterator[Looked]:
    name = place.remote.name
    one, two = refs
    why = _pushes(place, [Move(one, "", head)])
    if "--atomic" in why:  # git says so before it asks for anything else
        yield _looked(name, "honours --atomic", why, _ATOMIC)
        return
    if why:
        yield _looked(name, f"takes {place.names.prefix}", why, _instead(place, head))
        return
    yield _looked(name, f"takes {place.names.prefix}", "", "")
    stale = _pushes(place, [Move(one, other, other)])
    kept = place.remote.look(one).get(one) == head
    seen = "" if stale and kept else "a push whose lease was stale went through"
    yield _looked(name, "refuses a stale lease", seen, "git --version   # of the host: it must honour leases")
    both = _pushes(place, [Move(one, head, other), Move(two, "", other)])
    there = place.remote.look(*refs)
    whole = not both and there == dict.fromkeys(refs, other)
    yield _looked(name, "honours --atomic", "" if whole else both or "one ref moved without the other", _ATOMIC)
    why = _pushes(place, [Move(ref, sha, "") for ref, sha in there.items()])
    left = place.remote.look(*refs)
    stay = f"{', '.join(sorted(left))} {'stays' if len(left) == 1 else 'stay'} there" if left else ""
    yield _looked(name, "deletes a ref", "; ".join(filter(None, (why, stay))), _DELETES)


_OTHER_PREFIX = f"$EDITOR phasegate.yaml   # meeting: {{prefix: {PREFIX_FOR_BRANCHES}}}"
_ATOMIC = "git config receive.advertiseAtomic true   # on the host"
_DELETES = "git config receive.denyDeletes false   # on the host, or a rule of its own"


def _instead(place: Place, head: str) -> str:
    """What helps where the host took no ref of ours: another prefix, if it takes one there; else who runs the host."""
    branch = f"{PREFIX_FOR_BRANCHES}/probe/{secrets.token_hex(4)}"
    if _pushes(place, [Move(branch, "", head)]):
        return f"git push {place.remote.name} HEAD:{branch}   # refused as well: ask whoever runs the host"
    _pushes(place, [Move(branch, head, "")])
    return _OTHER_PREFIX


def _looked(remote: str, what: str, why: str, fix: str) -> Looked:
    return Looked("remote", f"{remote} {what}", "fail" if why else "ok", why or "yes", fix if why else "")


def _pushes(place: Place, moves: list[Move]) -> str:
    """Why the host did not take it; "" where it did."""
    if not moves:
        return "nothing is there"
    try:
        place.remote.push(moves)
    except (PushRefused, AnswerLost) as error:
        return str(error) or "it was refused"
    return ""


def _commits(place: Place) -> tuple[str, str]:
    """HEAD, and a commit behind it that no ref of this clone holds."""
    head = look(place.workspace, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").stdout.decode().strip()
    if not head:
        raise WorkspaceRefused("there is no commit yet to probe the remote with", next_command="git commit")
    made = run_git(place.workspace, "commit-tree", f"{head}^{{tree}}", "-p", head, given=b"phasegate: a probe\n")
    if made.returncode != 0:
        raise WorkspaceRefused("git made no commit to probe the remote with", next_command="git config user.email")
    return head, made.stdout.decode().strip()


def require_fit(place: Place, ask: Callable[[Place], Iterator[Looked]] = probe) -> None:
    """Raise WorkspaceRefused, with each thing that is missing, unless runs can be met at this remote."""
    missing = [each for each in ask(place) if each.health == "fail"]
    if missing:
        raise WorkspaceRefused(
            f"remote {place.remote.name} does not allow what sharing needs: "
            + "; ".join(f"{each.name}: {each.seen}" for each in missing),
            next_command=f"phasegate doctor --remote {path_word(place.remote.name)}   # all of it, with fixes",
        )
