/** What is loaded where it is needed: every other page of Desk does without. */

const loaded = {};

const files_of = (name) => [`${name}.bundle.css`, `${name}.bundle.js`].filter((file) => frappe.boot.assets_json[file]);

const once = (name) => (loaded[name] ||= frappe.require(files_of(name)));

/** A script with its styles and those of all our screens, once; answers when it has run. */
export async function load(name) {
	await Promise.all([once("crm_kit"), once(name)]);
}

/** What the forms of the chain have in common; `crm_pipeline` has it by then. */
export const forms = () => load("crm_forms");

/** Of our lists: `crm_pipeline.lists`. */
export const lists = () => load("crm_lists");

/** Have the browser fetch the scripts of forms while it has nothing else to do: who sees a list opens a form next. */
export function expect_forms() {
	if (loaded.crm_forms || loaded.expected) return;
	loaded.expected = true;
	for (const file of files_of("crm_forms")) {
		$(document.head).append($("<link>", { rel: "prefetch", href: frappe.assets.bundled_asset(file) }));
	}
}

/** A function of the forms' script that may be called before that script is there; it answers a promise. */
export function lazily(name) {
	const stub = async (...args) => {
		await forms();
		return crm_pipeline[name](...args);
	};
	return stub;
}

const FIRST = ["setup", "before_load"];
const handlers_of = (doctype, event) => frappe.ui.form.handlers[doctype]?.[event] || [];
const defined = new Set();

/**
 * The scripts of a form: `define()` is called once the forms' script is there, before a form of this DocType loads its
 * first document. Frappe waits for that; what `define` hangs on events that have passed by then is made up for.
 */
export function form(doctype, define) {
	if (defined.has(doctype)) return;
	frappe.ui.form.on(doctype, {
		refresh: (frm) => frm.page?.wrapper.addClass("crm-look"),
		async before_load(frm) {
			if (defined.has(doctype)) return;
			const known = FIRST.map((event) => handlers_of(doctype, event).length);
			await forms();
			if (defined.has(doctype)) return;
			defined.add(doctype);
			define();
			crm_pipeline.show_names(doctype);
			for (const [place, event] of FIRST.entries()) {
				for (const handler of handlers_of(doctype, event).slice(known[place])) await handler(frm, doctype, frm.docname);
			}
		},
	});
}
