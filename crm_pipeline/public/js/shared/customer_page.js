/** The address of the page of a customer or prospect. */
export function page_of(doctype, name) {
	return `/app/customer-360/${encodeURIComponent(doctype)}/${encodeURIComponent(name)}`;
}
