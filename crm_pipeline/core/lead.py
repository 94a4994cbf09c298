"""The life of a lead: what each state demands. Which state follows which: core/states.py."""

from dataclasses import dataclass

NEW, QUALIFIED, CONTACTED, CONVERTED, DISQUALIFIED = (
	"New",
	"Qualified",
	"Contacted",
	"Converted",
	"Disqualified",
)


@dataclass(frozen=True)
class LeadFacts:
	"""What is known of a lead when it wants to move."""

	status: str
	reachable: bool = False
	follow_up_plan: bool = False
	assessed: bool = False
	# The questions that its pipeline requires have answers, and these come to enough points.
	answered: bool = True
	enough: bool = True
	reason: bool = False


# What must be there to enter a state, as names of LeadFacts.
NEEDS = {
	NEW: (),
	QUALIFIED: ("reachable",),
	CONTACTED: ("reachable", "follow_up_plan"),
	CONVERTED: ("reachable", "assessed", "answered", "enough"),
	DISQUALIFIED: ("reason",),
}


def missing(facts: LeadFacts, to: str) -> tuple[str, ...]:
	"""Names of the LeadFacts that still stand between a lead and state `to`; a state of the site's own needs none."""
	return tuple(need for need in NEEDS.get(to, ()) if not getattr(facts, need))


def path(status: str, to: str) -> tuple[str, ...]:
	"""The states passed on the way, `to` included: a new lead is qualified on its way to conversion."""
	if status == NEW and to in (CONTACTED, CONVERTED):
		return (QUALIFIED, to)
	return (to,)
