"""The timeline of a deal has what came before and after it, mails and comments included."""

import frappe
from frappe.utils import now_datetime

from crm_pipeline import api
from crm_pipeline.analytics import lead_contact
from crm_pipeline.importer.moving_in import origin_comments
from tests.site.portable.test_timeline import activity, entries


def test_what_was_said_on_the_lead_and_what_came_of_the_deal_are_in_it(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	activity(lead, "They rang")
	made = api.convert_lead(lead.name, assessment="Hot")
	deal = frappe.get_doc(made["doctype"], made["name"])
	assert "They rang" in [row["subject"] for kind, row in entries(deal) if kind == "Activity"]
	documents = [(row["doctype"], row["name"]) for kind, row in entries(lead) if kind == "Document"]
	assert documents == [(deal.doctype, deal.name)]


def test_comments_of_the_lead_are_in_that_of_its_deal(sale, world, as_user):
	as_user("rep")
	lead = sale.lead(customer=world.customer, prospect_name=None)
	lead.add_comment("Comment", "Ring Ann first")
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	assert "Ring Ann first" in [row["content"] for kind, row in entries(deal) if kind == "Comment"]
	(card,) = lead_contact.timeline(deal.doctype, deal.name)
	assert "Ring Ann first" in card["content"] and lead.name in card["content"] and card["icon"] == "small-message"


def test_mails_and_comments_are_in_it_as_plain_text(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	deal.add_comment("Comment", "<p>Ring <b>Ann</b></p>")
	as_user("Administrator")
	frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"subject": "Offer",
			"content": "<p>Here it <script>alert(1)</script>is</p>",
			"sender": "ann@deck.example",
			"recipients": "rep@crm-test.example",
			"communication_date": now_datetime(),
			"sent_or_received": "Received",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
		}
	).insert()
	as_user("rep")
	found = {kind: row for kind, row in entries(deal) if kind in ("Mail", "Comment")}
	assert found["Comment"]["content"] == "Ring Ann"
	assert (found["Mail"]["subject"], found["Mail"]["sender"]) == ("Offer", "ann@deck.example")
	# Frappe stores the script as text, which the screen escapes, or nothing of it.
	assert found["Mail"]["content"] in ("Here it alert(1)is", "Here it <script>alert(1)</script>is", "Here it is")


def test_cards_keep_the_lines_of_what_was_written():
	written = frappe._dict(
		sender="Ann",
		comment_by="Ann",
		subject="",
		reference_name="L-1",
		content="<p>One &lt;b&gt;</p><p>Two &amp; three</p>",
	)
	shown = "<div>One &lt;b&gt;<br>Two &amp; three</div>"
	assert lead_contact._card(written).endswith(shown) and origin_comments._card(written, "Deal D-1").endswith(shown)
