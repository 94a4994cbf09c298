"""Names, numbers and addresses of many countries: what is the same in them, and what only looks so."""

import pytest

from crm_pipeline.core import pairs
from crm_pipeline.core.matching import Identity, mail_domain, match, normal_email, normal_phone, search_name
from crm_pipeline.core.normal import name_of, phone_of, same_phone
from crm_pipeline.core.person_names import first_and_last
from crm_pipeline.core.tax_ids import normal_tax_id, written_as


@pytest.mark.parametrize(
	("one", "other"),
	[
		("राम ट्रेडर्स", "रीम ट्रेडर्स"),
		("मोहन", "महान"),
		("ร้านฟู", "ร้านฟี"),
		("தமிழ்", "தமழ"),
		("রাম", "রমা"),
		("ខ្មែរ", "ខមរ"),
		("ഹരി", "ഹര"),
		("Siemens UK", "Siemens"),
		("Bosch AT GmbH", "Bosch GmbH"),
		("UK Coal", "Coal"),
		("Amazon EU", "Amazon"),
		("Shell CA", "Shell"),
	],
)
def test_vowels_of_other_scripts_and_places_tell_names_apart(one, other):
	assert match(Identity("", one), [Identity("C1", other)]).names == ()
	assert search_name(one) != search_name(other)


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Ac\u00adme Gm\u200bbH", "Acme GmbH"),
		("\u202eAcme\u202c\ufeff", "Acme"),
		("Zu\u0308rich Works", "Zürich Works"),
		("ＡＣＭＥ　ＬＴＤ", "Acme Ltd"),
		("L‘Oréal", "L'Oreal"),
		("LʼOréal", "L´Oreal"),
		("Müller &amp; Söhne", "Müller & Söhne"),
		("می\u200cخواهم", "میخواهم"),
		("क\u200dर", "कर"),
		("Acme \u2764\ufe0f Ltd", "Acme \u2764 Ltd"),
	],
)
def test_what_nobody_sees_and_how_a_sign_is_typed_tell_no_names_apart(one, other):
	assert name_of(one) == name_of(other)


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Foo Limited Liability Company", "Foo L.L.C."),
		("Foo Public Limited Company", "Foo plc"),
		("Foo Lda.", "Foo, Limitada"),
		("Foo Kft.", "Foo Korlátolt Felelősségű Társaság"),
		("Foo Berhad", "Foo Bhd"),
		("Công ty TNHH Foo", "Công ty trách nhiệm hữu hạn Foo"),
		("บริษัท ฟู จำกัด", "บริษัทฟู จำกัด"),
		("ООО «Фу»", "Общество с ограниченной ответственностью Фу"),
		("ТОВ Фу", "Товариство з обмеженою відповідальністю «Фу»"),
		("ИП Иванов", "Индивидуальный предприниматель Иванов"),
		("النور ذ.م.م", "النور ذ م م"),
		("פו בע״מ", "פו בע''מ"),
		("Foo GmbH i.G.", "Foo Gesellschaft m.b.H."),
		("Foo KG a.A.", "Foo KGaA"),
		("Foo & Cie. KG", "Foo KG"),
		("Foo S.p.A.", "Foo Società per Azioni"),
		("Foo Srl Unipersonale", "Foo S.r.l."),
		("Foo San. ve Tic. A.Ş.", "Foo Anonim Şirketi"),
		("Foo AB (publ)", "Foo Aktiebolag"),
		("OÜ Foo", "Foo OÜ"),
		("Foo sp.z o.o.", "Foo Spółka z ograniczoną odpowiedzialnością"),
	],
)
def test_a_form_in_full_is_the_short_one(one, other):
	assert name_of(one) == name_of(other)
	assert name_of(one).forms and name_of(one).stem in ("foo", "фу", "ฟู", "иванов", "النور", "פו")


@pytest.mark.parametrize(
	("country", "one", "other"),
	[
		("DE", "030 1234567 Durchwahl 12", "+49 30 1234567"),
		("DE", "0171 2345678 (mobil)", "Mobil: +49 171 2345678"),
		("US", "1-800-FLOWERS", "+1 800 356 9377"),
		("US", "+12125550199;ext=5", "212 555 0199"),
		("AU", "0011 49 30 1234567", "+49 30 1234567"),
		("SG", "001 49 30 1234567", "0049 30 1234567"),
		("AR", "+54 9 11 2345 6789", "+54 11 2345 6789"),
		("MX", "044 55 1234 5678", "+52 55 1234 5678"),
		("AE", "٠٥٠ ١٢٣ ٤٥٦٧", "+971 50 123 4567"),
	],
)
def test_a_number_is_the_same_from_wherever_and_with_whatever_it_is_written(country, one, other):
	assert same_phone(phone_of(one, country), phone_of(other, country))
	assert normal_phone(one, country) == normal_phone(other, country)


