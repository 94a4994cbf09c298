import pytest

from tests.contract import role_matrix
from tests.contract.source import ROOT, doctypes

GUIDE = ROOT / "docs" / "admin-guide.md"
CHAIN = ("Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request")


def test_the_admin_guide_shows_the_roles_as_the_doctypes_give_them():
	told = role_matrix.parse(GUIDE.read_text(encoding="utf-8"))
	assert told == role_matrix.from_files(), "run: python -m tests.contract.role_matrix docs/admin-guide.md"


def test_the_table_reads_back_as_it_was_written(tmp_path):
	page = tmp_path / "page.md"
	page.write_text(f"# Roles\n\n{role_matrix.START}\nold\n{role_matrix.END}\n\nafter\n", encoding="utf-8")
	role_matrix.write(page)
	text = page.read_text(encoding="utf-8")
	assert role_matrix.parse(text) == role_matrix.from_files()
	assert text.endswith("after\n") and "old" not in text


def test_a_page_without_the_table_or_with_a_broken_one_is_an_error():
	with pytest.raises(ValueError, match="no table"):
		role_matrix.parse("# Roles")
	broken = f"{role_matrix.START}\n| DocType | Sales User |\n|---|---|\n| Sales Lead | R Q |\n{role_matrix.END}"
	with pytest.raises(ValueError, match="Sales Lead"):
		role_matrix.parse(broken)


@pytest.mark.parametrize("doctype", CHAIN)
def test_a_rep_can_work_and_a_manager_can_tidy_up(doctype):
	rights = role_matrix.from_files()[doctype]
	assert {"read", "write", "create"} <= rights["Sales User"]
	assert {"read", "write", "create", "delete", "import"} <= rights["Sales Manager"]
	assert not {"delete", "import"} & rights["Sales User"]


def test_the_order_desk_handles_requests_but_makes_none():
	rights = role_matrix.from_files()["Sales Order Request"]["Order Desk"]
	assert {"read", "write", "cancel"} <= rights
	assert not {"create", "delete"} & rights


def test_nobody_writes_the_ledger_by_hand():
	for role, rights in role_matrix.from_files()["Pipeline Event"].items():
		assert not {"write", "create", "delete", "import"} & rights, role


def test_only_known_roles_are_given_rights():
	assert role_matrix.roles_of(role_matrix.from_files()) == list(role_matrix.ROLES)
	assert {"Sales User", "Order Desk"} <= {p["role"] for d in doctypes().values() for p in d.get("permissions") or []}
