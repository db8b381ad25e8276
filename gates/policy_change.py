"""Which policy judges a gate after a change? What is stricter holds at once, what is weaker once it was approved.

Rules:
- Each setting is decided by itself: of the two values the stricter one holds.
- `who` is decided by its people: who was taken out is out, who was added waits. Where nobody of before is left, the
  list of before holds, as for keys.
- The key of a passkey is a line as that of an SSH key is: one list, in which each line says by its form which it is.
- A swap of keys (lines go and others come) holds whole or not at all: until it is approved, the lines of before count.
  A revoked key counts no longer from the moment that it is revoked, whatever else the change does.
- Where signatures are not asked for any more, the keys of before stay with the setting of before: whoever could take
  both away together could do without a key.
- Pure: lines and settings in, lines and settings out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from gates.policy import GatePolicy
from state.cheap_classes import NamedTuple, dataclass
from state.counted import counted
from state.evidence import Presence
from state.json_line import read_object
from state.json_values import Fields
from state.late_pattern import late
from state.time_span import span

_TOKEN = late(r"\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)  # as fnmatch reads a pattern
_KRL = b"SSHKRL\n\0"  # how a key revocation list begins. Source: OpenSSH, PROTOCOL.krl
_KRL_LINE = "krl "
PASSKEY = "{"  # how a line of the passkeys begins, and none of a file that ssh-keygen reads
_RANK = {False: 0, None: 1, True: 2}  # of operator_may_approve and of repeat, from the strictest
_PRESENCE = ("signed", "terminal", "any")  # from the strictest; nobody has said: as a terminal


class SigningKeys(NamedTuple):
    """By what a signature is judged: lines of keys that open a gate, of those that do no more, what passkeys show.

    `user_verified`: a passkey must have verified its holder.
    """

    allowed: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()
    user_verified: bool = True


@dataclass(frozen=True, slots=True)
class GateRules:
    """What one gate asks for: its policy, and the lines of the keys that open it and of those that do not any more.

    Attributes:
        policy: the settings; its `files` are left empty.
        allowed, revoked: as `key_lines` and `passkey_lines` give them.
    """

    policy: GatePolicy
    allowed: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()

    @property
    def keys(self) -> SigningKeys:
        """By what its signatures are judged."""
        return SigningKeys(self.allowed, self.revoked, self.policy.user_verified)

    def opens_as(self, other: GateRules, *, agents: bool = False) -> bool:
        """Whether both ask for the same; keys matter where a signature opens what nothing else does, paths nowhere.

        `agents`: the work is an agent's, whose gate a signature opens where no terminal is.
        """
        mine, others = (replace(without_paths(each.policy), attempts=None) for each in (self, other))
        by_key = mine.asks_for_keys or (agents and mine.presence != "any")
        return mine == others and (not by_key or (self.allowed, self.revoked) == (other.allowed, other.revoked))


def without_paths(policy: GatePolicy) -> GatePolicy:
    """Its settings, without where the keys are kept: that opens and closes nothing."""
    return replace(policy, allowed_signers="", revoked_keys="", passkeys="", files={})


def key_lines(data: bytes) -> frozenset[str]:
    """The lines of an allowed-signers file or of a list of revoked keys that say something; a binary list is one."""
    if data.startswith(_KRL):
        return frozenset((_KRL_LINE + base64.b64encode(data).decode("ascii"),))
    return frozenset(line for line in _lines(data) if not line.startswith(PASSKEY))


def passkey_lines(data: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """The lines of a passkeys file: of passkeys that count, and of those that do no more (`{"revoked": ID}`)."""
    lines = frozenset(line for line in _lines(data) if line.startswith(PASSKEY))
    revoked = frozenset(line for line in lines if "revoked" in passkey_fields(line))
    return lines - revoked, revoked


def passkey_fields(line: str) -> Fields:
    """What a line says of a passkey; nothing where it is no line of one."""
    try:
        return read_object(line.encode("utf-8", "surrogateescape")) if line.startswith(PASSKEY) else {}
    except ValueError:
        return {}


def _lines(data: bytes) -> Iterator[str]:
    lines = (line.strip() for line in data.decode("utf-8", "surrogateescape").splitlines())
    yield from (line for line in lines if line and not line.startswith("#"))


def key_files(lines: Collection[str]) -> list[bytes]:
    """The lines as files that ssh-keygen reads: one of the text lines, and each binary list by itself; one at least."""
    ssh = [line for line in sorted(lines) if not line.startswith(PASSKEY)]
    binary = [base64.b64decode(line.removeprefix(_KRL_LINE)) for line in ssh if line.startswith(_KRL_LINE)]
    text = "".join(f"{line}\n" for line in ssh if not line.startswith(_KRL_LINE))
    return [text.encode("utf-8", "surrogateescape"), *binary] if text or not binary else binary


def wider(old: GateRules, new: GateRules, known: Collection[str] = ()) -> Iterator[str]:
    """In which ways a gate of the new rules is easier to open than one of the old, setting by setting.

    `known`: lines of keys that the repository had; a gate that asks for signatures first may take its keys from there.
    """
    was, now = old.policy, new.policy
    if now.approvers < was.approvers:
        yield f"{now.approvers} may approve it instead of {was.approvers}"
    if more := _more_people(was.who, now.who):
        yield f"{', '.join(more)} may approve it"
    if _RANK[now.operator_may_approve] > _RANK[was.operator_may_approve]:
        yield "who did the work may approve it"
    if now.orderer_may_approve and not was.orderer_may_approve:
        yield "who ordered the run may approve it"
    if now.expires_after > was.expires_after:
        yield f"what is shown is good for {span(now.expires_after)} instead of {span(was.expires_after)}"
    if now.opened_by_policy and not was.opened_by_policy:
        yield "it opens without a person"
    yield from _wider_for_agents(was, now)
    if _RANK[now.repeat] > _RANK[was.repeat]:
        yield "it opens without a person where nothing has changed since it was approved"
    if was.user_verified and not now.user_verified:
        yield "a passkey opens it without verifying its holder"
    if now.tick_not_applicable and not was.tick_not_applicable:
        yield "boxes of what does not apply, or was waived, are ticked"
    if was.signed and not now.signed:
        yield "it opens without signatures"
    else:
        yield from _wider_keys(old, new, known)


def _wider_for_agents(was: GatePolicy, now: GatePolicy) -> Iterator[str]:
    """In which ways the gate is easier to open behind an agent's work."""
    if now.attempts_of_agents > was.attempts_of_agents:
        yield f"an agent has {now.attempts_of_agents} attempts instead of {was.attempts_of_agents}"
    if _presence(now) > _presence(was):
        yield f"for an agent's work presence is {_PRESENCE[_presence(now)]} instead of {_PRESENCE[_presence(was)]}"


