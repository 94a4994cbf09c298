"""The public pool: when a record that nobody works on goes there, and who may take it out.

Days are counted from the last contact, sale or change of owner, whichever came last, and only those on which its owner
could have worked on it: holidays and absences do not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_pipeline.core.dwell import WorkCalendar

KEEP, WARN, FALL = "keep", "warn", "fall"
# Why somebody can't claim a record.
GONE, NOT_YOURS, COOLING, HOLDS, CLAIMED = "gone", "not yours", "cooling", "holds", "claimed"


@dataclass(frozen=True)
class PoolTerms:
	"""A Pool Rule; `own_condition`: whether it has one beside those of the fields. Days of 0 are not asked; where none is
	asked nothing falls."""

	name: str
	document_type: str
	company: str | None = None
	territory: str | None = None
	customer_group: str | None = None
	industry: str | None = None
	item_group: str | None = None
	item: str | None = None
	segment: str | None = None
	own_condition: bool = False
	untouched_days: int = 0
	unsold_days: int = 0
	warn_days: int = 0
	working_days: bool = False


@dataclass(frozen=True)
class HeldRecord:
	"""`territories`, `groups` and `item_groups`: its own and those above them. `meets`: rules whose own condition it meets;
	`segments` to which it belongs. `absent`: days on which its owner was away."""

	name: str
	assigned_on: datetime
	company: str | None = None
	territories: tuple[str, ...] = ()
	groups: tuple[str, ...] = ()
	industry: str | None = None
	items: frozenset[str] = frozenset()
	item_groups: frozenset[str] = frozenset()
	meets: frozenset[str] = frozenset()
	segments: frozenset[str] = frozenset()
	last_touch: datetime | None = None
	last_sale: datetime | None = None
	warned_on: datetime | None = None
	protected: bool = False
	absent: frozenset[date] = frozenset()


def rule_of(record: HeldRecord, rules: Iterable[PoolTerms]) -> PoolTerms | None:
	"""The first rule whose conditions a record meets."""
	return next((rule for rule in rules if _meets(record, rule)), None)


def _meets(record: HeldRecord, rule: PoolTerms) -> bool:
	return (
		(not rule.company or rule.company == record.company)
		and (not rule.territory or rule.territory in record.territories)
		and (not rule.customer_group or rule.customer_group in record.groups)
		and (not rule.industry or rule.industry == record.industry)
		and (not rule.item or rule.item in record.items)
		and (not rule.item_group or rule.item_group in record.item_groups)
		and (not rule.segment or rule.segment in record.segments)
		and (not rule.own_condition or rule.name in record.meets)
	)


def verdict(record: HeldRecord, rule: PoolTerms, now: datetime, calendar: WorkCalendar | None = None) -> str:
	"""KEEP, WARN or FALL. Nothing falls without its owner having been warned for the whole time of the warning."""
	if record.protected or not (rule.untouched_days or rule.unsold_days):
		return KEEP
	calendar = (calendar if rule.working_days else None) or WorkCalendar()
	sold = max(filter(None, (record.assigned_on, record.last_sale)))
	touched = max(filter(None, (sold, record.last_touch)))
	asked = [(touched, rule.untouched_days), (sold, rule.unsold_days)]
	left = max(days - days_idle(since, now, record.absent, calendar) for since, days in asked if days)
	since = touched if rule.untouched_days else sold
	warned = record.warned_on if record.warned_on and record.warned_on >= since else None
	if rule.warn_days and not warned:
		return WARN if left <= rule.warn_days else KEEP
	if left > 0:
		return KEEP
	if warned and days_idle(warned, now, record.absent, calendar) < rule.warn_days:
		return KEEP
	# Nobody loses a record while away.
	return KEEP if now.date() in record.absent else FALL


def days_idle(since: datetime, now: datetime, absent: frozenset[date], calendar: WorkCalendar) -> int:
	"""Days that began between two moments on which somebody could have worked."""
	days = calendar.days_between(since, now)
	first, last = since.date(), now.date()
	away = [day for day in absent if first < day <= last]
	return days - sum(calendar.days_between(day - timedelta(days=1), day) for day in away)


@dataclass(frozen=True)
class Claimer:
	"""Who wants a record: `holds` open ones of its type, `claims` of today by its rule."""

	user: str
	in_team: bool = True
	holds: int = 0
	claims: int = 0


@dataclass(frozen=True)
class ClaimTerms:
	"""What a rule says of claims; 0 is no limit."""

	hold_limit: int = 0
	claims_per_day: int = 0
	cool_down_days: int = 0


def refusal(
	claimer: Claimer, terms: ClaimTerms, pooled_on: datetime | None, last_owner: str | None, now: datetime
) -> str | None:
	"""Why somebody can't claim a record that is in the pool since `pooled_on` (None: it is not); None where they can."""
	if not pooled_on:
		return GONE
	if not claimer.in_team:
		return NOT_YOURS
	if claimer.user == last_owner and now < pooled_on + timedelta(days=terms.cool_down_days):
		return COOLING
	if terms.hold_limit and claimer.holds >= terms.hold_limit:
		return HOLDS
	if terms.claims_per_day and claimer.claims >= terms.claims_per_day:
		return CLAIMED
	return None
