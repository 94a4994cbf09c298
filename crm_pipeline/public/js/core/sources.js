/** Which documents may come before which. The order of core/registry.py on the server. */

const ORDER = [
	"Sales Campaign", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Quotation",
	"Sales Contract", "Sales Order Request", "Sales Order",
];

/** What a document of a type may come from; a lead may come of a marketing project. */
export function allowed_sources(doctype) {
	const before = ORDER.slice(0, Math.max(ORDER.indexOf(doctype), 0));
	return doctype === "Sales Lead" ? [...before, "Sales Project"] : before;
}

/** What an activity may be about. */
export const ABOUT = [...ORDER, "Customer"];
