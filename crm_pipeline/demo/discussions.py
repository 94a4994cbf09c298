"""What the people of the demo discuss: one customer, and something in general."""

import frappe

from crm_pipeline.demo import actors, story
from crm_pipeline.discussions import threads


def of_story() -> None:
	"""Those of the demo company, about the customer of its first deal."""
	about = {"company": story.COMPANY, "customer": ("is", "set")}
	customer = frappe.db.get_value("Sales Opportunity", about, "customer", order_by="creation asc")
	load_discussions(customer, [actors.email(who) for who in ("manager", "north", "south")])


def load_discussions(customer: str, users: list[str]) -> None:
	"""Two discussions by these people: a manager, and two reps."""
	before, (manager, rep, other) = frappe.session.user, users
	try:
		about = _start(
			rep,
			"How to talk to their buyer",
			"Numbers first. He reads the second page of an offer before the first.",
			customer,
		)
		_answer(about, other, "Bring the delivery dates, too: he asks for them every time.")
		_answer(about, manager, "And call before you send anything. He does not like surprises.")
		general = _start(
			manager,
			"What worked at the spring fair",
			"Twenty visitors a day, and half of them came back with a list. What did you do?",
			None,
		)
		_answer(general, rep, "A pump that runs, and somebody who lets people open it.")
	finally:
		frappe.set_user(before)


def _start(user: str, title: str, text: str, customer: str | None):
	frappe.set_user(user)
	doc = frappe.get_doc(
		{"doctype": threads.DISCUSSION, "title": title, "text": f"<p>{text}</p>", "customer": customer}
	)
	return doc.insert()


def _answer(doc, user: str, text: str) -> None:
	frappe.set_user(user)
	doc.add_comment("Comment", f"<p>{text}</p>")
