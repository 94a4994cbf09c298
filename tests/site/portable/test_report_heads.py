"""Reports that people work off: their columns as they are headed, and of which kind each is."""

from types import SimpleNamespace

import pytest

from crm_pipeline.analytics.case_times import CaseScope
from crm_pipeline.crm_customers.report.case_times import case_times
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from crm_pipeline.crm_customers.report.data_quality import data_quality
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from crm_pipeline.crm_customers.report.owner_history import owner_history
from crm_pipeline.crm_customers.report.work_log import work_log
from crm_pipeline.crm_pipeline.report.order_desk_queue import order_desk_queue
from crm_pipeline.crm_prospecting.report.leads_aging import leads_aging
from crm_pipeline.crm_prospecting.report.segment_members import segment_members
from tests.site.portable.test_report_shapes import lines, without

CASE_TIMES = """
label | Severity | Data
cases | Cases | Int
answered | Answered | Int
median_to_answer | To Answer, Median (Hours) | Float | precision=1
mean_to_answer | To Answer, Mean (Hours) | Float | precision=1
solved | Solved | Int
median_to_solve | To Solve, Median (Hours) | Float | precision=1
mean_to_solve | To Solve, Mean (Hours) | Float | precision=1
overdue | Late | Int
overdue_share | Late (%) | Percent | precision=1
rated | Rated | Int
satisfaction | Satisfaction (of 5) | Float | precision=1
"""
CASH = """
contract | Contract | Link | options=Sales Contract
title | Title or Payment Term | Data
due_date | Due Date | Date
agreed | Agreed | Currency | options=currency
ordered | Ordered | Currency | options=currency
delivered | Delivered | Currency | options=currency
billed | Billed | Currency | options=currency
paid | Paid | Currency | options=currency
open | Still Open | Currency | options=currency
invoiced | Invoiced (with Tax) | Currency | options=currency
settled | Settled (with Tax) | Currency | options=currency
outstanding | Outstanding (with Tax) | Currency | options=currency
overdue | Overdue (with Tax) | Currency | options=currency
invoices | Sales Invoices | Data
customer | Customer | Link | options=Customer
status | Status | Data
contract_date | Contract Date | Date
sales_owner | Sales Owner | Link | options=User
currency | Currency | Link | options=Currency
"""
QUALITY = """
doctype | Type | Data | hidden=1
type | Type | Data
name | Record | Dynamic Link | options=doctype
title | Title | Data
fault | What Is Wrong | Data
detail | Detail | Data
last | Last Contact or Change | Date
sales_person | Sales Person | Link | options=Sales Person
sales_owner | Sales Owner | Link | options=User
"""
OVERDUE = """
voucher_type | Type | Data | hidden=1
voucher_no | Document | Dynamic Link | options=voucher_type
customer | Customer | Link | options=Customer
due_date | Due Date | Date
days | Days Overdue | Int
overdue | Overdue | Currency | options=currency
range1 | 0-30 | Currency | options=currency
range2 | 31-60 | Currency | options=currency
range3 | 61-90 | Currency | options=currency
range4 | 91-120 | Currency | options=currency
range5 | 121+ | Currency | options=currency
outstanding | Outstanding | Currency | options=currency
credit | Credit Notes Not Set Off | Currency | options=currency
promised_on | Promised On | Date
promised | Promised | Currency | options=own_currency
promise_status | Promise | Data
dunned_on | Last Dunning | Date
sales_owner | Sales Owner | Link | options=User
sales_person | Sales Person | Link | options=Sales Person
contract | Contract | Link | options=Sales Contract
sales_order | Sales Order | Link | options=Sales Order
"""
OF_INVOICES = (
	"voucher_type voucher_no due_date days credit promised_on promised promise_status dunned_on sales_person contract "
	"sales_order"
).split()
OWNERS = """
document_type | Document Type | Data
document | Document | Dynamic Link | options=document_type
title | Title | Data
user | Sales Owner | Link | options=User
since | From | Datetime
until | To | Datetime
by | Given By | Link | options=User
"""
WORK = """
person_name | Person | Data
customer | Customer | Link | options=Customer
prospect | Prospect | Link | options=Sales Prospect
way | Activity Type | Link | options=Sales Activity Type
activities | Activities | Int
sent | Mails Sent | Int
received | Mails Received | Int
hours | Hours | Float | precision=2
evaluation | Evaluation | Percent
person | User | Link | options=User
"""
QUEUE = """
request | Order Request | Link | options=Sales Order Request
customer | Customer | Link | options=Customer
value | Net Amount | Currency | options=currency
delivery_date | Delivery Date | Date
stock | Stock | Data
credit | Credit | Data
waiting_days | Waiting (Days) | Int
po_no | Customer's Purchase Order | Data
return_reason | Return Reason | Data
returned_by | Returned By | Data
returned_on | Returned On | Datetime
sales_owner | Sales Owner | Data
"""
AGING = """
label | Sales Team | Data
leads | Open Leads | Int
unanswered | Not Answered | Int
0-1 | 0-1 Days | Int
2-7 | 2-7 Days | Int
8-30 | 8-30 Days | Int
31-90 | 31-90 Days | Int
91+ | 91+ Days | Int
oldest | Oldest (Days) | Int
"""
MEMBERS = """
record | Record | Link | options=Sales Lead
title | Title | Data
territory | Territory | Link | options=Territory
owner | Sales Owner | Link | options=User
change | Change | Data
"""


def shown(columns: list[dict]) -> list[str]:
	"""As `lines`, without what is not said."""
	return lines([{key: value for key, value in column.items() if value is not None} for column in columns])


def overdue_by(group_by: str) -> list[str]:
	first = {"Sales Owner": "sales_owner", "Customer": "customer", "Contract": "contract customer"}[group_by].split()
	left = without(OVERDUE, "customer", "sales_owner", *OF_INVOICES)
	named = {line.split(" | ")[0]: line for line in OVERDUE.strip().splitlines()}
	return [*(named[name] for name in first), *left, "documents | Documents | Int"]


@pytest.mark.parametrize(
	("columns", "expected"),
	[
		(lambda: case_times.columns(CaseScope("C")), without(CASE_TIMES)),
		(lambda: contract_to_cash.columns(), without(CASH)),
		(lambda: data_quality.columns(), without(QUALITY)),
		(lambda: overdue_receivables.columns("Invoice"), without(OVERDUE)),
		(lambda: overdue_receivables.columns("Sales Owner"), overdue_by("Sales Owner")),
		(lambda: overdue_receivables.columns("Customer"), overdue_by("Customer")),
		(lambda: overdue_receivables.columns("Contract"), overdue_by("Contract")),
		(lambda: owner_history.columns(), without(OWNERS)),
		(lambda: work_log.columns(), without(WORK)),
		(lambda: order_desk_queue.columns(""), without(QUEUE, "return_reason", "returned_by", "returned_on")),
		(
			lambda: order_desk_queue.columns(order_desk_queue.desk_queue.RETURNED),
			without(QUEUE, "stock", "credit", "waiting_days", "po_no"),
		),
		(lambda: leads_aging.columns(SimpleNamespace(label="Sales Team")), without(AGING)),
		(lambda: segment_members.columns("Sales Lead"), without(MEMBERS)),
	],
)
def test_the_columns_of_a_report_are_headed_like_this(site, columns, expected):
	assert shown(columns()) == expected
