"""Functions of the database that the query builder has no common form for, and terms that several queries share."""

from collections.abc import Callable

from pypika import Case
from pypika.terms import CustomFunction

from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.core.win_rates import BANDS

Year = CustomFunction("YEAR", ["date"])
Month = CustomFunction("MONTH", ["date"])
# Seconds since 1970; differences of two are what counts.
UnixTime = CustomFunction("UNIX_TIMESTAMP", ["at"])
# A number for a text, the same as zlib.crc32 of it.
Crc32 = CustomFunction("CRC32", ["text"])
# Days from the second date to the first.
DateDiff = CustomFunction("DATEDIFF", ["later", "earlier"])
# The day of a moment.
Date = CustomFunction("DATE", ["at"])
Round = CustomFunction("ROUND", ["value", "digits"])
# Where a part begins in a text, from 1; 0 where it is not. LIKE in a selected column breaks on its percent signs.
InString = CustomFunction("INSTR", ["text", "part"])


def age_band(at_least: Callable):
	"""The number of the age band that a stay in a stage falls into; `at_least(days)` says whether it lasted so long."""
	case = Case()
	for number in range(len(BANDS) - 1, 0, -1):
		case = case.when(at_least(BANDS[number]), number)
	return case.else_(0)


def is_won(deal):
	"""The deals that were won; of projects also those that were completed since. See core/outcomes.py."""
	return deal.outcome == WON


def is_lost(deal):
	return deal.outcome == LOST


def value_of(deal):
	"""What a deal counts with in company currency: what it was sold for, or what it may bring."""
	return Case().when(is_won(deal), deal.base_won_amount).else_(deal.base_amount)


def weighted_value_of(deal):
	"""The same times the probability of the deal's stage."""
	return value_of(deal) * deal.probability / 100
