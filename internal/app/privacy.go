package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/cases/retention"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/creditweb"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// privacyPorts are what the other modules do for somebody's own data.
func (m *Modules) privacyPorts() privacy.Ports {
	return privacy.Ports{
		CaseFor: m.personalOf, ActorOf: m.ActorOf, Collect: m.collectOwn, Keeps: m.keepsOf, Cited: m.citedOf, Forget: m.forgetAccount,
		EndSessions: func(ctx context.Context, account string) error { return m.Sessions.EndAll(ctx, account, "") },
	}
}

// needsCase says what beside the case itself keeps what was said in it.
func (m *Modules) needsCase(ctx context.Context, id cases.ID) (string, error) {
	if on, err := m.Credit.RestsOn(ctx, string(id)); err != nil || on {
		return retention.Credit, err
	}
	if open, err := m.Certs.ComplainedOf(ctx, string(id)); err != nil || open {
		return retention.Complaint, err
	}
	return "", nil
}

// keepsOf is what keeps the account of somebody: what runs, what he promised,
// and what is on record against him.
func (m *Modules) keepsOf(ctx context.Context, account string) ([]privacy.Obstacle, error) {
	named := func(k cases.Case) i18n.Text {
		return i18n.Text{ZH: k.ItemName.ZH + "（" + k.Number + "）", EN: k.ItemName.In(i18n.English) + " (" + k.Number + ")"}
	}
	running, err := m.Cases.RunningOf(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []privacy.Obstacle
	for _, k := range running {
		out = append(out, privacy.Obstacle{Kind: "case", Href: "/my/cases/" + string(k.ID), Name: named(k)})
	}
	promised, err := m.Cases.PromisedBy(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, k := range promised {
		out = append(out, privacy.Obstacle{Kind: "promise", Href: "/my/cases/" + string(k.ID), Name: named(k.Case), Until: k.Until})
	}
	records, err := m.Credit.Against(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		o := privacy.Obstacle{Kind: "credit", Href: creditweb.MyPath, Name: i18n.Text{ZH: r.Reason, EN: r.Reason}}
		if day, err := workday.Parse(r.Until); err == nil {
			o.Until = workday.EndOf(day)
		}
		if r.Open != nil && (!r.Bad() || r.Until < m.Identity.Today()) { // the record itself would let him go
			o.Kind, o.Until = "objection", r.Open.DueAt
		}
		out = append(out, o)
	}
	return out, nil
}

// citedOf are the certificates of somebody that cases still rest on.
func (m *Modules) citedOf(ctx context.Context, account string) ([]string, error) {
	list, err := m.Cases.CitedBy(ctx, account)
	var out []string
	for _, x := range list {
		c, found, e := m.Identity.CertificateOf(ctx, account, x.Type, x.Number)
		if err = errors.Join(err, e); found {
			out = append(out, c.ID)
		}
	}
	return out, err
}

// forgetAccount takes out what is kept for nobody but somebody who leaves.
func (m *Modules) forgetAccount(ctx context.Context, account string) error {
	return errors.Join(m.Cases.DropDraftsOf(ctx, account), m.Catalogue.Forget(ctx, account), m.Queue.Forget(ctx, account), m.Notify.Forget(ctx, account), m.Feedback.Forget(ctx, account), m.Grants.Forget(ctx, account), m.Push.Forget(ctx, account))
}

// collectOwn adds what was asked for, said and told to the copy of somebody's
// data. A case for a firm that he acts for no more is the firm's, and left out.
func (m *Modules) collectOwn(ctx context.Context, actor auth.Actor, a *privacy.Archive) error {
	line := func(key, value string) privacy.Line {
		return privacy.Line{Key: key, Label: i18n.T(ctx, "privacy.copy."+key), Value: value}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return i18n.FormatDateTime(ctx, t)
	}
	list, err := m.Cases.AllOf(ctx, actor.ID)
	if err != nil {
		return err
	}
	part := privacy.Part{Key: "cases", Title: i18n.T(ctx, "privacy.kept.cases")}
	said := privacy.Part{Key: "messages", Title: i18n.T(ctx, "privacy.copy.messages")}
	for _, k := range list {
		v, err := m.Cases.View(ctx, actor, k.ID)
		if errors.Is(err, cases.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		row := []privacy.Line{line("number", v.Number), line("about", v.ItemName.For(ctx)), line("asked_for", v.Party.Name.For(ctx)), line("state", i18n.T(ctx, "cases.state."+string(v.State))), line("begun", at(v.CreatedAt)), line("submitted", at(v.SubmittedAt)), line("ended", at(v.ClosedAt))}
		answers := v.Answers
		if v.State == cases.Draft {
			f, err := m.Cases.Form(ctx, actor, v.ID)
			if err != nil {
				continue // it is somebody else's to type into
			}
			answers = f.Answers
		}
		row = append(row, answersOf(ctx, v, answers)...)
		part.Rows = append(part.Rows, row)
		for _, state := range v.Materials {
			for _, f := range state.Files {
				if f.Owner != actor.ID && v.AccountID != actor.ID {
					continue
				}
				if err := m.addOwnFile(a, v.Number, f); err != nil {
					return err
				}
			}
		}
		if v.State == cases.Draft {
			continue
		}
		for before := ""; ; {
			t, err := m.Talk.Thread(ctx, actor, v.ID, before)
			if errors.Is(err, cases.ErrNotFound) {
				break
			}
			if err != nil {
				return err
			}
			for _, x := range t.Messages {
				said.Rows = append(said.Rows, []privacy.Line{line("number", v.Number), line("at", at(x.WrittenAt)), line("who", x.AuthorName), line("text", x.Text)})
				for _, f := range x.Files {
					if f.Owner == actor.ID {
						if err := m.addOwnFile(a, v.Number, f); err != nil {
							return err
						}
					}
				}
			}
			if t.Earlier == "" {
				break
			}
			before = t.Earlier
		}
	}
	if err := a.Add(part); err != nil {
		return err
	}
	if err := a.Add(said); err != nil {
		return err
	}
	stars, err := m.Push.Stars(ctx, actor)
	if err != nil {
		return err
	}
	saved := privacy.Part{Key: "policies", Title: i18n.T(ctx, "privacy.copy.policies")}
	for _, x := range stars {
		saved.Rows = append(saved.Rows, []privacy.Line{line("at", at(x.At)), line("about", x.Title.For(ctx))})
	}
	if err := a.Add(saved); err != nil {
		return err
	}
	told := privacy.Part{Key: "notices", Title: i18n.T(ctx, "privacy.copy.notices")}
	for after := ""; ; {
		rows, err := m.Notify.Feed(ctx, actor.ID, page.Request{After: after, Size: 200})
		if err != nil {
			return err
		}
		for _, x := range rows.Rows {
			title, body := m.Notify.Text(i18n.LocaleOf(ctx), x)
			told.Rows = append(told.Rows, []privacy.Line{line("at", at(x.CreatedAt)), line("about", title), line("text", body)})
		}
		if after = rows.Next; after == "" {
			break
		}
	}
	return a.Add(told)
}

// answersOf are the answers of a case in words.
func answersOf(ctx context.Context, v *cases.View, answers map[string]any) []privacy.Line {
	if v.Item == nil {
		return nil
	}
	var out []privacy.Line
	l := i18n.LocaleOf(ctx)
	for _, s := range v.Item.Form.Sections {
		if s.Repeat != nil {
			if rows, ok := answers[s.Key]; ok {
				out = append(out, privacy.Line{Key: "answer." + s.Key, Label: s.Title.For(ctx), Value: forms.ShownRows(s, rows, l)})
			}
			continue
		}
		for _, f := range s.Fields {
			if x, ok := answers[f.ID]; ok {
				out = append(out, privacy.Line{Key: "answer." + f.ID, Label: f.Label.For(ctx), Value: forms.Shown(f, x, l)})
			}
		}
	}
	return out
}

func (m *Modules) addOwnFile(a *privacy.Archive, folder string, f files.File) error {
	if f.Scan != "" {
		return nil // nobody has looked at it, or it is infected
	}
	r, err := m.Files.Open(f)
	if errors.Is(err, files.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	if strings.TrimSpace(folder) == "" {
		folder = "draft"
	}
	return a.File(folder, f.Name, r)
}

// personalOf is the case whose people somebody wants to see whole: one that he
// may see, and of an order more than its ladder.
func (m *Modules) personalOf(ctx context.Context, actor auth.Actor, id string) (privacy.Case, error) {
	v, err := m.Cases.View(ctx, actor, cases.ID(id))
	if errors.Is(err, cases.ErrNotFound) {
		return privacy.Case{}, privacy.ErrNotFound
	}
	if err != nil {
		return privacy.Case{}, err
	}
	out := privacy.Case{Number: v.Number, AccountID: v.AccountID}
	if v.Party.Kind == identity.HolderPerson {
		out.PersonID = v.Party.ID
	}
	if v.Item == nil {
		return out, nil
	}
	for _, s := range v.Item.Form.Sections {
		rows := []map[string]any{v.Answers}
		if s.Repeat != nil {
			rows = forms.RowsOf(v.Answers[s.Key])
		}
		for _, row := range rows {
			for _, f := range s.Fields {
				if x, ok := row[f.ID].(string); ok && x != "" && personal.OfPerson(f.Type.Datum()) {
					out.Answers = append(out.Answers, privacy.Answer{Label: f.Label, Kind: f.Type.Datum(), Value: x})
				}
			}
		}
	}
	return out, nil
}
