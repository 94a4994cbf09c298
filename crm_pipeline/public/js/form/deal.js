/** Buttons that opportunities and sales projects share: won, lost, reopened, and what is made of a deal. */

import { escaped } from "../shared/html";
import { ask_lost, stage_field } from "../shared/lost";
import { act, ask, read } from "../shared/server";
import { ask_winner } from "../shared/winner";
import { offer_customer_panel } from "./customer_panel";
import { show_dwell } from "./dwell";
import { show_health } from "./health";
import { show_reach } from "./reach";
import { pipeline, say_moved, show_stage_bar } from "./stages";
import { ask_unpriced, unpriced_html } from "./unpriced";

export function deal_form(doctype) {
	frappe.ui.form.on(doctype, {
		refresh(frm) {
			show_reach(frm);
			show_stage_bar(frm);
			show_health(frm);
			show_dwell(frm);
			offer_customer_panel(frm);
			if (frm.is_new() || !frm.perm[0]?.write) return;
			if (frm.doc.status === "Open") open_buttons(frm);
			else closed_buttons(frm);
			if (frm.doc.status !== "Lost" && frm.doc.project_type !== "Marketing") create_buttons(frm);
		},
	});
}

function deal_of(frm) {
	return { doctype: frm.doctype, name: frm.docname };
}

async function open_buttons(frm) {
	const name = frm.docname;
	const { rules, stages } = await pipeline(frm.doc.pipeline);
	if (frm.docname !== name) return;
	const ending = (type) => stages.filter((stage) => stage.stage_type === type);
	const from = frm.doc.stage;
	const done = (worked, text) => worked && say_moved(frm, text, from, stages, rules);
	const lose = async (values, dialog) =>
		done(await act(frm, "lose_deal", { ...deal_of(frm), seen_stage: from, ...values }, { dialog }), __("Lost: {0}", [__(values.reason)]));
	const won = async (values, dialog) =>
		done(await act(frm, "win_deal", { ...deal_of(frm), seen_stage: from, ...values }, { dialog }), __("Won", null, "Sales Opportunity"));
	frm.add_custom_button(__("Won", null, "Sales Opportunity"), () =>
		rules.allow_win_by_hand ? win(ending("Won"), won) : ask_winner(rules, (method) => ask_unpriced(frm, () => act(frm, method, deal_of(frm))))
	);
	frm.add_custom_button(__("Lost", null, "Sales Opportunity"), () => ask_lost(lose, ending("Lost")));
}

/** Won by hand; where there are several won stages, in the one that is chosen. */
function win(stages, won) {
	if (stages.length < 2) return won({});
	return ask(__("Won in Which Stage?"), stage_field(stages), __("Won"), won);
}

async function closed_buttons(frm) {
	// What a document decided, only its cancellation undoes.
	if (frm.doc.won_by) return;
	const name = frm.docname;
	const { rules } = await pipeline(frm.doc.pipeline);
	if (!rules.allow_reopen || frm.docname !== name) return;
	frm.add_custom_button(__("Reopen"), () =>
		frappe.confirm(__("Reopen {0}?", [escaped(frm.doc.title).bold()]), () => act(frm, "reopen_deal", deal_of(frm)))
	);
}

/** Steps that the pipeline switches off are not offered. */
async function create_buttons(frm) {
	const name = frm.docname;
	const { rules } = await pipeline(frm.doc.pipeline);
	if (frm.docname !== name) return;
	const create = __("Create");
	const add = (label, method) => frm.add_custom_button(label, () => make(frm, method), create);
	if (frm.doctype === "Sales Opportunity" && frm.doc.status === "Open" && frappe.model.can_create("Sales Project")) {
		add(__("Sales Project"), "opportunity_to_project");
	}
	if (frappe.model.can_create("Cost Estimate")) add(__("Cost Estimate"), "make_cost_estimate");
	if (rules.quotation_step !== "Off" && frappe.model.can_create("Quotation")) add(__("Quotation"), "make_quotation");
	if (rules.contract_step !== "Off" && frappe.model.can_create("Sales Contract")) {
		add(__("Sales Contract"), "make_contract");
	}
	const straight = rules.quotation_step !== "Required" && rules.contract_step !== "Required";
	if (straight && frappe.model.can_create("Sales Order Request")) add(__("Order Request"), "make_order_request");
	frm.page.set_inner_btn_group_as_primary(create);
	if (straight) order_now_button(frm);
}

/** What an offer, a contract or an order is made of is looked at first. */
function make(frm, method) {
	if (method === "opportunity_to_project") return act(frm, method, { name: frm.docname });
	if (method === "make_cost_estimate") return act(frm, method, deal_of(frm));
	return ask_unpriced(frm, () => act(frm, method, deal_of(frm)));
}

/** One click to the native Sales Order, for who holds both functions. */
export function order_now_button(frm) {
	if (!frappe.user.has_role("Order Desk") || !frappe.model.can_create("Sales Order")) return;
	frm.add_custom_button(__("Order Now"), () => ask_order(frm), __("Create"));
}

/** What is about to be ordered, for how much and for which day, and which rows have no price. */
async function ask_order(frm) {
	let day, money;
	try {
		if (frm.is_dirty()) await frm.save();
		[day, money] = await Promise.all(
			["get_assumed_delivery_date", "get_amount_to_order"].map((method) => read(method, deal_of(frm)))
		);
	} catch {
		return;
	}
	const asked = {
		fieldname: "delivery_date",
		fieldtype: "Date",
		label: __("Delivery Date"),
		default: day,
		reqd: 1,
		description: __("Nobody has named one yet: this is the usual day. Change it where it does not fit."),
	};
	const fields = [{ fieldname: "question", fieldtype: "HTML", options: order_question(frm, money) }, ...(day ? [asked] : [])];
	ask(__("Order Now"), fields, __("Make Sales Order"), ({ delivery_date }, dialog) =>
		act(frm, "order_now", { ...deal_of(frm), delivery_date: delivery_date || null }, { dialog })
	);
}

function order_question(frm, { amount, currency }) {
	const question = __("Make the Sales Order of {0} now?", [escaped(frm.doc.title || frm.docname).bold()]);
	const said = __("Amount: {0}", [format_currency(amount, currency)]);
	return `${question}<p>${escaped(said)}</p>${unpriced_html(frm.doc)}`;
}
