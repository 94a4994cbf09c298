const COLOURS = {
	New: "blue",
	Qualified: "cyan",
	Contacted: "purple",
	Converted: "green",
	Disqualified: "gray",
	Unverified: "orange",
	Verified: "green",
	Rejected: "gray",
	Open: "blue",
	Won: "green",
	Lost: "red",
	Planned: "blue",
	Running: "purple",
	Done: "green",
	Completed: "green",
	Draft: "red",
	Active: "blue",
	Fulfilled: "green",
	Expired: "orange",
	Terminated: "red",
	Requested: "orange",
	Accepted: "blue",
	Delivered: "cyan",
	Returned: "red",
	Cancelled: "gray",
	Answered: "green",
	Withdrawn: "gray",
	// ERPNext's own, in the list of what was ordered.
	"To Deliver and Bill": "orange",
	"To Deliver": "orange",
	"To Bill": "orange",
	"To Pay": "orange",
	Unpaid: "orange",
	"Partly Paid": "orange",
	Overdue: "red",
	Paid: "green",
	Closed: "green",
	Submitted: "blue",
};

/** The colour that a state has everywhere. */
export function colour_of(status) {
	return COLOURS[status] || frappe.utils.guess_colour(status);
}

/** What a list view's get_indicator answers. */
export function indicator(doc) {
	// The rows of a list don't say what they are.
	const doctype = doc.doctype || window.cur_list?.doctype;
	return [__(doc.status, null, doctype), colour_of(doc.status), `status,=,${doc.status}`];
}

/** A form shows its state as the list does: "Open" is another word for a deal than for an issue. */
export function name_status(doctype) {
	const field = frappe.meta.get_docfield(doctype, "status");
	if (field) field.formatter = (value) => (value ? __(value, null, doctype) : "");
}

