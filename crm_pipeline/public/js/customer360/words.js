/** Words and small pieces of the customer's page. */

import { date_text, doc_link, escaped } from "../shared/html";
import { money } from "../shared/numbers";

/** Amounts of several currencies in one line. */
export function amounts(sums, field) {
	if (!sums.length) return escaped(money(0, frappe.sys_defaults.currency));
	return sums.map((sum) => escaped(money(sum[field], sum.currency))).join("<br>");
}

/** "3 documents" as a number behind its noun, which is right for one as well. */
export function counted(label, number) {
	return `${label}: ${format_number(number, null, 0)}`;
}

export function day(value) {
	return value ? date_text(String(value).slice(0, 10)) : "";
}

/** A link to a document, or its title alone where the reader may not open such documents. */
export function link(doctype, name, title) {
	return frappe.model.can_read(doctype) ? doc_link(doctype, name, title) : escaped(title || name);
}

export function person(user) {
	return user ? frappe.user_info(user)?.fullname || user : "";
}

/** Users that a contact and rows of the timeline name. */
export function people_of({ contact, rows }) {
	const steps = [contact?.last, contact?.next, ...(rows || [])].filter(Boolean);
	return steps.flatMap(({ person, change, from, to }) => [person, ...(change === "Owner" ? [from, to] : [])]);
}

/** Up to which day each bucket of core/ageing.py reaches. */
export function age_labels() {
	return [__("Up to 30 Days"), __("31 to 60 Days"), __("61 to 90 Days"), __("91 to 120 Days"), __("Over 120 Days")];
}
