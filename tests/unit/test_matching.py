import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import matching
from crm_pipeline.core.matching import (
	Identity,
	mail_domain,
	match,
	normal_email,
	normal_name,
	normal_phone,
	normal_tax_id,
	search_name,
)
from crm_pipeline.core.normal import is_valid_phone, name_of, phone_of, same_phone

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
		("S.A. Ltd", "sa"),
		("Limited", "limited"),
		("上海机床有限公司", "上海机床"),
		("I.B.M.", "ibm"),
		("I. B. M. Corp.", "ibm"),
		("Kowalski Sp. z o.o.", "kowalski"),
		("Kowalski spółka z o. o.", "kowalski"),
		("Novák, spol. s r.o.", "novak"),
		("Novak s. r. o.", "novak"),
		("Ørsted A/S", "orsted"),
		("Łódź S.A.", "lodz"),
		("Merck KGaA", "merck"),
		("株式会社トヨタ", "トヨタ"),
		("㈱トヨタ", "トヨタ"),
		("ガスト", "ガスト"),
		("주식회사 삼성전자", "삼성전자"),
		("ООО «Ромашка»", "ромашка"),
		("PT Astra", "astra"),
		("The Acme Company", "acme"),
		("Acme Pvt. Ltd.", "acme"),
		("Arçelik A.Ş.", "arcelik"),
		("Casa da Luz", "casa da luz"),
		("AG Barr plc", "ag barr"),
		("Bolt & Sons", "bolt and sons"),
	],
)
def test_names_lose_case_accents_punctuation_and_legal_form(text, expected):
	assert normal_name(text) == expected


@pytest.mark.parametrize(
	("written", "country"),
	[
		("+49 30 1234567", "DE"),
		("030 1234567", "DE"),
		("+49 (0)30 1234567", "DE"),
		("0049 30/123-45.67", "DE"),
		("(030) 1234567 ext. 12", "DE"),
		("+49 30 1234567", "US"),
		("030 1234567", ""),
		("011 49 30 1234567", "US"),
	],
)
def test_a_phone_number_is_its_digits_within_the_country_however_it_is_written(written, country):
	assert normal_phone(written, country) == "301234567"


def test_a_country_decides_what_a_leading_digit_means():
	assert normal_phone("8 495 123-45-67", "RU") == normal_phone("+7 495 1234567")


def test_the_same_digits_in_two_countries_are_two_phones():
	german, american = (
		Identity("", "Acme", phones=("+49 5550102030",)),
		Identity("C", "Bolt", phones=("+1 555 010 2030",)),
	)
	assert match(german, [american]).names == ()


@pytest.mark.parametrize(
	("one", "other"), [("Mueller GmbH", "Müller"), ("Data Works", "DataWorks Ltd"), ("Weiß AG", "WEISS")]
)
def test_names_that_are_spelled_in_two_ways_have_one_key(one, other):
	assert search_name(one) == search_name(other)


@pytest.mark.parametrize(
	("first", "last"),
	[
		("SIA Gaze", "Gaze SIA"),
		("UAB Vilnius", "Vilnius UAB"),
		("PT Astra", "Astra PT"),
		("ООО Ромашка", "Ромашка ООО"),
		("ТОВ Київ", "Київ ТОВ"),
	],
)
def test_where_the_form_stands_first_it_is_one_there_as_well(first, last):
	assert normal_name(first) == normal_name(last)
	assert normal_name(first) != normal_name(first.split()[0] + "x " + first.split()[1])


@pytest.mark.parametrize("text", ["Sp. z o.o.", "GmbH & Co. KG", "Limited", "The Company", "S.A.R.L."])
def test_a_name_that_is_nothing_but_a_legal_form_is_a_name(text):
	assert normal_name(text)


def test_a_persons_name_has_no_legal_form():
	assert normal_name("Li Sa", person=True) == "li sa"
	assert normal_name("Müller, Hans", person=True) == normal_name("hans muller", person=True)


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


def test_the_tax_id_decides_before_a_name_that_a_mail_confirms():
	party = Identity("", "Acme", tax_id="DE 1", emails=("a@acme.example",))
	known = [Identity("by tax", "Other", tax_id="de1"), Identity("by name", "Acme", emails=("b@acme.example",))]
	assert (match(party, known).rule, match(party, known).found) == ("tax id", "by tax")


