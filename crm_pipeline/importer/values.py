"""Dates, amounts and texts of a row, each with a reason that names its column when it can't be used."""

from datetime import date, datetime
from decimal import Decimal

from crm_pipeline.importer import amount_forms, day_forms
from crm_pipeline.importer.amount_forms import parse_number
from crm_pipeline.importer.field_labels import named
from crm_pipeline.importer.import_fields import FALSE, LONG, TRUE
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.sentences import Sentence, _
from crm_pipeline.importer.tables import Row

# What fits a text column and a currency column of the database.
MAX_TEXT = 140
MAX_AMOUNT = Decimal(10) ** 12

# What a day looks like whose order somebody said.
SAID = {day_forms.DAY_FIRST: "31/12/2023", day_forms.MONTH_FIRST: "12/31/2023"}

__all__ = ["MAX_AMOUNT", "MAX_TEXT", "Values", "parse_number"]


class Values:
	"""The values of one row. Problems are collected, not raised: a row is rejected with all its reasons."""

	def __init__(self, row: Row, mapping: Mapping):
		self.row = row
		self.mapping = mapping
		self.problems: list[str] = [row.problem] if row.problem else []

	def refuse(self, target: str, why: str, *parts) -> None:
		"""Note why a field can't be used: a sentence, or a template with its parts."""
		name = self.row.columns.get(target, target)
		# The tables of another system have fields for columns.
		self.problems.append(
			Sentence(_("{0}: {1}"), named(name), why if isinstance(why, Sentence) else Sentence(why, *parts))
		)

	def given(self, target: str) -> bool:
		return target in self.row.values

	def text(self, target: str, required: bool = False) -> str:
		value = self.row.values.get(target, "")
		if required and not value and not self.row.problem:
			self.refuse(target, _("is empty"))
		if len(value) > MAX_TEXT and target not in LONG:
			self.refuse(target, _("is longer than {0} characters"), MAX_TEXT)
		return value

	def flag(self, target: str) -> bool:
		value = folded(self.row.values.get(target, ""))
		if value not in TRUE and value not in FALSE:
			self.refuse(target, _('"{0}" is neither yes nor no'), value)
		return value in TRUE

	def date(self, target: str) -> date | None:
		value = self._value(target)
		if not value:
			return None
		if "date_format" in self.mapping.guessed:
			order = self.order_of(target)
			day = day_forms.read_day(value, order, self.mapping.zone)
			if self.mapping.day_order and day_forms.evidence(value) not in (None, order):
				day = None
				self.refuse(target, _('"{0}" is not a date of the form {1}'), value, SAID[order])
			elif day is None:
				both = day_forms.is_open(value, order)
				why = _('"{0}" may be a day in two ways; name the date format') if both else _('"{0}" is not a date')
				self.refuse(target, why, value)
			return day
		try:
			return datetime.strptime(value, self.mapping.date_format).date()
		except ValueError:
			self.refuse(target, _('"{0}" is not a date of the form {1}'), value, self.mapping.date_format)
			return None

	def order_of(self, target: str) -> str | None:
		"""Whether day or month stands first: as somebody said, else as the values of the column show."""
		forms = self.row.forms
		return self.mapping.day_order or (forms.days.get(target) if forms else None)

	def amount(self, target: str) -> Decimal | None:
		"""None where the cell is empty; a negative amount or one that is no number is a problem."""
		value = self._value(target)
		if not value:
			return None
		forms = self.row.forms
		number = parse_number(value, (forms.decimals.get(target) if forms else None) or self.mapping.decimal)
		if number is None:
			self.refuse(target, _('"{0}" is not a number'), value)
		elif number < 0:
			self.refuse(target, _("{0} is negative"), value)
		elif number >= MAX_AMOUNT:
			self.refuse(target, _("{0} is too large"), value)
		else:
			return number
		return None

	def percent(self, target: str) -> Decimal | None:
		"""A share of a hundred: "30", "30 %"; one below 1 counts as a share of one: "0.3", and so does 1 among such."""
		value = self._value(target)
		if not value:
			return None
		forms = self.row.forms
		number = parse_number(
			value.rstrip("% "), (forms.decimals.get(target) if forms else None) or self.mapping.decimal
		)
		if number is None or not 0 <= number <= 100:
			self.refuse(target, _('"{0}" is not a percentage'), value)
			return None
		is_share = "%" not in value and (0 < number < 1 or (number == 1 and forms and target in forms.shares))
		return number * 100 if is_share else number

	def _value(self, target: str) -> str | None:
		value = self.row.values.get(target)
		return None if value in amount_forms.NO_VALUE else value
