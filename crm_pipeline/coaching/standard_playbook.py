"""The playbook that the standard pipelines come with: guidance and a few suggested tasks, and no gates.

Texts are stored in English, shown translated, and free to change. A site's own texts are never touched.
"""

from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE

# Key of the stage: (guidance, ((subject, key of its activity type, due after days), ...)).
SALES = {
	"qualification": (
		"Find out whether there is a real need, who decides, and whether there is a budget and a date. If not, lose the deal early: that time is better spent elsewhere.",
		(("Call to understand the need", "phone", 2),),
	),
	"needs_analysis": (
		"Understand what the customer must achieve and what it costs them not to act. Note who is involved and what each of them wants, and enter the items you have in mind.",
		(("Meet the people who will use it", "meeting", 5),),
	),
	"proposal": (
		"Offer what solves the need, in the customer's own words, with a price and a date until which it holds. Agree on when you will talk about it before you send it.",
		(("Walk through the quotation together", "video_call", 5),),
	),
	"negotiation": (
		"Settle the open points in one go and give nothing without getting something. Ask for the purchase order and the date by which it comes.",
		(("Ask for the purchase order", "phone", 5),),
	),
}
PROJECTS = {
	"planning": (
		"Agree with the customer on goals, people and milestones, and build the team. A milestone that the customer signs is worth more than ten that we do.",
		(("Kick-off meeting with the customer", "meeting", 7),),
	),
	"solution": (
		"Design the solution together with the people who will run it, and check costs and capacity with those who will deliver it.",
		(("Review the solution with the customer", "meeting", 14),),
	),
	"evaluation": (
		"Help the customer to test and compare: name the criteria, show references, answer questions within a day.",
		(("Ask how the evaluation goes", "phone", 7),),
	),
	"negotiation": (
		"Settle scope, price, payment and dates in one go. Make sure that whoever signs has heard why it is worth it.",
		(("Agree on the contract and its date", "meeting", 7),),
	),
}
PLAYBOOKS = {"Standard Sales": SALES, "Standard Projects": PROJECTS}


def fields_of(pipeline: str, stage: str) -> dict:
	"""The guidance and the task rows of a standard stage, for a new Pipeline Stage document."""
	guidance, tasks = PLAYBOOKS.get(pipeline, {}).get(stage, (None, ()))
	return {
		"guidance": guidance,
		"tasks": [
			{"subject": subject, "way": standard_kinds.name_of(ACTIVITY_TYPE, key), "due_after_days": days}
			for subject, key, days in tasks
		],
	}
