"""Customer cases: until when one is to be answered and solved, and what the times of many say. Pure.

Hours count on working days, within the hours of the working day where those are known. Times that were taken are hours
by the clock: what the customer waited.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean, median

from crm_pipeline.core.dwell import WorkCalendar

COMPLAINT = "Complaint"
# Days that are looked ahead for working time; beyond them hours count by the clock.
MOST_DAYS = 3660


@dataclass(frozen=True)
class WorkingTime:
	"""When people work: on the days of `calendar` (None: on all), from `start` to `end` (None: all day)."""

	calendar: WorkCalendar | None = None
	start: time | None = None
	end: time | None = None

	def of(self, day: date) -> tuple[datetime, datetime] | None:
		"""Beginning and end of the work of a day; None where nobody works."""
		if self.calendar and not self.calendar.days_between(day - timedelta(days=1), day):
			return None
		midnight = datetime.combine(day, time())
		if self.start and self.end and self.start < self.end:
			return datetime.combine(day, self.start), datetime.combine(day, self.end)
		return midnight, midnight + timedelta(days=1)


def due(opened: datetime, hours: float, working: WorkingTime) -> datetime | None:
	"""The moment by which so many working hours have passed; None without a limit (0 hours or fewer)."""
	if not hours or hours <= 0:
		return None
	left, day = timedelta(hours=hours), opened.date()
	for _day in range(MOST_DAYS):
		work = working.of(day)
		if work:
			begin = max(work[0], opened)
			if begin < work[1]:
				if left <= work[1] - begin:
					return begin + left
				left -= work[1] - begin
		day += timedelta(days=1)
	return opened + timedelta(hours=hours)


def worked(start: datetime, end: datetime, working: WorkingTime) -> float:
	"""Working hours between two moments; 0 where history runs backwards."""
	seconds, day = 0.0, start.date()
	for _day in range(MOST_DAYS):
		if day > end.date():
			break
		work = working.of(day)
		if work:
			seconds += max((min(work[1], end) - max(work[0], start)).total_seconds(), 0.0)
		day += timedelta(days=1)
	return seconds / 3600


def is_overdue(due_by: datetime | None, done_on: datetime | None, now: datetime) -> bool:
	"""Whether something was done too late, or is still to be done and late."""
	return bool(due_by) and (done_on or now) > due_by


@dataclass(frozen=True)
class CaseTimes:
	"""One case as the figures need it: hours by the clock, None for what has not happened."""

	to_answer: float | None = None
	to_solve: float | None = None
	overdue: bool = False
	satisfaction: float | None = None


@dataclass(frozen=True)
class TimesSummary:
	"""What the times of some cases say; hours, None where there is nothing to say it of. `overdue_share` in percent."""

	cases: int
	answered: int
	solved: int
	overdue: int
	mean_to_answer: float | None
	median_to_answer: float | None
	mean_to_solve: float | None
	median_to_solve: float | None
	overdue_share: float | None
	rated: int
	mean_satisfaction: float | None


def summarised(cases: Iterable[CaseTimes]) -> TimesSummary:
	cases = list(cases)
	answer = [case.to_answer for case in cases if case.to_answer is not None]
	solve = [case.to_solve for case in cases if case.to_solve is not None]
	rates = [case.satisfaction for case in cases if case.satisfaction]
	overdue = sum(case.overdue for case in cases)
	return TimesSummary(
		cases=len(cases),
		answered=len(answer),
		solved=len(solve),
		overdue=overdue,
		mean_to_answer=fmean(answer) if answer else None,
		median_to_answer=median(answer) if answer else None,
		mean_to_solve=fmean(solve) if solve else None,
		median_to_solve=median(solve) if solve else None,
		overdue_share=100 * overdue / len(cases) if cases else None,
		rated=len(rates),
		mean_satisfaction=fmean(rates) if rates else None,
	)
