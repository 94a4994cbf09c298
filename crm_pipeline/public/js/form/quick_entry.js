/** New leads, deals and activities from anywhere: the framework's quick entry, without the fields that need no answer. */

import { split_reach } from "../core/reach";
import { hint_person } from "../shared/callers";
import { party_docfield, search_parties } from "../shared/party_field";
import { call } from "../shared/server";
import { name_people } from "./people";
import { scoped_queries } from "./queries";

// Mandatory, and filled for most: shown only where they are empty.
const FILLED = ["company", "currency"];
const REACH = ["phone", "email_id", "crm_reach"];
// Fields of the document that one field of the dialog stands for.
const PARTY = ["customer", "prospect", "prospect_name"];
const TYPED = { crm_party: PARTY, crm_reach: ["phone", "email_id"] };
// What was typed about the party makes or finds it.
const WITH_PARTY = ["Sales Lead", "Sales Opportunity"];

const WAIT = 400; // milliseconds without a key

const reach_docfield = () => ({ fieldname: "crm_reach", fieldtype: "Data", label: __("Phone or E-mail"), length: 140 });

/** The fields of the dialog: one for the party, one for phone and address, in the place of the first of those. */
function with_single_fields(fields, made) {
	const replaced = Object.entries(TYPED).filter(([name]) => made[name]);
	const seen = new Set();
	return fields.flatMap((df) => {
		const [name] = replaced.find(([, stands_for]) => stands_for.includes(df.fieldname)) || [];
		if (!name) return [df];
		if (seen.has(name)) return [];
		seen.add(name);
		return [made[name]];
	});
}

export function quick_entry(doctype) {
	const name = `${doctype.replace(/ /g, "")}QuickEntryForm`;
	const has_party = WITH_PARTY.includes(doctype);
	frappe.ui.form[name] = class extends frappe.ui.form.QuickEntryForm {
		set_meta_and_mandatory_fields() {
			super.set_meta_and_mandatory_fields();
			if (!has_party) return;
			const made = { crm_party: party_docfield(), ...(doctype === "Sales Lead" ? { crm_reach: reach_docfield() } : {}) };
			// 16 calls them docfields, and warns of the old name.
			const place = this.docfields ? "docfields" : "mandatory";
			this[place] = with_single_fields(this[place], made);
		}

		/** Whoever has entered something goes on with it; Frappe stays in a list. */
		open_form_if_not_list() {
			const { doctype, name } = this.dialog.doc;
			return frappe.set_route("Form", doctype, name);
		}

		render_dialog() {
			super.render_dialog();
			const { fields_dict } = this.dialog;
			// Frappe gives the focus to the first field, which is a hidden one: the naming series.
			const first = fields_dict.title || fields_dict.subject;
			this.dialog.$wrapper.one("shown.bs.modal", () => first?.set_focus());
			for (const fieldname of FILLED) {
				// By its element: the field itself is shared with the full form of this document.
				if (this.doc[fieldname]) fields_dict[fieldname]?.$wrapper.addClass("hidden");
			}
			for (const fieldname of REACH) {
				const field = fields_dict[fieldname];
				field?.$input?.on("input", frappe.utils.debounce(() => hint_person(field), WAIT));
			}
			for (const [fieldname, query] of Object.entries(scoped_queries(doctype))) {
				const field = fields_dict[fieldname];
				if (field) field.get_query = () => query(this.dialog.doc);
			}
			name_people(this.dialog);
			if (has_party) this.start_party();
		}

		/** The party that the document came with, as from a customer's page, is there already. */
		start_party() {
			const { fields_dict } = this.dialog;
			this.who = search_parties(fields_dict.crm_party);
			const { customer, prospect, prospect_name, phone, email_id } = this.doc;
			if (customer) this.who.start("Customer", customer);
			else if (prospect) this.who.start("Sales Prospect", prospect);
			else if (prospect_name) fields_dict.crm_party.set_value(prospect_name);
			const reach = [phone, email_id].filter(Boolean).join(" ");
			if (reach) fields_dict.crm_reach?.set_value(reach);
		}

		/** The document as the dialog says it; a name that was only typed stands for itself. */
		update_doc() {
			const doc = super.update_doc();
			if (!has_party) return doc;
			const { typed, create_new, ...chosen } = this.who.party();
			this.typed = { party: typed || "", create_new: create_new || 0 };
			for (const field of PARTY) doc[field] = chosen[field] || null;
			// The full form saves it as the dialog does: the server looks up what was typed.
			if (typed) doc[doctype === "Sales Lead" ? "prospect_name" : "party_name"] = typed;
			if (this.dialog.fields_dict.crm_reach) {
				Object.assign(doc, { phone: null, email_id: null }, split_reach(this.dialog.get_value("crm_reach")));
			}
			delete doc.crm_party;
			delete doc.crm_reach;
			return doc;
		}

		async insert() {
			if (!has_party) return super.insert();
			const { dialog } = this;
			const doc = this.update_doc();
			let saved;
			try {
				const made = await call("enter_deal", { doctype, values: JSON.stringify(doc), ...this.typed });
				saved = await frappe.db.get_doc(made.doctype, made.name);
			} catch {
				// The server has said why; what was typed stays in the dialog.
				dialog.working = false;
				dialog.clear_message?.();
				return new Promise(() => {});
			}
			dialog.working = false;
			dialog.hide();
			frappe.model.clear_doc(doctype, doc.name);
			this.doc = dialog.doc = saved;
			if (frappe._from_link) frappe.ui.form.update_calling_link(saved);
			// The shortcut of a workspace of 16 would stay there.
			else if (this.after_insert && frappe.get_route()[0] !== "Workspaces") this.after_insert(saved);
			else this.open_form_if_not_list();
			return saved;
		}
	};
}
