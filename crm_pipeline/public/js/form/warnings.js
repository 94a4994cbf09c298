/** What to know of the customer before calling, short, over a form: only where there is something to say, never in the way. */

import { escaped, doc_link } from "../shared/html";
import { act, ask } from "../shared/server";
import { head_of } from "./ribbon";

const SHOWN = 3;
const CUSTOMER_PAGE = "customer-360";

/** `answer` of get_warnings about the document `name`, over its form as long as it shows that; without one, nothing. */
export function show_warnings(frm, name, answer) {
	if (frm.docname !== name) return;
	const area = head_of(frm, "warnings").empty();
	const warnings = answer?.warnings || [];
	frm.crm_warned = warnings.length ? name : null;
	if (!warnings.length) return;
	area.html(warnings_html(warnings, answer.customer));
	area.find("[data-all-of]").on("click", (event) => {
		event.preventDefault();
		frappe.set_route(CUSTOMER_PAGE, "Customer", event.currentTarget.dataset.allOf);
	});
	if (answer.may_override) {
		$(`<button type="button" class="btn btn-xs btn-default">${escaped(__("Override Warnings …"))}</button>`)
			.on("click", () => ask_override(frm))
			.appendTo(area.find(".crm-warnings"));
	}
}

function warnings_html(warnings, customer) {
	const items = warnings.map(item_html);
	const first = items.slice(0, SHOWN).join("");
	const rest = items.slice(SHOWN);
	const more = rest.length
		? `<details><summary>${escaped(__("{0} more", [rest.length]))}</summary><ul>${rest.join("")}</ul></details>`
		: "";
	// The page of the customer comes with another part of the app.
	const all = customer && frappe.boot.page_info?.[CUSTOMER_PAGE]
		? `<a href="#" class="crm-warnings-all" data-all-of="${escaped(customer)}">${escaped(__("All about this customer"))}</a>`
		: "";
	const label = escaped(__("Warnings about the customer"));
	return `<section class="crm-warnings crm-warnings-${escaped(warnings[0].level)}" aria-label="${label}">
		<ul>${first}</ul><div class="crm-warnings-foot">${more}${all}</div></section>`;
}

function item_html({ level, text, doctype, name, stops }) {
	const said = doctype && name ? doc_link(doctype, name, text) : escaped(text);
	const stop = stops ? ` <b>${escaped(__("Stops the hand-off"))}</b>` : "";
	return `<li class="crm-warning-${escaped(level)}">${said}${stop}</li>`;
}

const OVERRIDES = { "Sales Order Request": "override_warnings", "Sales Order": "override_order_warnings" };

function ask_override(frm) {
	const field = {
		fieldname: "reason",
		fieldtype: "Small Text",
		label: __("Reason"),
		reqd: 1,
		description: __("It is kept in the history of the document with your name. What comes up later stops it again."),
	};
	ask(__("Override Warnings"), [field], __("Override"), ({ reason }, dialog) =>
		act(frm, OVERRIDES[frm.doctype], { name: frm.docname, reason }, { dialog, message: __("The document may pass") })
	);
}
