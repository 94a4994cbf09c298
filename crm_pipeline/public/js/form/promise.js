/** Promises to pay: made from an invoice or its row in a report, followed up by an activity, taken back with a reason. */

/** A new promise about an invoice, with what is owed of it. */
export async function make_promise(invoice) {
	const values = await frappe.call({ method: "crm_pipeline.api.get_promise_of_invoice", args: { invoice } });
	frappe.new_doc("Promise to Pay", values.message);
}

/** A new promise about one of the invoices that a customer owes. */
export async function choose_owed_invoice(customer) {
	const { message: owed } = await frappe.call({ method: "crm_pipeline.api.get_owed_invoices", args: { customer } });
	if (!owed.length) {
		frappe.msgprint(__("You see no invoice of this customer of which anything is owed and not promised."));
		return;
	}
	const options = owed.map(({ sales_invoice: value, due_date, amount, currency }) => ({
		value,
		label: [value, frappe.datetime.str_to_user(due_date), format_currency(amount, currency)].join(" · "),
	}));
	frappe.prompt(
		{ fieldname: "invoice", fieldtype: "Select", label: __("Sales Invoice"), options, default: options[0].value, reqd: 1 },
		({ invoice }) => make_promise(invoice),
		__("Promise to Pay"),
		__("Continue")
	);
}

export function promise_form() {
	frappe.ui.form.on("Promise to Pay", {
		setup(frm) {
			const owed = { docstatus: 1, is_return: 0, outstanding_amount: [">", 0] };
			frm.set_query("sales_invoice", () => ({ filters: frm.doc.customer ? { ...owed, customer: frm.doc.customer } : owed }));
			const of_customer = (link_name) => ({
				query: "frappe.contacts.doctype.contact.contact.contact_query",
				filters: { link_doctype: "Customer", link_name },
			});
			frm.set_query("contact", () => (frm.doc.customer ? of_customer(frm.doc.customer) : {}));
		},
		async sales_invoice(frm) {
			if (!frm.is_new() || !frm.doc.sales_invoice) return;
			const { message } = await frappe.call({
				method: "crm_pipeline.api.get_promise_of_invoice",
				args: { invoice: frm.doc.sales_invoice },
			});
			await frm.set_value(message);
		},
		refresh(frm) {
			// Who may not read invoices chooses them where they are shown to them.
			const reads = frappe.model.can_read("Sales Invoice");
			frm.set_df_property("sales_invoice", "read_only", reads ? 0 : 1);
			if (frm.is_new()) {
				if (!reads && !frm.doc.sales_invoice) frm.set_intro(__("Choose the invoice in the report Overdue Receivables, or on the customer: Create > Promise to Pay."));
				return;
			}
			follow_up_button(frm);
			withdraw_button(frm);
		},
	});
}

function follow_up_button(frm) {
	if (!frappe.model.can_create("Sales Activity") || frm.doc.status === "Withdrawn") return;
	frm.add_custom_button(__("Follow-up"), () =>
		frappe.new_doc("Sales Activity", {
			subject: __("Ask for the payment of {0}", [frm.doc.sales_invoice]),
			status: "Planned",
			reference_doctype: frm.doctype,
			reference_name: frm.docname,
			customer: frm.doc.customer,
			contact: frm.doc.contact,
			starts_on: `${frm.doc.promised_on} 09:00:00`,
		})
	);
}

function withdraw_button(frm) {
	if (!["Open", "Broken"].includes(frm.doc.status) || !frm.perm[0]?.write) return;
	frm.add_custom_button(__("Withdraw"), () =>
		frappe.prompt(
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason") },
			async ({ reason }) => {
				await frappe.call({ method: "crm_pipeline.api.withdraw_promise", args: { name: frm.docname, reason } });
				frm.reload_doc();
			},
			__("Withdraw the Promise"),
			__("Withdraw")
		)
	);
}
