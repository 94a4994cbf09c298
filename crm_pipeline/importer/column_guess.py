"""Which field a column of a file is: by the documented names of other systems, by usual names, by what was chosen before."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from crm_pipeline.importer import presets

NUMBERED = re.compile(r" \(\d+\)$")

# Usual names in several languages; a table takes those of its fields.
USUAL: dict[str, str] = {
	"external_id": "id|record id|external id|lead id|deal id|opportunity id|uuid|编号|客户编号|线索编号|商机编号|kundennummer|nummer|datensatz id|id del registro|identifiant de l enregistrement|レコードid",
	"company_name": "company|company name|organization|organisation|account|account name|firma|firmenname|unternehmen|entreprise|empresa|公司|公司名称|企业名称|客户名称|单位名称|firma name|name des unternehmens|unternehmensname|nom de l entreprise|nombre de la empresa|nome da empresa|azienda|société|raison sociale|会社名",
	"prospect": "company|company name|organization|organisation|account|account name|name|firma|firmenname|unternehmen|公司|公司名称|企业名称|客户名称|单位名称|unternehmensname|nom de l entreprise|nombre de la empresa|nome da empresa|société|raison sociale|会社名",
	"account": "account|account name|company|company name|customer|customer name|organization|client|kunde|client name|客户|客户名称|公司名称|firma|unternehmen|unternehmensname|verknüpftes unternehmen|entreprise|empresa|会社名",
	"contact": "contact|contact name|contact person|full name|person|name|ansprechpartner|联系人|姓名|联系人姓名|kontaktperson|nom complet|nombre completo|nome completo|contacto|氏名|担当者",
	"first_name": "first name|firstname|given name|vorname|prénom|nombre|名字",
	"last_name": "last name|lastname|surname|family name|nachname|nom|apellidos|apellido|姓|姓氏",
	"email": "email|e mail|email address|mail|e mail address|邮箱|电子邮件|电子邮箱|e mail adresse|emailadresse|adresse e mail|adresse email|courriel|correo|correo electrónico|endereço de e mail|メール|メールアドレス",
	"phone": "phone|telephone|phone number|tel|telefon|téléphone|电话|联系电话|座机|telefonnummer|numéro de téléphone|teléfono|número de teléfono|telefone|電話番号|电话号码",
	"mobile": "mobile|mobile phone|mobile number|cell|handy|mobil|手机|手机号|手机号码|mobiltelefon|mobilnummer|handynummer|numéro de téléphone mobile|móvil|celular|携帯電話番号|移动电话",
	"designation": "designation|job title|position|role|funktion|职位|职务|jobtitel|stellenbezeichnung|berufsbezeichnung|intitulé du poste|poste|cargo|puesto|役職",
	"website": "website|web|url|homepage|domain|网站|网址|website url|webseite|site web|sitio web|unternehmens domainname",
	"industry": "industry|sector|branche|行业|所属行业",
	"country": "country|country region|land|pays|país|国家|land region|pays région|país región|国家 地区|国名",
	"city": "city|town|ort|stadt|ville|城市|市",
	"state": "state|province|region|bundesland|省|省份",
	"postcode": "postcode|zip|zip code|postal code|plz|邮编",
	"street": "street|address|address line 1|straße|strasse|adresse|地址|详细地址",
	"channel": "channel|source|lead source|origin|quelle|herkunft|来源|渠道|线索来源|lead quelle|ursprüngliche quelle|origine|origen|fuente|流入元",
	"campaign": "campaign|kampagne|营销活动|活动|campaign name|campagne|campaña",
	"status": "status|lead status|state of lead|状态|线索状态|leadstatus|lead status|statut du lead|estado del lead",
	"stage": "stage|deal stage|sales stage|phase|阶段|销售阶段|deal phase|dealphase|etapa|étape|phase de la transaction|etapa del negocio|ステージ",
	"title": "title|deal|deal name|opportunity|opportunity name|subject|betreff|titel|商机名称|标题|主题|deal titel|transaktion|nom de la transaction|nombre del negocio|商机|机会名称",
	"amount": "amount|value|deal value|expected revenue|revenue|sum|betrag|wert|montant|importe|金额|预计金额|auftragswert|umsatz|valor|importo|amount in company currency|金額|金额 元",
	"currency": "currency|währung|devise|币种|货币",
	"close_date": "close date|closing date|closed date|abschlussdatum|成交日期|结单日期|schlussdatum|date de fermeture|fecha de cierre|クローズ日",
	"expected_close": "expected close|expected close date|expected closing|预计成交日期|预计结单日期",
	"closed_on": "closed on|won on|deal closed on",
	"created_on": "created|created on|created at|created date|create date|creation date|created time|date|erstellt|erstellt am|first contact date|创建时间|创建日期|erstelldatum|erstellungsdatum|date de création|fecha de creación|data de criação|作成日|created time|createddate",
	"converted_on": "converted on|converted date|conversion date|won date|转化日期",
	"owner": "owner|sales owner|lead owner|deal owner|assigned to|assigned user|负责人|所有人|zuständiger mitarbeiter|kontakt inhaber|deal inhaber|zuständiger mitarbeiter für kontakt|propriétaire|propietario|proprietário|contact owner|lead owner|担当者 所有者|客户负责人|线索负责人",
	"agent": "sales person|salesperson|sales agent|rep|verkäufer|销售员|销售人员",
	"product": "product|item|product name|artikel|produkt|产品|产品名称",
	"quantity": "quantity|qty|menge|数量",
	"price": "price|unit price|preis|单价",
	"probability": "probability|probability|chance|wahrscheinlichkeit|成交概率|deal wahrscheinlichkeit|probabilité|probabilidad|赢单概率",
	"lost_reason": "lost reason|loss reason|reason lost|closed lost reason|丢单原因|失败原因",
	"next_step": "next step|下一步",
	"notes": "notes|note|description|comments|remarks|message|notizen|bemerkung|备注|描述|说明|notiz|anmerkungen|message|commentaires|notas|メモ",
	"is_deleted": "is deleted|isdeleted|deleted|已删除",
	"tax_id": "tax id|vat|vat id|vat number|ust id|税号|统一社会信用代码",
	"territory": "territory|sales territory|gebiet|区域|地区",
	"pipeline": "pipeline",
	"kind": "kind|type|prospect type",
	"account_id": "account id|customer id|company id|客户id",
	"parent": "parent|parent account|parent company",
	"details": "details",
	"subject": "subject|activity|topic|title|name|betreff|titel|主题|标题",
	"about": "about|related to|regarding|related record|record|bezug|deal id|lead id|opportunity id|关联|相关",
	"about_type": "about type|related to type|related type|record type|module|bezug typ|关联类型",
	"starts_on": "starts on|start|start date|start time|date|activity date|due date|from|beginn|datum|开始时间|开始日期|日期",
	"ends_on": "ends on|end|end date|end time|to|until|ende|结束时间|结束日期",
	"way": "way|type|activity type|kind|art|类型|活动类型",
	"direction": "direction|call direction|richtung|方向",
	"priority": "priority|priorität|优先级",
	"result": "result|outcome|call result|ergebnis|结果",
	"place": "place|location|venue|ort|地点",
	"budget": "budget|budgeted cost|预算",
	"cost": "cost|actual cost|kosten|实际成本|成本",
}
# What a usual name of several fields means in one table.
MEANT = {"opportunities": {"name": "title"}}
# What is said by whoever imports alone: its usual names mean another field of that table.
NOT_GUESSED = {"leads": ("account", "prospect"), "prospects": ("account",), "opportunities": ("prospect",)}


def plain(name: str) -> str:
	"""A column's name without case, signs, time zone: "Deal_Stage " and "Deal - Stage (GMT+1)" are "deal stage"."""
	text = re.sub(r"\((?:gmt|utc)[^()]*\)", " ", unicodedata.normalize("NFKC", name).casefold())
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
	before = {plain(name): (field, 0) for name, field in (earlier or {}).items()}
	usual = {
		name: (field, place)
		for field, names in USUAL.items()
		if field in known and field not in NOT_GUESSED.get(table, ())
		for place, name in enumerate(names.split("|"))
	}
	usual |= {name: (field, 0) for name, field in MEANT.get(table, {}).items()}
	found: dict[str, str] = {}
	for source in (before, presets.columns_of(preset, table), usual):
		for field, column in _best(source, columns):
			if field in known and column not in found and field not in found.values():
				found[column] = field
	return found


def _best(source: Mapping[str, tuple[str, int]], columns: Iterable[str]) -> list[tuple[str, str]]:
	"""(field, column) of the columns that a source knows, those first whose name is preferred."""
	rows = [(*source[name], column) for column in columns if (name := _known_name(source, column))]
	return [(field, column) for field, _place, column in sorted(rows, key=lambda row: row[1])]


def _known_name(source: Mapping[str, tuple[str, int]], column: str) -> str | None:
	"""Its name in the source; of columns of one name, which are numbered, the first is meant."""
	names = (plain(column), plain(NUMBERED.sub("", column)))
	return next((name for name in names if name in source), None)
