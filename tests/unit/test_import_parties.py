"""Lists of people: cleaned, each there once, days of the past and states kept."""

from datetime import date

import phonenumbers
import pytest

from crm_pipeline.core.normal import normal_phone
from crm_pipeline.importer.cleaning import clean_email, clean_name, clean_phone, phone_and_digits
from crm_pipeline.importer.mapping import parse_mapping
from crm_pipeline.importer.party_rows import PartyReader
from crm_pipeline.importer.tables import open_tables
from tests.unit.importing import KnownSite


@pytest.mark.parametrize(
	("text", "email"),
	[
		("Ann@X.Example", "Ann@x.example"),
		("Ann Lee <ann@x.example>", "ann@x.example"),
		("mailto:ann@x.example", "ann@x.example"),
		("a@x.example; b@x.example", "a@x.example"),
		("ann(at)x.example", None),
		("ann@x", None),
		("ann@@x.example", None),
		("Lee, Ann <ann@x.example>", "ann@x.example"),
		("ann@x.example (private)", "ann@x.example"),
		("ann@x.example.", "ann@x.example"),
		("ann@Müller.example", "ann@xn--mller-kva.example"),
		# Whose it is, nobody knows, and the framework would refuse to save the rest.
		("ann lee@x.example", None),
		("ann..lee@x.example", None),
		(".ann@x.example", None),
		("änn@x.example", None),
	],
)
def test_an_e_mail_is_the_first_address_in_the_cell(text, email):
	assert clean_email(text) == email


@pytest.mark.parametrize(
	("text", "country", "phone"),
	[
		("030 901820", "DE", "+49 30 901820"),
		("0049 30 901820", "", "0049 30 901820"),
		("+49 (0)30 901820", "", "+49 30 901820"),
		("tel:+14155552671", "DE", "+1 415-555-2671"),
		("(415) 555-2671", "US", "+1 415-555-2671"),
		("+1 415 555 2671 ext. 12", "", "+1 415-555-2671 #12"),
		("(415) 555-2671 x12345", "US", "+14155552671#12345"),
		("110", "DE", "110"),
		("4.930123456E+11", "DE", None),
		("call me", "DE", None),
		("12", "DE", None),
	],
)
def test_a_phone_number_has_its_country(text, country, phone):
	assert clean_phone(text, country) == phone


def test_a_name_has_no_spaces_and_quotes_around_it():
	assert [clean_name(n) for n in ("'s-Hertogenbosch BV", 'Acme "Pumps"')] == ["'s-Hertogenbosch BV", 'Acme "Pumps"']
	assert [clean_name(n) for n in ('  "Acme  Ltd" ', "O'Neil", "'ACME'", "'")] == ["Acme Ltd", "O'Neil", "ACME", "'"]


class Known(KnownSite):
	def check_party(self, kind, found, usable=True):
		return [("owner", f'"{found["owner"]}" is unknown')] if found.get("owner") == "Nobody" else []

	@staticmethod
	def code_of(country):
		return {"United States": "US"}.get(country, "")


HEAD = "name,id,who,mail,phone,country,state,created,won,owner,gone"
COLUMNS = {
	"name": "company_name", "id": "external_id", "who": "contact", "mail": "email", "phone": "phone", "country": "country",
	"state": "status", "created": "created_on", "won": "converted_on", "owner": "owner", "gone": "is_deleted",
}  # fmt: skip


def read(folder, *lines, **mapping):
	(folder / "leads.csv").write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
	parsed = parse_mapping({"files": {"leads": {"file": "leads.csv", "columns": COLUMNS}}, **mapping})
	rejected = []
	table = open_tables(folder, parsed)["leads"]
	reader = PartyReader(table, parsed, Known(), date(2026, 1, 2), "DE")
	found = list(reader.read(lambda table, row, why: rejected.append((row.line, "; ".join(why)))))
	return found, rejected, reader


def test_leads_of_the_past_keep_their_days_and_states(tmp_path):
	found, rejected, _reader = read(
		tmp_path,
		"Acme,1,Ann,ann@acme.example,030 901820,,Converted,2023-05-01,2023-06-01,,",
		"Bluth,2,,,415 555 2671,United States,,2023-05-02,,,",
		"Corp,3,,,,,Parked,2023-05-02,,,",
		"Dyn,4,,,,,,2023-05-02,2023-05-01,,",
		"Eve,5,,,,,,2027-05-02,,,",
		",6,,,,,,,,,",
		"Fox,7,,x@,,,,,,Nobody,",
		"Gus,8,,,,,,,,,yes",
		lead_statuses={"Parked": "Contacted"},
	)
	assert [(p.key, p.name, p.status, str(p.created), str(p.converted)) for p in found] == [
		("1", "Acme", "Converted", "2023-05-01", "2023-06-01"),
		("2", "Bluth", "New", "2023-05-02", "None"),
		("3", "Corp", "Contacted", "2023-05-02", "None"),
	]
	assert [party.values.get("phone") for party in found] == ["+49 30 901820", "+1 415-555-2671", None]
	assert rejected == [
		(5, "won: 2023-05-01 is before created (2023-05-02)"),
		(6, "created: 2027-05-02 is in the future"),
		(7, "name: is empty, and so are contact and e-mail"),
		(8, 'mail: "x@" is not an e-mail address; owner: "Nobody" is unknown'),
	]
	assert _reader.left_out == 1


def test_who_is_in_the_file_twice_is_there_once(tmp_path):
	found, rejected, _reader = read(
		tmp_path,
		"Acme,1,,Ann@acme.example,,,,,,,",
		"ACME Ltd,2,,ann@ACME.example,,,,,,,",
		"Bluth,3,,,030 901820,,,,,,",
		"Bluth,4,,,+49 30 901820,,,,,,",
		"Other,5,,,030 901820,,,,,,",
		"Acme,1,,,,,,,,,",
		"Same,,,,,,,,,,",
		"Same,,,,,,,,,,",
	)
	assert [party.name for party in found] == ["Acme", "Bluth", "Other", "Same"]
	assert [line for line, _why in rejected] == [3, 5, 7, 9]
	assert rejected[0][1] == 'name: "ACME Ltd" is there already, in line 2'
	again, _rejected, _reader = read(tmp_path, "Same,,,,,,,,,,")
	assert again[0].key == found[3].key, "a row without an id is known again by its content"


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_digits_of_a_number_are_those_by_which_it_is_found(region):
	for kind in range(8):
		example = phonenumbers.example_number_for_type(region, kind)
		for form in (0, 1, 2) if example else ():
			shown, digits = phone_and_digits(phonenumbers.format_number(example, form), region)
			assert digits in ("", normal_phone(shown, "DE"))
