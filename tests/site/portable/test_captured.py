"""Leads that come in from outside, seen from the lead: what a guest's form, a mail and the pages of a visitor make of it."""

import inspect
import json
import sys
import time
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.capture import form_guard
from crm_pipeline.cases import satisfaction
from crm_pipeline.core import capture as rules
from tests.site.hosts import HOST
from tests.site.other_systems import put
from tests.site.world import customer, refused

LEAD, VIEW = "Sales Lead", "Web Page View"
VIEWS = "Web Page View|hash|path visitor_id referrer source medium campaign"


def opened(seconds_ago: int = 60, word: str = "") -> str:
	moment, word = str(int(time.time()) - seconds_ago), word or frappe.generate_hash(length=16)
	return f"{moment}.{word}.{form_guard._signature(moment, word)}"


@pytest.fixture
def visitor(world, monkeypatch):
	"""visitor(field=value, ...) stores what a guest sends by a web form; tickets are claimed in a set of the test."""
	HOST.other_tables(monkeypatch, VIEWS)
	used = set()
	monkeypatch.setattr(form_guard, "_seconds", lambda: int(time.time()))
	monkeypatch.setattr(form_guard, "_claim", lambda word: word not in used and not used.add(word))

	def send(check=None, user="Guest", **values):
		fixed = {
			"title": "A pump",
			"prospect_name": f"Visitor {world.tag}",
			"email_id": f"v{world.tag}@visitor.example",
		}
		check = json.dumps({"ticket": opened(), "trap": ""}) if check is None else check
		frappe.set_user(user)
		frappe.flags.in_web_form = True
		try:
			lead = frappe.get_doc({"doctype": LEAD, **fixed, "consent": 1, "form_check": check, **values})
			return lead.insert(ignore_permissions=True)
		finally:
			frappe.flags.in_web_form = False
			frappe.set_user("Administrator")

	return send


NOT_SENT = "could not be sent. Please reload the page"


def test_an_enquiry_of_a_guest_has_its_channel_and_says_when_they_agreed(visitor):
	lead = visitor()
	assert (lead.channel, lead.form_check, lead.status) == ("Web Form", None, "New")
	assert lead.consent_on and (now_datetime() - lead.consent_on).total_seconds() < 60
	assert visitor(channel="Referral", prospect_name="Another", email_id="a@another.example").channel == "Referral"
	with refused(match="Please agree that we may contact you"):
		visitor(consent=0)


@pytest.mark.parametrize(
	"check",
	[
		lambda: "",
		lambda: "no json",
		lambda: "[1]",
		lambda: json.dumps({"ticket": opened(), "trap": "http://spam.example"}),
		lambda: json.dumps({"ticket": opened(rules.FASTEST - 2)}),
		lambda: json.dumps({"ticket": opened(rules.LONGEST + 5)}),
		lambda: json.dumps({"ticket": opened()[:-1] + "x"}),
		lambda: json.dumps({"ticket": "1.2"}),
		lambda: json.dumps({"ticket": f"x{opened()}"}),
		lambda: json.dumps({"ticket": opened(), "more": "x" * 600}),
	],
)
def test_what_no_person_can_have_sent_is_not_stored(visitor, check):
	with refused(match=NOT_SENT):
		visitor(check())


def test_a_ticket_is_good_once_and_an_admin_may_do_without(visitor):
	ticket = json.dumps({"ticket": opened(word="once")})
	visitor(ticket)
	with refused(match=NOT_SENT):
		visitor(ticket)
	frappe.db.set_single_value("CRM Pipeline Settings", "web_form_protection", 0)
	visitor(ticket)
	with refused(match="Please agree that we may contact you"):
		visitor("", consent=0)
	frappe.db.set_single_value("CRM Pipeline Settings", "web_form_consent", 0)
	assert visitor("", consent=0).consent_on is None
	frappe.db.set_single_value("CRM Pipeline Settings", "web_form_protection", 1)
	assert visitor(json.dumps({"ticket": opened(word="second")}), consent=0).consent_on is None


