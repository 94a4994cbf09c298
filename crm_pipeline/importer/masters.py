"""Products, agents and accounts of the export. They are few beside the opportunities and are held in memory."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.sentences import Sentence, _
from crm_pipeline.importer.tables import Row, Table
from crm_pipeline.importer.values import Values

# Marks a text as an id of the file, where a name may stand as well; no cell holds this character.
ID = "\x1f"


def same_id(external_id: str) -> str:
	"""Ids are the same where they are the same text, case included, however it is composed."""
	return unicodedata.normalize("NFC", external_id)


class Known(Protocol):
	"""What the site has already. Each answers the record's name here, or None. A text that begins with ID is an id of
	the file's source, any other a name."""

	# Prospects by name (`why_not(text)`, `note(text, owner)`).
	named_prospects: object

	def product(self, text: str) -> str | None: ...
	def account(self, text: str) -> str | None: ...
	def agent(self, text: str) -> str | None: ...
	def country(self, text: str) -> str | None: ...
	def ambiguous(self, kind: str, text: str) -> bool:
		"""Whether several records of the site have this name, so that a person must decide."""
		...

	def unusable(self, kind: str, name: str, is_open: bool) -> str | None:
		"""Why a deal may not use a product or account, or None."""
		...


class Master:
	"""A record of the file: found by its id there where it has one, else by its name."""

	name: str
	source_id: str

	@property
	def handle(self) -> str:
		"""What deals are told by of it."""
		return ID + same_id(self.source_id) if self.source_id else self.name

	@property
	def key(self) -> str:
		return self.handle if self.source_id else folded(self.name)


@dataclass(frozen=True)
class Product(Master):
	name: str
	group: str = ""
	price: Decimal | None = None
	source_id: str = ""


@dataclass(frozen=True)
class Agent(Master):
	"""A seller under a manager under a region; either may be empty."""

	name: str
	manager: str = ""
	region: str = ""
	email: str = ""
	source_id: str = ""


@dataclass(frozen=True)
class Account(Master):
	name: str
	parent: str = ""
	industry: str = ""
	country: str = ""
	website: str = ""
	tax_id: str = ""
	details: str = ""
	source_id: str = ""


@dataclass
class Masters:
	"""Accepted rows by their key, with the row each came from (to reject it when storing fails)."""

	products: dict[str, tuple[Product, Row]] = field(default_factory=dict)
	agents: dict[str, tuple[Agent, Row]] = field(default_factory=dict)
	accounts: dict[str, tuple[Account, Row]] = field(default_factory=dict)

	# {table: {folded name: keys}} of the records that have ids.
	by_name: dict[str, dict[str, list[str]]] = field(default_factory=dict)

	def find(self, table: str, text: str) -> str | None:
		"""The handle of the record with this id or, where only one has it, this name: the name as the file spells it,
		whatever case was asked for."""
		records = getattr(self, table)
		found = records.get(ID + same_id(text)) or records.get(folded(text))
		if not found:
			keys = self.by_name.get(table, {}).get(folded(text), ())
			found = records.get(keys[0]) if len(keys) == 1 else None
		return found[0].handle if found else None

	def several(self, table: str, text: str) -> bool:
		"""Whether records with different ids have this name, rejected ones counted."""
		return len(self.by_name.get(table, {}).get(folded(text), ())) > 1


Reject = Callable[[Table, Row, list[str]], None]


def read_masters(tables: dict[str, Table], mapping: Mapping, known: Known, reject: Reject) -> Masters:
	"""Read and check the three tables; rows that can't be used go to `reject`."""
	masters = Masters()
	for table, read in (("products", _product), ("agents", _agent), ("accounts", _account)):
		if table in tables:
			by_name = masters.by_name.setdefault(table, {})
			_read(tables[table], mapping, getattr(masters, table), by_name, read, known, reject)
	if "agents" in tables:
		_check_tree(tables["agents"], masters.agents, reject)
	if "accounts" in tables:
		_check_parents(tables["accounts"], masters, known, reject)
	return masters


