/** What the link fields of our forms offer. */

import { allowed_sources } from "../core/sources";
import { CHAIN } from "../shared/registry";
import { people_query } from "../shared/people_query";

const FIXED = {
	territory: { is_group: 0 },
	customer_group: { is_group: 0 },
	default_territory: { is_group: 0 },
	default_customer_group: { is_group: 0 },
	customer: { disabled: 0 },
	lost_reason: { disabled: 0 },
	lost_to: { disabled: 0 },
	channel: { disabled: 0 },
	way: { disabled: 0 },
	sales_person: { is_group: 0, enabled: 1 },
	selling_price_list: { selling: 1, enabled: 1 },
	tc_name: { selling: 1, disabled: 0 },
};

const DEPENDENT = {
	pipeline: (doc) => ({ applies_to: doc.doctype, disabled: 0, company: ["in", ["", doc.company]] }),
	stage: (doc) => ({ pipeline: doc.pipeline, disabled: 0 }),
	taxes_and_charges: (doc) => ({ company: doc.company, disabled: 0 }),
	set_warehouse: (doc) => ({ company: doc.company, is_group: 0 }),
	department: (doc) => ({ company: doc.company, is_group: 0 }),
	contract: (doc) => ({ docstatus: 1, status: "Active", ...(doc.customer ? { customer: doc.customer } : {}) }),
	source_type: (doc) => ({ name: ["in", allowed_sources(doc.doctype, CHAIN)] }),
	source_name: source_filters,
};

const NATIVE_LINKS = {
	customer_address: "frappe.contacts.doctype.address.address.address_query",
	shipping_address_name: "frappe.contacts.doctype.address.address.address_query",
	contact_person: "frappe.contacts.doctype.contact.contact.contact_query",
	contact: "frappe.contacts.doctype.contact.contact.contact_query",
};

function source_filters(doc) {
	if (doc.source_type === "Quotation") return doc.customer ? { party_name: doc.customer, docstatus: 1 } : {};
	const has_customer = frappe.meta.has_field(doc.source_type, "customer");
	return has_customer && doc.customer ? { customer: doc.customer } : {};
}

// What an activity may be about.
const ABOUT = [...CHAIN, "Customer"];

/** {field: its query for a document} of a DocType, for dialogs that are no forms. */
export function scoped_queries(doctype) {
	const found = {};
	const has = (fieldname) => frappe.meta.has_field(doctype, fieldname);
	for (const [field, filters] of Object.entries(FIXED)) if (has(field)) found[field] = () => ({ filters });
	for (const [field, filters] of Object.entries(DEPENDENT)) {
		if (has(field)) found[field] = (doc) => ({ filters: filters(doc) });
	}
	if (has("sales_owner")) found.sales_owner = people_query;
	if (doctype === "Sales Activity") found.reference_doctype = () => ({ filters: { name: ["in", ABOUT] } });
	return found;
}

/** Set the queries for every field of the form that needs one. */
export function set_queries(frm) {
	const has = (fieldname) => frappe.meta.has_field(frm.doctype, fieldname);
	for (const [field, query] of Object.entries(scoped_queries(frm.doctype))) frm.set_query(field, query);
	for (const [field, query] of Object.entries(NATIVE_LINKS)) {
		if (has(field)) frm.set_query(field, (doc) => party_query(doc, query));
	}
	set_row_queries(frm, has);
}

function set_row_queries(frm, has) {
	if (has("items")) {
		frm.set_query("item_code", "items", () => ({
			query: "erpnext.controllers.queries.item_query",
			filters: { is_sales_item: 1, has_variants: 0 },
		}));
		frm.set_query("warehouse", "items", (doc) => ({ filters: { company: doc.company, is_group: 0 } }));
	}
	if (has("contacts")) frm.set_query("contact", "contacts", (doc) => party_query(doc, NATIVE_LINKS.contact));
	if (has("competitors")) frm.set_query("competitor", "competitors", () => ({ filters: { disabled: 0 } }));
}

function party_query(doc, query) {
	if (doc.customer) return { query, filters: { link_doctype: "Customer", link_name: doc.customer } };
	if (doc.prospect) return { query, filters: { link_doctype: "Sales Prospect", link_name: doc.prospect } };
	return {};
}