@pytest.mark.parametrize("placeholder", ["000-000-0000", "1111111111", "+99 999 9999999"])
def test_a_placeholder_is_nobodys_number(placeholder):
	assert normal_phone(placeholder, "US") == ""


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Ines+Offer@Harbour.example", "ines@harbour.example"),
		("ines@gmail.com", "i.nes+x@googlemail.com"),
		("info@Müller.example", "info@xn--mller-kva.example"),
		("ｉｎｅｓ＠harbour.example", "ines@harbour.example."),
	],
)
def test_addresses_of_one_mailbox_are_one(one, other):
	assert normal_email(one) == normal_email(other)
	assert match(Identity("", "I", "Person", emails=(one,)), [Identity("C1", "I", "Person", emails=(other,))]).found


@pytest.mark.parametrize("one", ["+@harbour.example", "i.nes@harbour.example", "ines@harbour"])
def test_other_mailboxes_stay_others(one):
	assert normal_email(one) != normal_email("ines@harbour.example") and "@" in normal_email(one)


@pytest.mark.parametrize(
	"domain", "chello.at sfr.fr docomo.ne.jp inbox.lv mailbox.org privaterelay.appleid.com".split()
)
def test_a_telephone_company_or_a_private_provider_is_shared(domain):
	assert mail_domain(f"a@{domain}") == ""


@pytest.mark.parametrize(
	("one", "other"),
	[
		("USt-IdNr. DE 811 234 567", "de811234567"),
		("GSTIN: 27AAPFU0939F1ZV", "27aapfu0939f1zv"),
		("VAT no. GB 123 4567 89", "GB123456789"),
		("CHE-123.456.789 MWST", "che123456789"),
		("P.IVA 01234567890", "01234567890"),
		("RFC: GODE561231GR8", "GODE-561231-GR8"),
		("RFC Ñ&B 010101 AB1", "ñ&b010101ab1"),
		("EL123456789", "GR 123456789"),
		("ＤＥ８１１２３４５６７", "DE811234567"),
	],
)
def test_what_stands_beside_a_tax_id_is_no_part_of_it(one, other):
	assert normal_tax_id(one) == normal_tax_id(other) != ""
	assert normal_tax_id(normal_tax_id(one)) == normal_tax_id(one)


@pytest.mark.parametrize(
	"none",
	["n/a", "-", "applied for", "000000000", "DE000000000", "XAXX 010101 000", "RFC: XEXX-010101-000", "99999", None],
)
def test_a_placeholder_is_no_tax_id(none):
	assert normal_tax_id(none) == ""
	found = match(Identity("", "Acme", tax_id=none or ""), [Identity("C1", "Bolt", tax_id=none or "")])
	assert found.names == ()


@pytest.mark.parametrize("kept", ["NO123456789MVA", "NIE1234", "TIN12", "ID 12", "IDX1234567", "B12345678"])
def test_what_only_begins_like_a_word_for_it_stays(kept):
	assert normal_tax_id(kept).endswith(kept[-2:].casefold().strip())


def test_a_tax_id_without_its_country_is_a_question_unless_the_name_agrees():
	known = [Identity("C1", "Acme Ltd", tax_id="ES05680675C")]
	assert match(Identity("", "Acme", tax_id="05680675-C"), known).found == "C1"
	asked = match(Identity("", "Bolt", tax_id="05680675-C"), known)
	assert (asked.rule, asked.names, asked.found) == ("tax id", ("C1",), None)
	assert match(Identity("", "Acme", tax_id="05680675-D"), known).names == ()
	assert match(Identity("", "Acme", tax_id="FR05680675C"), known).names == ()
	assert (
		match(Identity("", "Acme", tax_id="05680675-C"), [Identity("C2", "Acme", tax_id="05680675-C"), *known]).found
		== "C2"
	)


def test_a_tax_id_is_looked_for_with_its_country_and_without():
	assert written_as("05680675c", "ES") == ["05680675c", "es05680675c"]
	assert written_as("de811234567", "DE") == ["811234567", "de811234567", "dede811234567"]
	assert written_as("123456789", "GR") == ["123456789", "el123456789"]
	assert written_as("", "ES") == []