def _wider_keys(old: GateRules, new: GateRules, known: Collection[str]) -> Iterator[str]:
    """In which ways more keys open a gate that asks for as many signatures as it did."""
    if more := sorted(new.allowed - _of_before(old, known)):
        opens = "opens" if len(more) == 1 else "open"
        yield f"{counted(len(more), 'line')} more among the allowed signers {opens} it ({whose(more[0])})"
    if fewer := old.revoked - new.revoked:
        yield f"{counted(len(fewer), 'revoked key')} {'counts' if len(fewer) == 1 else 'count'} again"


def counting(old: GateRules, new: GateRules, known: Collection[str] = ()) -> GateRules:
    """The rules that count between the old and the new ones until somebody approved the new: of each the stricter."""
    was, now = old.policy, new.policy
    policy = GatePolicy(
        approvers=max(was.approvers, now.approvers),
        who=_who(was.who, now.who),
        operator_may_approve=min(was.operator_may_approve, now.operator_may_approve, key=lambda each: _RANK[each]),
        expires_after=min(was.expires_after, now.expires_after),
        signed=was.signed or now.signed,
        opened_by_policy=was.opened_by_policy and now.opened_by_policy,
        presence=min(was.presence, now.presence, key=_rank_of_presence),
        attempts=now.attempts if now.attempts_of_agents <= was.attempts_of_agents else was.attempts,
        repeat=min(was.repeat, now.repeat, key=lambda each: _RANK[each]),
        user_verified=was.user_verified or now.user_verified,
        tick_not_applicable=was.tick_not_applicable and now.tick_not_applicable,
        orderer_may_approve=was.orderer_may_approve and now.orderer_may_approve,
    )
    keeps_keys = (was.asks_for_keys and not now.asks_for_keys) or bool(new.allowed - _of_before(old, known))
    allowed, of_allowed = (old.allowed, was) if keeps_keys else (new.allowed, now)
    revoked = old.revoked | new.revoked
    of_revoked = now if now.revoked_keys and not (was.asks_for_keys and not now.asks_for_keys) else was
    policy = replace(policy, allowed_signers=of_allowed.allowed_signers, passkeys=of_allowed.passkeys)
    return GateRules(replace(policy, revoked_keys=of_revoked.revoked_keys), allowed, revoked)


