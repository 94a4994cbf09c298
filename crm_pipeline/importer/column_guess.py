"""Which field a column of a file is: by the documented names of other systems, by usual names, by what was chosen before."""

import re
import unicodedata
from collections.abc import Mapping

# Documented column names of exports, by system and table. Folded as `plain` does it.
PRESETS: dict[str, dict[str, dict[str, str]]] = {
	"HubSpot": {
		"leads": {
			"record id": "external_id", "company name": "company_name", "email": "email", "phone number": "phone",
			"mobile phone number": "mobile", "job title": "designation", "lead status": "status", "contact owner": "owner",
			"create date": "created_on", "original source": "channel", "country region": "country", "industry": "industry",
		},
		"opportunities": {
			"record id": "external_id", "deal id": "external_id", "deal name": "title", "deal stage": "stage",
			"pipeline": "pipeline", "amount": "amount", "close date": "close_date", "create date": "created_on",
			"deal owner": "owner", "associated company": "account", "associated contact": "contact", "currency": "currency",
			"deal probability": "probability", "closed lost reason": "lost_reason", "next step": "next_step",
		},
	},
	"Salesforce": {
		"leads": {
			"id": "external_id", "lead id": "external_id", "company": "company_name", "name": "contact", "title": "designation",
			"email": "email", "phone": "phone", "mobilephone": "mobile", "leadsource": "channel", "lead source": "channel",
			"status": "status", "lead status": "status", "createddate": "created_on", "create date": "created_on",
			"converteddate": "converted_on", "country": "country", "industry": "industry", "isdeleted": "is_deleted",
			"description": "notes", "owner": "owner", "lead owner": "owner",
		},
		"opportunities": {
			"id": "external_id", "opportunity id": "external_id", "name": "title", "opportunity name": "title",
			"accountid": "account", "account name": "account", "stagename": "stage", "stage": "stage", "amount": "amount",
			"closedate": "close_date", "close date": "close_date", "createddate": "created_on", "created date": "created_on",
			"probability": "probability", "currencyisocode": "currency", "leadsource": "channel", "nextstep": "next_step",
			"description": "notes", "isdeleted": "is_deleted", "owner": "owner", "opportunity owner": "owner",
		},
	},
	"Zoho": {
		"leads": {
			"record id": "external_id", "lead id": "external_id", "company": "company_name", "lead name": "contact",
			"designation": "designation", "title": "designation", "email": "email", "phone": "phone", "mobile": "mobile",
			"lead source": "channel", "lead status": "status", "created time": "created_on", "country": "country",
			"industry": "industry", "description": "notes", "lead owner": "owner",
		},
		"opportunities": {
			"record id": "external_id", "deal id": "external_id", "deal name": "title", "account name": "account",
			"stage": "stage", "amount": "amount", "closing date": "close_date", "created time": "created_on",
			"probability": "probability", "currency": "currency", "lead source": "channel", "next step": "next_step",
			"reason for loss": "lost_reason", "contact name": "contact", "deal owner": "owner", "pipeline": "pipeline",
		},
	},
	"Pipedrive": {
		"leads": {
			"id": "external_id", "lead id": "external_id", "title": "title", "organization": "company_name",
			"contact person": "contact", "person email": "email", "person phone": "phone", "source": "channel",
			"source channel": "channel", "lead created": "created_on", "owner": "owner", "value": "amount",
		},
		"opportunities": {
			"id": "external_id", "title": "title", "organization": "account", "contact person": "contact",
			"stage": "stage", "status": "status", "value": "amount", "currency of value": "currency", "currency": "currency",
			"deal created": "created_on", "expected close date": "expected_close", "deal closed on": "closed_on",
			"lost reason": "lost_reason", "probability": "probability", "owner": "owner", "pipeline": "pipeline",
			"source channel": "channel", "product quantity": "quantity",
		},
	},
	"Odoo": {
		"leads": {
			"id": "external_id", "external id": "external_id", "opportunity": "title", "company name": "company_name",
			"partner name": "company_name", "contact name": "contact", "email": "email", "email from": "email",
			"phone": "phone", "mobile": "mobile", "job position": "designation", "function": "designation",
			"created on": "created_on", "create date": "created_on", "source": "channel", "salesperson": "owner",
			"country": "country", "internal notes": "notes", "lost reason": "lost_reason",
		},
		"opportunities": {
			"id": "external_id", "external id": "external_id", "opportunity": "title", "name": "title",
			"customer": "account", "partner id": "account", "stage": "stage", "stage id": "stage",
			"expected revenue": "amount", "expected closing": "expected_close", "closed date": "closed_on",
			"created on": "created_on", "probability": "probability", "salesperson": "owner", "lost reason": "lost_reason",
			"source": "channel", "won lost": "status",
		},
	},
}  # fmt: skip

