"""Words that are stored in records or named in the core, and translated where they are shown.

The catalogue is made from literal calls, so they are listed here once. Nothing calls these functions.
"""

from frappe import _


def pipeline_words() -> list[str]:
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
		# channels
		_("Call-out"),
		_("Exhibition"),
		_("Referral"),
		_("Search"),
		_("Bought List"),
		_("Hotline"),
		_("Web Form"),
		_("Social"),
		_("Existing Customer"),
		_("Other"),
		# activity types
		_("Phone"),
		_("E-mail"),
		_("Meeting"),
		_("Visit"),
		_("Video Call"),
		_("Message"),
		_("Letter"),
		_("Demonstration"),
	]


def document_words() -> list[str]:
	return [
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
		_("Reason for Overriding the Cost Gate"),
		_("Entered with the button Override Cost Gate"),
		_("User"),
	]


def coaching_words() -> list[str]:
	return [
		# guidance and tasks of the standard pipelines
		_(
			"Find out whether there is a real need, who decides, and whether there is a budget and a date. If not, lose the deal early: that time is better spent elsewhere."
		),
		_("Call to understand the need"),
		_(
			"Understand what the customer must achieve and what it costs them not to act. Note who is involved and what each of them wants, and enter the items you have in mind."
		),
		_("Meet the people who will use it"),
		_(
			"Offer what solves the need, in the customer's own words, with a price and a date until which it holds. Agree on when you will talk about it before you send it."
		),
		_("Walk through the quotation together"),
		_(
			"Settle the open points in one go and give nothing without getting something. Ask for the purchase order and the date by which it comes."
		),
		_("Ask for the purchase order"),
		_(
			"Agree with the customer on goals, people and milestones, and build the team. A milestone that the customer signs is worth more than ten that we do."
		),
		_("Kick-off meeting with the customer"),
		_(
			"Design the solution together with the people who will run it, and check costs and capacity with those who will deliver it."
		),
		_("Review the solution with the customer"),
		_("Help the customer to test and compare: name the criteria, show references, answer questions within a day."),
		_("Ask how the evaluation goes"),
		_(
			"Settle scope, price, payment and dates in one go. Make sure that whoever signs has heard why it is worth it."
		),
		_("Agree on the contract and its date"),
	]


def people_words() -> list[str]:
	return [
		# documents and contact roles that a gate may ask for
		_("Cost Estimate"),
		_("Sales Contract"),
		_("Sales Order Request"),
		_("Buyer"),
		_("Payer"),
		_("Decision Maker"),
		_("Influencer"),
		_("Gatekeeper"),
		# how customers and people are related
		_("Parent"),
		_("Subsidiary"),
		_("Partner"),
		_("Referred By"),
		_("Referred"),
		_("Superior"),
		_("Works For"),
		_("Assistant"),
		_("Assists"),
		_("Former Colleague"),
		_("Relative"),
		_("Introduced By"),
		_("Introduced"),
		# what the tables of another system hold together
		_("Prospect and Leads with Deals"),
		_("CRM Note and Contract"),
		_("CRM Organization and Persons with Deals"),
		_("CRM Task and CRM Call Log"),
		# our modules, in the sidebar of ERPNext 16
		_("CRM Customers"),
		_("CRM Prospecting"),
		# how severe a case is
		_("Critical"),
		_("High"),
		_("Normal"),
		_("Low"),
		# what help is asked for
		_("People"),
		_("Resources"),
		_("Advice"),
		_("Answered"),
		_("Approved"),
		_("Withdrawn"),
	]


def figure_words() -> list[str]:
	return [
		# choices of the reports
		_("Opened in Period"),
		_("Entered Stage in Period"),
		# words that mean something else in other apps; a form looks them up with its DocType
		_("Margin", context="Cost Estimate"),
		_("Margin", context="Cost Estimate Item"),
		_("Open", context="Sales Opportunity"),
		_("Open", context="Sales Project"),
		_("Open", context="Sales Project Milestone"),
		_("Open", context="Sales Help Request"),
		_("Open", context="Pipeline Stage"),
		_("Open", context="Customer Case"),
		_("Open", context="Promise to Pay"),
		_("Active", context="Sales Contract"),
		_("Owner", context="Pipeline Event"),
		# a card whose name is longer than its label
		_("Past Their Close Date"),
		# the sidebar of version 16
		_("Board"),
		_("Funnel"),
		_("Help Request"),
	]


def questions_about_leads() -> list[str]:
	return [
		_("Is there a real need?"),
		_("Who decides?"),
		_("Is there a budget?"),
		_("When do they want to decide?"),
		_("Perhaps"),
		_("Urgent"),
		_("Unknown"),
		_("Somebody Else"),
		_("Our Contact Prepares It"),
		_("Our Contact"),
		_("Planned"),
		_("Approved"),
		_("Open"),
		_("This Year"),
		_("This Quarter"),
		_("This Month"),
		_("No"),
		_("Yes"),
	]
