"""`frappe.format`: a value as a person reads it."""

from benchless import metadata
from benchless.values import cstr, flt, fmt_money, format_datetime, formatdate


def format_value(value, df=None, doc=None, currency: str | None = None, translated: bool = False, format=None) -> str:
	kind = (df or {}).get("fieldtype") if not isinstance(df, str) else df
	if kind == "Date":
		return formatdate(value, "dd-mm-yyyy") if value else ""
	if kind == "Datetime":
		return format_datetime(value)
	if kind == "Currency":
		return fmt_money(value, currency=currency or (doc.get(df.get("options") or "") if doc else None))
	if kind in metadata.DECIMALS:
		return f"{flt(value):,.3f}".rstrip("0").rstrip(".") + ("%" if kind == "Percent" else "")
	return cstr(value)
