"""How often deals were won from where they stood: by stage and by how long they had been in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Days in a stage at which a new age band begins.
BANDS = (0, 30, 90, 180)

# With fewer closed deals than this a rate says nothing, and the next wider group speaks.
ENOUGH = 10
# How many deals the wider group's rate is worth when a rate is drawn towards it.
PRIOR_WEIGHT = 10

BY_AGE, BY_STAGE, BY_SETTING = "stage and age", "stage", "stage probability"


@dataclass(frozen=True)
class Visits:
	"""Closed deals whose longest visit of `stage` ended at age `band`, by how they ended. Each counts in one band."""

	stage: str
	band: int
	won: int = 0
	lost: int = 0


@dataclass(frozen=True)
class Rate:
	"""`value` from 0 to 1, the number of closed deals behind it, and what it rests on."""

	value: float
	deals: int
	basis: str


class Rates:
	"""Win rates by (stage, band). A stage nobody knows has the rate 0."""

	def __init__(self, table: Mapping[tuple[str, int], Rate]):
		self.table = dict(table)

	def of(self, stage: str, band: int) -> Rate:
		return self.table.get((stage, band)) or Rate(0.0, 0, BY_SETTING)


def learn(visits: Iterable[Visits], probabilities: Mapping[str, float]) -> Rates:
	"""Rates from history. `probabilities` are those set at the stages, from 0 to 1.

	A deal that reached a band had been in all younger ones, so a band's rate counts every deal that stayed
	at least as long. Rates are drawn towards the wider group's: stage and age towards the stage, the stage
	towards its set probability.
	"""
	counted: dict[tuple[str, int], list[int]] = {}
	for visit in visits:
		for band in range(visit.band + 1):
			cell = counted.setdefault((visit.stage, band), [0, 0])
			cell[0] += visit.won
			cell[1] += visit.won + visit.lost
	table = {}
	for stage, probability in probabilities.items():
		wider = Rate(probability, 0, BY_SETTING)
		for band in range(len(BANDS)):
			won, deals = counted.get((stage, band), (0, 0))
			# Band 0 holds every deal of the stage: it is the stage's own rate.
			wider_now = table.get((stage, 0), wider)
			table[(stage, band)] = _drawn(won, deals, wider_now, BY_STAGE if band == 0 else BY_AGE)
	return Rates(table)


def _drawn(won: int, deals: int, wider: Rate, basis: str) -> Rate:
	if deals < ENOUGH:
		return wider
	return Rate((won + PRIOR_WEIGHT * wider.value) / (deals + PRIOR_WEIGHT), deals, basis)
