from frappe.model.document import Document


class SalesCalendarFeed(Document):
	"""The private calendar address of a user: written by activities/feed_tokens.py alone."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		active: DF.Check
		made_on: DF.Datetime | None
		read_on: DF.Datetime | None
		token_hash: DF.Data | None
		user: DF.Link
	# end: auto-generated types

