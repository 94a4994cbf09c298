"""What deals name beside their masters, asked once per value: currencies, users, reasons, channels, own fields."""

import frappe
from frappe.utils import cint, flt, getdate

from crm_pipeline.erp import prices
from crm_pipeline.importer.field_labels import titled
from crm_pipeline.importer.import_fields import OWN, TRUE
from crm_pipeline.importer.mapping import InputError, folded
from crm_pipeline.importer.sentences import Sentence, _

OPPORTUNITY = "Sales Opportunity"


class MoreFacts:
	"""Facts of one load. Raises InputError for a field of the site's own that is not there."""

	def __init__(self, site):
		self.site = site
		self.rates: dict[str, float] = {}
		self.without_rate: set[str] = set()
		self.users: dict[str, str | None] = {}
		self.reasons: dict[str, str] = {}
		self.channels: dict[str, str] = {}
		self.own = self._own_fields()

	def _own_fields(self) -> dict:
		spec = self.site.mapping.files.get("opportunities")
		names = [target for target in spec.columns.values() if target.startswith(OWN)] if spec else []
		if not names:
			return {}
		known = {field.fieldname: field for field in frappe.get_meta(OPPORTUNITY).get_custom_fields()}
		found = {}
		for target in names:
			field = known.get(target.removeprefix(OWN))
			if not field:
				raise InputError(
					_('{0}: "{1}" is not a Custom Field of {2}; known are {3}'),
					titled("opportunities"),
					target,
					Sentence(OPPORTUNITY),
					", ".join(known) or "-",
				)
			found[target] = field
		return found

	# ---- checks

	def check(self, found: dict) -> list[tuple[str, str]]:
		problems = []
		if found["currency"]:
			found["currency"], why = self._currency(found["currency"], bool(found["exchange_rate"]))
			problems += [("currency", why)] if why else []
		if found["owner"]:
			text, found["owner"] = found["owner"], self.user(found["owner"]) or ""
			problems += [] if found["owner"] else [("owner", Sentence(_('"{0}" is not a user'), text))]
		if found["lost_reason"]:
			self.reasons.setdefault(folded(found["lost_reason"]), found["lost_reason"])
		if found["channel"]:
			self.channels.setdefault(folded(found["channel"]), found["channel"])
		own = []
		for target, text in found["own"]:
			try:
				own.append((target.removeprefix(OWN), self._own_value(self.own[target], text)))
			except ValueError:
				problems.append((target, Sentence(_('"{0}" does not fit {1}'), text, Sentence(self.own[target].label))))
		found["own"] = tuple(own)
		return problems

	def _currency(self, text: str, rate_is_known: bool) -> tuple[str, str]:
		if text in self.rates or text == self.site.currency:
			return text, ""
		name = frappe.db.get_value("Currency", text, "name")
		if not name:
			return "", Sentence(_('"{0}" is not a currency'), text)
		if name not in self.rates and not rate_is_known:
			if name not in self.without_rate:
				self._ask_rate(name)
			if name in self.without_rate:
				return "", Sentence(_("there is no exchange rate for {0}"), name)
		return name, ""

	def _ask_rate(self, currency: str) -> None:
		try:
			self.rates[currency] = prices.exchange_rate(currency, self.site.company)
		except frappe.ValidationError:
			frappe.clear_last_message()
			self.without_rate.add(currency)

	def user(self, text: str) -> str | None:
		"""The user with this e-mail or, where there is one, this name."""
		if text not in self.users:
			found = frappe.db.get_value("User", text, "name") or frappe.db.get_value("User", {"email": text}, "name")
			if not found:
				named = frappe.get_all("User", filters={"full_name": text}, pluck="name", order_by="name asc", limit=2)
				found = named[0] if len(named) == 1 else None
			self.users[text] = found
		return self.users[text]

	@staticmethod
	def _own_value(field, text: str):
		"""A text as the field stores it. Raises ValueError where it does not fit."""
		kind = field.fieldtype
		if kind == "Check":
			return int(folded(text) in TRUE)
		if kind in ("Int", "Float", "Currency", "Percent"):
			number = float(text.replace(",", ""))
			return cint(number) if kind == "Int" else flt(number)
		if kind in ("Date", "Datetime"):
			day = getdate(text)
			if day is None:
				raise ValueError(text)
			return day
		if kind == "Select" and text not in (field.options or "").split("\n"):
			raise ValueError(text)
		if kind == "Link" and not frappe.db.exists(field.options, text):
			raise ValueError(text)
		return text

	# ---- made once, before the deals

	def make_missing(self) -> None:
		"""Lost reasons and channels that the file names and the site lacks."""
		for values, doctype, field in (
			(self.reasons, "Sales Lost Reason", "reason"),
			(self.channels, "Sales Channel", "channel_name"),
		):
			for key, text in values.items():
				found = frappe.db.get_value(doctype, text, "name")
				values[key] = found or frappe.get_doc({"doctype": doctype, field: text}).insert().name
