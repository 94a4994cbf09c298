"""Discussions of staff: who reads them, how the list shows how far a thread has got, who hears of it, what is found."""

import frappe
import pytest
from frappe.desk.form.document_follow import follow_document, is_document_followed
from frappe.desk.form.utils import add_comment, update_comment
from frappe.utils import escape_html

from crm_pipeline.discussions import threads
from tests.site.portable.test_discussion import (
	DESK,
	DOCTYPE,
	MANAGER,
	OTHER,
	REP,
	answer,
	listed,
	mention,
	only_customer,
	start,
)
from tests.site.world import customer, refused


def test_what_is_no_answer_is_not_counted_and_comments_elsewhere_cost_nothing(sale, world, monkeypatch):
	doc = start()
	doc.add_comment("Info", "looked at it")
	assert frappe.db.get_value(DOCTYPE, doc.name, "answers") == 0
	touched = []
	for step in ("check_answer", "count_answer", "keep_words", "take_back"):
		monkeypatch.setattr(threads, step, lambda *about, **how: touched.append(about))
	other = add_comment("Customer", world.customer, "<p>Hm</p>", REP, REP)
	frappe.delete_doc("Comment", other.name)
	assert touched == []


# ---- who reads, who changes


def test_what_is_about_a_customer_is_read_by_who_may_read_the_customer(sale, world, as_user):
	elsewhere = customer(f"Quay {world.tag}")
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": f"P {world.tag}", "company": world.company}).insert()  # fmt: skip
	tag = world.tag
	mine, theirs = start(f"mine {tag}", customer=world.customer), start(f"theirs {tag}", customer=elsewhere)
	start(f"general {tag}"), start(f"prospect {tag}", prospect=prospect.name)
	seen = lambda: sorted(title.split()[0] for title in listed(title=("like", f"%{tag}")))  # noqa: E731
	as_user("rep")
	assert seen() == ["general", "mine", "prospect", "theirs"]
	frappe.set_user("Administrator")
	only_customer(REP, world.customer)
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Sales Prospect", "for_value": "none", "apply_to_all_doctypes": 1}).db_insert()  # fmt: skip
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert seen() == ["general", "mine"]
	assert frappe.has_permission(DOCTYPE, doc=mine.name) and not frappe.has_permission(DOCTYPE, doc=theirs.name)
	with refused(frappe.PermissionError):
		answer(theirs)
	with refused(frappe.PermissionError):
		start(customer=elsewhere)
	theirs.reload()
	theirs.customer = world.customer
	assert not theirs.has_permission("read"), "what is stored counts beside what it says now"
	mine.reload()
	mine.owner, mine.customer = REP, elsewhere
	assert not mine.has_permission("write"), "nobody gets at another one's by naming it"


def test_the_customer_s_form_counts_its_discussions(sale, world):
	from frappe.desk.notifications import get_open_count

	start(customer=world.customer)
	found = get_open_count("Customer", world.customer, [DOCTYPE])["count"]
	links = [*found["external_links_found"], *found["internal_links_found"]]
	assert [row["count"] for row in links if row["doctype"] == DOCTYPE] == [1]


def test_nothing_runs_in_a_text(sale):
	doc = start(
		title="<img src=x onerror=alert(1)>Hm", text="<p>5 < 6</p><script>alert(1)</script><img src=x onerror=alert(2)>"
	)
	assert "onerror" not in doc.title + doc.text and "<script" not in doc.text and "5 &lt; 6" in doc.text


# ---- who hears of it, what is found


@pytest.fixture
def no_mail(site):
	for user in (REP, OTHER, MANAGER):
		frappe.db.set_value("Notification Settings", user, "enable_email_notifications", 0)
		frappe.clear_document_cache("Notification Settings", user)


def notices(user: str) -> list[str]:
	return frappe.get_all("Notification Log", filters={"for_user": user, "document_type": DOCTYPE}, pluck="subject", order_by="creation asc")  # fmt: skip


