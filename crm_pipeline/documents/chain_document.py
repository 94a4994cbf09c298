"""What every document of the chain does on save. Controllers list the verbs; the work is here."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate

from crm_pipeline.chain import (
	estimates,
	extensions,
	finding,
	graph,
	incoming,
	item_rows,
	ledger,
	link_titles,
	locks,
	row_changes,
	sources,
	status,
	system_fields,
	typed_values,
)
from crm_pipeline.core import pricing
from crm_pipeline.documents import of_company
from crm_pipeline.erp import native_totals, prices
from crm_pipeline.parties import deal_people, party, people
from crm_pipeline.user_day import is_future
from crm_pipeline.wording import bold

# Child tables that we share with ERPNext.
NATIVE_TABLES = ("Payment Schedule",)


class ChainDocument(Document):
	"""Base of all chain DocTypes: source, party, money and ledger behave the same everywhere."""

	# Fields that are counted beside the document: a form that has been open for long does not set them back.
	COUNTED: tuple[str, ...] = ()

	def rows_to_lock(self) -> list[locks.Row]:
		"""What a save of this document decides about, itself included."""
		return [] if self.is_new() or self.doctype not in locks.ORDER else [(self.doctype, self.name)]

	def insert(self, *args, **kwargs):
		with locks.lost_race_in_words():
			return super().insert(*args, **kwargs)

	def save(self, *args, **kwargs):
		"""Lock before the framework looks at anything: whoever is second waits here, and then sees what the first did."""
		with locks.lost_race_in_words():
			if incoming.is_stored(self) and not self.flags.in_print:
				locks.lock(*self.rows_to_lock())
			return super().save(*args, **kwargs)

	def load_doc_before_save(self, *, raise_exception: bool = False):
		"""The row is locked already. The framework's own way would lock its child rows with the gaps beside them, and
		beside those of Payment Schedule stand all Sales Orders."""
		self._doc_before_save = None
		if self.is_new() or not (raise_exception or frappe.db.exists(self.doctype, self.name)):
			return
		self._doc_before_save = self.flags.pop("as_stored", None) or locks.locked_doc(self.doctype, self.name)
		for field in self.COUNTED:
			self.set(field, self._doc_before_save.get(field))

	def update_children(self):
		"""Rows of ERPNext's own tables that were taken out go by their names; see chain/locks.py."""
		before = self.get_doc_before_save()
		for df in self.meta.get_table_fields():
			if df.options in NATIVE_TABLES:
				kept = {row.name for row in self.get(df.fieldname)}
				for row in before.get(df.fieldname) if before else ():
					if row.name not in kept:
						frappe.db.delete(df.options, {"name": row.name})
		self.flags.ignore_children_type = NATIVE_TABLES
		super().update_children()

	def onload(self):
		link_titles.send(self)

	def before_save(self):
		deal_people.link_rows(self)
		finding.set_phone_keys(self)
		# What was worked out of numbers that fit may not.
		typed_values.check(self)

	def set_people(self):
		"""Who it is about, whose it is, and what it came from, all of one company."""
		self.set_party()
		self.set_sales_person()
		self.validate_party()
		self.validate_source()
		self.validate_company_links()

	def set_party(self):
		party.set_party(self)

	def set_sales_person(self):
		people.follow_owner(self)

	def validate_party(self):
		party.validate_party(self)

	def validate_source(self):
		sources.validate(self)
		sources.refuse_leaving(self)

	def validate_status(self):
		"""Of a type whose state users choose."""
		status.follow_choice(self)

	def validate_company_links(self):
		of_company.check(self)

	def take_in(self):
		"""First verb of every save: nothing that runs, and nothing that only the app writes, comes in."""
		incoming.take_in(self)
		status.notify_where_kept(self)
		system_fields.restore(self)
		party.need_seen(self)

	def set_currency(self):
		"""Company currency where no other was entered, and its exchange rate: anew when the currency changes."""
		if not self.company:
			return
		own = prices.company_currency(self.company)
		self.currency = self.currency or own
		if not self.meta.has_field("conversion_rate"):
			return
		if self.currency == own:
			self.conversion_rate = 1.0
		elif flt(self.conversion_rate) <= 0 or self._rate_is_of_another_currency():
			self.conversion_rate = prices.exchange_rate(self.currency, self.company, self.get("transaction_date"))

	def _rate_is_of_another_currency(self) -> bool:
		before = self.get_doc_before_save()
		return bool(
			before
			and (before.currency, before.company) != (self.currency, self.company)
			and flt(before.conversion_rate) == flt(self.conversion_rate)
		)

	def set_rows(self):
		"""Check, complete and price the item rows."""
		self.set_price_list()
		row_changes.follow_currency(self)
		for row in self.get("items") or []:
			item_rows.check_row(row)
			row_changes.follow_unit(self, row)
			item_rows.complete_units(row)
			row_changes.follow_price(self, row)
			item_rows.complete_row(self, row)
		item_rows.warn_unpriced(self)

	def set_price_list(self):
		"""The price list of the customer or its group, as ERPNext's forms choose it: Frappe fills the site's own list
		into every new document, so that one counts as nobody's choice. What came from a priced document keeps its list."""
		source = graph.source_of(self)
		priced = self.get("amended_from") or (source and source.doctype not in ("Sales Campaign", "Sales Lead"))
		if priced or not (self.is_new() and self.get("customer") and self.meta.has_field("selling_price_list")):
			return
		if self.selling_price_list in (None, "", prices.default_price_list(None)):
			self.selling_price_list = prices.default_price_list(self.customer)

	def set_deal_amount(self):
		"""Amount of a lead, opportunity or project, net of tax: the sum of its rows, or what was entered by hand."""
		rows = self.get("items") or []
		if rows:
			totals = self.totals_of_rows()
			self.update({"items_total": totals.total, "amount": totals.net, "base_amount": totals.base_net})
			return
		if row_changes.lost_its_rows(self):
			self.amount = 0.0
		self.items_total = 0.0
		self.base_amount = pricing.rounded(flt(self.amount) * flt(self.conversion_rate), self.precision("base_amount"))

	def totals_of_rows(self) -> pricing.Totals:
		"""What the rows come to, as the Sales Order made of them will say it."""
		return native_totals.totals_of(self) or pricing.totals(
			[row.amount for row in self.items],
			flt(self.conversion_rate) or 1.0,
			self.precision("amount"),
			flt(self.get("additional_discount_percentage")),
			flt(self.get("discount_amount")),
			self.precision("base_amount"),
			rounding=flt,
		)

	def set_agreed_totals(self):
		"""Totals of a contract or request: rows, additional discount, company currency."""
		totals = self.totals_of_rows()
		if totals.net < 0:
			frappe.throw(
				_("{0} must not be more than the total").format(_(self.meta.get_label("discount_amount"))),
				title=_("Discount Too High"),
			)
		self.update(
			{
				"total_qty": sum(flt(row.qty) for row in self.items),
				"total": totals.total,
				"base_total": totals.base_total,
				"discount_amount": totals.discount,
				"amount": totals.net,
				"base_amount": totals.base_net,
			}
		)

	def validate_not_future(self, *fields: str):
		"""Refuse a day that is entered now and has not come yet."""
		for field in fields:
			if self.get(field) and self.has_value_changed(field) and is_future(self.get(field)):
				frappe.throw(
					_("{0} ({1}) is in the future").format(
						_(self.meta.get_label(field)), frappe.format(self.get(field), {"fieldtype": "Date"})
					),
					title=_("Date in the Future"),
				)

	def validate_order_of_dates(self, *pairs: tuple[str, str]):
		"""Each pair names an earlier and a later date field."""
		for first, second in pairs:
			if self.get(first) and self.get(second) and getdate(self.get(first)) > getdate(self.get(second)):
				frappe.throw(
					_("{0} ({1}) must not be after {2} ({3})").format(
						_(self.meta.get_label(first)),
						frappe.format(self.get(first), {"fieldtype": "Date"}),
						_(self.meta.get_label(second)),
						frappe.format(self.get(second), {"fieldtype": "Date"}),
					),
					title=_("Dates the Wrong Way Round"),
				)

	def on_update(self):
		self.write_ledger()

	def on_update_after_submit(self):
		self.write_ledger()

	def write_ledger(self):
		# A state that a document decided has its row, see chain/automation.py.
		if not self.flags.history_import and not self.flags.state_written:
			ledger.record_changes(self)

	def after_insert(self):
		extensions.run("crm_pipeline_created", doc=self)

	def on_trash(self):
		"""A document that led to another one stays; its own ledger, memos and activities go with it."""
		later = graph.descendants(self.doctype, self.name)
		if later:
			frappe.throw(
				_("{0} {1} can't be deleted: {2} {3} came from it").format(
					_(self.doctype), self.name, _(later[0].doctype), bold(later[0].name)
				),
				frappe.LinkExistsError,
			)
		estimates.delete_with(self)
		ledger.forget(self)
		for doctype in ("Sales Memo", "Sales Activity"):
			locks.delete_rows(doctype, {"reference_doctype": self.doctype, "reference_name": self.name})
