crm_pipeline.form("Sales Lead", () => {
	crm_pipeline.chain_form("Sales Lead");

	frappe.ui.form.on("Sales Lead", {
		phone: (frm) => crm_pipeline.hint_person(frm.fields_dict.phone),
		mobile_no: (frm) => crm_pipeline.hint_person(frm.fields_dict.mobile_no),
		email_id: (frm) => crm_pipeline.hint_person(frm.fields_dict.email_id),
		refresh(frm) {
			crm_pipeline.show_score(frm);
			crm_pipeline.show_attempts(frm);
			crm_pipeline.show_questionnaire(frm);
			crm_pipeline.show_visitor_pages(frm);
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const { status } = frm.doc;
			const lead = { lead: frm.docname };
			// What is in the public pool is claimed first.
			if (crm_pipeline.is_open("Sales Lead", status) && !frm.doc.pool_since) {
				frm.add_custom_button(__("Convert"), () => ask_convert(frm)).addClass("btn-primary");
				if (status === "New") {
					frm.add_custom_button(__("Qualify"), () => crm_pipeline.act(frm, "qualify_lead", lead), __("Actions"));
				}
				if (status !== "Contacted") frm.add_custom_button(__("Contacted"), () => ask_contact(frm), __("Actions"));
				frm.add_custom_button(__("Nurture"), () => ask_nurture(frm), __("Actions"));
				frm.add_custom_button(__("Disqualify"), () => ask_disqualify(frm), __("Actions"));
			}
			if (status === "Converted") {
				frm.add_custom_button(__("Undo Conversion"), () => ask_undo(frm, lead), __("Actions"));
			}
			if (status === "Disqualified") {
				frm.add_custom_button(__("Reopen"), () => crm_pipeline.act(frm, "reopen_lead", lead));
			}
		},
	});
});

function ask_undo(frm, lead) {
	frappe.confirm(
		__("Take the conversion back? The deal that it made is deleted, and the lead is open again. The customer stays."),
		() => crm_pipeline.act(frm, "undo_conversion", lead, { message: __("The conversion was undone") })
	);
}

function ask_contact(frm) {
	crm_pipeline.ask(
		__("What Comes Next?"),
		[
			{
				fieldname: "follow_up_date",
				fieldtype: "Date",
				label: __("Follow Up On"),
				default: frm.doc.follow_up_date || frappe.datetime.add_days(frappe.datetime.get_today(), 7),
				reqd: 1,
			},
			{
				fieldname: "follow_up_plan",
				fieldtype: "Small Text",
				label: __("Follow-up Plan"),
				default: frm.doc.follow_up_plan,
				reqd: 1,
			},
		],
		__("Contacted"),
		(values, dialog) => crm_pipeline.act(frm, "contact_lead", { lead: frm.docname, ...values }, { dialog })
	);
}

function ask_nurture(frm) {
	crm_pipeline.ask(
		__("Nurture Until"),
		[
			{
				fieldname: "until",
				fieldtype: "Date",
				label: __("Nurture Until"),
				description: __("Until then it is not among the leads to answer"),
				default: frm.doc.nurture_until || frappe.datetime.add_months(frappe.datetime.get_today(), 3),
				reqd: 1,
			},
			{
				fieldname: "plan",
				fieldtype: "Small Text",
				label: __("Follow-up Plan"),
				default: frm.doc.follow_up_plan,
			},
		],
		__("Nurture"),
		(values, dialog) => crm_pipeline.act(frm, "nurture_lead", { lead: frm.docname, ...values }, { dialog })
	);
}

function ask_disqualify(frm) {
	crm_pipeline.ask(
		__("Why Is It Disqualified?"),
		[
			{
				fieldname: "reason",
				fieldtype: "Link",
				options: "Sales Lost Reason",
				label: __("Reason"),
				get_query: () => ({ filters: { disabled: 0 } }),
				reqd: 1,
			},
			{ fieldname: "detail", fieldtype: "Small Text", label: __("Detail") },
		],
		__("Disqualify"),
		(values, dialog) => crm_pipeline.act(frm, "disqualify_lead", { lead: frm.docname, ...values }, { dialog })
	);
}

const JOIN = "__join";

async function ask_convert(frm) {
	const party = await crm_pipeline.open_party_fields(frm.doc);
	const asked = await crm_pipeline.questions_for(frm);
	crm_pipeline.ask(
		__("Convert {0}", [frm.doc.title]),
		[
			{
				fieldname: "target",
				fieldtype: "Select",
				label: __("Becomes"),
				options: [
					{ value: "Sales Opportunity", label: __("A New Sales Opportunity") },
					{ value: "Sales Project", label: __("A New Sales Project") },
					{ value: JOIN, label: __("Part of an Existing Opportunity") },
				],
				default: "Sales Opportunity",
				reqd: 1,
			},
			{
				fieldname: "opportunity",
				fieldtype: "Link",
				options: "Sales Opportunity",
				label: __("Opportunity"),
				depends_on: `eval:doc.target === "${JOIN}"`,
				mandatory_depends_on: `eval:doc.target === "${JOIN}"`,
				get_query: () => ({ filters: same_party(frm.doc) }),
			},
			{ fieldtype: "Section Break", label: __("Assessment") },
			{
				fieldname: "assessment",
				fieldtype: "Select",
				label: __("Assessment"),
				options: ["", "Hot", "Warm", "Cold"].map((value) => ({ value, label: value && __(value) })),
				default: frm.doc.assessment,
				reqd: 1,
			},
			{
				fieldname: "assessment_note",
				fieldtype: "Small Text",
				label: __("Assessment Note"),
				default: frm.doc.assessment_note,
			},
			// Which of them a conversion requires depends on what it becomes: the server says what is missing.
			...crm_pipeline.question_fields(asked, false),
			...party,
		],
		__("Convert"),
		(values, dialog) => {
			const joins = values.target === JOIN;
			const args = {
				lead: frm.docname,
				target: joins ? "Sales Opportunity" : values.target,
				opportunity: joins ? values.opportunity : null,
				assessment: values.assessment,
				assessment_note: values.assessment_note,
				answers: crm_pipeline.answers_of(values),
				...crm_pipeline.party_answer(values, "create_new_customer"),
			};
			return crm_pipeline.act(frm, "convert_lead", args, { dialog });
		}
	);
}

function same_party(doc) {
	if (doc.customer) return { status: "Open", customer: doc.customer };
	return doc.prospect ? { status: "Open", prospect: doc.prospect } : { status: "Open" };
}
