crm_pipeline.form("Sales Contract", () => {
	crm_pipeline.chain_form("Sales Contract");

	frappe.ui.form.on("Sales Contract", {
		refresh(frm) {
			if (frm.doc.docstatus !== 1) return;
			if (frm.doc.status === "Active" && frappe.model.can_create("Sales Order Request")) {
				frm.add_custom_button(__("Order Request"), () => crm_pipeline.ask_unpriced(frm, () => ask_quantities(frm)), __("Create"));
				crm_pipeline.order_now_button(frm);
				frm.page.set_inner_btn_group_as_primary(__("Create"));
			}
			if (["Active", "Expired"].includes(frm.doc.status) && frm.perm[0]?.submit) {
				frm.add_custom_button(__("Terminate"), () => ask_termination(frm));
			}
		},
	});
});

/** Part or whole: what remains of each row, in the row's own unit, for the user to cut down. */
async function ask_quantities(frm) {
	const left = await crm_pipeline.read("get_remaining", { contract: frm.docname });
	const rows = frm.doc.items
		.map((row) => {
			const remaining = flt((left[row.name] || 0) / (flt(row.conversion_factor) || 1), precision("qty", row));
			return { row: row.name, item: row.item_name || row.item_code, agreed: row.qty, uom: row.uom, remaining, qty: remaining };
		})
		.filter((row) => row.remaining > 0);
	if (!rows.length) {
		frappe.msgprint({ title: __("Order Request"), message: __("Nothing remains to be ordered of this contract.") });
		return;
	}
	crm_pipeline.ask(
		__("Order From This Contract"),
		[quantities_field(rows)],
		__("Make Order Request"),
		(values, dialog) => make_request(frm, values.rows || [], rows, dialog),
		{ size: "large" }
	);
}

function quantities_field(rows) {
	const column = (fieldname, fieldtype, label, columns) => ({
		fieldname,
		fieldtype,
		label,
		columns,
		in_list_view: 1,
		read_only: fieldname === "qty" ? 0 : 1,
	});
	return {
		fieldname: "rows",
		fieldtype: "Table",
		label: __("What Remains"),
		cannot_add_rows: true,
		in_place_edit: true,
		data: rows,
		get_data: () => rows,
		fields: [
			column("item", "Data", __("Item"), 4),
			column("uom", "Data", __("UOM"), 1),
			column("agreed", "Float", __("Agreed"), 1),
			column("remaining", "Float", __("Remaining"), 2),
			column("qty", "Float", __("Order Now"), 2),
		],
	};
}

async function make_request(frm, chosen, offered, dialog) {
	const { over, none, quantities } = crm_pipeline.asked_quantities(chosen, offered);
	if (over) {
		frappe.msgprint(__("{0}: {1} is more than the {2} that remain", [crm_pipeline.escaped(over.item).bold(), over.qty, over.remaining]));
		return;
	}
	if (none) {
		frappe.msgprint(__("Enter a quantity for at least one row"));
		return;
	}
	await crm_pipeline.act(
		frm,
		"make_order_request",
		{ doctype: frm.doctype, name: frm.docname, quantities },
		{ dialog }
	);
}

function ask_termination(frm) {
	crm_pipeline.ask(
		__("Terminate the Contract"),
		[{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 }],
		__("Terminate"),
		(values, dialog) => crm_pipeline.act(frm, "terminate_contract", { name: frm.docname, ...values }, { dialog })
	);
}
