/** What a form has typed of a party or person, by the names that the server knows. */

// DocType: {field of its form or quick entry: what it says}.
export const SAYS = {
	Customer: {
		customer_name: "name",
		customer_type: "kind",
		tax_id: "tax_id",
		email_id: "email",
		email_address: "email",
		mobile_no: "mobile",
		mobile_number: "mobile",
	},
	"Sales Prospect": {
		prospect_name: "name",
		prospect_kind: "kind",
		tax_id: "tax_id",
		email_id: "email",
		phone: "phone",
		mobile_no: "mobile",
		country: "country",
		company: "company",
	},
	"Sales Lead": { prospect_name: "name", email_id: "email", phone: "phone", mobile_no: "mobile", company: "company" },
	Contact: { first_name: "name", middle_name: "name", last_name: "name", email_id: "email", phone: "phone", mobile_no: "mobile" },
};
// Not typed letter by letter, and no reason to look again.
const GIVEN = ["kind", "country", "company"];

/** Whether a field of a form says who somebody is. `table` is the DocType of the row that the field stands in, if it does. */
export function says_who(doctype, field, table) {
	if (table && table !== doctype) return doctype === "Contact" && ["Contact Email", "Contact Phone"].includes(table);
	const says = SAYS[doctype]?.[field];
	return Boolean(says) && !GIVEN.includes(says);
}

/** Of typed values those that one field says, with what helps to read them: each field is looked up for itself. */
export function asked_by(doctype, field, table, typed) {
	const says = { "Contact Email": "email", "Contact Phone": "phone" }[table] || SAYS[doctype]?.[field];
	return Object.fromEntries(Object.entries(typed).filter(([name]) => name === says || GIVEN.includes(name)));
}

/** {name, email, ...} of the values of a form; parts of a name stand one after the other. */
export function typed_values(doctype, values) {
	const found = {};
	for (const [field, says] of Object.entries(SAYS[doctype] || {})) {
		const value = String(values[field] ?? "").trim();
		if (value) found[says] = found[says] && says === "name" ? `${found[says]} ${value}` : value;
	}
	return found;
}
