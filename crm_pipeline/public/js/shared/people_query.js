/** Links to users offer those who work here; Frappe 16 lets only few people search users by what they are. */

const METHOD = "search_users";

/** For `set_query` and `get_query`. */
export const people_query = () => ({ query: `crm_pipeline.api.${METHOD}` });

/** For `get_data` of a field of several users. */
export async function find_people(txt) {
	const rows = await frappe.xcall(`crm_pipeline.api.${METHOD}`, { doctype: "User", txt, searchfield: "name", start: 0, page_len: 20 });
	return rows.map(([value, description]) => ({ value, description }));
}
