"""Products, agents and accounts of the export. They are few beside the opportunities and are held in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.tables import Row, Table
from crm_pipeline.importer.values import Values


class Known(Protocol):
	"""What the site has already. Each answers the record's name here, or None."""

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


@dataclass(frozen=True)
class Product:
	name: str
	group: str = ""
	price: Decimal | None = None


@dataclass(frozen=True)
class Agent:
	"""A seller under a manager under a region; either may be empty."""

	name: str
	manager: str = ""
	region: str = ""
	email: str = ""


@dataclass(frozen=True)
class Account:
	name: str
	parent: str = ""
	industry: str = ""
	country: str = ""
	website: str = ""
	tax_id: str = ""
	details: str = ""


@dataclass
class Masters:
	"""Accepted rows by folded name, with the row each came from (to reject it when storing fails)."""

	products: dict[str, tuple[Product, Row]] = field(default_factory=dict)
	agents: dict[str, tuple[Agent, Row]] = field(default_factory=dict)
	accounts: dict[str, tuple[Account, Row]] = field(default_factory=dict)

	def find(self, table: str, text: str) -> str | None:
		"""The name as the file spells it, whatever case was asked for."""
		found = getattr(self, table).get(folded(text))
		return found[0].name if found else None


Reject = Callable[[Table, Row, list[str]], None]


def read_masters(tables: dict[str, Table], mapping: Mapping, known: Known, reject: Reject) -> Masters:
	"""Read and check the three tables; rows that can't be used go to `reject`."""
	masters = Masters()
	for table, read in (("products", _product), ("agents", _agent), ("accounts", _account)):
		if table in tables:
			_read(tables[table], mapping, getattr(masters, table), read, known, reject)
	if "agents" in tables:
		_check_tree(tables["agents"], masters.agents, reject)
	if "accounts" in tables:
		_check_parents(tables["accounts"], masters.accounts, known, reject)
	return masters


def _read(table: Table, mapping: Mapping, found: dict, read: Callable, known: Known, reject: Reject) -> None:
	for row in table:
		values = Values(row, mapping)
		record = read(values, known)
		if not values.problems and folded(record.name) in found:
			first = found[folded(record.name)][1].line
			values.refuse(next(iter(row.columns)), f'"{record.name}" is there already, in line {first}')
		if values.problems:
			reject(table, row, values.problems)
		else:
			found[folded(record.name)] = (record, row)


def _product(values: Values, known: Known) -> Product:
	return Product(values.text("product", required=True), values.text("group"), values.amount("price"))


def _agent(values: Values, known: Known) -> Agent:
	agent = Agent(
		values.text("agent", required=True),
		values.text("manager"),
		values.text("region"),
		values.text("email"),
	)
	places = [folded(name) for name in (agent.name, agent.region) if name]
	if len(set(places)) < len(places) or (agent.region and folded(agent.region) == folded(agent.manager)):
		values.refuse("region", f'"{agent.region}" is also the name of a person')
	return agent


def _account(values: Values, known: Known) -> Account:
	country = values.text("country")
	if country and not known.country(country):
		values.refuse("country", f'"{country}" is not a known country; add an alias to the mapping')
	name = values.text("account", required=True)
	if name and known.ambiguous("account", name):
		values.refuse("account", f'several Customers are called "{name}"')
	return Account(
		name=name,
		parent=values.text("parent"),
		industry=values.text("industry"),
		country=known.country(country) or "" if country else "",
		website=values.text("website"),
		tax_id=values.text("tax_id"),
		details=values.text("details"),
	)


def _check_tree(table: Table, agents: dict[str, tuple[Agent, Row]], reject: Reject) -> None:
	"""A manager stands in one region; the first row says which."""
	region_of: dict[str, str] = {}
	for key, (agent, row) in list(agents.items()):
		if not agent.manager:
			continue
		region = region_of.setdefault(folded(agent.manager), agent.region)
		if folded(region) != folded(agent.region):
			why = f'{row.columns["manager"]}: "{agent.manager}" is in {region or "no region"} in an earlier row'
			reject(table, row, [why])
			del agents[key]


def _check_parents(table: Table, accounts: dict[str, tuple[Account, Row]], known: Known, reject: Reject) -> None:
	"""A parent company exists, in the file or on the site, and nobody is their own ancestor."""

	def refuse(key: str, why: str) -> None:
		account, row = accounts.pop(key)
		reject(table, row, [f'{row.columns["parent"]}: "{account.parent}" {why}'])

	for key in _in_circles({k: folded(a.parent) for k, (a, _row) in accounts.items()}):
		refuse(key, "leads back to the account itself")
	while True:
		# A rejected parent takes its subsidiaries along, so look again until nothing changes.
		orphans = [
			key
			for key, (account, _row) in accounts.items()
			if account.parent and folded(account.parent) not in accounts and not known.account(account.parent)
		]
		if not orphans:
			return
		for key in orphans:
			refuse(key, "is neither in the file nor a Customer")


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
