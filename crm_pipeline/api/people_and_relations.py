"""People at a customer and how customers and people are related."""

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Day, MaybeDay, MaybeLine, MaybeName, Name
from crm_pipeline.relations import key_people, network, posts
from crm_pipeline.user_day import user_today

AROUND = ("Customer", "Contact")


@reads(may("read", "Customer", "customer"), may("read", "Contact Position"))
def get_org_chart(customer: Name, day: MaybeDay = None) -> dict:
	"""The posts of a customer on a day, today without one; see relations/key_people.py for the shape."""
	return key_people.chart(customer, day or user_today())


@reads(may("read", AROUND, "name"))
def get_network(doctype: Name, name: Name, day: MaybeDay = None) -> dict:
	"""Customers and people around one of them; see relations/network.py for the shape."""
	return network.around(doctype, name, day or user_today())


@writes(may("write", "Contact Position", "position"))
def set_superior(position: Name, reports_to: MaybeName = None) -> None:
	"""Who is above a post; nobody without `reports_to`."""
	posts.set_superior(position, reports_to)


@writes(may("create", "Contact Position"), may("read", "Customer", "customer"))
def give_post(customer: Name, contact: Name, reports_to: MaybeName = None) -> dict:
	"""A post from today for a contact of a customer."""
	return {"doctype": posts.DOCTYPE, "name": posts.give(customer, contact, reports_to)}


@writes(may("write", "Contact Position", "position"), may("create", "Contact Position"))
def move_contact(
	position: Name, customer: Name, day: Day, designation: MaybeLine = None, role: MaybeLine = None
) -> dict:
	"""Somebody moves to another customer on a day: the post ends the day before, and the new one is answered."""
	return {"doctype": posts.DOCTYPE, "name": posts.move(position, customer, day, designation, role)}