def test_a_customer_who_is_logged_in_on_the_website_needs_no_ticket_and_a_colleague_is_no_visitor(
	visitor, world, as_user
):
	values = {"email": f"{world.tag}@portal.example", "first_name": "Pia", "send_welcome_email": 0}
	pia = frappe.get_doc({"doctype": "User", **values}).insert().name
	frappe.db.set_value("User", pia, "user_type", "Website User")
	lead = visitor("", user=pia, consent=0)
	assert (lead.channel, lead.sales_owner) == ("Web Form", None)
	rep = as_user("rep")
	assert visitor("", user=rep, prospect_name="Fair", email_id="f@fair.example").channel is None


class Kept(dict):
	"""What the app asks of a cache that forgets after a while."""

	make_key = staticmethod(str)

	def set(self, key, value, nx=False, ex=None):
		if nx and key in self:
			return None
		self[key] = ex
		return True

	def delete(self, key):
		del self[key]


def test_a_ticket_is_claimed_once_for_as_long_as_it_is_good_and_again_where_the_lead_was_not_stored(site, monkeypatch):
	kept, undone = Kept(), []
	asked = frappe.get_attr
	other = {
		"frappe.cache": kept,
		"frappe.db": frappe._dict(after_rollback=frappe._dict(add=undone.append)),
	}
	monkeypatch.setattr(frappe, "get_attr", lambda path: other[path] if path in other else asked(path))
	assert [form_guard._claim(word) for word in ("one", "one", "two")] == [True, False, True]
	assert list(kept.values()) == [rules.LONGEST] * 2 and len(undone) == 2
	undone[0]()
	assert form_guard._claim("one") and not form_guard._claim("two")


def test_a_ticket_of_this_moment_is_one_that_the_form_may_send(visitor):
	trap, moment, word = form_guard._read(json.dumps({"ticket": form_guard.ticket(), "trap": " "}))
	assert trap.strip() == "" and abs(moment - time.time()) < 5 and len(word) == 16


@pytest.mark.parametrize("word", ["no", "false", "0", "off"])
def test_a_word_that_says_no_is_no_consent(visitor, word):
	with refused(match="agree that we may contact you"):
		visitor(consent=word)


def test_who_is_logged_in_and_a_lead_of_a_program_are_not_judged(visitor, sale, as_user):
	as_user("rep")
	lead = sale.lead(form_check="anything", consent=1)
	assert lead.form_check is None and lead.consent_on
	long_ago = add_to_date(now_datetime().replace(microsecond=0), days=-30)
	lead.db_set("consent_on", long_ago)
	lead.message = "Call back"
	lead.save()
	assert lead.consent_on == long_ago, "who agreed once agreed on that day"
	lead.consent = 0
	lead.save()
	assert lead.consent_on is None


def view(who: str, path: str, minutes_ago: int, **values) -> None:
	put(VIEW, visitor_id=who, path=path, creation=add_to_date(now_datetime(), minutes=-minutes_ago), **values)


def test_a_visitor_came_by_the_link_of_the_first_page_of_this_visit(visitor):
	view("w", "old", 9 * 24 * 60, referrer="https://old.example", source="news", campaign="2020")
	view("w", "pumps", 12, referrer="https://find.example", source="spring fair", campaign="2027")
	view("w", "prices", 4)
	view("other", "shop", 20, referrer="https://other.example")
	lead = visitor(visitor_id="w", landing_page="/enquiry", referrer="https://us.example/prices")
	assert (lead.landing_page, lead.referrer) == ("/pumps", "https://find.example")
	assert (lead.utm_source, lead.utm_campaign) == ("spring fair", "2027")
	own = visitor(visitor_id="w", utm_source="mailing", prospect_name="Other", email_id="o@other.example")
	assert (own.utm_source, own.utm_campaign or "") == ("mailing", "")
	new = visitor(visitor_id="nobody", landing_page="/enquiry", prospect_name="New", email_id="n@new.example")
	assert (new.landing_page, new.referrer) == ("/enquiry", None)


