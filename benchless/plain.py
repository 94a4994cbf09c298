"""The few records of Frappe itself that the app works with beside its own: people, rights, files.

They have no rules of their own here beyond those in people.py; permissions are for administrators unless said.
"""


def _fields(text: str) -> list[dict]:
	"""'name:Type:options=default' per word; `!` marks a mandatory field."""
	fields = []
	for word in text.split():
		word, _, default = word.partition("=")
		name, _, rest = word.partition(":")
		kind, _, options = rest.partition(":")
		fields.append(
			{
				"fieldname": name.strip("!"),
				"label": name.strip("!").replace("_", " ").title(),
				"fieldtype": kind.replace("_", " ") or "Data",
				"options": (options if kind == "Dynamic_Link" else options.replace("_", " ")) or None,
				"reqd": int("!" in name),
				"default": default.replace("_", " ") or None,
			}
		)
	return fields


EVERYBODY = [{"role": "All", "read": 1, "write": 1, "create": 1, "delete": 1}]
ADMINISTRATORS = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}]


def _doctype(name: str, fields: str, autoname: str = "hash", permissions=ADMINISTRATORS, **values) -> dict:
	return {
		"name": name,
		"module": "Core",
		"fields": _fields(fields),
		"autoname": autoname,
		"permissions": permissions,
		**values,
	}


DOCTYPES = {
	shape["name"]: shape
	for shape in (
		_doctype(
			"DocType", "module issingle:Check istable:Check is_submittable:Check custom:Check", "prompt"
		),
		_doctype("Role", "role_name! desk_access:Check disabled:Check", "field:role_name"),
		_doctype("Has Role", "role:Link:Role", istable=1),
		_doctype("Role Profile", "role_profile! roles:Table:Has_Role", "field:role_profile"),
		_doctype(
			"User",
			"email! first_name! last_name full_name language time_zone enabled:Check=1 user_type=System_User send_welcome_email:Check"
			" role_profile_name:Link:Role_Profile user_image mobile_no phone roles:Table:Has_Role",
			"field:email",
			title_field="full_name",
		),
		_doctype(
			"User Permission",
			"user!:Link:User allow!:Link:DocType for_value!:Dynamic_Link:allow is_default:Check"
			" apply_to_all_doctypes:Check=1 applicable_for:Link:DocType hide_descendants:Check",
		),
		_doctype("DefaultValue", "defkey defvalue:Text", istable=1),
		_doctype(
			"File",
			"file_name file_url:Text is_private:Check is_folder:Check folder content_hash file_size:Int"
			" attached_to_doctype:Link:DocType attached_to_name attached_to_field",
			permissions=EVERYBODY,
		),
		_doctype(
			"Comment",
			"comment_type comment_email comment_by content:Text reference_doctype:Link:DocType"
			" reference_name:Dynamic_Link:reference_doctype",
			permissions=EVERYBODY,
		),
		_doctype(
			"Communication",
			"subject content:Text communication_type communication_medium sent_or_received communication_date:Datetime"
			" sender recipients:Text status reference_doctype:Link:DocType reference_name:Dynamic_Link:reference_doctype",
			permissions=EVERYBODY,
		),
		_doctype(
			"ToDo",
			"status=Open description:Text allocated_to:Link:User assigned_by:Link:User date:Date priority role:Link:Role"
			" reference_type:Link:DocType reference_name:Dynamic_Link:reference_type",
			permissions=EVERYBODY,
		),
		_doctype(
			"Notification Log",
			"subject:Text for_user:Link:User from_user:Link:User type document_type:Link:DocType document_name read:Check"
			" email_content:Text link",
			permissions=EVERYBODY,
		),
		_doctype(
			"Custom Field",
			"dt!:Link:DocType label fieldname fieldtype options:Text insert_after module default:Text reqd:Check"
			" unique:Check no_copy:Check hidden:Check read_only:Check print_hide:Check search_index:Check"
			" allow_on_submit:Check ignore_user_permissions:Check collapsible:Check description:Text precision",
			"prompt",
		),
		_doctype(
			"Property Setter",
			"doc_type doctype_or_field field_name property property_type value:Text module",
			"hash",
		),
		_doctype(
			"System Settings", "currency_precision float_precision number_format country language", issingle=1
		),
	)
}
