import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.matching import (
	Identity,
	mail_domain,
	match,
	normal_email,
	normal_name,
	normal_phone,
	normal_tax_id,
)

texts = st.one_of(st.text(max_size=30), st.text("AbcÉß İ.,-_&0123456789+()@ınc", max_size=30))
labels = st.sampled_from(["", "Acme", "ACME Inc.", "Bolt", "Bolt & Sons"])
tax_ids = st.sampled_from(["", "DE 811", "de811", "FR 22"])
mails = st.lists(st.sampled_from(["a@acme.example", "b@acme.example", "c@gmail.com"]), max_size=2).map(tuple)
phones = st.lists(st.sampled_from(["+1 555 010 2030", "0015550102030", "12"]), max_size=1).map(tuple)


def identities(name):
	return st.builds(Identity, name=name, label=labels, tax_id=tax_ids, emails=mails, phones=phones)


candidates = st.lists(identities(st.sampled_from("ABCDEF")), max_size=6, unique_by=lambda c: c.name)
parties = st.builds(
	Identity,
	name=st.just(""),
	label=labels,
	kind=st.sampled_from(["Organisation", "Person"]),
	tax_id=tax_ids,
	emails=mails,
	phones=phones,
)


@pytest.mark.parametrize("normal", [normal_name, normal_phone, normal_email, normal_tax_id])
@given(texts)
def test_normalising_twice_changes_nothing_more(normal, text):
	assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize("normal", [normal_name, normal_phone, normal_email, normal_tax_id, mail_domain])
def test_nothing_known_normalises_to_nothing(normal):
	assert normal(None) == normal("") == ""


@pytest.mark.parametrize(
	("text", "expected"),
	[
		("ACMÉ, Inc.", "acme"),
		("Acme  Incorporated", "acme"),
		("Müller GmbH & Co. KG", "muller"),
		("Straße", "strasse"),
		("S.A. Ltd", "sa ltd"),
		("上海机床有限公司", "上海机床有限公司"),
	],
)
def test_names_lose_case_accents_punctuation_and_legal_form(text, expected):
	assert normal_name(text) == expected


def test_a_phone_number_is_its_digits_without_leading_zeros():
	assert normal_phone("+49 (30) 123-4567") == normal_phone("0049 30 1234567") == "49301234567"


def test_an_extension_is_too_short_for_a_phone_number():
	assert normal_phone("ext. 204") == ""


def test_a_public_mail_provider_says_nothing_about_the_organisation():
	assert mail_domain("Buyer@Acme.example ") == "acme.example"
	assert mail_domain("buyer@Gmail.com") == mail_domain("no address") == ""


def test_tax_ids_are_compared_without_spaces_and_dots():
	assert normal_tax_id("DE 811.234-567") == normal_tax_id("de811234567")


def test_the_tax_id_decides_before_mail_and_name():
	party = Identity("", "Acme", tax_id="DE 1", emails=("a@bolt.example",))
	found = match(
		party,
		[
			Identity("by tax", "Other", tax_id="de1"),
			Identity("by mail", emails=("x@bolt.example",)),
			Identity("by name", "Acme"),
		],
	)
	assert (found.rule, found.found) == ("tax id", "by tax")


def test_mail_or_phone_decide_before_the_name():
	party = Identity("", "Acme", phones=("+1 555 010 2030",))
	found = match(
		party, [Identity("by name", "Acme"), Identity("by phone", "Bolt", phones=("1 555 0102030",))]
	)
	assert (found.rule, found.found) == ("e-mail or phone", "by phone")


def test_an_organisation_matches_by_its_mail_domain_and_a_person_by_the_address():
	known = [Identity("C1", emails=("a@acme.example",))]
	assert match(Identity("", emails=("b@acme.example",)), known).found == "C1"
	assert match(Identity("", kind="Person", emails=("b@acme.example",)), known).found is None
	assert match(Identity("", kind="Person", emails=("A@acme.example",)), known).found == "C1"


def test_two_customers_of_one_name_are_ambiguous_and_nobody_is_chosen():
	found = match(Identity("", "Acme"), [Identity("C2", "ACME Inc."), Identity("C1", "Acme")])
	assert found.ambiguous and found.found is None
	assert found.names == ("C1", "C2")


def test_nobody_is_matched_by_nothing():
	found = match(Identity(""), [Identity("C1"), Identity("C2", "Acme")])
	assert (found.rule, found.names, found.found, found.ambiguous) == ("", (), None, False)


def test_another_tax_id_vetoes_the_same_name_and_mail():
	party = Identity("", "Acme", tax_id="DE 1", emails=("a@acme.example",))
	assert match(party, [Identity("C1", "Acme", tax_id="DE 2", emails=("a@acme.example",))]).names == ()


@given(parties, candidates)
def test_a_candidate_with_another_tax_id_is_never_found(party, known):
	found = match(party, known).names
	if normal_tax_id(party.tax_id):
		taxes = {c.name: normal_tax_id(c.tax_id) for c in known}
		assert all(taxes[name] in ("", normal_tax_id(party.tax_id)) for name in found)
	else:
		assert match(party, known).rule != "tax id"


@given(parties, candidates, st.randoms(use_true_random=False))
def test_the_order_of_candidates_is_irrelevant(party, known, random):
	shuffled = list(known)
	random.shuffle(shuffled)
	assert match(party, shuffled) == match(party, known)


@given(parties, candidates)
def test_whoever_is_found_was_a_candidate_and_found_means_exactly_one(party, known):
	found = match(party, known)
	assert set(found.names) <= {c.name for c in known}
	assert (found.found is not None) == (len(found.names) == 1)
	assert found.ambiguous == (len(found.names) > 1)
