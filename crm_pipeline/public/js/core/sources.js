/** Which documents may come before which. `chain` are the types of the chain in its order. */

/** What stands before a type. */
export const before = (doctype, chain) => chain.slice(0, Math.max(chain.indexOf(doctype), 0));

/** What a document of a type may come from; a lead may come of a marketing project. */
export function allowed_sources(doctype, chain) {
	return doctype === "Sales Lead" ? [...before(doctype, chain), "Sales Project"] : before(doctype, chain);
}
