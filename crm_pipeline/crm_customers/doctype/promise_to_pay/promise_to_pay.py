from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles, system_fields
from crm_pipeline.parties import absences
from crm_pipeline.receivables import promise_checks, promise_states


class PromisetoPay(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		amount: DF.Currency
		company: DF.Link | None
		contact: DF.Link | None
		currency: DF.Link | None
		customer: DF.Link | None
		customer_name: DF.Data | None
		deputy: DF.Link | None
		due_date: DF.Date | None
		escalated_on: DF.Date | None
		escalated_to: DF.Link | None
		made_on: DF.Date | None
		naming_series: DF.Literal["PTP-.YYYY.-.#####"]
		note: DF.SmallText | None
		outstanding: DF.Currency
		promised_on: DF.Date
		sales_invoice: DF.Link
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		settled_amount: DF.Currency
		settled_on: DF.Date | None
		status: DF.Literal["Open", "Kept", "Broken", "Withdrawn"]
		title: DF.Data | None
		withdrawn_because: DF.SmallText | None
	# end: auto-generated types

	def load_from_db(self):
		"""The state is that of the Payment Ledger now, for forms, the API and the conditions of Notifications alike; what is
		stored is for lists."""
		super().load_from_db()
		self.status = promise_states.of_promise(self).status
		self.deputy = absences.deputy_of(self.sales_owner)
		return self

	def onload(self):
		link_titles.send(self)

	def before_insert(self):
		promise_checks.take_turn(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		promise_checks.follow(self)
