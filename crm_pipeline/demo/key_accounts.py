"""Who is who at the two customers of the demo that everybody looks at, and how its customers and people are related."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import add_days

from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core.kinds import RELATION_TYPE
from crm_pipeline.demo import actors, clock, complaints, story
from crm_pipeline.relations import posts


@dataclass(frozen=True)
class Post:
	"""Somebody at a customer; `above` is the place of their superior among those named before, -1 for the primary contact."""

	name: str
	designation: str
	role: str = ""
	influence: str = ""
	attitude: str = ""
	above: int | None = None
	days: int = 400  # since when, before today


BEST = (
	Post("Astrid Wolff", "Managing Director", "Decision Maker", "High", "Supporter"),
	Post("Milan Horvat", "Head of Finance", "Payer", "Medium", "Neutral", 0),
	Post("Grace Oduya", "Chief Engineer", "Influencer", "High", "Supporter", 0),
	Post("Petr Malik", "Second Engineer", "User", "Low", "Supporter", 2, 210),
	Post("Yuki Arai", "Buyer", "Gatekeeper", "Low", "Neutral", -1, 150),
)
ANGRY = (
	Post("Gerrit Smit", "Director", "Decision Maker", "High", "Opponent"),
	Post("Ines Calder", "Ship Superintendent", "User", "Medium", "Opponent", 0, 320),
	Post("Bo Ekman", "Accounts Payable", "Payer", "Low", "Neutral", 0, 260),
)
# Was at the angry customer and is at the best one now.
MOVED = Post("Elena Rossi", "Purchasing Manager", "Buyer", "Medium", "Supporter", 0, 500)
MOVED_DAYS, MOVED_TO = 75, "Head of Procurement"

# (customer, key of the relation, related customer, since so many days); places in customers().
RELATIONS = (
	("third", "parent", "best", 430),
	("fourth", "parent", "best", 300),
	("fifth", "referred_by", "best", 200),
	("angry", "competitor", "best", 390),
	("sixth", "partner", "third", 120),
)


def load_key_accounts(today: date) -> None:
	"""People and relations of the customers with whom the demo's company does most. Inserts nothing where there are too few."""
	names = customers()
	if len(names) < len({side for row in RELATIONS for side in (row[0], row[2])}):
		return
	clock.set_to(datetime.combine(add_days(today, -MOVED_DAYS), time(11, 5)))
	actors.act_as("manager")
	best = _hire(names["best"], BEST, today)
	angry = _hire(names["angry"], ANGRY, today)
	mover = _hire_one(names["angry"], MOVED, angry[0], today)
	moved = posts.move(mover, names["best"], add_days(today, -MOVED_DAYS), MOVED_TO, MOVED.role)
	frappe.db.set_value(posts.DOCTYPE, moved, {"influence": "High", "attitude": "Supporter", "reports_to": best[0]})
	for customer, key, related, days in RELATIONS:
		_relate("Customer Relation", "customer", names[customer], key, names[related], add_days(today, -days))
	engineer, superintendent = (frappe.db.get_value(posts.DOCTYPE, post, "contact") for post in (best[2], angry[1]))
	_relate("Contact Relation", "contact", engineer, "former_colleague", superintendent, add_days(today, -story.DAYS))


def customers() -> dict[str, str]:
	"""{place in the story: Customer}: the one that is furious, and those that were billed most often, and most."""
	invoice = frappe.qb.DocType("Sales Invoice")
	desc = frappe.qb.desc
	ranked = (
		frappe.qb.from_(invoice)
		.select(invoice.customer)
		.where((invoice.company == story.COMPANY) & (invoice.docstatus == 1))
		.groupby(invoice.customer)
		.orderby(Count(invoice.name), order=desc)
		.orderby(Sum(invoice.base_net_total), order=desc)
		.orderby(invoice.customer)
	).run(pluck=True)
	angry = frappe.db.get_value(
		"Customer Case", {"company": story.COMPANY, "subject": complaints.ANGRY}, "customer", order_by="name asc"
	)
	others = [name for name in ranked if name != angry]
	places = ("best", "third", "fourth", "fifth", "sixth")
	return {"angry": angry, **dict(zip(places, others, strict=False))} if angry else {}


def _hire(customer: str, people: Iterable[Post], today: date) -> list[str]:
	"""Posts of these people, and of the customer's primary contact; answers the names of the posts of `people`."""
	made: list[str] = []
	primary = _post_of_primary(customer, today)
	for person in people:
		above = primary if person.above == -1 else None if person.above is None else made[person.above]
		made.append(_hire_one(customer, person, above, today))
	if primary and made:
		posts.set_superior(primary, made[0])
	return made


def _post_of_primary(customer: str, today: date) -> str | None:
	contact = frappe.db.get_value("Customer", customer, "customer_primary_contact")
	if not contact:
		return None
	designation = frappe.db.get_value("Contact", contact, "designation")
	return _post(customer, contact, Post("", designation, "Buyer", "High", "Neutral"), None, today)


def _hire_one(customer: str, person: Post, above: str | None, today: date) -> str:
	first, last = person.name.split(" ", 1)
	host = frappe.scrub(customer).replace("_", "-").encode("ascii", "ignore").decode()
	contact = frappe.new_doc("Contact")
	contact.update({"first_name": first, "last_name": last, "designation": person.designation})
	contact.append("email_ids", {"email_id": f"{first}.{last}@{host}.example".lower(), "is_primary": 1})
	contact.append("links", {"link_doctype": "Customer", "link_name": customer})
	contact.insert()
	return _post(customer, contact.name, person, above, today)


def _post(customer: str, contact: str, person: Post, above: str | None, today: date) -> str:
	doc = frappe.new_doc(posts.DOCTYPE)
	doc.update(
		{
			"contact": contact,
			"customer": customer,
			"designation": person.designation,
			"role": person.role,
			"influence": person.influence,
			"attitude": person.attitude,
			"reports_to": above,
			"from_date": add_days(today, -person.days),
		}
	)
	return doc.insert().name


def _relate(doctype: str, side: str, one: str, key: str, other: str, since: date) -> None:
	kind = name_of(RELATION_TYPE, key)
	if not kind or frappe.db.get_value(RELATION_TYPE, kind, "disabled"):
		return
	doc = frappe.new_doc(doctype)
	doc.update({side: one, "relation_type": kind, f"related_{side}": other, "from_date": since})
	doc.insert()
