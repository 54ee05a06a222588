package credit

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Sheet is how records of before, and those that other bodies keep, come in: for
// the department of who uploads, which then answers for them.
func (s *Service) Sheet() batch.Kind {
	return batch.Kind{
		Key: "credit", Bringers: Recorders, Releasers: Recorders, Judge: s.judgeRow,
		Columns: []batch.Column{
			{Key: "number", Name: i18n.Text{ZH: "记录编号", EN: "Record number"}, Also: []string{"决定书文号", "文号"}, Required: true},
			{Key: "source", Name: i18n.Text{ZH: "信息来源", EN: "Source"}, Also: []string{"认定机关", "来源"}},
			batch.HolderColumn, batch.NameColumn,
			{Key: "kind", Name: i18n.Text{ZH: "记录类别", EN: "Kind"}, Also: []string{"类别"}, Required: true},
			{Key: "reason", Name: i18n.Text{ZH: "事由", EN: "Reason"}, Required: true},
			{Key: "from", Name: i18n.Text{ZH: "认定日期", EN: "From"}, Also: []string{"生效日期"}, Required: true},
			{Key: "until", Name: i18n.Text{ZH: "截止日期", EN: "Until"}, Also: []string{"有效期至"}},
		},
	}
}

// sheetKinds are the words of sheets for the kinds.
var sheetKinds = map[string]Kind{
	"守信": Honour, "表彰": Honour, "守信激励": Honour, "honour": Honour,
	"失信": Broken, "承诺不实": Broken, "broken": Broken,
	"行政处罚": Penalty, "一般处罚": Penalty, "penalty": Penalty,
	"严重处罚": SeverePenalty, "严重违法": SeverePenalty, "severe_penalty": SeverePenalty,
	"欠缴": Arrears, "拖欠": Arrears, "arrears": Arrears,
}

const maxNumber = 100

// judgeRow reads a row of a sheet of records.
func (s *Service) judgeRow(ctx context.Context, department string, v batch.Values) (batch.Verdict, error) {
	out, dir := batch.Verdict{Number: v["number"]}, s.Identity.Directory()
	party, err := batch.Holder(ctx, s.Identity, v, &out)
	if err != nil {
		return out, err
	}
	r := Record{Party: party, Kind: sheetKinds[strings.ToLower(v["kind"])], Reason: v["reason"], Source: v["source"], DepartmentID: department, From: v["from"], Until: v["until"], Number: v["number"], Version: 1}
	if day, ok := batch.Day(r.From); ok {
		r.From = day
	}
	if day, ok := batch.Day(r.Until); ok {
		r.Until = day
	}
	for _, d := range dir.Departments {
		if r.Source != d.ID && r.Source != d.Name.ZH && r.Source != d.Name.EN {
			continue
		}
		if r.Source = department; d.ID != department { // what another department found comes in by its own sheet
			out.Say("source", errNotOurs)
		}
	}
	if utf8.RuneCountInString(r.Number) > maxNumber {
		out.Say("number", errText)
	}
	for _, f := range errs.FieldsOf(s.checkRecord(&r).OrNil()) {
		out.Wrong = append(out.Wrong, batch.Finding{Column: f.Name, Code: f.Code, Params: f.Params})
	}
	if len(out.Wrong) > 0 {
		return out, nil
	}
	out.Unique = r.Source + "\n" + r.Number
	there, found, err := db.Maybe(ctx, s.DB.Read(ctx), scanRecord, `SELECT `+columns+` FROM identity_credit c WHERE c.source=$1 AND c.number=$2`, r.Source, r.Number)
	switch {
	case err != nil:
		return out, fmt.Errorf("credit: sheet: %w", err)
	case !found:
		out.Take = func(ctx context.Context, actor auth.Actor) error { return s.takeRow(ctx, actor, r) }
	case there.Party.ID == r.Party.ID && there.Kind == r.Kind && there.From == r.From && there.Reason == r.Reason: // repaired or struck out since: that stays so
		out.Same = true
	default:
		out.Say("number", errDiffers)
	}
	return out, nil
}

// takeRow enters a record of a sheet, and tells its subject.
func (s *Service) takeRow(ctx context.Context, actor auth.Actor, r Record) error {
	now := s.Clock.Now()
	r.ID, r.RecordedAt, r.RecordedBy = ids.New(now), now, actor.ID
	if err := s.insert(ctx, &r); err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{Action: "credit.record", Object: "party:" + r.Party.ID, Reason: r.Reason, Change: map[string]any{"kind": r.Kind, "until": r.Until, "record": r.ID, "number": r.Number}}); err != nil {
		return err
	}
	return s.tell(ctx, r.Party, "credit_record", "credit:"+r.ID, r.Reason)
}
