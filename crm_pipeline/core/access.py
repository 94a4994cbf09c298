"""Why somebody may see or change a document, or may not."""

from dataclasses import dataclass
from enum import Enum

# What team visibility says of a document: it narrows nothing, it leaves the document in sight, it hides it.
NOT_NARROWED, IN_SIGHT, HIDDEN = "not narrowed", "in sight", "hidden"


class Kind(Enum):
	DISABLED = "disabled"
	ADMINISTRATOR = "administrator"
	ROLE = "role"
	NO_ROLE = "no role"
	LIMIT = "user permission"
	TEAM = "team"
	OTHER_TEAM = "other team"
	ABOUT = "about"
	SHARE = "share"
	ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Facts:
	"""What decides about one right of one user to one document.

	`allowed` is the framework's own answer; `roles` of the user give the right to such documents; `limits` are the
	links, (field, value), that User Permissions refuse; `team` is one of the words above; `owner` whose document it is;
	`about` is (type, name) of the document that it is about, where the user has no such right to that.
	"""

	allowed: bool
	enabled: bool = True
	administrator: bool = False
	roles: tuple[str, ...] = ()
	limits: tuple[tuple[str, str], ...] = ()
	team: str = NOT_NARROWED
	owner: str = ""
	about: tuple[str, ...] = ()
	shared: bool = False


@dataclass(frozen=True)
class Reason:
	"""One reason: for (`speaks_for`) or against, with the names that belong in its sentence."""

	kind: Kind
	speaks_for: bool
	names: tuple[str, ...] = ()


def refused_links(
	links: list[tuple[str, str, str | None]], given: dict[str, list[dict]], doctype: str, strict: bool
) -> list[tuple[str, str | None]]:
	"""[(label, value)] of those links (type, label, value) of a `doctype` that User Permissions refuse.

	`given`: {type: [{"doc": what may be seen, "applicable_for": for this type alone, None for all}]}. An empty link is
	refused where the site is `strict`.
	"""
	refused = []
	for linked, label, value in links:
		rows = [row for row in given.get(linked, []) if row.get("applicable_for") in (None, "", doctype)]
		if rows and (value or strict) and value not in {row["doc"] for row in rows}:
			refused.append((label, value))
	return refused


def reasons(facts: Facts) -> list[Reason]:
	"""All that speaks for and against, in the order in which it is asked. Sharing wins over everything before it."""
	if facts.administrator:
		return [Reason(Kind.ADMINISTRATOR, True)]
	found = [] if facts.enabled else [Reason(Kind.DISABLED, False)]
	found.append(Reason(Kind.ROLE, True, facts.roles) if facts.roles else Reason(Kind.NO_ROLE, False))
	found += [Reason(Kind.LIMIT, False, limit) for limit in facts.limits]
	if facts.team == HIDDEN:
		found.append(Reason(Kind.OTHER_TEAM, False, (facts.owner,)))
	elif facts.team == IN_SIGHT:
		found.append(Reason(Kind.TEAM, True, (facts.owner,)))
	if facts.about:
		found.append(Reason(Kind.ABOUT, False, facts.about))
	if facts.shared:
		found.append(Reason(Kind.SHARE, True))
	if facts.allowed != explained(found):
		# Another app's rule, a document state or a workflow: the framework knows, this page does not.
		found.append(Reason(Kind.ELSEWHERE, facts.allowed))
	return found


def explained(found: list[Reason]) -> bool:
	"""What these reasons come to."""
	kinds = {reason.kind for reason in found}
	if Kind.DISABLED in kinds:
		return False
	if Kind.SHARE in kinds:
		return True
	return all(reason.speaks_for for reason in found)