SHARED = "t-online.de rediffmail.com yahoo.co.in orange.fr naver.com gmx.at qq.com 163.com web.de libero.it seznam.cz mail.ru"


@pytest.mark.parametrize("domain", SHARED.split())
def test_two_firms_at_one_mail_provider_have_nothing_in_common(domain):
	known = [Identity("C1", "Schreinerei Huber", emails=(f"huber@{domain}",))]
	assert match(Identity("", "Bäckerei Müller", emails=(f"mueller@{domain}",)), known).names == ()


@pytest.mark.parametrize(
	("kind", "mine", "theirs"),
	[
		("Organisation", {"emails": ("a@uni-erlangen.example",)}, {"emails": ("b@uni-erlangen.example",)}),
		("Organisation", {"phones": ("030 1234567",)}, {"phones": ("030 1234567",)}),
		("Organisation", {"emails": ("office@gmail.com",)}, {"emails": ("office@gmail.com",)}),
		("Person", {"phones": ("030 1234567",)}, {"phones": ("030 1234567",)}),
		("Person", {"emails": ("family@acme.example",)}, {"emails": ("Family@acme.example",)}),
	],
)
def test_a_domain_an_address_or_a_phone_alone_is_a_question_where_names_differ(kind, mine, theirs):
	found = match(Identity("", "Ada Quay", kind, **mine), [Identity("C1", "Bea Bolt", kind, **theirs)])
	assert (found.rule, found.names, found.found) == ("e-mail or phone", ("C1",), None)


@pytest.mark.parametrize(
	("one", "other"),
	[
		(Identity("", "Huber AG"), Identity("C1", "Huber GmbH")),
		(
			Identity("", "Huber AG", emails=("a@huber.example",)),
			Identity("C1", "Huber GmbH", emails=("b@huber.example",)),
		),
		(Identity("", "Acme", emails=("a@acme.example",)), Identity("C1", "Acme", emails=("a@other.example",))),
		(Identity("", "Acme", emails=("acme@gmail.com",)), Identity("C1", "Acme", emails=("acme@web.de",))),
		(Identity("", "Acme", phones=("030 1234567",)), Identity("C1", "Acme", phones=("040 7654321",))),
		(Identity("", "Acme", towns=("Köln",)), Identity("C1", "Acme", towns=("Bonn",))),
		(Identity("", "Anna Huber", "Person"), Identity("C1", "Anna Huber", "Organisation")),
		(Identity("", "John Smith", "Person"), Identity("C1", "John Smith", "Person")),
		(
			Identity("", "John Smith", "Person", phones=("030 1234567",)),
			Identity("C1", "John Smith", "Person", emails=("j@x.example",)),
		),
		(Identity("", "Mueller"), Identity("C1", "Müller")),
	],
)
def test_a_name_that_something_contradicts_is_a_question(one, other):
	found = match(one, [other])
	assert (found.rule, found.names, found.found, found.ambiguous) == ("name", ("C1",), None, True)


@pytest.mark.parametrize(
	("one", "other"),
	[
		(Identity("", "Weiß GmbH"), Identity("C1", "WEISS")),
		(Identity("", "Acme Inc."), Identity("C1", "Acme, Incorporated")),
		(Identity("", "Acme", towns=("ZÜRICH",)), Identity("C1", "Acme", towns=("Zurich ",))),
		(Identity("", "Acme", towns=("Köln", "")), Identity("C1", "Acme", towns=("Bonn", "KÖLN"))),
		(Identity("", "Acme Co., Ltd."), Identity("C1", "Acme Limited", emails=("x@acme.example",))),
		(
			Identity("", "Acme", emails=("a@acme.example",), phones=("030 1234567",), towns=("Köln",)),
			Identity("C1", "Acme", emails=("b@acme.example",), phones=("030 7654321",), towns=("Bonn",)),
		),
		(
			Identity("", "John Smith", "Person", phones=("030 1234567",), country="DE"),
			Identity("C1", "Smith, John", "Person", phones=("+49 (0)30 1234567",), emails=("j@x.example",)),
		),
	],
)
def test_a_name_that_nothing_contradicts_or_that_a_second_sign_confirms_is_a_match(one, other):
	assert match(one, [other]).found == "C1"


def test_a_confirmed_name_decides_before_doubtful_signs():
	party = Identity("", "Acme", emails=("a@acme.example",), phones=("+1 555 010 2030",))
	others = [
		Identity("same domain", "Acme", emails=("b@acme.example",)),
		Identity("same phone", "Bolt", phones=("1 555 0102030",)),
	]
	assert match(party, others).found == "same domain"