def _read(
	table: Table, mapping: Mapping, found: dict, by_name: dict, read: Callable, known: Known, reject: Reject
) -> None:
	has_ids = any(column.endswith("_id") and column != "tax_id" for column in table.columns)
	for row in table:
		values = Values(row, mapping)
		record = read(values, known)
		if has_ids and not record.source_id and not values.problems:
			values.refuse(next(name for name in row.columns if name.endswith("_id")), _("is empty"))
		if not values.problems and record.key in found:
			first = found[record.key][1].line
			values.refuse(
				next(iter(row.columns)),
				_('"{0}" is there already, in line {1}'),
				record.source_id or record.name,
				first,
			)
		if values.problems:
			reject(table, row, values.problems)
			continue
		found[record.key] = (record, row)
		if record.source_id:
			by_name.setdefault(folded(record.name), []).append(record.key)


def _product(values: Values, known: Known) -> Product:
	return Product(
		values.text("product", required=True), values.text("group"), values.amount("price"), values.text("product_id")
	)


def _agent(values: Values, known: Known) -> Agent:
	agent = Agent(
		values.text("agent", required=True),
		values.text("manager"),
		values.text("region"),
		values.text("email"),
		values.text("agent_id"),
	)
	places = [folded(name) for name in (agent.name, agent.region) if name]
	if len(set(places)) < len(places) or (agent.region and folded(agent.region) == folded(agent.manager)):
		values.refuse("region", _('"{0}" is also the name of a person'), agent.region)
	return agent


def _account(values: Values, known: Known) -> Account:
	country = values.text("country")
	if country and not known.country(country):
		values.refuse("country", _('"{0}" is not a known country; say which it is'), country)
	name, source_id = values.text("account", required=True), values.text("account_id")
	if name and known.ambiguous("account", name) and not (source_id and known.account(ID + same_id(source_id))):
		values.refuse("account", _('several Customers are called "{0}"'), name)
	return Account(
		name=name,
		parent=values.text("parent"),
		industry=values.text("industry"),
		country=known.country(country) or "" if country else "",
		website=values.text("website"),
		tax_id=values.text("tax_id"),
		details=values.text("details"),
		source_id=source_id,
	)


def _check_tree(table: Table, agents: dict[str, tuple[Agent, Row]], reject: Reject) -> None:
	"""A manager stands in one region; the first row says which."""
	region_of: dict[str, str] = {}
	for key, (agent, row) in list(agents.items()):
		if not agent.manager:
			continue
		region = region_of.setdefault(folded(agent.manager), agent.region)
		if folded(region) != folded(agent.region):
			text = (
				_('{0}: "{1}" is in {2} in an earlier row')
				if region
				else _('{0}: "{1}" has no region in an earlier row')
			)
			reject(table, row, [Sentence(text, row.columns["manager"], agent.manager, region)])
			del agents[key]


def _check_parents(table: Table, masters: Masters, known: Known, reject: Reject) -> None:
	"""A parent company exists, in the file or on the site, and nobody is their own ancestor."""
	accounts = masters.accounts

	def parent_of(account: Account) -> str:
		"""The key of the parent, where it is in the file."""
		handle = masters.find("accounts", account.parent) if account.parent else None
		return (handle if handle and handle.startswith(ID) else folded(handle or "")) or folded(account.parent)

	def refuse(key: str, why: str) -> None:
		account, row = accounts.pop(key)
		reject(table, row, [Sentence(_("{0}: {1}"), row.columns["parent"], Sentence(why, account.parent))])

	for key in _in_circles({k: parent_of(a) for k, (a, _row) in accounts.items()}):
		refuse(key, _('"{0}" leads back to the account itself'))
	while True:
		# A rejected parent takes its subsidiaries along, so look again until nothing changes.
		orphans = [
			key
			for key, (account, _row) in accounts.items()
			if account.parent and parent_of(account) not in accounts and not known.account(account.parent)
		]
		if not orphans:
			return
		for key in orphans:
			refuse(key, _('"{0}" is neither in the file nor a Customer'))


def _in_circles(parents: dict[str, str]) -> Iterable[str]:
	"""Keys whose chain of parents comes back to themselves."""
	found = []
	for start in parents:
		seen, key = set(), parents[start]
		while key and key != start and key not in seen:
			seen.add(key)
			key = parents.get(key, "")
		if key == start:
			found.append(start)
	return found
