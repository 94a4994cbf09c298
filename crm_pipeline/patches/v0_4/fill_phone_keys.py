"""Leads and contacts of earlier versions get the numbers by which they are searched."""

from crm_pipeline.core import matching
from crm_pipeline.erp import identity
from crm_pipeline.patches.pages import pages, write

TABLES = {
	"Sales Lead": {"phone": "match_phone", "mobile_no": "match_mobile"},
	"Sales Deal Contact": {"phone": "match_phone"},
}


def execute():
	"""Killed, it goes on the next time with the rows that have no key yet: an empty text is a key too."""
	country = identity.country_code(None)
	for doctype, fields in TABLES.items():
		for rows in pages(doctype, tuple(fields), lambda table: table.match_phone.isnull()):
			write(doctype, {row.name: _keys(row, fields, country) for row in rows})


def _keys(row: dict, fields: dict[str, str], country: str) -> dict[str, str]:
	return {key: matching.normal_phone(row[field], country) for field, key in fields.items()}
