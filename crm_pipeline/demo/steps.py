"""Dated steps and the threads that write them: what a story is made of. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from crm_pipeline.demo import story


@dataclass(frozen=True)
class Step:
	at: datetime
	who: str
	verb: str
	key: str
	args: dict = field(default_factory=dict, compare=False)


class Plan:
	"""Collects steps; `today` is the day after the last one."""

	def __init__(self, today: date, seed: int = story.SEED):
		self.random = Random(seed)
		self.today = today
		self.start = today - timedelta(days=story.DAYS)
		self._steps: list[Step] = []

	def thread(self, day: float) -> "Thread":
		return Thread(self, day)

	def add(self, step: Step) -> None:
		self._steps.append(step)

	def steps(self) -> list[Step]:
		"""All steps before today, in order of time."""
		return sorted((s for s in self._steps if s.at.date() < self.today), key=lambda s: s.at)


class Thread:
	"""Things that follow each other. `day` counts from the start of the story; work is done on weekdays."""

	def __init__(self, plan: Plan, day: float):
		self.plan, self.day = plan, day
		self.last: datetime | None = None

	def wait(self, low: int, high: int | None = None) -> "Thread":
		self.day += self.plan.random.randint(low, high or low)
		return self

	def fork(self) -> "Thread":
		"""A thread of its own that goes on from here, never before what has happened."""
		other = Thread(self.plan, self.day)
		other.last = self.last
		return other

	def date(self, days_ahead: int = 0) -> date:
		return self.plan.start + timedelta(days=int(self.day) + days_ahead)

	def do(self, who: str, verb: str, key: str, **args) -> "Thread":
		self.last = self._moment()
		self.plan.add(Step(self.last, who, verb, key, args))
		return self

	def _moment(self) -> datetime:
		day = self.date()
		while day.weekday() >= 5:
			day += timedelta(days=1)
		at = datetime.combine(day, time(8, 30)) + timedelta(minutes=self.plan.random.randint(0, 480))
		return at if not self.last or at > self.last else self.last + timedelta(minutes=25)
