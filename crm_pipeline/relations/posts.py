"""Contact Positions: a person's post at a customer, who is above whom, and what happens when somebody moves on."""

import frappe
from frappe import _
from frappe.utils import add_days, formatdate, getdate, nowdate

from crm_pipeline.chain import jobs, locks, rights
from crm_pipeline.core import relations
from crm_pipeline.core.relations import Period
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold

DOCTYPE = "Contact Position"
# Days back that a daily run makes up for, where the scheduler stood still.
CATCH_UP = 31


def period_of(row) -> Period:
	return Period(
		getdate(row.get("from_date")) if row.get("from_date") else None,
		getdate(row.get("to_date")) if row.get("to_date") else None,
	)


# ---- part of a save


def validate(doc) -> None:
	"""Dates in order, the post above at the same customer and in no circle. Raises ValidationError."""
	check_dates(doc)
	_check_double(doc)
	if doc.reports_to:
		_check_superior(doc)
	name = doc.contact_name or frappe.db.get_value("Contact", doc.contact, "full_name") or doc.contact
	doc.title = _title(name, doc.designation)


def _title(name: str, designation: str | None) -> str:
	return (f"{name} ({designation})" if designation else name)[:140]


def check_dates(doc) -> None:
	if not period_of(doc).is_ordered:
		frappe.throw(
			_("{0}: {1} is before {2}").format(
				bold(_(doc.meta.get_label("to_date"))), formatdate(doc.to_date), formatdate(doc.from_date)
			)
		)


def _check_double(doc) -> None:
	same = {"contact": doc.contact, "customer": doc.customer, "name": ("!=", doc.name or "")}
	for row in frappe.get_all(
		DOCTYPE, filters=same, fields=["name", "designation", "from_date", "to_date"], order_by="name asc", limit=0
	):
		alike = (row.designation or "").strip().casefold() == (doc.designation or "").strip().casefold()
		if alike and period_of(row).shared(period_of(doc)):
			frappe.throw(
				_(
					"{0} has this post at {1} already in these days. End that one first, or enter another designation."
				).format(bold(doc.contact_name or doc.contact), bold(doc.customer)),
				title=_("The Same Post Twice"),
			)


def _check_superior(doc) -> None:
	changed = doc.is_new() or doc.has_value_changed("reports_to") or doc.has_value_changed("customer")
	if not changed:
		return
	label = bold(_(doc.meta.get_label("reports_to")))
	above = frappe.db.get_value(DOCTYPE, doc.reports_to, ["customer", "title"], as_dict=True)
	if not above or above.customer != doc.customer:
		frappe.throw(
			_("{0}: {1} is not a post at {2}. Choose one of the same customer.").format(
				label, bold(above.title if above else doc.reports_to), bold(doc.customer)
			),
			title=_("Another Customer"),
		)
	own = () if doc.is_new() else (doc.name,)
	path = relations.path_up(doc.reports_to, _above_of)
	# Whoever closes a circle from the other side at this moment changes one of these.
	with locks.lost_race_in_words():
		locks.lock(*((DOCTYPE, name) for name in (*own, *path)))
	path = relations.path_up(doc.reports_to, _above_of)
	if doc.name in path:
		frappe.throw(
			_("{0}: {1} reports to {2} already, so it can't be the other way round").format(
				label, bold(above.title), bold(doc.title or doc.contact_name or doc.contact)
			),
			title=_("Posts in a Circle"),
		)


def _above_of(post: str) -> str | None:
	return frappe.db.get_value(DOCTYPE, post, "reports_to")


def follow(doc) -> None:
	"""on_update(): the posts below one that was moved to another customer are nobody's there, and Contacts follow."""
	before = doc.get_doc_before_save()
	if before and before.customer != doc.customer:
		locks.set_rows(DOCTYPE, {"reports_to": doc.name}, {"reports_to": None})
	if before and (before.customer, before.contact) != (doc.customer, doc.contact):
		# The post that told so says otherwise now, and no other one tells of it.
		follow_links(before.contact, had=before.customer)
	follow_links(doc.contact)


def follow_name(contact: str, name: str) -> None:
	"""Titles of posts say what their person is called now."""
	for row in frappe.get_all(
		DOCTYPE, filters={"contact": contact}, fields=["name", "designation"], order_by="name asc", limit=0
	):
		frappe.db.set_value(DOCTYPE, row.name, "title", _title(name, row.designation), update_modified=False)


# ---- ERPNext's Contact follows


def follow_links(contact: str, day=None, had: str | None = None) -> None:
	"""A Contact is linked to the customers where its person has a post on a day, and no longer to those where it had
	its last one, `had` among them; as far as the user may change the Contact. The posts keep the history."""
	if not frappe.db.exists("Contact", contact):
		# Deleted by force: the post is history.
		return
	day = getdate(day or nowdate())
	rows = frappe.get_all(
		DOCTYPE,
		filters={"contact": contact},
		fields=["customer", "from_date", "to_date"],
		order_by="name asc",
		limit=0,
	)
	running = {row.customer for row in rows if period_of(row).holds(day)}
	coming = {row.customer for row in rows if row.from_date and getdate(row.from_date) > day}
	left = {row.customer for row in rows} | ({had} if had else set())
	left -= running | coming
	doc = frappe.get_doc("Contact", contact)
	linked = {link.link_name for link in doc.links if link.link_doctype == "Customer"}
	if not (running - linked or left & linked):
		return
	if not doc.has_permission("write"):
		frappe.msgprint(
			_("You have no right to change Contact {0}: its customers stay as they are").format(bold(doc.name))
		)
		return
	for row in [row for row in doc.links if row.link_doctype == "Customer" and row.link_name in left]:
		doc.remove(row)
	for customer in sorted(running - linked):
		doc.append("links", {"link_doctype": "Customer", "link_name": customer})
	if left & linked:
		doc.is_primary_contact = 0
	doc.save()
	_leave_primary(contact, left & linked)


