"""Counts and sums per stage, product and agent, as one would make them in a spreadsheet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

DIMENSIONS = ("stage", "product", "agent")
EMPTY = "(none)"


@dataclass
class Tally:
	"""`counts` and `sums` by (dimension, value)."""

	counts: dict[tuple[str, str], int] = field(default_factory=dict)
	sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
	total_count: int = 0
	total_sum: Decimal = Decimal(0)

	def add(self, amount: Decimal, count: int = 1, **keys: str | None) -> None:
		"""Count `count` deals of `amount` together; keys are the DIMENSIONS."""
		self.total_count += count
		self.total_sum += amount
		for dimension in DIMENSIONS:
			key = (dimension, keys.get(dimension) or EMPTY)
			self.counts[key] = self.counts.get(key, 0) + count
			self.sums[key] = self.sums.get(key, Decimal(0)) + amount

	def values_of(self, dimension: str) -> list[str]:
		return sorted(value for name, value in self.counts if name == dimension)


@dataclass(frozen=True)
class Comparison:
	"""One line of the summary: what the file says and what the site holds."""

	dimension: str
	value: str
	file_count: int
	file_sum: Decimal
	site_count: int
	site_sum: Decimal

	@property
	def equal(self) -> bool:
		return self.file_count == self.site_count and self.file_sum == self.site_sum


def compare(file: Tally, site: Tally, dimensions: Iterable[str] = DIMENSIONS) -> list[Comparison]:
	"""Every value of either side, per dimension, in alphabetical order."""
	return [
		Comparison(
			dimension,
			value,
			file.counts.get((dimension, value), 0),
			file.sums.get((dimension, value), Decimal(0)),
			site.counts.get((dimension, value), 0),
			site.sums.get((dimension, value), Decimal(0)),
		)
		for dimension in dimensions
		for value in sorted({*file.values_of(dimension), *site.values_of(dimension)})
	]
