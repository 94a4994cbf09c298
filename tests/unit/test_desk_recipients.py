"""Whom a mail from a deal goes to."""

from tests.unit.desk import module

recipients = module("recipients")


def people(*rows):
	return [{"contact": contact, "email_id": email} for contact, email in rows]


def test_a_mail_goes_to_the_people_of_the_deal_each_once():
	doc = {
		"contacts": people(
			(None, "ann@buyer.example"), ("B", " Ben@buyer.example "), ("C", "ANN@buyer.example"), ("D", None)
		)
	}
	assert recipients.recipients_of(doc) == ["ann@buyer.example", "Ben@buyer.example"]


def test_the_contact_of_an_agreement_comes_first():
	doc = {"contact_person": "B", "contacts": people(("A", "ann@buyer.example"), ("B", "ben@buyer.example"))}
	assert recipients.recipients_of(doc) == ["ben@buyer.example", "ann@buyer.example"]


def test_a_lead_is_answered_where_it_came_from():
	assert recipients.recipients_of({"email_id": "ann@buyer.example"}) == ["ann@buyer.example"]
	assert recipients.recipients_of({"contacts": []}) == []
