package casesweb

import "github.com/tongban/tongban/internal/kernel/i18n"

// saidOften are sentences that clerks would type again and again. They are
// data, not words of the interface: the Chinese sentence goes onto the notice.
var saidOften = struct{ opinion, denial, refusal, pause, extension, transfer, missing []i18n.Text }{
	opinion: []i18n.Text{
		{ZH: "经审查，申请材料齐全，符合规定条件，同意。", EN: "Examined: the papers are complete and the conditions are met. Agreed."},
		{ZH: "经现场核查，实际情况与申请材料一致，同意。", EN: "Inspected on site: the facts agree with the papers. Agreed."},
		{ZH: "现有材料不能证明符合规定条件，不同意。", EN: "The papers do not show that the conditions are met. Not agreed."},
	},
	denial: []i18n.Text{
		{ZH: "不符合规定的办理条件。", EN: "The conditions for this item are not met."},
		{ZH: "现场核查情况与申请材料不一致。", EN: "What was found on site differs from the papers."},
		{ZH: "有关部门审查后不同意。", EN: "A department that examined the case did not agree."},
	},
	refusal: []i18n.Text{
		{ZH: "申请事项依法不需要办理。", EN: "By law nothing needs to be applied for here."},
		{ZH: "申请事项不属于本区职权范围。", EN: "This matter is not within the powers of this zone."},
		{ZH: "申请人不具备申请资格。", EN: "The applicant is not entitled to apply."},
		{ZH: "逾期没有补充材料。", EN: "What was asked for did not come in time."},
	},
	pause: []i18n.Text{
		{ZH: "需要组织现场核查。", EN: "A site inspection is needed."},
		{ZH: "需要组织专家评审。", EN: "An expert review is needed."},
		{ZH: "需要举行听证。", EN: "A hearing has to be held."},
	},
	extension: []i18n.Text{
		{ZH: "案情复杂，需要进一步核实。", EN: "The case is complex and needs further checking."},
		{ZH: "需要其他部门提供意见。", EN: "Another department has to give its view."},
	},
	transfer: []i18n.Text{
		{ZH: "职能划转，改由承接部门办理。", EN: "The duty has passed to the other department."},
		{ZH: "事项不属于本部门职权，属于承接部门。", EN: "This matter is within the powers of the other department, not of ours."},
		{ZH: "企业迁址，改由新址所在地办理。", EN: "The firm has moved; its new place is competent."},
	},
	missing: []i18n.Text{
		{ZH: "缺少这份材料", EN: "This paper is missing"},
		{ZH: "看不清，请重新上传", EN: "Not legible, please upload again"},
		{ZH: "已过有效期", EN: "No longer valid"},
		{ZH: "缺少签字或者盖章", EN: "Signature or stamp is missing"},
		{ZH: "与申请表填写的内容不一致", EN: "Does not agree with the form"},
		{ZH: "填写有误，请核对后修改", EN: "Wrong entry, please check and correct"},
	},
}
