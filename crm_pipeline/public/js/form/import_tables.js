/** The tables of an import: fields and meanings by their labels, and what can be chosen. */

import { escaped } from "../shared/html";
import { is_move } from "./move";

/** The fields that a column can be, and what words can mean, in the grids. */
export function offer_fields(frm) {
	const { fields = [], meanings = {} } = frm.doc.__onload || {};
	const label_of = (options, value) => options.find((one) => one.value === value)?.label || value || "";
	const columns = frm.fields_dict.columns.grid;
	const values = frm.fields_dict.value_rows.grid;
	for (const grid of [columns, values]) {
		grid.wrapper.addClass("crm-slim-grid");
		grid.update_docfield_property("field", "options", [{ value: "", label: "" }, ...fields]);
		grid.update_docfield_property("field", "formatter", (value) => escaped(label_of(fields, value)));
	}
	// A meaning may be another word than those that are offered: a user, a channel, or - for nothing.
	values.update_docfield_property("meaning", "ignore_validation", 1);
	values.update_docfield_property("meaning", "formatter", (value, df, options, row) => escaped(label_of(meanings[row?.field] || [], value)));
	values.wrapper.off("focusin.crm").on("focusin.crm", "input[data-fieldname=meaning]", ({ currentTarget }) => offer_meanings(values, currentTarget, meanings));
	for (const name of ["column_name", "sample"]) columns.update_docfield_property(name, "read_only", 1);
	values.update_docfield_property("file_value", "label", is_move(frm) ? __("Value There") : __("Value in the File"));
	frm.set_df_property("value_rows", "description", is_move(frm) ? __("What each word of the other system means here. An owner without a meaning is nobody.") : __("What words of the file mean here; the preview offers those that are unknown. A - means nothing."));
	frm.set_df_property("columns", "cannot_add_rows", true);
	frm.set_df_property("columns", "cannot_delete_rows", true);
}

function offer_meanings(grid, input, meanings) {
	const row = grid.grid_rows_by_docname[$(input).closest(".grid-row").attr("data-name")];
	// In the table, or in the row that is opened.
	const controls = [row?.on_grid_fields_dict?.meaning, row?.grid_form?.fields_dict?.meaning];
	for (const control of controls) if (control?.$input?.[0] === input) control.set_data(meanings[row.doc.field] || []);
}
