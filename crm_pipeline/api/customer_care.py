"""Customer cases, and what to know of a customer before calling."""

from typing import Annotated

from pydantic import Field

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Flag, MaybeName, MaybeText, Name, Text
from crm_pipeline.cases import customer_cases
from crm_pipeline.cases.customer_cases import CASE
from crm_pipeline.core.registry import ORDER as CHAIN
from crm_pipeline.warnings import hand_off_gate, on_forms

Minutes = Annotated[int, Field(ge=0, le=100_000)]


@writes(may("write", CASE, "name"))
def log_case(name: Name, text: Text, answer: Flag = False, minutes: Minutes = 0) -> None:
	"""Note what was done about a case; `answer`: the customer heard from us."""
	customer_cases.log(name, text, answer, minutes)


@writes(may("write", CASE, "name"))
def forward_case(name: Name, user: MaybeName = None, department: MaybeName = None, note: MaybeText = None) -> None:
	"""Give a case to another person or department."""
	customer_cases.forward(name, user, department, note)


@writes(may("write", CASE, "name"))
def solve_case(name: Name, solution: Text) -> None:
	customer_cases.solve(name, solution)


@writes(may("write", CASE, "name"))
def reopen_case(name: Name, reason: Text) -> None:
	customer_cases.reopen(name, reason)


@writes(may("write", CASE, "name"))
def withdraw_case(name: Name, reason: Text) -> None:
	"""Close a case without a solution: the customer took it back, or it was entered by mistake."""
	customer_cases.withdraw(name, reason)


@writes(may("write", CASE, "name"))
def wait_for_customer(name: Name, reason: Text) -> None:
	customer_cases.wait(name, reason)


@reads(may("read", CHAIN, "name"))
def get_warnings(doctype: Name, name: Name) -> dict:
	"""What to know of the customer of a document; see warnings/on_forms.py for the shape."""
	return on_forms.of_document(doctype, name)


@writes(may("write", "Sales Order Request", "name"))
def override_warnings(name: Name, reason: Text) -> None:
	"""Let an order request pass the warnings that stop it now, with a reason."""
	hand_off_gate.override(hand_off_gate.REQUEST, name, reason)


@writes(may("write", "Sales Order", "name"))
def override_order_warnings(name: Name, reason: Text) -> None:
	"""The same for a draft of a Sales Order that is made past the order request, where the settings stop those."""
	hand_off_gate.override(hand_off_gate.ORDER, name, reason)