def test_a_bare_name_and_somebody_elses_phone_is_a_question():
	party = Identity("", "Acme", phones=("+1 555 010 2030",))
	found = match(party, [Identity("by name", "Acme"), Identity("by phone", "Bolt", phones=("1 555 0102030",))])
	assert found.ambiguous and found.names == ("by name", "by phone")


@pytest.mark.parametrize("longer", ["Acme Holding", "New Acme", "Acmeon", "Acme & Sons"])
def test_a_name_that_contains_another_one_is_another_name(longer):
	assert match(Identity("", "Acme"), [Identity("C1", longer)]).names == ()
	assert match(Identity("", longer), [Identity("C1", "Acme")]).names == ()


def test_an_organisation_matches_by_its_mail_domain_and_a_person_by_the_address():
	known = [Identity("C1", emails=("a@acme.example",))]
	person = [Identity("C1", kind="Person", emails=("a@acme.example",))]
	assert match(Identity("", emails=("b@acme.example",)), known).found == "C1"
	assert match(Identity("", kind="Person", emails=("b@acme.example",)), person).names == ()
	assert match(Identity("", kind="Person", emails=("A@acme.example",)), person).found == "C1"


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
def test_whoever_is_found_was_a_candidate_and_a_person_is_asked_about_all_others(party, known):
	found = match(party, known)
	assert set(found.names) <= {c.name for c in known}
	assert found.found is None or found.names == (found.found,)
	assert found.ambiguous == (found.names != () and found.found is None)


@pytest.mark.parametrize("short", ["㈱トヨタ", "(株)トヨタ", "トヨタ(株)"])
def test_a_form_in_brackets_is_the_form_in_full(short):
	assert name_of(short) == name_of("株式会社トヨタ") != name_of("有限会社トヨタ")


def test_a_turkish_form_in_full_is_its_short_one():
	assert name_of("Arçelik Limited Şirketi") == name_of("Arçelik Ltd.")


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Müller & Söhne KG", "Müller und Söhne KG"),
		("Dupont et Fils SARL", "Dupont & Fils"),
		("García y Hijos SL", "García + Hijos"),
		("Ivanov и Synovya", "Ivanov & Synovya"),
		("Foo S. de R.L. de C.V.", "Foo"),
		("PT Foo Tbk", "Foo"),
		("شركة النور", "النور"),
		('בע"מ פו', 'פו בע"מ'),
		("Tata Motors Pvt. Ltd", "TATA MOTORS (P) LTD"),
		("Foo gGmbH", "Foo gemeinnützige GmbH"),
		("S.C. Dedeman S.R.L.", "Dedeman SRL"),
	],
)
def test_conjunctions_and_forms_of_other_languages_tell_no_names_apart(one, other):
	assert name_of(one).stem == name_of(other).stem


@pytest.mark.parametrize(
	("one", "other"), [("AT & T", "AS & T"), ("Vitamin E Ltd", "Vitamin Ltd"), ("Plan Y GmbH", "Plan GmbH")]
)
def test_short_words_that_are_neither_form_nor_conjunction_tell_names_apart(one, other):
	assert name_of(one).stem != name_of(other).stem


@pytest.mark.parametrize(
	("one", "other"),
	[
		("İstanbul Gıda A.Ş.", "ISTANBUL GIDA AS"),
		("A.P. Møller - Mærsk A/S", "AP Moller Maersk A/S"),
		("Œuvres Françaises", "Oeuvres Francaises"),
		("Þór ehf", "Thor ehf"),
	],
)
def test_letters_that_are_no_accented_ones_are_those_of_the_alphabet(one, other):
	assert name_of(one) == name_of(other)


@pytest.mark.parametrize(
	"addressed", ["M/s Sharma Traders", "Messrs. Sharma Traders", "Firma Sharma Traders", "Fa. Sharma Traders"]
)
def test_the_way_a_firm_is_addressed_is_no_part_of_its_name(addressed):
	assert name_of(addressed) == name_of("Sharma Traders")


@pytest.mark.parametrize("name", ["MS Motors", "Firmaris", "SC Freiburg", "Fa"])
def test_what_only_looks_like_it_is(name):
	assert name_of(name).stem == name.casefold()