def test_pairs_that_say_their_country_or_not_are_one():
	one, other = Identity("A", "Acme", tax_id="ES05680675C"), Identity("B", "Bolt", tax_id="05680675C")
	assert pairs.score(one, other) == pairs.Score(100, ("Tax ID",))
	assert pairs.score(Identity("A", "Acme", tax_id="n/a"), Identity("B", "Bolt", tax_id="n/a")).value == 0
	assert pairs.score(Identity("A", "Acme", tax_id="n/a"), Identity("B", "Acme", tax_id="FR1234")).value > 0


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Herr Dr. Hans Huber", "Hans Huber"),
		("Huber, Dr. Hans", "Hans Huber"),
		("Mrs. Ada Byron King", "Ada Byron King"),
		("Prof. Dr. med. Eva Roth", "Eva Roth"),
		("Dipl.-Ing. Max Bau", "Max Bau"),
		("Mag. Eva Roth, MBA", "Roth, Eva"),
		("Ada King, Ph.D.", "Ada King"),
		("Ada King MBA", "ada king"),
		("Ada King, M.D., Ph.D.", "King, Dr. Ada"),
	],
)
def test_how_a_person_is_addressed_is_no_part_of_the_name(one, other):
	assert name_of(one, person=True) == name_of(other, person=True)


@pytest.mark.parametrize("name", ["John King, Jr.", "King, John, Jr.", "King, John Jr.", "king jr, john"])
def test_father_and_son_are_told_apart_wherever_the_generation_stands(name):
	assert name_of(name, person=True).stem == "john king jr"


@pytest.mark.parametrize("name", ["Ma Jian", "Jian Ma", "Sr. Juan", "PhD", "Mba Lu", ", Ma", "Li, Ma"])
def test_a_degree_that_may_be_a_name_is_one(name):
	words = name.casefold().replace(".", "").replace(",", "").split()
	assert name_of(name, person=True).stem == " ".join(words)


@pytest.mark.parametrize(
	("typed", "first", "last"),
	[
		("Hans Müller", "Hans", "Müller"),
		("Müller, Hans", "Hans", "Müller"),
		("Müller, Dr. Hans", "Dr. Hans", "Müller"),
		("Prof. Dr. med. Eva Roth", "Prof. Dr. med. Eva", "Roth"),
		("Dr.-Ing. Max Bau", "Dr.-Ing. Max", "Bau"),
		("Dr. No", "Dr.", "No"),
		("Phil John Smith", "Phil", "John Smith"),
		("Ing Wei Chen", "Ing", "Wei Chen"),
		("John King, Jr.", "John", "King, Jr."),
		("King, John, Ph.D.", "John", "King, Ph.D."),
		("van der Berg, Anna Lena", "Anna Lena", "van der Berg"),
		("O'Brien, Pat", "Pat", "O'Brien"),
		("Anna Berg, Karl Berg", "Anna", "Berg, Karl Berg"),
		("Hans Müller, Einkauf", "Hans", "Müller, Einkauf"),
		("Huber, Lang, Roth", "Huber,", "Lang, Roth"),
		("张伟", "张伟", ""),
		("Hans,", "Hans,", ""),
		("", "", ""),
	],
)
def test_a_name_is_kept_in_two_parts_as_a_letter_would_have_them(typed, first, last):
	assert first_and_last(typed) == (first, last)


@pytest.mark.parametrize("name", ["Dr. No", "Frau Holle", "Herr", "Phil John Smith", "Ing Wei Chen", "Pan Jian Ming"])
def test_a_name_of_one_word_keeps_what_stands_before_it(name):
	assert name_of(name, person=True).stem == name.casefold().replace(".", "")


@pytest.mark.parametrize(
	"name",
	["Selat Sdn. Bhd.", "Selat S. en C.", "Selat S. de R.L.", "Selat C. por A.", "Selat a spol.", "Selat Pvt. Ltd."],
)
def test_a_form_of_several_words_is_a_form_as_a_whole(name):
	assert name_of(name).stem == "selat" and name_of(name).forms


def test_forms_of_several_words_are_told_apart():
	assert name_of("Selat Sdn. Bhd.").forms != name_of("Selat S. en C.").forms
	assert name_of("Selat Pvt. Ltd.").forms & name_of("Selat Ltd.").forms
