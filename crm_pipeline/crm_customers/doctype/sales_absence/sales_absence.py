"""Sales Absence: somebody is away, and a deputy stands in. Everybody in sales sees who is; who is away or their manager enters it."""

from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles
from crm_pipeline.handovers import absence_checks
from crm_pipeline.parties import absences


class SalesAbsence(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		deputy: DF.Link
		from_date: DF.Date
		note: DF.SmallText | None
		to_date: DF.Date
		user: DF.Link
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		absence_checks.follow(self)

	def on_update(self):
		absences.forget()

	def on_trash(self):
		absence_checks.need_right(self.user)
		absences.forget()