def test_a_mexican_mobile_with_the_1_of_old_is_the_same_number():
	assert same_phone(phone_of("+52 1 55 1234 5678"), phone_of("55 1234 5678", "MX"))


@pytest.mark.parametrize(
	("name", "other", "may_be"),
	[
		("Ines Marlow", "Marlow, I.", True),
		("Ines Marlow", "ines", True),
		("Inés Marlow", "INES M.", True),
		("", "Tom Blake", True),
		(None, None, True),
		("Ines Marlow", "Tom Blake", False),
		("I. Marlow", "I. Blake", False),
		("陈玉兰", "陈玉兰", True),
		("陈玉兰", "王伟", False),
	],
)
def test_two_names_may_be_of_one_person_where_they_share_a_word(name, other, may_be):
	assert matching.may_be_one(name, other) is may_be
	assert matching.may_be_one(other, name) is may_be


@pytest.mark.parametrize("label", ["", "Ines Marlow"])
def test_a_number_that_a_person_shares_with_a_firm_is_a_question(label):
	person = Identity(name="", label=label, kind="Person", phones=("+1 555 010 2030",))
	firm = Identity(name="C-1", label="" if not label else "Harbour Works", phones=("+1 555 010 2030",))
	found = match(person, [firm])
	assert (found.names, found.sure) == (("C-1",), False)


@pytest.mark.parametrize(
	("one", "other"),
	[
		("شركـــة النور", "شركة النور"),
		("مكتبة على", "مكتبه علي"),
		("بانک ملی", "بانك ملي"),
		("شَرِكَة النُّور", "شركة النور"),
	],
)
def test_arabic_names_are_the_same_however_they_are_typed(one, other):
	assert matching.search_name(one) == matching.search_name(other) != ""


@pytest.mark.parametrize(
	("text", "found"),
	[
		("030-1234560; 030-9876540", "301234560"),
		("+49 30 1234560, +49 171 2345678", "301234560"),
		("030 1234560 or 0171 2345678", "301234560"),
		("030/1234560", "301234560"),
		("030 / 1234560", "301234560"),
		("07071 / 123456", "7071123456"),
		("+49 (0)30 / 123-456", "30123456"),
		("+49 6221 / 12345", "622112345"),
		("0049 7071 / 123456", "7071123456"),
		("+49 (0)33202 / 70123", "3320270123"),
		("04101 / 12345 oder 0171 2345678", "410112345"),
		("030 1234560 / 57", "30123456057"),
		("07071 123456 / 07071 654321", "7071123456"),
	],
)
def test_of_several_numbers_in_one_field_the_first_counts(text, found):
	assert matching.normal_phone(text, "DE") == found


@pytest.mark.parametrize(
	("text", "country", "right"),
	[
		("030 901820", "", True),
		("030 901820", "DE", True),
		("+49 30 901820", "", True),
		("0049 30 901820", "", True),
		("+49 1", "", False),
		("+49 30 90182012345678901", "", False),
		("1234567890123456", "", False),
		("", "", False),
		("abc", "DE", False),
	],
)
def test_a_number_could_be_called_or_not(text, country, right):
	assert is_valid_phone(text, country) is right


def test_who_must_not_see_a_candidate_is_told_of_the_others_alone():
	found = matching.Match("Tax ID", ("A", "B"), True)
	assert found.without({"A"}) == matching.Match("Tax ID", ("B",), True)
	assert found.without({"C"}) == found
	assert found.without({"A", "B"}) == matching.Match()
	assert (found.found, found.ambiguous) == (None, True)
	assert (found.without({"A"}).found, found.without({"A"}).ambiguous) == ("B", False)
	unsure = matching.Match("Name", ("A",))
	assert (unsure.found, unsure.ambiguous) == (None, True)
	assert (matching.Match().found, matching.Match().ambiguous) == (None, False)


@pytest.mark.parametrize(
	("written", "digits", "country"),
	[
		("555 010", "", None),
		("555 0102", "5550102", ""),
		("0555 010", "", None),
		# Ten digits are somebody's number; eleven may begin with the code of a country.
		("4915123456", "4915123456", ""),
		("4930 1234567", "301234567", "49"),
		("00 49 30 1234567", "301234567", "49"),
	],
)
def test_a_phone_number_has_seven_digits_at_least_and_with_eleven_may_name_its_country(written, digits, country):
	assert normal_phone(written) == digits
	found = phone_of(written)
	assert (found and found.country) == country
	assert is_valid_phone(written) is bool(digits)
