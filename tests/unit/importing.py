"""A small export on disk and what the site would know of it, for the tests of the importer's pure part."""

import json
from datetime import date
from pathlib import Path

from crm_pipeline.core.stages import LOST, OPEN, WON, Stage
from crm_pipeline.importer.deals import DealReader
from crm_pipeline.importer.mapping import Mapping, parse_mapping
from crm_pipeline.importer.masters import Masters, read_masters
from crm_pipeline.importer.sentences import unknown
from crm_pipeline.importer.tables import open_tables

SHIPPED = Path(__file__).parents[2] / "crm_pipeline" / "importer" / "mappings" / "crm_sales_opportunities.json"

STAGES = {
	"prospecting": Stage("S-new", "S", 10, OPEN, 10),
	"engaging": Stage("S-talks", "S", 20, OPEN, 25),
	"won": Stage("S-won", "S", 50, WON, 100),
	"lost": Stage("S-lost", "S", 60, LOST, 0),
}
HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value,engage_quarter,close_quarter"

FILES = {
	"products.csv": "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n",
	"sales_teams.csv": "sales_agent,manager,regional_office\nAnna,Dustin,Central\nBoris,Rocco,East\n",
	"accounts.csv": (
		"account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
		"Acme,technolgy,1996,1100.04,2822,United States,\n"
		"Bluth,retail,1993,1242.32,3027,Philipines,Acme\n"
	),
	"sales_pipeline.csv": HEAD + "\nO1,Anna,GTXPro,Acme,Won,20-10-16,01-03-17,4500,Q4 2016,Q1 2017\n",
}


class NoProspects:
	"""A site without prospects, on which none is made."""

	def why_not(self, text):
		return unknown(text)

	def note(self, text, owner=""):
		assert not text


class KnownSite:
	"""A site that has two countries, the Customer Old Corp, and whatever a test adds."""

	def __init__(self):
		self.records = {"product": {}, "account": {"old corp": "CUST-1"}, "agent": {}}
		self.twice: set[str] = set()
		self.refused: dict[str, str] = {}
		self.named_prospects = NoProspects()

	def product(self, text):
		return self.records["product"].get(text.casefold())

	def account(self, text):
		return self.records["account"].get(text.casefold())

	def agent(self, text):
		return self.records["agent"].get(text.casefold())

	def country(self, text):
		return {"united states": "United States", "philippines": "Philippines"}.get(text.casefold())

	def ambiguous(self, kind, text):
		return text in self.twice

	def unusable(self, kind, name, is_open):
		return self.refused.get(name) if is_open else None


def shipped(**changes) -> Mapping:
	"""The mapping that comes with the app; changes replace top-level keys."""
	return parse_mapping({**json.loads(SHIPPED.read_text(encoding="utf-8")), **changes})


def write(folder: Path, encoding: str = "utf-8", **files: str) -> Path:
	"""The small export; `products="..."` replaces the content of products.csv, None leaves the file out."""
	for name, text in {**FILES, **{f"{stem}.csv": text for stem, text in files.items()}}.items():
		if text is not None:
			(folder / name).write_bytes(text.encode(encoding))
	return folder


def rows(*lines: str) -> str:
	"""A sales_pipeline.csv; each line lacks the two quarters at its end."""
	return "\n".join([HEAD, *(f"{line},," for line in lines)]) + "\n"


class Reading:
	"""What came out of reading an export: masters, deals by id, reasons of rejected rows by line."""

	def __init__(self, folder: Path, mapping: Mapping | None = None, known: KnownSite | None = None):
		self.mapping = mapping or shipped()
		self.known = known or KnownSite()
		self.rejected: dict[tuple[str, int], list[str]] = {}
		self.tables = open_tables(folder, self.mapping)
		self.masters: Masters = read_masters(self.tables, self.mapping, self.known, self.reject)
		self.reader = DealReader(self.mapping, STAGES, self.masters, self.known, date(2026, 1, 2))
		self.deals = {d.external_id: d for d in self.reader.read(self.tables["opportunities"], self.reject)}

	def reject(self, table, row, reasons):
		self.rejected[(table.file, row.line)] = reasons

	def reasons(self, file: str = "sales_pipeline.csv") -> list[str]:
		"""Reasons of the rejected rows of a file, one text per row."""
		return ["; ".join(why) for (name, _line), why in sorted(self.rejected.items()) if name == file]
