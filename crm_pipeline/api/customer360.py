"""The page of a customer or prospect. Reading only."""

from typing import Literal

from crm_pipeline.api.door import reads
from crm_pipeline.api.types import MaybeDay, MaybeName, Moment, Name, Names
from crm_pipeline.chain import rights
from crm_pipeline.customers import customer_page, customer_timeline
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.customers.customer_timeline import Timeline

Party = Literal["Customer", "Sales Prospect"]


def _party(
	doctype: str, name: str, company: str | None = None, from_date: MaybeDay = None, to_date: MaybeDay = None
) -> AskedParty:
	"""Whom it is about, by the name that they have now. A hidden party and one that does not exist get the same answer."""
	now = customer_page.name_now(doctype, name)
	rights.need(doctype, now if now != name and rights.has(doctype, now) else name)
	return customer_page.asked_of(doctype, now, company, from_date, to_date)


@reads()
def get_customer_page(
	doctype: Party, name: Name, company: MaybeName = None, from_date: MaybeDay = None, to_date: MaybeDay = None
) -> dict:
	"""What has to be known before calling; see customers/customer_page.py for the shape. The period is the timeline's."""
	asked = _party(doctype, name, company, from_date, to_date)
	return {**customer_page.first_paint(asked), "asked_as": name if name != asked.name else None}


@reads()
def get_customer_figures(
	doctype: Party, name: Name, company: MaybeName = None, from_date: MaybeDay = None, to_date: MaybeDay = None
) -> dict:
	"""Credit, revenue, margin, products and the group's totals; see customers/customer_page.py for the shape."""
	asked = _party(doctype, name, company, from_date, to_date)
	return customer_page.figures(asked) if asked.is_customer else {}


@reads()
def get_customer_people(doctype: Party, name: Name) -> dict:
	"""Key people, relations and addresses; see customers/customer_page.py for the shape."""
	return customer_page.people(_party(doctype, name))


@reads()
def get_customer_timeline(
	doctype: Party,
	name: Name,
	company: MaybeName = None,
	from_date: MaybeDay = None,
	to_date: MaybeDay = None,
	kinds: Names = None,
	place: Moment = None,
) -> dict:
	"""A page of the timeline after `place` [moment, kind, name]; see customers/customer_timeline.py for the shape."""
	asked = _party(doctype, name, company, from_date, to_date)
	return customer_timeline.page_of(Timeline(asked, tuple(kinds or ()), place))


@reads()
def get_customer_panel(doctype: Party, name: Name, company: MaybeName = None) -> dict:
	"""The few lines that a form shows beside it; see customers/customer_page.py for the shape."""
	return customer_page.panel(_party(doctype, name, company))
