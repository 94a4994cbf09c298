"""Native masters on benchless without ERPNext's answers: stored as they are given, under the names that ERPNext gives."""

from benchless.database import db
from benchless.document import Document

# Field that a record is named by.
NAMED_BY = {
	"Customer": "customer_name",
	"Industry Type": "industry",
	"Item": "item_code",
	"Item Group": "item_group_name",
	"Sales Person": "sales_person_name",
	"Territory": "territory_name",
}
# What no trace has of them.
FIELDS = "Item Price|hash|valid_from:Date"
MASTERS = (*NAMED_BY, "Contact", "DocShare", "Item Price")


class Plain(Document):
	def insert(self, **options):
		return super().insert(**{**options, "ignore_links": True})

	def save(self, *args, **options):
		self.flags.ignore_links = True
		return super().save(*args, **options)

	def autoname(self):
		if self.doctype == "Contact":
			of = [row.link_name for row in self.links[:1]]
			self.name = "-".join([" ".join(filter(None, (self.first_name, self.last_name))), *of])
		elif self.doctype in NAMED_BY:
			name = self.get(NAMED_BY[self.doctype])
			again = self.doctype == "Customer" and db.exists("Customer", name)
			self.name = f"{name} - 1" if again else name

	def validate(self):
		if self.doctype != "Contact":
			return
		self.full_name = " ".join(filter(None, (self.first_name, self.last_name)))
		self.email_id = next((row.email_id for row in self.email_ids if row.is_primary), None)
		self.phone = next((row.phone for row in self.phone_nos if row.is_primary_phone), None)
		self.mobile_no = next((row.phone for row in self.phone_nos if row.is_primary_mobile_no), None)
