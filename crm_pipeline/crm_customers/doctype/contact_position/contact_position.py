from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles
from crm_pipeline.relations import posts


class ContactPosition(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attitude: DF.Literal["", "Supporter", "Neutral", "Opponent"]
		contact: DF.Link
		contact_name: DF.Data | None
		customer: DF.Link
		customer_name: DF.Data | None
		department: DF.Data | None
		designation: DF.Data | None
		from_date: DF.Date | None
		influence: DF.Literal["", "Low", "Medium", "High"]
		notes: DF.SmallText | None
		reports_to: DF.Link | None
		role: DF.Literal["", "Buyer", "Payer", "User", "Decision Maker", "Influencer", "Gatekeeper"]
		title: DF.Data | None
		to_date: DF.Date | None
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		posts.validate(self)

	def on_update(self):
		posts.follow(self)

