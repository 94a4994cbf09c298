"""The texts that a new site gets once: each as what it is, those that are off stay off, and what documents chose stays."""

import re

import frappe
import pytest

from crm_pipeline import first_texts


@pytest.fixture
def made(monkeypatch):
	"""{(DocType, name): values} of what is made."""
	found = {}
	monkeypatch.setattr(first_texts, "_make", lambda doctype, name, **values: found.update({(doctype, name): values}))
	return found


@pytest.fixture
def has_templates(monkeypatch):
	"""has_templates(there): whether the site knows Email Templates at all."""
	exists = frappe.db.exists

	def tell(there: bool):
		monkeypatch.setattr(
			frappe.db,
			"exists",
			lambda *about, **how: there if about[1:] == ("Email Template",) else exists(*about, **how),
		)

	return tell


def test_a_new_site_gets_mails_clauses_for_selling_and_notices(site, made, has_templates):
	has_templates(True)
	first_texts.make()
	for name, (subject, text) in first_texts.EMAIL_TEMPLATES.items():
		assert made["Email Template", name] == {"subject": subject, "use_html": 1, "response_html": text}
	for name, text in first_texts.CLAUSES.items():
		assert made["Terms and Conditions", name] == {"title": name, "terms": text, "selling": 1, "buying": 0, "hr": 0}
	assert len([name for doctype, name in made if doctype == "Notification"]) == 2 * len(first_texts.NOTICES)


def test_a_site_that_knows_no_templates_gets_none(site, made, has_templates):
	has_templates(False)
	first_texts.make()
	assert made == {}


def test_notices_go_to_whom_they_concern_by_bell_and_mail_and_are_off_where_they_say_so(made):
	first_texts.make_notices()
	for name, notice in first_texts.NOTICES.items():
		for kind, channel in first_texts.CHANNELS.items():
			values = made["Notification", f"{name}: {kind}"]
			assert (values["channel"], values["enabled"], values["message_type"]) == (
				channel,
				notice.get("enabled", 1),
				"HTML",
			)
			assert [row["receiver_by_document_field"] for row in values["recipients"]] == notice["to"].split()
			assert {key: values[key] for key in notice if key not in ("to", "enabled", "subject")} == {
				key: value for key, value in notice.items() if key not in ("to", "enabled", "subject")
			}
			assert "to" not in values
	assert 0 in [notice.get("enabled", 1) for notice in first_texts.NOTICES.values()]


def test_what_people_typed_is_escaped_where_html_is_shown_and_plain_in_the_subject_of_a_mail(made):
	first_texts.make_notices()
	typed = re.compile(r"doc\.(customer_name|subject|next_step|title)")
	bare = lambda text: re.sub(r"\(([^()]*)\)\|e", r"\1", text)  # noqa: E731
	some = 0
	for name, notice in first_texts.NOTICES.items():
		bell, mail = (made["Notification", f"{name}: {kind}"] for kind in ("Bell", "E-mail"))
		assert mail["subject"] == notice["subject"] and "|e" not in mail["subject"]
		assert bell["message"] == mail["message"] == f"<p>{bell['subject']}.</p>"
		if typed.search(notice["subject"]):
			some += 1
			assert ")|e" in bell["subject"] and bare(bell["subject"]) == notice["subject"]
	assert some


@pytest.mark.parametrize("is_chosen", [True, False])
def test_what_documents_chose_stays_when_the_app_goes(monkeypatch, is_chosen):
	gone = []
	monkeypatch.setattr(first_texts, "_is_chosen", lambda name: is_chosen)
	monkeypatch.setattr(frappe, "delete_doc", lambda doctype, name, **how: gone.append((doctype, name, how)))
	first_texts.remove()
	how = {"ignore_missing": True, "force": True}
	mails = [("Email Template", name, how) for name in first_texts.EMAIL_TEMPLATES]
	clauses = [("Terms and Conditions", name, how) for name in first_texts.CLAUSES]
	assert gone == mails + ([] if is_chosen else clauses)