def whose(line: str) -> str:
    """For whom a line of a key is, as it says itself."""
    if not line.startswith(PASSKEY):
        return line.split(" ", 1)[0]
    return f"a passkey of {passkey_fields(line).get('address')}"


def _of_before(old: GateRules, known: Collection[str]) -> frozenset[str]:
    """The keys that may open the gate without being new to it."""
    return old.allowed if old.policy.asks_for_keys else old.allowed | frozenset(known)


def _presence(policy: GatePolicy) -> int:
    """How loose it is: the place in `_PRESENCE`."""
    return _rank_of_presence(policy.presence)


def _rank_of_presence(presence: Presence | None) -> int:
    return _PRESENCE.index(presence or "terminal")


def _more_people(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The entries of the new list that name somebody whom the old one may not name; an empty list names everybody."""
    if not old:
        return []
    return sorted(entry.lower() for entry in new if not _is_covered(entry, old)) if new else ["everybody"]


def _who(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Who is named by both lists, as far as their entries tell; the old list where that is nobody."""
    if not old or not new:
        return tuple(new or old)
    both = _covered(new, old)
    if len(both) == len(new):
        return tuple(new)
    both += [entry for entry in _covered(old, new) if not _is_covered(entry, both)]
    return tuple(both or old)


def _covered(entries: Sequence[str], by: Sequence[str]) -> list[str]:
    return [entry for entry in entries if _is_covered(entry, by)]


def _is_covered(entry: str, entries: Sequence[str]) -> bool:
    """Whether one of these entries matches every address that this one matches."""
    return any(covers(each, entry) for each in entries)


def covers(wide: str, narrow: str) -> bool:
    """Whether the one pattern is known to match every address that the other one matches, in upper or lower case.

    Never True where it does not; that two patterns together cover a third is not found.
    """
    outer, inner = _TOKEN.findall(wide.lower()), _TOKEN.findall(narrow.lower())
    ahead = [True, *[False] * len(inner)]  # ahead[n]: what was read of `outer` covers the first n of `inner`
    for token in outer:
        here = [ahead[0] and token == "*"]
        for number, one in enumerate(inner, 1):
            if token == "*":
                here.append(ahead[number] or here[number - 1])
            else:
                here.append(ahead[number - 1] and _covers_one(token, one))
        ahead = here
    return ahead[-1]


def _covers_one(wide: str, narrow: str) -> bool:
    """Whether a token that is no `*` matches every character that this one stands for."""
    if wide == narrow:
        return True
    if narrow == "*":
        return False
    return wide == "?" or (len(wide) > 1 and len(narrow) == 1 and narrow != "?" and fnmatchcase(narrow, wide))
