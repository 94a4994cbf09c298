"""Words that are stored in records or named in the core, and translated where they are shown.

The catalogue is made from literal calls, so they are listed here once. Nothing calls this function.
"""

from frappe import _


def words() -> list[str]:
	return [
		# stages of the standard pipelines
		_("Qualification"),
		_("Needs Analysis"),
		_("Proposal"),
		_("Negotiation"),
		_("Planning"),
		_("Solution Design"),
		_("Customer Evaluation"),
		_("Won"),
		_("Lost"),
		# lost reasons
		_("Price"),
		_("Competitor"),
		_("No Budget"),
		_("No Decision"),
		_("Bad Timing"),
		_("Missing Feature"),
		_("Not Reachable"),
		_("No Need"),
		_("Duplicate"),
		_("Wrong Data"),
		# steps of the ribbon
		_("Campaign"),
		_("Prospect"),
		_("Lead"),
		_("Opportunity"),
		_("Project"),
		_("Quotation"),
		_("Contract"),
		_("Request"),
		_("Order"),
		_("Delivered"),
		_("Billed"),
		_("Paid"),
		_("Created Directly"),
		# rules by which a customer is recognised
		_("tax id"),
		_("e-mail or phone"),
		_("name"),
		# fields on ERPNext's DocTypes
		_("CRM Source"),
		_("Source Type"),
		_("Source"),
		_("Order Request Key"),
		_("Order Request Row"),
		_("Parent Customer"),
		_("User"),
	]
