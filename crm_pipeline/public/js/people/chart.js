/** The organisation chart: cards in a tree, moved by dragging, or by the button on each card. */

import { may_put, tree_of } from "../core/org_chart";
import { doc_link, escaped, pill } from "../shared/html";
import { empty, face } from "../shared/kit";
import { ask, call } from "../shared/server";

const ATTITUDES = { Supporter: "green", Neutral: "gray", Opponent: "red" };

/** `shown`: what get_org_chart answers, with the customer, the day and `again()`, which reads it anew. */
export function draw_chart(place, shown) {
	const { posts, people, may_change, day } = shown;
	// The past is read, and changed in no picture.
	const open = may_change && (!day || day >= frappe.datetime.get_today());
	const tree = tree_of(posts);
	const nobody = empty(__("No posts yet"), __("Drag a contact up here, or enter a post."));
	place.innerHTML = `${open ? hint_html() : ""}
		<div class="crm-scroll crm-chart" data-onto="">${tree.length ? list_html(tree, open, true) : nobody}</div>
		${people.length ? `<h5>${escaped(__("Contacts without a post"))}</h5><ul class="crm-loose">${people.map((row) => loose_html(row, open)).join("")}</ul>` : ""}
		${open ? `<p><button type="button" class="btn btn-default btn-sm crm-new-post">${escaped(__("New Post"))}</button></p>` : ""}`;
	if (open) watch(place, shown);
}

const hint_html = () =>
	`<p class="crm-note">${escaped(__("Drag a card onto the one that it reports to, or onto the empty space for nobody above. The button on a card does the same."))}</p>`;

function list_html(nodes, open, top) {
	const items = nodes.map(
		({ post, below }) => `<li>${card_html(post, open)}${below.length ? list_html(below, open, false) : ""}</li>`
	);
	return `<ul class="${top ? "crm-tree" : ""}">${items.join("")}</ul>`;
}

function card_html(post, open) {
	const name = post.contact_name || post.contact;
	const facts = [post.role && __(post.role), post.influence && __("Influence: {0}", [__(post.influence)])].filter(Boolean);
	const attitude = post.attitude ? pill(__(post.attitude), ATTITUDES[post.attitude]) : "";
	const button = open
		? `<button type="button" class="btn btn-xs crm-move-post" aria-label="${escaped(__("Change the post of {0}", [name]))}">${frappe.utils.icon("dot-horizontal", "xs")}</button>`
		: "";
	return `<div class="crm-post" data-post="${escaped(post.name)}" data-onto="${escaped(post.name)}" draggable="${open}">
		${face(name)}<div><div class="crm-post-name">${doc_link("Contact", post.contact, name)}</div>
		<div>${escaped(post.designation || "")}</div><div class="crm-post-facts">${escaped(facts.join(" · "))} ${attitude}</div></div>${button}</div>`;
}

const loose_html = (row, open) =>
	`<li class="crm-post" data-contact="${escaped(row.name)}" draggable="${open}">${face(row.full_name || row.name)}<div>
		<div class="crm-post-name">${doc_link("Contact", row.name, row.full_name)}</div><div>${escaped(row.designation || "")}</div></div></li>`;

// ---- changing

function watch(place, shown) {
	let held = null;
	const onto_of = (target) => target.closest("[data-onto]");
	const allowed = (zone) => zone && held && (held.contact || may_put(shown.posts, held.post, zone.dataset.onto || null));
	const unmark = () => place.querySelectorAll(".crm-onto").forEach((zone) => zone.classList.remove("crm-onto"));
	place.addEventListener("dragstart", (event) => {
		const card = event.target.closest?.(".crm-post");
		if (!card) return;
		held = { ...card.dataset };
		event.dataTransfer.effectAllowed = "move";
		event.dataTransfer.setData("text/plain", card.querySelector(".crm-post-name").textContent);
	});
	place.addEventListener("dragover", (event) => {
		const zone = onto_of(event.target);
		unmark();
		if (!allowed(zone)) return;
		event.preventDefault();
		zone.classList.add("crm-onto");
	});
	place.addEventListener("dragend", () => {
		held = null;
		unmark();
	});
	place.addEventListener("drop", (event) => {
		const zone = onto_of(event.target);
		if (!allowed(zone)) return;
		event.preventDefault();
		const [{ post, contact }, onto] = [held, zone.dataset.onto || null];
		held = null;
		put(shown, post, contact, onto);
	});
	place.addEventListener("click", (event) => {
		const button = event.target.closest(".crm-move-post");
		if (button) change_post(shown, button.closest(".crm-post").dataset.post);
		if (event.target.closest(".crm-new-post")) frappe.new_doc("Contact Position", { customer: shown.customer });
	});
}

async function put(shown, post, contact, onto) {
	if (post) await call("set_superior", { position: post, reports_to: onto }).catch(() => {});
	else await call("give_post", { customer: shown.customer, contact, reports_to: onto }).catch(() => {});
	await shown.again();
}

/** The same by keys: whom a post reports to, or to which customer its person moves. */
function change_post(shown, name) {
	const post = shown.posts.find((row) => row.name === name);
	const above = shown.posts.filter((row) => row.name === post.superior || may_put(shown.posts, name, row.name));
	const options = [{ value: "", label: __("Nobody") }, ...above.map((row) => ({ value: row.name, label: row.contact_name || row.contact }))];
	const dialog = ask(
		post.contact_name || post.contact,
		[{ fieldname: "reports_to", fieldtype: "Select", label: __("Reports To"), options, default: post.superior || "" }],
		__("Save"),
		async ({ reports_to }) => {
			dialog.hide();
			await put(shown, name, null, reports_to || null);
		}
	);
	dialog.set_secondary_action_label(__("Moved To"));
	dialog.set_secondary_action(() => {
		dialog.hide();
		ask_move(post, shown.again);
	});
	dialog.add_custom_action(__("Open"), () => {
		dialog.hide();
		frappe.set_route("Form", "Contact Position", name);
	});
}

/** To which customer somebody moves, and when. */
export function ask_move(post, done) {
	ask(
		__("{0} Moves To", [post.contact_name || post.contact]),
		[
			{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer"), reqd: 1 },
			{ fieldname: "day", fieldtype: "Date", label: __("From"), default: frappe.datetime.get_today(), reqd: 1 },
			{ fieldname: "designation", fieldtype: "Data", label: __("Designation") },
		],
		__("Moved To"),
		async (values, dialog) => {
			const made = await call("move_contact", { position: post.name, ...values }).catch(() => null);
			if (!made) return;
			dialog.hide();
			frappe.show_alert({ message: __("Moved"), indicator: "green" });
			await done();
		}
	);
}
