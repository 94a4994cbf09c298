"""The report of a load as lines of text."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.tally import DIMENSIONS, Comparison, Tally, compare

TITLES = {"stage": "Stage", "product": "Product", "agent": "Sales Person"}


def number(value: Decimal | int) -> str:
	"""1234567.50 -> '1,234,567.5'."""
	text = f"{value:,}"
	return text.rstrip("0").rstrip(".") if "." in text else text


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
	"""Columns as wide as their content; the first one left, the others right aligned."""
	lines = [head, *rows]
	widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
	for line in lines:
		cells = [
			line[0].ljust(widths[0]),
			*(text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)),
		]
		yield "  ".join(cells).rstrip()


def file_lines(tally: Tally) -> Iterator[str]:
	"""Counts and sums of the file alone, for a dry run."""
	for dimension in DIMENSIONS:
		lines = compare(tally, tally, (dimension,))
		yield ""
		yield from table(
			(TITLES[dimension], "Count", "Value"),
			((line.value, number(line.file_count), number(line.file_sum)) for line in lines),
		)
	yield ""
	yield f"Usable opportunities: {number(tally.total_count)}, value {number(tally.total_sum)}"


def comparison_lines(comparisons: list[Comparison]) -> Iterator[str]:
	"""File beside site, per stage, product and agent; a line that differs is marked."""
	for dimension in DIMENSIONS:
		lines = [line for line in comparisons if line.dimension == dimension]
		yield ""
		yield from table(
			(TITLES[dimension], "Count in file", "on site", "Value in file", "on site", ""),
			(
				(
					line.value,
					number(line.file_count),
					number(line.site_count),
					number(line.file_sum),
					number(line.site_sum),
					"" if line.equal else "DIFFERS",
				)
				for line in lines
			),
		)


def row_lines(lines: dict) -> Iterator[str]:
	"""What became of the rows of each file; a file whose rows do not add up is marked."""
	for file, of in lines.items():
		parts = [
			f"{number(of.stored)} stored",
			f"{number(of.already)} there already",
			f"{number(of.rejected)} rejected",
		]
		parts += [f"{number(of.left_out)} left out as deleted"] if of.left_out else []
		yield f"{file}: {number(of.rows)} rows = {' + '.join(parts)}{'' if of.adds_up else '  DOES NOT ADD UP'}"


def reject_lines(rejects: Rejects) -> Iterator[str]:
	"""How many rows were rejected, the first of them with their reasons, and where all of them are."""
	if not rejects.count:
		return
	yield ""
	for file, count in rejects.counts.items():
		yield f"Rejected rows of {file}: {number(count)}"
	for sample in rejects.samples:
		yield f"  {sample}"
	if rejects.count > len(rejects.samples):
		yield f"  and {number(rejects.count - len(rejects.samples))} more"
	for path in rejects.files:
		yield f"Written to {path}"