def _leave_primary(contact: str, customers: set[str]) -> None:
	"""Who left is not the one whom a customer's invoices go to."""
	for customer in sorted(customers):
		if frappe.db.get_value("Customer", customer, "customer_primary_contact") != contact:
			continue
		doc = frappe.get_doc("Customer", customer)
		if doc.has_permission("write"):
			doc.update({"customer_primary_contact": None, "mobile_no": None, "email_id": None})
			doc.save()
		else:
			frappe.msgprint(
				_("You have no right to change Customer {0}: {1} is still its primary contact").format(
					bold(customer), bold(contact)
				)
			)


def follow_dates() -> None:
	"""Every day: Contacts follow the posts that began today or ended yesterday."""
	jobs.each(_due(), follow_links, _("CRM Pipeline: a contact does not follow its post"))


def _due() -> list[tuple[str]]:
	today, since = nowdate(), add_days(nowdate(), -CATCH_UP)
	begun = {"from_date": ("between", (since, today))}
	ended = {"to_date": ("between", (since, add_days(today, -1)))}
	names = {
		contact
		for filters in (begun, ended)
		for contact in frappe.get_all(DOCTYPE, filters=filters, pluck="contact", order_by="name asc", limit=0)
	}
	return [(name,) for name in sorted(names)]


# ---- by hand


def move(position: str, customer: str, day, designation: str | None = None, role: str | None = None) -> str:
	"""Somebody moves to another customer on a day: one post ends the day before, another begins. Answers the new one."""
	doc = locks.locked_doc(DOCTYPE, position)
	doc.check_permission("write")
	rights.need("Customer", customer)
	if customer == doc.customer:
		frappe.throw(_("{0} is at {1} already. Choose another customer.").format(bold(doc.title), bold(customer)))
	ends = relations.day_before(getdate(day))
	if not Period(period_of(doc).first, ends).is_ordered:
		frappe.throw(_("{0} began on {1}: the move has to be later").format(bold(doc.title), formatdate(doc.from_date)))
	if not doc.to_date or getdate(doc.to_date) > ends:
		doc.to_date = ends
		doc.save()
	new = frappe.new_doc(DOCTYPE)
	new.update(
		{
			"contact": doc.contact,
			"customer": customer,
			"from_date": day,
			"designation": designation,
			"role": role or None,
		}
	)
	return new.insert().name


def set_superior(position: str, reports_to: str | None) -> None:
	"""Who is above a post. Raises ValidationError where that would close a circle."""
	doc = frappe.get_doc(DOCTYPE, position)
	doc.check_permission("write")
	doc.reports_to = reports_to or None
	doc.save()


def give(customer: str, contact: str, reports_to: str | None = None) -> str:
	"""A post at a customer from today for somebody who has none there; answers its name."""
	rights.need("Contact", contact)
	doc = frappe.new_doc(DOCTYPE)
	doc.update({"contact": contact, "customer": customer, "reports_to": reports_to or None, "from_date": user_today()})
	return doc.insert().name


# ---- two that became one


def after_customers_merge(customer: str) -> None:
	"""Who had a post at both has one at the customer that stays."""
	people = frappe.get_all(
		DOCTYPE, filters={"customer": customer}, pluck="contact", distinct=True, order_by="contact asc"
	)
	for contact in people:
		after_merge(contact)


def after_merge(contact: str) -> None:
	"""Of two posts that became the same one stays: the one that began first, with the later end."""
	rows = frappe.get_all(
		DOCTYPE,
		filters={"contact": contact},
		fields=["name", "customer", "designation", "from_date", "to_date", "reports_to"],
		order_by="creation asc",
		limit=0,
	)
	kept: dict[tuple, list] = {}
	for row in rows:
		same = kept.setdefault((row.customer, (row.designation or "").strip().casefold()), [])
		twin = next((other for other in same if period_of(other).shared(period_of(row))), None)
		if not twin:
			same.append(row)
			continue
		first = None if not (twin.from_date and row.from_date) else min(twin.from_date, row.from_date)
		last = None if not (twin.to_date and row.to_date) else max(twin.to_date, row.to_date)
		above = twin.reports_to if twin.reports_to not in (None, row.name) else row.reports_to
		twin.update({"from_date": first, "to_date": last, "reports_to": None if above == twin.name else above})
		frappe.db.set_value(DOCTYPE, twin.name, {k: twin[k] for k in ("from_date", "to_date", "reports_to")})
		locks.set_rows(DOCTYPE, {"reports_to": row.name, "name": ("!=", twin.name)}, {"reports_to": twin.name})
		frappe.db.set_value(DOCTYPE, row.name, "reports_to", None, update_modified=False)
		locks.delete_rows(DOCTYPE, {"name": row.name})