def test_a_long_address_loses_no_enquiry(visitor):
	long = "x" * 3000
	lead = visitor(landing_page=f"/p?{long}", referrer=f"https://a.example/{long}", utm_campaign=long, visitor_id="v")
	assert (len(lead.landing_page), len(lead.referrer), len(lead.utm_campaign)) == (500, 500, 140)


def test_pages_of_the_visitor_are_told_with_the_seconds_to_who_reads_the_lead(visitor, sale, as_user):
	as_user("rep")
	lead, without = sale.lead(visitor_id="visitor-7"), sale.lead()
	at = "2026-01-0{} {}"
	for path, moment in (
		("pumps", at.format(1, "10:00:00")),
		("prices", at.format(1, "10:02:05")),
		("enquiry", at.format(2, "09:00:00")),
	):
		put(VIEW, path=path, visitor_id="visitor-7", creation=moment, referrer=f"from {path}")
	put(VIEW, path="others", visitor_id="visitor-8")
	pages = api.get_visitor_pages(lead.name)
	assert [(page["path"], page["seconds"], page["referrer"]) for page in pages] == [
		("enquiry", None, "from enquiry"), ("prices", None, "from prices"), ("pumps", 125, "from pumps"),
	]  # fmt: skip
	assert api.get_visitor_pages(without.name) == []
	as_user("accounts")
	with refused(frappe.PermissionError):
		api.get_visitor_pages(lead.name)


# ---- mails


def mailed(address: str, subject: str = "Two pumps", **values):
	"""A lead as the framework stores what an e-mail account of it brings."""
	doc = frappe.get_doc({"doctype": LEAD, "title": subject, "email_id": address, **values})
	doc.flags.ignore_mandatory = True
	return doc.insert(ignore_permissions=True)


def test_who_writes_becomes_a_lead_without_an_owner(world):
	lead = mailed(f"anna{world.tag}@berg.example", contact_name="Anna Berg")
	assert (lead.channel, lead.sales_owner, lead.prospect_name) == ("E-mail", None, "Anna Berg")
	assert frappe.db.get_value("Sales Prospect", lead.prospect, ["prospect_name", "prospect_kind"]) == (
		"Anna Berg",
		"Person",
	)
	nameless = mailed(f"x{world.tag}@lind.example", subject="")
	assert (nameless.title, nameless.prospect_name) == ("Without Subject", f"x{world.tag}@lind.example")
	assert mailed(f"y{world.tag}@holm.example", channel="Referral").channel == "Referral"


def test_who_writes_again_while_a_lead_is_open_means_that_one(world):
	address = f"bo{world.tag}@lind.example"
	first = mailed(address)
	with refused(frappe.DuplicateEntryError):
		mailed(address)
	api.disqualify_lead(first.name, "No Budget")
	assert mailed(address).name != first.name


@pytest.fixture
def works_for(world, monkeypatch):
	"""works_for(doctype, party, address, name) makes a Contact of a party."""
	HOST.plain_records(monkeypatch, "Contact", "Customer")

	def make(doctype: str, party: str, address: str, name: str = "Anna") -> None:
		person = {"doctype": "Contact", "first_name": name, "email_ids": [{"email_id": address, "is_primary": 1}]}
		frappe.get_doc({**person, "links": [{"link_doctype": doctype, "link_name": party}]}).insert()

	return make


def of(lead) -> tuple:
	return lead.customer, lead.prospect, lead.prospect_name


def test_a_person_at_a_customer_who_writes_does_so_for_the_customer(world, works_for):
	address = f"anna@{world.tag}.example"
	works_for("Customer", world.customer, address)
	lead = mailed(address, contact_name="Anna Berg")
	assert of(lead) == (world.customer, None, None) and lead.contact_name == "Anna Berg"
	assert lead.party_name == frappe.db.get_value("Customer", world.customer, "customer_name")
	assert lead.sales_owner is None
	colleague = mailed(f"Anna+Pumps@{world.tag}.example", contact_name="Karl Lind")
	assert of(colleague) == (world.customer, None, None), "the mailbox of a firm is the firm's"
	nameless = mailed(f"anna+x@{world.tag}.example", contact_name=f"anna+x@{world.tag}.example")
	assert of(nameless) == (world.customer, None, None)


