frappe.pages["document-access"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({ parent: wrapper, title: __("Document Access"), single_column: true });
	const { document_types, escaped, read } = crm_pipeline;
	// A link tells of its change before it has checked the value.
	const change = frappe.utils.debounce(() => show(), 300);
	const user = page.add_field({ fieldname: "user", fieldtype: "Link", options: "User", label: __("User"), change });
	const document_type = page.add_field({
		fieldname: "document_type",
		fieldtype: "Select",
		label: __("Document Type"),
		options: document_types.map((value) => ({ value, label: __(value) })),
		default: "Sales Opportunity",
		change: () => name.set_value(""),
	});
	const name = page.add_field({
		fieldname: "document",
		fieldtype: "Dynamic Link",
		label: __("Document"),
		get_options: () => document_type.get_value() || "Sales Opportunity",
		change,
	});
	crm_pipeline.load("crm_kit");
	const body = $(`<div class="crm-page crm-look"></div>`).appendTo(page.main);
	document_type.set_value("Sales Opportunity");
	body.html(hint(__("Choose a user to see how many documents of each type they see, and a document to see why.")));
	let asked = "";

	async function show() {
		const chosen = [user.get_value(), document_type.get_value(), name.get_value()];
		if (!chosen[0] || asked === JSON.stringify(chosen)) return;
		asked = JSON.stringify(chosen);
		const about = chosen[2] && { user: chosen[0], document_type: chosen[1], document: chosen[2] };
		const [one, all] = await Promise.all([
			about ? read("get_access", about) : null,
			read("get_access_numbers", { user: chosen[0] }),
		]);
		if (asked === JSON.stringify(chosen)) body.html((one ? answers(one) : "") + counts(all));
	}

	function hint(text) {
		return `<p class="text-muted">${escaped(text)}</p>`;
	}

	function answers(one) {
		const rows = [
			[__("May see it"), one.read],
			[__("May change it"), one.write],
		];
		return `<table class="table table-bordered"><tbody>${rows.map(answer).join("")}</tbody></table>`;
	}

	function answer([label, { allowed, reasons }]) {
		const pill = (yes, text) => `<span class="indicator-pill ${yes ? "green" : "red"}">${escaped(text)}</span>`;
		const why = reasons.map((reason) => `<div>${pill(reason.speaks_for, reason.text)}</div>`).join("");
		return `<tr><th style="width: 20%">${escaped(label)}</th><td style="width: 10%"><b>${allowed ? __("Yes") : __("No")}</b></td><td>${why}</td></tr>`;
	}

	function counts({ numbers, team, permissions }) {
		const rows = numbers.map(({ doctype, sees, of }) => `<tr><td>${escaped(__(doctype))}</td><td class="text-right">${Number(sees)}</td><td class="text-right">${Number(of)}</td></tr>`);
		const limits = permissions.map(({ allow, for_value }) => `${__(allow)}: ${for_value}`).join(", ");
		return `<h4 class="mt-4">${escaped(__("What the User Sees"))}</h4>
			${hint(team ? __("Team visibility: {0}", [team.join(", ") || __("only the user's own documents")]) : __("Team visibility does not narrow it."))}
			${hint(limits ? __("User Permissions: {0}", [limits]) : __("User Permissions do not narrow it."))}
			<table class="table table-bordered"><thead><tr><th>${escaped(__("Document Type"))}</th><th class="text-right">${escaped(__("Sees"))}</th><th class="text-right">${escaped(__("Of All"))}</th></tr></thead>
			<tbody>${rows.join("")}</tbody></table>`;
	}
};
