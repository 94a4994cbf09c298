"""What people call the fields that a column of a file can go to."""

from functools import cache

from crm_pipeline.importer.import_fields import OWN
from crm_pipeline.importer.sentences import FieldName, _


@cache
def labels() -> dict[str, str]:
	"""{field: what it is called, in English}."""
	return {
		"about": _("About (ID or Name)"),
		"about_type": _("About (Document Type)"),
		"account": _("Customer"),
		"account_id": _("Customer ID"),
		"agent": _("Sales Person"),
		"agent_id": _("Sales Person ID"),
		"amount": _("Amount"),
		"budget": _("Budget"),
		"campaign": _("Campaign"),
		"channel": _("Channel"),
		"city": _("City"),
		"close_date": _("Close Date"),
		"closed_on": _("Closed On"),
		"company_name": _("Company Name"),
		"contact": _("Contact Person"),
		"contact_email": _("Contact E-mail"),
		"contact_phone": _("Contact Phone"),
		"converted_on": _("Converted On"),
		"cost": _("Cost"),
		"country": _("Country"),
		"created_on": _("Created On"),
		"currency": _("Currency"),
		"designation": _("Designation"),
		"details": _("Details"),
		"direction": _("Direction"),
		"email": _("E-mail"),
		"ends_on": _("Ends On"),
		"engaged_on": _("Engaged On"),
		"entered_on": _("Entered On"),
		"exchange_rate": _("Exchange Rate"),
		"expected_close": _("Expected Close"),
		"external_id": _("ID in the Source"),
		"first_name": _("First Name"),
		"group": _("Item Group"),
		"industry": _("Industry"),
		"is_deleted": _("Is Deleted"),
		"item_amount": _("Item Amount"),
		"kind": _("Kind"),
		"last_name": _("Last Name"),
		"lead": _("Lead"),
		"lost_reason": _("Lost Reason"),
		"manager": _("Manager"),
		"mobile": _("Mobile"),
		"next_step": _("Next Step"),
		"notes": _("Notes"),
		"owner": _("Sales Owner"),
		"parent": _("Parent Company"),
		"phone": _("Phone"),
		"pipeline": _("Pipeline"),
		"place": _("Place"),
		"postcode": _("Postal Code"),
		"price": _("Price"),
		"priority": _("Priority"),
		"probability": _("Probability"),
		"product": _("Product"),
		"product_id": _("Product ID"),
		"prospect": _("Prospect"),
		"quantity": _("Quantity"),
		"region": _("Region"),
		"result": _("Result"),
		"stage": _("Stage"),
		"starts_on": _("Starts On"),
		"state": _("State/Province"),
		"status": _("Status"),
		"street": _("Street"),
		"subject": _("Subject"),
		"tax_id": _("Tax ID"),
		"territory": _("Territory"),
		"title": _("Title"),
		"way": _("Activity Type"),
		"website": _("Website"),
	}


@cache
def titles() -> dict[str, str]:
	"""{table: what it is called, in English}."""
	return {
		"products": _("Products"),
		"agents": _("Sales Persons"),
		"accounts": _("Customers"),
		"prospects": _("Prospects"),
		"leads": _("Leads"),
		"contacts": _("Contacts"),
		"history": _("Stage History"),
		"opportunities": _("Opportunities"),
		"campaigns": _("Campaigns"),
		"activities": _("Activities"),
		"memos": _("Notes"),
	}


def named(field: str) -> str:
	"""The field for a sentence; one of the site's own goes by its fieldname."""
	return FieldName(field, labels()[field]) if field in labels() else field.removeprefix(OWN)


def titled(table: str) -> str:
	return FieldName(table, titles()[table])
