/** Which Customer is it? Dialog fields for everything that verifies a prospect on the way. */

import { read } from "../shared/server";

const NEW = "__new";

/** Fields that show the candidates of a `{ prospect }` or `{ lead }` and ask where there is something to choose. */
export async function party_fields(party) {
	const { rule, sure, customers } = await read(party.lead ? "find_customers_of_lead" : "find_customers", party);
	if (!customers.length) {
		return [info(__("No customer matches. A new Customer will be made from this prospect."))];
	}
	const one = customers.length === 1 && sure;
	const text = one
		? __("One customer matches by {0}.", [rule.bold()])
		: customers.length === 1
		? __("One customer may be meant by {0}. Please choose.", [rule.bold()])
		: __("{0} customers may be meant by {1}. Please choose.", [customers.length, rule.bold()]);
	const options = customers.map((row) => ({ value: row.name, label: label_of(row) }));
	options.push({ value: NEW, label: __("None of these: make a new Customer") });
	if (!one) options.unshift({ value: "", label: "" });
	return [
		info(text),
		{
			fieldname: "customer_choice",
			fieldtype: "Select",
			label: __("Customer"),
			options,
			default: one ? customers[0].name : "",
			reqd: 1,
		},
	];
}

function info(html) {
	return { fieldtype: "HTML", options: `<p class="text-muted">${html}</p>` };
}

function label_of(row) {
	const parts = [row.customer_name, row.name === row.customer_name ? "" : row.name, row.territory];
	return parts.filter(Boolean).join(" · ") + (row.disabled ? ` (${__("Disabled")})` : "");
}

/** The answer as arguments for the server; `flag` names its "make a new one" argument. */
export function party_answer(values, flag) {
	const choice = values.customer_choice;
	if (!choice) return {};
	return choice === NEW ? { [flag]: 1 } : { customer: choice };
}

/** Party fields for a deal's or lead's prospect that is still unverified; none otherwise. */
export async function open_party_fields(doc) {
	if (doc.customer || (!doc.prospect && doc.doctype !== "Sales Lead")) return [];
	return [
		{ fieldtype: "Section Break", label: __("Customer") },
		...(await party_fields(doc.prospect ? { prospect: doc.prospect } : { lead: doc.name })),
	];
}
