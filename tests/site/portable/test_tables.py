"""What the app holds as data is still there: no field, role, link, limit or default gets lost by the way.

tables.json is the list beside the code; what is added to a table is no loss. Where something is meant to go, and for a
new table: `make test ARGS=tests/site/portable/test_tables.py` names it, tests/site/tables.py writes it anew.
"""

import pytest

from tests.site import tables

KEPT = tables.kept()

# Who is more than these sees, or may do, more than the admin guide says.
WHO = (
	"parties.people.SEES_ALL", "parties.visibility.SALES_ROLES", "permissions.APP_ROLES", "permissions.WITH_OWNER",
	"install.ROLE_PROFILES", "install.ROLES", "documents.document_row.READING", "chain.ledger.CONFIDENTIAL",
	"chain.incoming.KEPT", "erp.money_received.NOT_A_PAYMENT", "core.chain.SALE_TYPES", "core.costing.STOCKED",
	"core.costing.NOT_STOCKED", "install.LOST_REASONS",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(KEPT))
def test_nothing_of_a_table_got_lost(site, name):
	assert tables.lost(KEPT[name], tables.now(name)) == []


def test_every_table_is_listed(site):
	assert sorted(set(tables.every()) - set(KEPT)) == []


@pytest.mark.parametrize("name", WHO)
def test_nobody_and_nothing_joined_unseen(site, name):
	assert tables.now(name) == KEPT[name]
