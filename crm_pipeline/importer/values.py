"""Dates, amounts and texts of a row, each with a reason that names its column when it can't be used."""

import re
from datetime import date, datetime
from decimal import Decimal

from crm_pipeline.importer.mapping import Mapping
from crm_pipeline.importer.tables import Row

# What fits a text column and a currency column of the database.
MAX_TEXT = 140
MAX_AMOUNT = Decimal(10) ** 12

# Texts that may be longer.
LONG = ("details",)


class Values:
	"""The values of one row. Problems are collected, not raised: a row is rejected with all its reasons."""

	def __init__(self, row: Row, mapping: Mapping):
		self.row = row
		self.mapping = mapping
		self.problems: list[str] = [row.problem] if row.problem else []

	def refuse(self, target: str, why: str) -> None:
		self.problems.append(f"{self.row.columns.get(target, target)}: {why}")

	def given(self, target: str) -> bool:
		return target in self.row.values

	def text(self, target: str, required: bool = False) -> str:
		value = self.row.values.get(target, "")
		if required and not value and not self.row.problem:
			self.refuse(target, "is empty")
		if len(value) > MAX_TEXT and target not in LONG:
			self.refuse(target, f"is longer than {MAX_TEXT} characters")
		return value

	def date(self, target: str) -> date | None:
		value = self.row.values.get(target)
		if not value:
			return None
		try:
			return datetime.strptime(value, self.mapping.date_format).date()
		except ValueError:
			self.refuse(target, f'"{value}" is not a date of the form {self.mapping.date_format}')
			return None

	def amount(self, target: str) -> Decimal | None:
		"""None where the cell is empty; a negative amount or one that is no number is a problem."""
		value = self.row.values.get(target)
		if not value:
			return None
		number = parse_number(value, self.mapping.decimal)
		if number is None:
			self.refuse(target, f'"{value}" is not a number')
		elif number < 0:
			self.refuse(target, f"{value} is negative")
		elif number >= MAX_AMOUNT:
			self.refuse(target, f"{value} is too large")
		else:
			return number
		return None


def parse_number(text: str, decimal: str = ".") -> Decimal | None:
	"""'1,234.50' -> 1234.50, or None for anything that is no plain number. Groups must have three digits."""
	group = re.escape("," if decimal == "." else ".")
	pattern = rf"[+-]?(\d+|\d{{1,3}}([{group} '’]\d{{3}})+)({re.escape(decimal)}\d+)?"
	if not re.fullmatch(pattern, text, re.ASCII):
		return None
	return Decimal(re.sub(rf"[{group} '’]", "", text).replace(decimal, "."))