def test_who_is_mentioned_in_text_or_answer_hears_of_it_once(sale, as_user, no_mail):
	as_user("rep")
	doc = start(text=mention(MANAGER))
	doc.reload()
	doc.title = "How late they pay"
	doc.save()
	assert len(notices(MANAGER)) == 1 and "mentioned you" in notices(MANAGER)[0]
	answer(doc, mention(OTHER))
	assert len(notices(OTHER)) == 1 and len(notices(MANAGER)) == 1


def test_nobody_is_mentioned_who_may_not_read_it(sale, world, as_user, no_mail):
	only_customer(OTHER, customer(f"Quay {world.tag}"))
	as_user("rep")
	doc = start(customer=world.customer)
	with refused(match="no right to read discussions"):
		answer(doc, mention(OTHER))
	with refused(match="no right to read discussions"):
		start(customer=world.customer, text=mention(OTHER))
	start(text=mention(OTHER))
	assert len(notices(OTHER)) == 1


def test_of_a_changed_text_only_those_hear_who_are_mentioned_anew(sale, world, as_user, no_mail):
	as_user("rep")
	doc = start(customer=world.customer, text=mention(OTHER))
	as_user("Administrator")
	only_customer(OTHER, customer(f"Quay {world.tag}"))
	as_user("rep")
	doc.reload()
	doc.text += mention(MANAGER) + "<p>They can't pay.</p>"
	doc.save()
	# Who was mentioned before has lost the right meanwhile, and is told nothing of it.
	assert len(notices(OTHER)) == 1 and len(notices(MANAGER)) == 1
	[said] = frappe.get_all("Notification Log", {"for_user": MANAGER, "document_name": doc.name}, pluck="email_content")
	assert "They can't pay" in said


def test_nobody_is_mentioned_by_a_name_that_is_markup(sale, world, as_user, no_mail):
	only_customer(OTHER, customer(f"Quay {world.tag}"))
	as_user("rep")
	start(customer=world.customer, text=mention(escape_html(f'x"></span><span class="mention" data-id="{OTHER}')))
	assert notices(OTHER) == []


def test_a_discussion_is_followed_as_any_document_is(sale, as_user):
	doc = start()
	frappe.db.set_value("User", REP, "document_follow_notify", 1)
	frappe.clear_document_cache("User", REP)
	assert follow_document(DOCTYPE, doc.name, REP)
	assert is_document_followed(DOCTYPE, doc.name, REP)


def test_global_search_knows_the_title_and_tells_no_text(sale):
	fields = [df.fieldname for df in frappe.get_meta(DOCTYPE).get_global_search_fields()]
	assert fields == ["title"], "the framework shows what it found to whoever may read such documents"
	hooks = frappe.get_hooks("global_search_doctypes", app_name="crm_pipeline")["Default"]
	assert DOCTYPE in [row["doctype"] for row in hooks]


def test_an_answer_that_is_changed_calls_on_who_is_new_in_it(sale, world, as_user, no_mail):
	as_user("rep")
	doc = start(customer=world.customer)
	said = answer(doc, mention(MANAGER))
	update_comment(said.name, mention(MANAGER) + mention(OTHER))
	assert (len(notices(MANAGER)), len(notices(OTHER))) == (1, 1)
	doc.reload()
	assert doc.answers == 1
	as_user("Administrator")
	only_customer(DESK, customer(f"Other {world.tag}"))
	as_user("rep")
	with refused(match="no right to read"):
		update_comment(said.name, mention(DESK))
	doc.reload()
	doc.closed = 1
	doc.save()
	with refused(match="is closed"):
		update_comment(said.name, "<p>Something else</p>")


def test_a_mention_that_names_nobody_is_said_to(sale, as_user):
	as_user("rep")
	with refused(match="names nobody"):
		start(text='<p><span class="mention">@x</span></p>')
	doc = start(title=2026)
	with refused(match="names nobody"):
		answer(doc, '<p><span class="mention">@x</span></p>')
