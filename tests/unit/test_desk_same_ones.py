"""What a form has typed of a party or person, as the search for who is there already is asked."""

import pytest

from tests.unit.desk import module

CORE = module("same_ones")


@pytest.mark.parametrize(
	("doctype", "field", "table", "says"),
	[
		("Customer", "customer_name", None, True),
		("Customer", "customer_type", None, False),
		("Customer", "email_address", "Customer", True),
		("Contact", "last_name", "Contact", True),
		("Contact", "email_id", "Contact Email", True),
		("Customer", "account", "Party Account", False),
		("Sales Order", "customer", None, False),
	],
)
def test_a_field_says_who_somebody_is_or_not(doctype, field, table, says):
	assert CORE.says_who(doctype, field, table) is says


def test_each_field_is_looked_up_for_itself():
	typed = {"name": "Ines Marlow", "email": "a@b.de", "phone": "030 1", "kind": "Person"}
	assert CORE.asked_by("Customer", "email_address", None, typed) == {"email": "a@b.de", "kind": "Person"}
	assert CORE.asked_by("Contact", "last_name", "Contact", typed) == {"name": "Ines Marlow", "kind": "Person"}
	assert CORE.asked_by("Contact", "phone", "Contact Phone", typed) == {"phone": "030 1", "kind": "Person"}


def test_parts_of_a_name_are_one_name_and_nothing_empty_is_asked():
	values = {"first_name": " Ines", "middle_name": "", "last_name": "Marlow", "phone": None, "email_id": "a@b.de"}
	assert CORE.typed_values("Contact", values) == {"name": "Ines Marlow", "email": "a@b.de"}
	assert CORE.typed_values("Sales Order", {"customer": "X"}) == {}