def test_whose_mailbox_belongs_to_two_is_asked(world, works_for):
	address = f"office@{world.tag}.example"
	works_for("Customer", world.customer, address)
	works_for("Customer", customer(f"Southwind {world.tag}"), address, "Olga")
	lead = mailed(address, contact_name="Olga Roth")
	assert (lead.customer, lead.prospect_name) == (None, "Olga Roth")


def test_of_a_household_with_one_mailbox_each_writes_for_themselves(world, works_for):
	address = f"family{world.tag}@gmx.de"
	private = customer(f"Anna Berg {world.tag}", customer_type="Individual")
	works_for("Customer", private, address)
	husband = mailed(address, contact_name=f"Karl Berg {world.tag}")
	assert husband.customer is None and husband.prospect_name == f"Karl Berg {world.tag}"
	for name in (f"Dr. Anna Berg {world.tag}", None):
		frappe.db.set_value(LEAD, husband.name, "status", "Disqualified")
		husband = mailed(address, contact_name=name)
		assert of(husband) == (private, None, None)


def test_a_person_at_a_prospect_who_writes_does_so_for_the_prospect(sale, world, as_user, works_for):
	as_user("rep")
	firm = sale.lead(prospect_name=f"Works {world.tag}").prospect
	as_user("Administrator")
	address = f"anna@{world.tag}.example"
	works_for("Sales Prospect", firm, address)
	assert of(mailed(address, contact_name="Anna Berg"))[:2] == (None, firm)
	api.reject_prospect(firm, "Wrong Data")
	other = mailed(f"anna+2@{world.tag}.example", contact_name="Anna Berg")
	assert other.prospect != firm and other.prospect_name == "Anna Berg"


def test_what_a_colleague_passes_on_waits_for_who_asks(world, as_user):
	colleague = as_user("rep")
	as_user("Administrator")
	first = mailed(colleague.upper(), "FW: Two pumps", contact_name="Rita Rep")
	second = mailed(colleague, "WG: Two pumps", contact_name="Rita Rep")
	assert first.name != second.name, "two customers ask"
	for lead in (first, second):
		assert of(lead) == (None, None, None) and not (lead.email_id or lead.contact_name or lead.sales_owner)
	for subject in ("Re: Two pumps", "AW: FW: pumps", "回复：报价"):
		with refused(frappe.DuplicateEntryError):
			mailed(colleague, subject)
	as_user("manager")
	first.reload()
	first.sales_owner = colleague
	first.save()
	as_user("rep")
	with refused():
		api.convert_lead(first.name, assessment="Hot")
	first.reload()
	first.update({"prospect_name": f"Works {world.tag}", "email_id": f"ann@works-{world.tag}.example"})
	first.save()
	assert first.party_name == f"Works {world.tag}" and first.prospect
	first.update({"prospect_name": None, "prospect": None})
	with refused(frappe.MandatoryError):
		first.save()
	as_user("Administrator")
	frappe.db.set_value("User", colleague, "enabled", 0)
	former = mailed(colleague, "Re: Two pumps", contact_name="Rita Rep")
	assert former.prospect_name == "Rita Rep", "who left writes for themselves"


@pytest.mark.parametrize("sender", ["no-reply@shop.example", "MAILER-DAEMON@mx.example", "bounces+7=a@news.example"])
def test_a_mail_that_no_person_wrote_makes_no_lead(world, sender):
	with refused(frappe.DuplicateEntryError):
		mailed(sender)


@pytest.mark.parametrize(
	"subject",
	[
		"Automatic reply: Our offer",
		"Automatic\r\n reply: Our offer",
		"Abwesenheit: Ihr Angebot",
		"Undeliverable: Spring fair",
	],
)
def test_a_mailbox_that_answers_by_itself_asks_for_nothing(world, subject):
	with refused(frappe.DuplicateEntryError):
		mailed(f"anna{world.tag}@berg.example", subject=subject)


