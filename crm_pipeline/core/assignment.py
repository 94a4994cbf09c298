"""Who gets a lead: the first rule that takes it and has somebody for it.

A rule takes a lead that meets all of its conditions; a territory stands for all below it. Rotation is by smooth weighted
turns: whoever is away gains and loses nothing, so nobody is given everything at once on coming back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ROTATION, LEAST_LOAD, TERRITORY_OWNER, REGIONAL_MANAGER = METHODS = (
	"Rotation",
	"Least Open Load",
	"Territory Owner",
	"Regional Manager",
)
# Who gets a lead is one of the members of the rule.
BY_MEMBERS = (ROTATION, LEAST_LOAD)

# Why a rule gives a lead to nobody: the condition that the lead does not meet, or what stands against those who could get it.
COMPANY, TERRITORY, INDUSTRY, CHANNEL, PRODUCT, EMPLOYEES, AMOUNT, SEGMENT, OWN = CONDITIONS = (
	"company",
	"territory",
	"industry",
	"channel",
	"product",
	"employees",
	"amount",
	"segment",
	"own",
)
NOBODY, AWAY, FULL = "nobody", "away", "full"


@dataclass(frozen=True)
class LeadToGive:
	"""`territories`: that of the lead and those above it, the nearest first. `meets`: rules whose own condition it meets;
	`segments` to which it belongs. `barred`: users who could not see it."""

	name: str
	company: str | None = None
	territories: tuple[str, ...] = ()
	industry: str | None = None
	channel: str | None = None
	employees: int | None = None
	amount: float | None = None
	items: frozenset[str] = frozenset()
	item_groups: frozenset[str] = frozenset()
	meets: frozenset[str] = frozenset()
	segments: frozenset[str] = frozenset()
	territory_owner: str | None = None
	regional_manager: str | None = None
	barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RuleMember:
	"""`capacity`: open leads at most, 0 for no limit."""

	user: str
	weight: int = 1
	capacity: int = 0
	paused: bool = False


@dataclass(frozen=True)
class GivingRule:
	"""A rule; `own_condition`: whether it has one beside those of the fields. From and to are 0 where nothing is asked."""

	name: str
	method: str = ROTATION
	members: tuple[RuleMember, ...] = ()
	company: str | None = None
	territory: str | None = None
	industry: str | None = None
	channel: str | None = None
	item_group: str | None = None
	item: str | None = None
	employees: tuple[int, int] = (0, 0)
	amount: tuple[float, float] = (0.0, 0.0)
	segment: str | None = None
	own_condition: bool = False
	next_rule: str | None = None


@dataclass
class Roster:
	"""Who can get leads, and what they have; it changes with every lead that is given. `credits`: {(rule, user): turn};
	`given`: {(rule, user): leads given now}, and `given_before`."""

	present: frozenset[str]
	leads: dict[str, int] = field(default_factory=dict)
	deals: dict[str, int] = field(default_factory=dict)
	credits: dict[tuple[str, str], int] = field(default_factory=dict)
	given: dict[tuple[str, str], int] = field(default_factory=dict)
	given_before: dict[tuple[str, str], int] = field(default_factory=dict)

	def load(self, user: str) -> int:
		return self.leads.get(user, 0) + self.deals.get(user, 0)


@dataclass(frozen=True)
class Choice:
	"""Who gets a lead by which rule; None for both where no rule gives it. `passed`: (rule, why) of the rules before."""

	lead: str
	user: str | None
	rule: str | None
	passed: tuple[tuple[str, str], ...] = ()


def unmet(rule: GivingRule, lead: LeadToGive) -> str | None:
	"""The first condition of a rule that a lead does not meet; None where the rule takes it."""
	checks = (
		(COMPANY, not rule.company or rule.company == lead.company),
		(TERRITORY, not rule.territory or rule.territory in lead.territories),
		(INDUSTRY, not rule.industry or rule.industry == lead.industry),
		(CHANNEL, not rule.channel or rule.channel == lead.channel),
		(PRODUCT, _has_product(rule, lead)),
		(EMPLOYEES, _is_within(lead.employees, rule.employees)),
		(AMOUNT, _is_within(lead.amount, rule.amount)),
		(SEGMENT, not rule.segment or rule.segment in lead.segments),
		(OWN, not rule.own_condition or rule.name in lead.meets),
	)
	return next((name for name, met in checks if not met), None)


def _has_product(rule: GivingRule, lead: LeadToGive) -> bool:
	if rule.item and rule.item not in lead.items:
		return False
	return not rule.item_group or rule.item_group in lead.item_groups


def _is_within(value: float | None, limits: tuple[float, float]) -> bool:
	"""Within both limits, as far as they are set. What is unknown is within none."""
	low, high = limits
	if not low and not high:
		return True
	return bool(value) and value >= low and (not high or value <= high)


def choose(lead: LeadToGive, rules: Sequence[GivingRule], roster: Roster) -> Choice:
	"""Who gets a lead; the roster has it then."""
	passed = []
	for rule in rules:
		why = unmet(rule, lead)
		user = None
		if not why:
			user, why = _of_rule(rule, lead, roster)
		if user:
			roster.leads[user] = roster.leads.get(user, 0) + 1
			roster.given[rule.name, user] = roster.given.get((rule.name, user), 0) + 1
			return Choice(lead.name, user, rule.name, tuple(passed))
		passed.append((rule.name, why))
	return Choice(lead.name, None, None, tuple(passed))


def choose_all(leads: Iterable[LeadToGive], rules: Sequence[GivingRule], roster: Roster) -> list[Choice]:
	return [choose(lead, rules, roster) for lead in leads]


def _of_rule(rule: GivingRule, lead: LeadToGive, roster: Roster) -> tuple[str | None, str]:
	"""(who gets it, why nobody does)."""
	if rule.method not in BY_MEMBERS:
		user = lead.territory_owner if rule.method == TERRITORY_OWNER else lead.regional_manager
		if not user:
			return None, NOBODY
		return (user, "") if user in roster.present and user not in lead.barred else (None, AWAY)
	members = [member for member in rule.members if not member.paused and member.weight > 0]
	there = [member for member in members if member.user in roster.present and member.user not in lead.barred]
	able = [member for member in there if not member.capacity or roster.leads.get(member.user, 0) < member.capacity]
	if not able:
		return None, FULL if there else AWAY if members else NOBODY
	if rule.method == LEAST_LOAD:
		return min(
			able, key=lambda member: (roster.load(member.user) / member.weight, *_had(rule, member, roster))
		).user, ""
	return _next_turn(rule.name, able, roster), ""


def _had(rule: GivingRule, member: RuleMember, roster: Roster) -> tuple[float, str]:
	"""Of who has equally much, whoever was given the least by this rule comes first: answering quickly earns no more."""
	key = rule.name, member.user
	return (roster.given_before.get(key, 0) + roster.given.get(key, 0)) / member.weight, member.user


def _next_turn(rule: str, able: list[RuleMember], roster: Roster) -> str:
	"""Each of those who are there gains their weight; whoever has most gets the lead and pays what all gained."""
	for member in able:
		roster.credits[rule, member.user] = roster.credits.get((rule, member.user), 0) + member.weight
	chosen = max(able, key=lambda member: roster.credits[rule, member.user])
	roster.credits[rule, chosen.user] -= sum(member.weight for member in able)
	return chosen.user


# ---- rules that can't be


def circle(rule: str, next_rules: dict[str, str | None]) -> list[str] | None:
	"""The way from a rule by its next rules back to one that it passed already; None where it ends."""
	way = [rule]
	while following := next_rules.get(way[-1]):
		if following in way:
			return [*way, following]
		way.append(following)
	return None


def hides(before: GivingRule, rule: GivingRule, above: dict[str, tuple[str, ...]]) -> bool:
	"""Whether every lead that `rule` takes is taken by `before`. `above`: {territory or item group: itself and those above}."""
	if before.own_condition:
		return False
	same = all(
		not getattr(before, name) or getattr(before, name) == getattr(rule, name)
		for name in ("company", "industry", "channel", "item", "segment")
	)
	below = all(
		not getattr(before, name) or getattr(before, name) in above.get(getattr(rule, name) or "", ())
		for name in ("territory", "item_group")
	)
	return same and below and all(_covers(getattr(before, n), getattr(rule, n)) for n in ("employees", "amount"))


def _covers(outer: tuple[float, float], inner: tuple[float, float]) -> bool:
	if not any(outer):
		return True
	return outer[0] <= inner[0] and (not outer[1] or (bool(inner[1]) and inner[1] <= outer[1]))
