"""Credit limit of a customer and how much of it is used, as ERPNext computes both when it checks a Sales Order."""

from crm_pipeline.customers.asked_party import AskedParty, company_currency
from crm_pipeline.erp import credit_use
from crm_pipeline.receivables import seen_credit


def of_party(asked: AskedParty) -> list[dict] | None:
	"""[{"company", "currency", "limit", "used", "free"}] for each company with a limit, or that was asked for; None for who
	may not see all that the sums are of."""
	if not seen_credit.may_see_sums():
		return None
	return [
		{
			"company": company,
			"currency": company_currency(company),
			"limit": limit,
			"used": used,
			"free": limit - used,
		}
		for company, limit, used in credit_use.of_customer(asked.name, seen_credit.companies(asked.company))
	]
