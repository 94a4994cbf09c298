"""What the people of the demo discuss: one customer, and something in general."""

from datetime import date, datetime, time, timedelta

import frappe

from crm_pipeline.demo import actors, clock, key_accounts
from crm_pipeline.discussions import threads

# Days before today: the first word, and what each later one came after.
BEGAN, PAUSE = 12, timedelta(hours=7)


def load_discussions(today: date) -> None:
	"""About the customer with whom the demo's company does most, and one in general: a manager and two reps."""
	customer = key_accounts.customers().get("best")
	manager, rep, other = (actors.email(who) for who in ("manager", "north", "south"))
	at = datetime.combine(today - timedelta(days=BEGAN), time(10, 40))
	about = _start(
		at,
		rep,
		"How to talk to their buyer",
		"Numbers first. He reads the second page of an offer before the first.",
		customer,
	)
	_answer(
		at + PAUSE,
		about,
		other,
		f"Bring the delivery dates, too, {_mention(manager)}: he asks for them every time.",
	)
	_answer(at + 3 * PAUSE, about, manager, "And call before you send anything. He does not like surprises.")
	general = _start(
		at + 5 * PAUSE,
		manager,
		"What worked at the spring fair",
		"Twenty visitors a day, and half of them came back with a list. What did you do?",
		None,
	)
	_answer(at + 9 * PAUSE, general, rep, "A pump that runs, and somebody who lets people open it.")


def _start(at: datetime, user: str, title: str, text: str, customer: str | None):
	clock.set_to(at)
	frappe.set_user(user)
	doc = frappe.new_doc(threads.DISCUSSION)
	doc.update({"title": title, "text": f"<p>{text}</p>", "customer": customer})
	return doc.insert()


def _answer(at: datetime, doc, user: str, text: str) -> None:
	clock.set_to(at)
	frappe.set_user(user)
	# Who is called on would get a mail from a job that runs when the demo is told.
	with actors.flags(in_install="crm_pipeline"):
		doc.add_comment("Comment", f"<p>{text}</p>")


def _mention(user: str) -> str:
	name = frappe.utils.get_fullname(user)
	return f'<span class="mention" data-id="{user}" data-value="{name}" data-denotation-char="@">@{name}</span>'
