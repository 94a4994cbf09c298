"""Pool Rule: when records that nobody works on go to the public pool, and who may claim them."""

from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles, locks
from crm_pipeline.pool import pool_rules


class PoolRule(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		claims_per_day: DF.Int
		company: DF.Link | None
		cool_down_days: DF.Int
		customer_group: DF.Link | None
		disabled: DF.Check
		document_type: DF.Literal["Sales Lead", "Sales Prospect", "Customer"]
		hold_limit: DF.Int
		industry: DF.Link | None
		item: DF.Link | None
		item_group: DF.Link | None
		own_filters: DF.Code | None
		position: DF.Int
		protect_cases: DF.Check
		protect_contracts: DF.Check
		protect_deals: DF.Check
		protect_orders: DF.Check
		segment: DF.Link | None
		team: DF.Link | None
		territory: DF.Link | None
		title: DF.Data
		unsold_days: DF.Int
		untouched_days: DF.Int
		warn_days: DF.Int
		working_days: DF.Check
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		pool_rules.follow(self)

	def on_update(self):
		pool_rules.forget()

	def after_rename(self, old, new, merge=False):
		# On customers it is no link.
		locks.set_rows("Customer", {"crm_pool_rule": old}, {"crm_pool_rule": new})
		pool_rules.forget()

	def on_trash(self):
		pool_rules.forget()
