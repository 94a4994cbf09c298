"""What the loader must know of the site: company, pipeline, price list, defaults, and which records are there already."""

from functools import cached_property
from pathlib import Path

import frappe

from crm_pipeline.chain import pipelines
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.stages import LOST, Stage
from crm_pipeline.core.tax_ids import normal_tax_id, same_without_country
from crm_pipeline.erp import identity, prices
from crm_pipeline.importer import own_exports, source_ids
from crm_pipeline.importer.known_parties import PartyFacts
from crm_pipeline.importer.mapping import InputError, Mapping, folded
from crm_pipeline.importer.masters import ID, same_id
from crm_pipeline.importer.more_facts import MoreFacts
from crm_pipeline.importer.named_prospects import NamedProspects, make_unnamed_prospect, unnamed_prospect
from crm_pipeline.importer.sentences import Sentence, _, unknown
from crm_pipeline.user_day import latest_today

DOCTYPES = {"product": "Item", "account": "Customer", "agent": "Sales Person"}


class Site:
	"""Facts of one site for one load. Making it raises InputError for a default that does not exist."""

	def __init__(self, company: str, mapping: Mapping):
		self.company = _existing("Company", company, "--company")
		self.mapping = mapping
		self.today = latest_today()
		self.company_currency = prices.company_currency(self.company)
		self.currency = self._default("currency", "Currency") or self.company_currency
		self.conversion_rate = prices.exchange_rate(self.currency, self.company)
		self.price_list = self._price_list()
		self.customer_group = self._default("customer_group", "Customer Group") or _leaf("Customer Group")
		self.territory = self._default("territory", "Territory") or _leaf("Territory")
		self.item_group = self._default("item_group", "Item Group") or _leaf("Item Group")
		self.uom = self._uom()
		self.stages = self._stages(mapping.pipeline, mapping.stages) if mapping.pipeline else {}
		self.pipelines = {value: self._stages(spec.pipeline, spec.stages) for value, spec in mapping.pipelines.items()}
		self.more = MoreFacts(self)
		self.parties = PartyFacts(self)
		self.named_prospects = NamedProspects(self)
		self.country_code = identity.country_code(None, self.company)
		self.lost_reason: str | None = None
		# Of an import from Desk: which it is, and the only owner that whoever runs it may give records to.
		self.sales_import: str | None = None
		self.only_owner: str | None = None
		self.prospect: frappe._dict | None = None
		# Of a move: what carries over what changed in the other system since (moving_in/following.py).
		self.following = None
		self.records: dict[tuple[str, str], str | None] = {}
		# (DocType, id) of what the same load brings: a check stores nothing, and yet knows it.
		self.coming: set[tuple[str, str]] = set()
		self.ids: dict[str, dict[str, str]] = {}
		self.codes: dict[str, str] = {}
		self.facts: dict[str, frappe._dict] = {}

	# ---- what is set up

	def _default(self, key: str, doctype: str) -> str | None:
		value = self.mapping.defaults.get(key)
		return _existing(doctype, value, f'default "{key}"') if value else None

	def _price_list(self) -> str | None:
		"""Prices are kept in the currency of the file, so the list must have the same."""
		name = self._default("price_list", "Price List") or prices.default_price_list(None)
		if not name:
			return None
		currency = frappe.db.get_value("Price List", name, "currency")
		if currency != self.currency and self.mapping.from_site:
			return None
		if currency != self.currency:
			raise InputError(
				_(
					'Price List {0} is in {1}, the file in {2}: name another "price_list" or "currency" in the defaults of the mapping'
				),
				name,
				currency,
				self.currency,
			)
		return name

	def _uom(self) -> str:
		return (
			self._default("uom", "UOM")
			or frappe.db.get_single_value("Stock Settings", "stock_uom")
			or _existing("UOM", "Nos", 'default "uom"')
		)

	def _stages(self, pipeline: str, stages: dict) -> dict[str, Stage]:
		"""Stage of the pipeline by folded value of the file."""
		row = frappe.db.get_value("Sales Pipeline", pipeline, ["name", "applies_to", "company"], as_dict=True)
		if not row:
			raise InputError(_("Sales Pipeline {0} of the mapping does not exist"), pipeline)
		if row.applies_to != "Sales Opportunity":
			raise InputError(
				_("Sales Pipeline {0} is for {1}, not for Sales Opportunity"), row.name, Sentence(row.applies_to)
			)
		if row.company and row.company != self.company:
			raise InputError(_("Sales Pipeline {0} belongs to company {1}"), row.name, row.company)
		keys = dict(
			frappe.get_all(
				"Pipeline Stage",
				filters={"pipeline": row.name},
				fields=["stage_key", "name"],
				order_by="position asc",
				as_list=True,
			)
		)
		by_name = {stage.name: stage for stage in pipelines.stages_of(row.name)}
		result = {}
		for value, spec in stages.items():
			stage = by_name.get(keys.get(spec.key))
			if not stage:
				raise InputError(
					_('stage "{0}" of the mapping is missing in Sales Pipeline {1}; it has {2}'),
					spec.key,
					row.name,
					", ".join(sorted(keys)),
				)
			if stage.disabled:
				raise InputError(_('stage "{0}" of Sales Pipeline {1} is disabled'), spec.key, row.name)
			result[value] = stage
		return result

	# ---- what deals stand on, made once and before them

	def make_missing(self, with_prospect: bool) -> None:
		"""Make the lost reason and, with accounts that have no name, their prospect. Commits."""
		whole_transaction(self._make_missing)(with_prospect)
		frappe.db.commit()  # a load commits chunk by chunk - nosemgrep

	def _make_missing(self, with_prospect: bool) -> None:
		every = (self.stages, *self.pipelines.values())
		lost = any(stage.type == LOST for stages in every for stage in stages.values())
		if lost or "leads" in self.mapping.files:
			new = {"doctype": "Sales Lost Reason", "reason": self.usual_reason}
			self.lost_reason = self.find_lost_reason() or frappe.get_doc(new).insert().name
		self.more.make_missing()
		self.parties.make_missing()
		self.named_prospects.make_missing()
		if with_prospect:
			self.prospect = self.find_prospect() or make_unnamed_prospect(self)

	@property
	def usual_reason(self) -> str:
		"""That of a lost deal without one."""
		return self.mapping.defaults.get("lost_reason", "No Decision")

	def find_lost_reason(self) -> str | None:
		return frappe.db.get_value("Sales Lost Reason", self.usual_reason, "name")

	def find_prospect(self) -> frappe._dict | None:
		"""The prospect that stands for accounts without a name: {"name", "prospect_name"}."""
		return unnamed_prospect(self)

	# ---- what is there already (the protocol Known of masters.py)

	def product(self, text: str) -> str | None:
		return self._find("product", text)

	def account(self, text: str) -> str | None:
		return self._find("account", text)

	def account_of(self, name: str, tax_id: str) -> str | None:
		"""The Customer of an account. The tax id decides, where both have one; then the name.

		Raises ValidationError where they contradict each other, or several Customers have the tax id.
		"""
		wanted, found = normal_tax_id(tax_id), self.account(name)
		same = self.tax_ids.get(wanted, []) if wanted else []
		if len(same) > 1 and found not in same:
			_refuse(_("several Customers have the tax id {0}: {1}"), tax_id, ", ".join(same))
		if same:
			return found if found in same else same[0]
		theirs = wanted and found and frappe.db.get_value("Customer", found, "tax_id")
		if (own := normal_tax_id(theirs)) and own != wanted and not same_without_country(own, wanted):
			_refuse(_("Customer {0} has the tax id {1}, the file says {2}"), found, theirs, tax_id)
		return found

	@cached_property
	def tax_ids(self) -> dict[str, list[str]]:
		"""Customers by their tax id, those included that this load makes."""
		found: dict[str, list[str]] = {}
		for row in frappe.get_all(
			"Customer", filters={"tax_id": ("is", "set")}, fields=["name", "tax_id"], order_by="name asc", limit=0
		):
			found.setdefault(normal_tax_id(row.tax_id), []).append(row.name)
		return found

	def remember_tax_id(self, name: str, tax_id: str) -> None:
		if wanted := normal_tax_id(tax_id):
			self.tax_ids.setdefault(wanted, []).append(name)

	def agent(self, text: str) -> str | None:
		return self._find("agent", text)

	def country(self, text: str) -> str | None:
		return self.countries.get(folded(text))

	@cached_property
	def countries(self) -> dict[str, str]:
		return {folded(name): name for name in frappe.get_all("Country", pluck="name", order_by="name asc", limit=0)}

	def named(self, kind: str, text: str) -> list[str]:
		"""All records with this name or title."""
		doctype = DOCTYPES[kind]
		title = {"product": "item_name", "account": "customer_name", "agent": "sales_person_name"}[kind]
		return frappe.get_all(
			doctype, or_filters={"name": text, title: text}, pluck="name", order_by="name asc", limit=0
		)

	def ambiguous(self, kind: str, text: str) -> bool:
		return len(self._candidates(kind, text)) > 1

	def unusable(self, kind: str, name: str, is_open: bool) -> str | None:
		"""Why a deal can't be about it, as a template for its name. Closed deals may be about what was discontinued since;
		nobody sells a template or a purchase-only item."""
		record = self._find(kind, name)
		if not record or kind == "agent":
			return None
		facts = self.facts_of(kind, record)
		if kind == "product" and facts.has_variants:
			return _('"{0}" is an Item template')
		if kind == "product" and not facts.is_sales_item:
			return _('"{0}" is not a sales Item')
		if facts.disabled and is_open:
			return _('"{0}" is disabled')
		return None

	def facts_of(self, kind: str, name: str) -> frappe._dict:
		"""What deals need of an Item or Customer, read once."""
		key = f"{kind} {name}"
		if key not in self.facts:
			fields = {
				"product": ["item_name", "stock_uom", "disabled", "has_variants", "is_sales_item"],
				"account": ["customer_name", "territory", "disabled"],
				"agent": ["crm_user"],
			}[kind]
			self.facts[key] = frappe.db.get_value(DOCTYPES[kind], name, fields, as_dict=True) or frappe._dict()
			if kind == "product":
				self.facts[key].list_price = self._list_price(name)
		return self.facts[key]

	def _list_price(self, item: str) -> float:
		if not self.price_list:
			return 0.0
		return (
			frappe.db.get_value(
				"Item Price",
				{"item_code": item, "price_list": self.price_list},
				"price_list_rate",
				order_by="valid_from desc",
			)
			or 0.0
		)

	def check_more(self, found: dict) -> list[tuple[str, str]]:
		"""What of a deal's further facts can't be used here; replaces texts by what they are here."""
		problems = []
		if own_exports.is_own_deal(self, found["external_id"], found["title"]):
			why = _('"{0}" is an opportunity of this site; it is changed by a Data Import')
			problems.append(("external_id", Sentence(why, found["external_id"])))
		if (text := found["prospect"]) and not self.is_known("Sales Prospect", text):
			problems.append(("prospect", unknown(text)))
		if text := found["campaign"]:
			found["campaign"] = self.parties.campaign(text) or ""
			problems += [] if found["campaign"] else [("campaign", unknown(text))]
		return problems + self.more.check(found) + self._not_theirs("opportunities", found)

	def stored_keys(self, keys: list[str]) -> set[str]:
		"""Those of these external keys that opportunities have."""
		return set(self.deals_of(keys))

	def deals_of(self, keys: list[str]) -> dict[str, str]:
		"""{external key: its opportunity}."""
		if not keys:
			return {}
		rows = frappe.get_all(
			"Sales Opportunity",
			filters={"external_key": ("in", keys)},
			fields=["external_key", "name"],
			order_by="external_key asc",
			limit=0,
		)
		return {row.external_key: row.name for row in rows}

	def lead(self, text: str) -> str | None:
		"""The lead that has this id in the file's source."""
		return self.standing("Sales Lead", text)

	def record(self, doctype: str, external_id: str) -> str | None:
		"""The record that an id of the source stands for; all ids of a DocType are read at once."""
		if doctype not in self.ids:
			self.ids[doctype] = source_ids.all_of(self.mapping.source, doctype)
		return self.ids[doctype].get(source_ids.key_of(self.mapping.source, doctype, external_id))

	def standing(self, doctype: str, external_id: str) -> str | None:
		"""The record that an id stands for; of one that a rehearsal would bring, the id."""
		comes = self.following and self.following.rehearses and (doctype, same_id(external_id)) in self.coming
		return self.record(doctype, external_id) or (external_id if comes else None)

	def is_known(self, doctype: str, external_id: str) -> bool:
		"""Whether an id stands for a record of the site, or for one that this load brings."""
		return (doctype, same_id(external_id)) in self.coming or bool(self.record(doctype, external_id))

	def check_party(self, kind: str, found: dict[str, str], usable: bool = True) -> list[tuple[str, str]]:
		"""What of a row can't be used here; of one that is `usable` what it names and the site lacks is made later."""
		problems = self.parties.check(kind, found) + self._not_theirs(kind, found)
		if usable and not problems:
			self.parties.note_missing(found)
		return problems

	def _not_theirs(self, kind: str, found: dict) -> list[tuple[str, str]]:
		"""What is wrong with the owner, where who imports may do so for themself only; a row without one is theirs."""
		if not self.only_owner or kind == "contacts":
			return []
		agent = found.get("agent")
		user = found.get("owner") or (self.facts_of("agent", agent).crm_user if agent else None) or self.only_owner
		found["owner"] = user
		return (
			[]
			if user == self.only_owner
			else [("owner", _("is somebody else; to import for others takes the right to import"))]
		)

	def code_of(self, country: str) -> str:
		if country not in self.codes:
			self.codes[country] = identity.country_code(country) if country else ""
		return self.codes[country]

	def rate_of(self, currency: str) -> float:
		return self.more.rates[currency] if currency and currency != self.currency else self.conversion_rate

	def _find(self, kind: str, text: str) -> str | None:
		key = (kind, text if text.startswith(ID) else folded(text))
		if key not in self.records:
			found = self._candidates(kind, text)
			self.records[key] = found[0] if len(found) == 1 else None
		return self.records[key]

	def remember(self, kind: str, text: str, name: str) -> None:
		"""A record was made, or found, for a name or an id."""
		self.records[(kind, text if text.startswith(ID) else folded(text))] = name
		self.facts.pop(f"{kind} {name}", None)

	def _candidates(self, kind: str, text: str) -> list[str]:
		"""Records that have this id in the file's source, whose name or else title is `text`; an id beats a title."""
		doctype = DOCTYPES[kind]
		known = source_ids.record_of(self.mapping.source, doctype, text.removeprefix(ID))
		if known or text.startswith(ID):
			return [known] if known else []
		own = frappe.db.get_value(doctype, {"name": text}, "name")
		title = {"product": "item_name", "account": "customer_name", "agent": "sales_person_name"}[kind]
		if not own and kind == "agent" and "@" in text:
			title = "crm_user"
		return (
			[own] if own else frappe.get_all(doctype, filters={title: text}, pluck="name", order_by="name asc", limit=2)
		)


def _refuse(template: str, *parts) -> None:
	frappe.throw(Sentence(template, *parts).said(frappe._))


def _existing(doctype: str, name: str, what: str) -> str:
	found = frappe.db.get_value(doctype, name, "name")
	if not found:
		raise InputError(_("{0}: {1} {2} does not exist"), what, Sentence(doctype), name)
	return found


def _leaf(doctype: str) -> str:
	"""What Selling or Stock Settings name, where it can be used, else the first record that is no group."""
	settings, field = {
		"Customer Group": ("Selling Settings", "customer_group"),
		"Territory": ("Selling Settings", "territory"),
		"Item Group": ("Stock Settings", "item_group"),
	}[doctype]
	value = frappe.db.get_single_value(settings, field)
	if value and not frappe.db.get_value(doctype, value, "is_group"):
		return value
	return frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft asc") or root_of(doctype)


def root_of(doctype: str) -> str | None:
	"""The node of a tree that all others stand below."""
	return frappe.db.get_value(doctype, {"lft": (">", 0)}, "name", order_by="lft asc")


def example_mapping(name: str) -> Path:
	"""A mapping that is shipped with the app, such as crm_sales_opportunities."""
	return Path(__file__).parent / "mappings" / f"{name}.json"
