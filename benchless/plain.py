"""The few records of Frappe itself that the app works with, and pricing rules, of which a site without a bench has none.

Their only rules are in people.py. A word is `name:Type:options=default`, with an underscore for a space; `!` marks a
mandatory field. Everybody may do everything with the first ones, administrators with the others.
"""

FOR_EVERYBODY = """
File|hash|file_name file_url:Text is_private:Check is_folder:Check folder attached_to_doctype:Link:DocType attached_to_name
Comment|hash|comment_type content:Text reference_doctype:Link:DocType reference_name:Dynamic_Link:reference_doctype
Communication|hash|subject content:Text communication_type communication_medium sent_or_received delivery_status communication_date:Datetime sender recipients:Text status reference_doctype:Link:DocType reference_name:Dynamic_Link:reference_doctype
ToDo|hash|status=Open description:Text allocated_to:Link:User assigned_by:Link:User date:Date priority reference_type:Link:DocType reference_name:Dynamic_Link:reference_type
Notification Log|hash|subject:Text for_user:Link:User from_user:Link:User type document_type:Link:DocType document_name read:Check email_content:Text link
"""
FOR_ADMINISTRATORS = """
Error Log|hash|method error:Text
DocType|prompt|module issingle:Check istable:Check is_submittable:Check custom:Check
Role|field:role_name|role_name! desk_access:Check disabled:Check
Has Role||role:Link:Role
Role Profile|field:role_profile|role_profile! roles:Table:Has_Role
User|field:email|email! first_name! last_name full_name language time_zone enabled:Check=1 user_type=System_User send_welcome_email:Check role_profile_name:Link:Role_Profile user_image mobile_no phone roles:Table:Has_Role
Notification Settings|prompt|user:Link:User enabled:Check=1 enable_email_notifications:Check=1
User Permission|hash|user!:Link:User allow!:Link:DocType for_value!:Dynamic_Link:allow is_default:Check apply_to_all_doctypes:Check=1 applicable_for:Link:DocType hide_descendants:Check
DefaultValue||defkey defvalue:Text
Version|hash|ref_doctype docname data:Text
Document Naming Rule|hash|document_type:Link:DocType disabled:Check
System Settings|prompt|time_zone apply_strict_user_permissions:Check
Pricing Rule|prompt|disable:Check selling:Check is_recursive:Check mixed_conditions:Check is_cumulative:Check price_or_product_discount apply_on
Custom Field|prompt|dt!:Link:DocType label fieldname fieldtype options:Text insert_after module default:Text reqd:Check unique:Check no_copy:Check hidden:Check read_only:Check print_hide:Check search_index:Check allow_on_submit:Check ignore_user_permissions:Check collapsible:Check description:Text precision is_system_generated:Check
"""


def _field(word: str) -> dict:
	word, _, default = word.partition("=")
	name, kind, options = (*word.split(":", 2), "", "")[:3]
	return {
		"fieldname": name.strip("!"), "label": name.strip("!").replace("_", " ").title(),
		"fieldtype": kind.replace("_", " ") or "Data", "reqd": int("!" in name), "default": default.replace("_", " ") or None,
		"options": (options if kind == "Dynamic_Link" else options.replace("_", " ")) or None,
	}  # fmt: skip


def _doctypes(table: str, role: str) -> dict[str, dict]:
	rights = [{"role": role, "read": 1, "write": 1, "create": 1, "delete": 1}]
	rows = (line.split("|") for line in table.split("\n") if line)
	return {
		name: {
			"name": name, "module": "Core", "istable": int(not rule), "autoname": rule,
			"fields": [_field(word) for word in fields.split()], "permissions": rights,
		}
		for name, rule, fields in rows
	}  # fmt: skip


DOCTYPES = _doctypes(FOR_EVERYBODY, "All") | _doctypes(FOR_ADMINISTRATORS, "System Manager")