# Usual names in several languages; a table takes those of its fields.
USUAL: dict[str, str] = {
	"external_id": "id|record id|external id|lead id|deal id|opportunity id|uuid|编号|客户编号|线索编号|商机编号|kundennummer|nummer",
	"company_name": "company|company name|organization|organisation|account|account name|firma|firmenname|unternehmen|entreprise|empresa|公司|公司名称|企业名称|客户名称|单位名称",
	"prospect": "company|company name|organization|organisation|account|account name|name|firma|firmenname|unternehmen|公司|公司名称|企业名称|客户名称|单位名称",
	"account": "account|account name|company|company name|customer|customer name|organization|client|kunde|client name|客户|客户名称|公司名称",
	"contact": "contact|contact name|contact person|full name|name|person|ansprechpartner|联系人|姓名|联系人姓名",
	"email": "email|e mail|email address|mail|e mail address|邮箱|电子邮件|电子邮箱",
	"phone": "phone|telephone|phone number|tel|telefon|téléphone|电话|联系电话|座机",
	"mobile": "mobile|mobile phone|mobile number|cell|handy|mobil|手机|手机号|手机号码",
	"designation": "designation|job title|position|role|funktion|职位|职务",
	"website": "website|web|url|homepage|domain|网站|网址",
	"industry": "industry|sector|branche|行业|所属行业",
	"country": "country|country region|land|pays|país|国家",
	"city": "city|town|ort|stadt|ville|城市|市",
	"state": "state|province|region|bundesland|省|省份",
	"postcode": "postcode|zip|zip code|postal code|plz|邮编",
	"street": "street|address|address line 1|straße|strasse|adresse|地址|详细地址",
	"channel": "channel|source|lead source|origin|quelle|herkunft|来源|渠道|线索来源",
	"campaign": "campaign|kampagne|营销活动|活动",
	"status": "status|lead status|state of lead|状态|线索状态",
	"stage": "stage|deal stage|sales stage|phase|阶段|销售阶段",
	"title": "title|deal|deal name|opportunity|opportunity name|subject|betreff|titel|商机名称|标题|主题",
	"amount": "amount|value|deal value|expected revenue|revenue|sum|betrag|wert|montant|importe|金额|预计金额",
	"currency": "currency|währung|devise|币种|货币",
	"close_date": "close date|closing date|closed date|abschlussdatum|成交日期|结单日期",
	"expected_close": "expected close|expected close date|expected closing|预计成交日期|预计结单日期",
	"closed_on": "closed on|won on|deal closed on",
	"created_on": "created|created on|created at|created date|create date|creation date|created time|date|erstellt|erstellt am|first contact date|创建时间|创建日期",
	"converted_on": "converted on|converted date|conversion date|won date|转化日期",
	"owner": "owner|sales owner|lead owner|deal owner|assigned to|assigned user|负责人|所有人",
	"agent": "sales person|salesperson|sales agent|rep|verkäufer|销售员|销售人员",
	"product": "product|item|product name|artikel|produkt|产品|产品名称",
	"quantity": "quantity|qty|menge|数量",
	"price": "price|unit price|preis|单价",
	"probability": "probability|probability|chance|wahrscheinlichkeit|成交概率",
	"lost_reason": "lost reason|loss reason|reason lost|closed lost reason|丢单原因|失败原因",
	"next_step": "next step|下一步",
	"notes": "notes|note|description|comments|remarks|message|notizen|bemerkung|备注|描述|说明",
	"is_deleted": "is deleted|isdeleted|deleted|已删除",
	"tax_id": "tax id|vat|vat id|vat number|ust id|税号|统一社会信用代码",
	"territory": "territory|sales territory|gebiet|区域|地区",
	"pipeline": "pipeline",
	"kind": "kind|type|prospect type",
	"account_id": "account id|customer id|company id|客户id",
	"parent": "parent|parent account|parent company",
	"details": "details",
}


def plain(name: str) -> str:
	"""A column's name without case, accents, signs: "Deal_Stage " and "Deal - Stage" are "deal stage"."""
	text = unicodedata.normalize("NFKC", name).casefold()
	return " ".join(re.sub(r"[\W_]+", " ", text).split())


def guess(
	columns: list[str],
	table: str,
	known: Mapping[str, bool],
	preset: str = "",
	earlier: Mapping[str, str] | None = None,
) -> dict[str, str]:
	"""{column: field of `known`}. What was chosen `earlier` ({column: field}) goes first, then the preset, then usual
	names; a field is given to one column."""
	before = {plain(name): field for name, field in (earlier or {}).items()}
	usual = {name: field for field, names in USUAL.items() if field in known for name in names.split("|")}
	found: dict[str, str] = {}
	for source in (before, PRESETS.get(preset, {}).get(_like(table), {}), usual):
		for column in columns:
			field = source.get(plain(column))
			if field in known and column not in found and field not in found.values():
				found[column] = field
	return found


def _like(table: str) -> str:
	return "opportunities" if table == "opportunities" else "leads"