def test_a_subject_that_was_folded_on_its_way_is_one_line(world):
	assert mailed(f"ina{world.tag}@berg.example", subject="Two pumps\r\n\tfor Hall 3").title == "Two pumps for Hall 3"
	assert mailed(f"ino{world.tag}@berg.example", subject=" \r\n ").title == "Without Subject"


def test_a_lead_of_a_person_at_a_desk_is_no_mail(sale, as_user):
	as_user("rep")
	assert sale.lead(email_id="no-reply@shop.example").sales_owner


# ---- pages for whoever has the link


@pytest.fixture
def page(monkeypatch):
	"""page(name, method, **form) is the module of a page of the website with its request."""

	def of(name: str, method: str = "GET", **form):
		if HOST.name == "benchless":
			limiter = SimpleNamespace(rate_limit=lambda **limits: lambda function: function)
			monkeypatch.setitem(sys.modules, "frappe.rate_limiter", limiter)
			monkeypatch.setitem(vars(frappe), "RateLimitExceededError", type("Busy", (Exception,), {}))
		module = __import__(f"crm_pipeline.www.{name}", fromlist=[name])
		# How often it may be asked is the framework's business.
		monkeypatch.setattr(module, "answer", inspect.unwrap(module.answer))
		monkeypatch.setitem(vars(frappe), "form_dict", frappe._dict(form))
		monkeypatch.setitem(vars(frappe), "request", SimpleNamespace(method=method))
		monkeypatch.setitem(frappe.session, "data", frappe._dict(csrf_token="a token"))
		monkeypatch.setattr(form_guard, "_seconds", lambda: int(time.time()))
		context = frappe._dict()
		module.get_context(context)
		return module, context

	return of


@pytest.fixture
def asked(sale):
	"""A solved case whose customer was asked, and the token of its link."""
	case = sale.case()
	case.db_set({"status": "Solved", "satisfaction_key": "k" * 20, "satisfaction_asked_on": now_datetime()})
	until = add_to_date(now_datetime(), days=2).strftime("%Y-%m-%d")
	return case, satisfaction.token_of(case.satisfaction_key, until)


def test_the_link_of_a_case_asks_once_and_names_the_case_and_its_company(page, asked):
	case, token = asked
	_module, shown = page("case_feedback", token=token, comment="so far")
	assert (shown.state, shown.problem, shown.subject, shown.company) == ("ask", None, case.subject, case.company)
	assert (shown.token, shown.comment, shown.csrf, list(shown.stars)) == (token, "so far", "a token", [1, 2, 3, 4, 5])
	_module, shown = page("case_feedback", "POST", token=token, stars="9")
	assert shown.state == "ask" and shown.problem
	_module, shown = page("case_feedback", "POST", token=token, stars="4", comment="Well done")
	assert shown.state == "thanks"
	assert case.reload().satisfaction == 0.8 and case.satisfaction_comment == "Well done"
	_module, shown = page("case_feedback", token=token)
	assert (shown.state, shown.subject) == ("invalid", None)


def test_a_link_that_is_none_of_ours_says_no_more(page, asked):
	_case, token = asked
	for wrong in (None, "", token[:-1], "a.b.c", "x" * 300):
		assert page("case_feedback", token=wrong)[1].state == "invalid"


def test_too_many_who_ask_are_told_to_wait(page, monkeypatch, asked):
	module, shown = page("case_feedback", token=asked[1])

	def busy():
		raise frappe.RateLimitExceededError

	monkeypatch.setattr(module, "answer", busy)
	module.get_context(shown)
	assert shown.state == "busy"
	module, shown = page("lead_form_ticket")
	monkeypatch.setattr(module, "answer", busy)
	module.get_context(shown)
	assert shown.answer == "{}"


def test_a_form_gets_a_ticket_and_is_told_whether_the_site_counts_pages(page):
	for counts in (0, 1):
		frappe.db.set_single_value("Website Settings", "enable_view_tracking", counts)
		_module, shown = page("lead_form_ticket")
		given = json.loads(shown.answer)
		assert given["tracking"] is bool(counts) and form_guard._read(json.dumps(given))[1]
