"""The story of `make demo`, told on every host: what is shown there is what the app does."""

import frappe

from benchless.walk import story
from tests.site.world import history


class Noted(story.Silent):
	def __init__(self):
		self.pictures = {}

	def picture(self, kind, data):
		self.pictures[kind] = data


def test_the_story_of_the_demo():
	shown = Noted()
	made = story.tell(shown)
	assert shown.pictures["funnel"]["counts"] == {"Leads": 4, "Opportunities": 3, "Won": 1, "Paid": 1}
	states = {step["label"]: step["state"] for step in shown.pictures["ribbon"]["steps"]}
	assert states["Order"] == states["Delivered"] == states["Billed"] == states["Paid"] == "done"
	order = frappe.db.get_value("Sales Order", made.order, ["docstatus", "net_total", "po_no"])
	assert order == (1, 7600, "FERRY-77")
	amounts = frappe.db.get_value(
		"Sales Opportunity",
		made.opportunity,
		["ordered_amount", "delivered_amount", "billed_amount", "paid_amount"],
	)
	assert amounts == (7600, 7600, 7600, 7600)
	kinds = [doc["doctype"] for doc in shown.pictures["chain"]]
	assert kinds == [
		"Sales Campaign",
		"Sales Lead",
		"Sales Opportunity",
		"Quotation",
		"Sales Contract",
		"Sales Order Request",
		"Sales Order",
	]
	assert "Proposal" in {row["label"] for row in shown.pictures["funnel"]["open"]}
	for row in shown.pictures["funnel"]["funnel"]:
		assert row["entered"] == row["advanced"] + row["lost"] + row["moved_back"] + row["here"]
	first = shown.pictures["funnel"]["funnel"][0]
	assert (first["label"], first["entered"], first["advanced"], first["lost"]) == ("Qualification", 3, 2, 1)
	assert shown.pictures["customer"]["paid"] == 7600
	told = [(row["kind"], row["from_text"], row["to_text"]) for row in shown.pictures["history"]]
	close = frappe.utils.add_days(frappe.utils.nowdate(), 20)
	assert told == [
		("Created", "", "Qualification"),
		("Amount", "7200.0", "7600.0"),
		("Expected Close", "", close),
		("Stage", "Qualification", "Proposal"),
		("Quotation", "", "Draft"),
		("Quotation", "Draft", "Open"),
		("Stage", "Proposal", "Won"),
		("Quotation", "Open", "Ordered"),
	]
	assert history("Sales Lead", made.lead)[-1] == ("Conversion", None, f"Sales Opportunity {made.opportunity}")
	assert history("Sales Order Request", made.request)[2:] == [
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Accepted"),
		("State", "Accepted", "Completed"),
	]
