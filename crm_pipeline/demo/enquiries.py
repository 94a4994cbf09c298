"""Enquiries of the last weeks: captured, scored, given by rules, answered or not, and what fell into the public pool.

Rules of assignment and of the pool are of the demo's company alone. Rules of scores are the whole site's: they come along
only where the site has no leads and no such rules of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import frappe
from frappe.utils import add_days

from crm_pipeline.assignment import assigning, rule_records, time_limits
from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL
from crm_pipeline.demo import actors, clock, story
from crm_pipeline.leads import lead_answers
from crm_pipeline.pool import claiming, pool_rules, pooling
from crm_pipeline.scoring import lead_scores
from crm_pipeline.segments import segment_snapshots

LEAD, RULE = "Sales Lead", "Lead Score Rule"
PREFIX = "Harbour Demo"


@dataclass(frozen=True)
class Enquiry:
	"""Who wrote what so many days before today. `hours` until the first answer, 0 for none yet; `answers` to the standard
	questions by their place; `pages` of the website that were seen before."""

	name: str
	contact: str
	need: str
	channel: str
	territory: int
	days: int
	hour: int = 9
	hours: int = 0
	result: str = "Reached"
	source: str = ""
	answers: tuple[str, ...] = ()
	pages: tuple[str, ...] = ()


ENQUIRIES = (
	Enquiry("Skerry Ferries", "Ailsa Munro", "Four bilge pumps for a refit", "web_form", 0, 26, 8, 1, "Reached", "newsletter", ("Urgent", "Our Contact", "Approved", "This Month"), ("pumps", "pumps/bilge-24v", "prices")),
	Enquiry("Kalmar Dredging", "Nils Berg", "Wear parts for strainers", "web_form", 0, 22, 14, 5, "Not Reached", "search", ("Yes", "Unknown", "Unknown"), ("pumps",)),
	Enquiry("Porto Novo Yachts", "Marta Reis", "Fire pump for a new yacht", "e_mail", 1, 19, 10, 2, "Reached", "", ("Yes", "Our Contact Prepares It", "Planned", "This Quarter")),
	Enquiry("Lagoon Cruises", "Paolo Fabbri", "Service contract for five boats", "web_form", 1, 15, 16, 20, "Reached", "fair", ("Perhaps", "Somebody Else"), ("service", "service/contracts")),
	Enquiry("Straits Towage", "Mei Lin Tan", "Circulation pumps, two tugs", "web_form", 2, 12, 7, 3, "Reached", "search", ("Yes", "Our Contact", "Planned", "This Year"), ("pumps/c200", "prices")),
	Enquiry("Cape Survey", "Thandi Mokoena", "Question about spare parts", "hotline", 2, 9, 11, 26, "Not Reached"),
	Enquiry("Fjord Aquaculture", "Oda Lien", "Seawater strainers for a farm", "web_form", 0, 6, 9, 1, "Reached", "newsletter", ("Yes", "Our Contact", "Approved", "This Quarter"), ("strainers", "strainers/dn80", "prices")),
	Enquiry("Riviera Marine Works", "Luc Garnier", "Control panels, price please", "web_form", 1, 4, 13, 4, "Reached", "fair", ("Perhaps",), ("panels",)),
	Enquiry("Java Sea Lines", "Dewi Santoso", "Training for two crews", "e_mail", 2, 2, 15),
	Enquiry("Tynemouth Pilots", "Rory Blake", "Bilge pump, quick delivery", "web_form", 0, 1, 10, 0, "", "search", (), ("pumps/bilge-24v", "delivery")),
	Enquiry("Algarve Sailing School", "Joana Pinto", "Is the small pump quiet?", "web_form", 1, 1, 17, 0, "", "", (), ("pumps",)),
)  # fmt: skip
# Nobody called these for long: days before today that they came.
FORGOTTEN = (
	Enquiry("Brine & Barge", "Ned Hollis", "Pumps for three barges", "exhibition", 0, 75),
	Enquiry("Isla Verde Ports", "Rosa Vidal", "Fire fighting on a pier", "referral", 1, 68),
	Enquiry("Palm Reef Resorts", "Andre Felix", "Pumps for a lagoon", "search", 2, 61),
)
FELL, CLAIMED = 14, 8
# Days before today of the first of two snapshots.
WEEK = 7
SCORES = (
	("budget is there", 20, {"kind": "Answer", "question_key": "budget", "answer": "Approved"}),
	("need, by its weight", 4, {"kind": "Answer", "question_key": "need"}),
	("looked at prices", 10, {"kind": "Page Views", "page": "prices", "days": 60, "most": 2}),
	("from the web form", 5, {"kind": "Field", "fieldname": "channel", "operator": "is"}),
	("was reached", 10, {"kind": "Activities", "days": 60, "result": "Reached", "most": 2}),
	("silence", -3, {"kind": "Silence", "most": 8}),
)


def load_enquiries(today: date) -> None:
	"""Rules, leads with their answers and pages, the pool, segments with snapshots, scores."""
	rules = _make_rules(today)
	web = _make_segments()
	# The latest stand last.
	for begin, end in ((999, WEEK), (WEEK, 0)):
		for one in ENQUIRIES:
			if begin >= one.days > end:
				_take(one, rules, today)
		_take_snapshot(web, add_days(today, -end))
	_fill_pool(today)
	# What is told is over by today.
	clock.set_to(datetime.combine(today, time()) - timedelta(minutes=1))
	actors.act_as("manager")
	_score()


def _make_rules(today: date) -> list:
	clock.set_to(datetime.combine(add_days(today, -80), time(9, 15)))
	actors.act_as("manager")
	if not _others_have_leads():
		for title, points, values in SCORES:
			if values.get("fieldname") == "channel":
				values = {**values, "value": name_of(CHANNEL, "web_form")}
			_insert(RULE, rule_name=f"{PREFIX}: {title}", points=points, **values)
	_insert(
		"Pool Rule",
		title=f"{PREFIX}: leads that nobody calls",
		company=story.COMPANY,
		untouched_days=30,
		warn_days=5,
		claims_per_day=3,
		hold_limit=40,
	)
	far = _rule("overseas, by territory", 1, ("overseas",), territory=story.TERRITORIES[2])
	home = _rule("web and mail, in turn", 2, ("north", "south"), answer_minutes=240, remind_minutes=60, escalate=1)
	return [rule_records.of_doc(rule) for rule in (far, home)]


def _others_have_leads() -> bool:
	return bool(frappe.db.exists(LEAD, {"company": ("!=", story.COMPANY)}) or frappe.db.exists(RULE))


def _rule(title: str, position: int, members: tuple[str, ...], **values):
	rows = [{"user": actors.email(who), "weight": 1 + (who == "north")} for who in members]
	return _insert(
		"Lead Assignment Rule",
		title=f"{PREFIX}: {title}",
		position=position,
		company=story.COMPANY,
		members=rows,
		**values,
	)


def _insert(doctype: str, **values):
	doc = frappe.new_doc(doctype)
	doc.update(values)
	return doc.insert()


# ---- leads


def _take(one: Enquiry, rules: list, today: date) -> None:
	"""An enquiry comes, is given by the rules, and is answered when its time was."""
	at = datetime.combine(add_days(today, -one.days), time(one.hour, 12))
	visitor = _look_around(one, at) if one.pages else None
	lead = _enter(one, at, sales_owner="", visitor_id=visitor, **_origin(one))
	assigning.assign([lead.name], asked=rules)
	if one.hours:
		_answer(lead.name, one, at + timedelta(hours=one.hours))


def _enter(one: Enquiry, at: datetime, **values):
	clock.set_to(at)
	actors.act_as("manager")
	first, _, last = one.contact.partition(" ")
	host = one.name.lower().replace(" & ", "-").replace(" ", "-")
	lead = frappe.new_doc(LEAD)
	lead.update(
		{
			"title": one.need,
			"prospect_name": one.name,
			"contact_name": one.contact,
			"email_id": f"{first}@{host}.example".lower(),
			"message": one.need,
			"company": story.COMPANY,
			"channel": name_of(CHANNEL, one.channel),
			"territory": story.TERRITORIES[one.territory],
			**values,
		}
	)
	return lead.insert()


def _origin(one: Enquiry) -> dict:
	if one.channel != "web_form":
		return {}
	campaign = {"utm_source": one.source, "utm_medium": "web", "utm_campaign": "spring"} if one.source else {}
	page = one.pages[0] if one.pages else ""
	return {
		"consent": 1,
		"landing_page": f"/{page}",
		"referrer": f"https://{one.source or 'search'}.example",
		**campaign,
	}


def _look_around(one: Enquiry, at: datetime) -> str:
	"""The pages that a visitor saw before they wrote."""
	visitor = frappe.generate_hash(length=20)
	for place, page in enumerate(one.pages):
		clock.set_to(at - timedelta(minutes=2 * (len(one.pages) - place)))
		actors.act_as("manager")
		view = frappe.new_doc("Web Page View")
		view.update({"path": page, "visitor_id": visitor, "is_unique": int(not place)})
		# The framework counts visitors; nobody has the right to enter one.
		view.insert(ignore_permissions=True)
	return visitor


def _answer(name: str, one: Enquiry, at: datetime) -> None:
	"""The owner calls, and notes what was said."""
	clock.set_to(at)
	frappe.set_user(frappe.db.get_value(LEAD, name, "sales_owner") or actors.email("manager"))
	call = frappe.new_doc("Sales Activity")
	call.update(
		{
			"subject": f"Call about: {one.need}",
			"way": name_of(ACTIVITY_TYPE, "phone"),
			"status": "Done",
			"direction": "Outbound",
			"result": one.result,
			"starts_on": at,
			"reference_doctype": LEAD,
			"reference_name": name,
		}
	)
	call.insert()
	time_limits.note_answer(name, at)
	lead = frappe.get_doc(LEAD, name)
	asked = lead_answers.questions_of(lead_answers.pipeline_of(lead))
	given = [{"question_key": question.key, "answer": text} for question, text in zip(asked, one.answers, strict=False)]
	given = [row for row, question in zip(given, asked, strict=False) if row["answer"] in question.choices]
	if given:
		lead.extend("answers", given)
		lead.save()


# ---- pool


def _fill_pool(today: date) -> None:
	"""Leads that nobody called for long fell; one was claimed since."""
	rule = frappe.db.get_value("Pool Rule", {"company": story.COMPANY, "document_type": LEAD}, "name")
	pool_rules.forget()
	names = []
	for one in FORGOTTEN:
		at = datetime.combine(add_days(today, -one.days), time(9, 30))
		names.append(_enter(one, at, sales_owner=actors.email("south")).name)
	for name in names:
		clock.set_to(datetime.combine(add_days(today, -FELL), time(3, 10)))
		actors.act_as("manager")
		pooling.put_into(LEAD, name, rule, pool_rules.FELL)
	clock.set_to(datetime.combine(add_days(today, -CLAIMED), time(9, 40)))
	actors.act_as("north")
	claiming.claim(LEAD, names[0])


# ---- segments and scores


def _make_segments() -> str:
	"""Two groups that campaigns and rules can use; answers the one of enquiries."""
	shared = {"is_shared": 1, "company": story.COMPANY}
	asked = [[LEAD, "company", "=", story.COMPANY], [LEAD, "channel", "=", name_of(CHANNEL, "web_form")]]
	places = ["Customer", "territory", "in", list(story.TERRITORIES)]
	_insert(
		"Sales Segment",
		segment_name=f"{PREFIX}: customers who have not ordered for 90 days",
		applies_to="Customer",
		filters=frappe.as_json([places]),
		behaviours=[{"kind": "Ordered"}, {"kind": "Ordered", "days": 90, "negated": 1}],
		**shared,
	)
	web = _insert(
		"Sales Segment",
		segment_name=f"{PREFIX}: enquiries from the web",
		applies_to=LEAD,
		filters=frappe.as_json(asked),
		**shared,
	)
	return web.name


def _take_snapshot(segment: str, day: date) -> None:
	clock.set_to(datetime.combine(day, time()) - timedelta(minutes=1))
	actors.act_as("manager")
	segment_snapshots.take(segment)


def _score() -> None:
	"""As every night; nobody is called for what was so all the time."""
	is_open = {"company": story.COMPANY, "status": ("in", ("New", "Qualified", "Contacted"))}
	lead_scores.refresh(frappe.get_all(LEAD, filters=is_open, pluck="name", order_by="name asc", limit=0), quiet=True)
