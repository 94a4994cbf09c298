/** The document types of the chain and their states, as core/registry.py and core/states.py say: nothing here lists them. */

const NOTHING = { chain: [], own: [], deals: [], attached: [], item_tables: [], titled: [], states: {} };
const known = { ...NOTHING, ...frappe.boot?.crm_pipeline };

/** Names of the types of the chain in its order, ERPNext's own among them. */
export const CHAIN = known.chain;
export const DEALS = known.deals;
export const ITEM_TABLES = known.item_tables;
/** Types of ours: those of the chain, and the documents about a document. */
export const DOCUMENTS = [...known.own, ...known.attached];
/** Those whose links show a title. */
export const TITLED = known.titled;

/** [[name, colour, group]] of the states of a type, in their order. */
export const states_of = (doctype) => known.states[doctype] || [];

/** Names of the states of a type in which nothing is left to do. */
export const closed_states = (doctype) => states_of(doctype).filter(([, , group]) => group !== "open").map(([name]) => name);

/** Whether something is left to do in a state, one of the site's own included. */
export const is_open = (doctype, status) => !closed_states(doctype).includes(status);

/** The colour that a state of a type has everywhere; what a site set in Customize Form goes first. */
export function colour_of(doctype, status) {
	const set = frappe.get_meta(doctype)?.states?.find((row) => row.title === status);
	if (set) return frappe.scrub(set.color, "-");
	return states_of(doctype).find(([name]) => name === status)?.[1] || frappe.utils.guess_colour(status);
}
