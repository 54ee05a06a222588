package cases

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Source says where a value that nobody typed came from.
type Source struct {
	Kind string // person, enterprise, figures, certificate, case
	Ref  string // number of the case or of the certificate
	Day  string // ISO date: of the decision, of the certificate, else when it was taken over
}

// Text is how a source is kept beside its value.
func (s Source) Text() string { return s.Kind + "|" + s.Ref + "|" + s.Day }

// ParseSource reads Text; what is older is only a name like "enterprise.name".
func ParseSource(text string) Source {
	parts := strings.Split(text, "|")
	if len(parts) != 3 {
		kind, _, _ := strings.Cut(text, ".")
		return Source{Kind: kind}
	}
	return Source{parts[0], parts[1], parts[2]}
}

// former is a case of the same party that was granted.
type former struct {
	number, item, version, account, day string
	answers                             map[string]any
}

// mostFormer cases are looked through for what can be taken over.
const mostFormer = 50

// prefill fills in what is known for the fields of a form and says from where.
// Nothing of another party is ever read: what is asked for is the account, the
// firm that it acts for, the certificates of that party and its cases. What
// tells of a person is taken from a former case only for the person who filed it.
func (s *Service) prefill(ctx context.Context, k *Case, item *catalogue.Item) (Typed, map[string]string, error) {
	enterprise := ""
	if k.Party.Kind == identity.HolderEnterprise {
		enterprise = k.Party.ID
	}
	known, err := s.Identity.Applicant(ctx, k.AccountID, enterprise)
	if err != nil {
		return nil, nil, err
	}
	p := prefiller{typed: Typed{}, source: map[string]string{}, today: s.today(), account: k.AccountID}
	for _, source := range sourcesOf(item) {
		if _, _, ok := catalogue.PrefillCertificate(source); ok && p.held == nil {
			if p.held, err = s.Identity.OnFile(ctx, k.Party.ID); err != nil {
				return nil, nil, err
			}
		}
		if _, _, ok := catalogue.PrefillCase(source); (ok || source == catalogue.FormerPrefill) && p.former == nil {
			if p.former, err = s.formerCases(ctx, k); err != nil {
				return nil, nil, err
			}
		}
	}
	for i := range p.former {
		if p.versions == nil {
			p.versions = map[string]*catalogue.Item{}
		}
		id := p.former[i].version
		if _, have := p.versions[id]; !have {
			if p.versions[id], err = s.Catalogue.Version(ctx, id); err != nil {
				return nil, nil, fmt.Errorf("cases: prefill: %w", err)
			}
		}
	}
	for _, section := range item.Form.Sections {
		if section.Repeat != nil {
			p.rows(section)
			continue
		}
		for _, f := range section.Fields {
			if f.Prefill != "" && f.Formula == "" {
				p.field(f, known)
			}
		}
	}
	return p.typed, p.source, nil
}

// sourcesOf lists what a form is filled in from.
func sourcesOf(item *catalogue.Item) []string {
	var out []string
	for _, s := range item.Form.Sections {
		if s.Repeat != nil {
			out = append(out, s.Repeat.Prefill)
		}
		for _, f := range s.Fields {
			out = append(out, f.Prefill)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// formerCases of a party that were granted, newest first, with what was
// submitted last.
func (s *Service) formerCases(ctx context.Context, k *Case) ([]former, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x former, err error) {
		var decided time.Time
		var id ID
		var answers string
		err = r.Scan(&id, &x.number, &x.item, &x.version, &x.account, db.Time{Time: &decided}, &answers)
		if err == nil {
			err = s.store.openJSON(id, answers, &x.answers)
		}
		x.day = workday.DateOf(decided).String()
		return x, err
	}, `SELECT c.id, COALESCE(c.number, ''), c.item_code, c.item_version_id, c.account_id, c.decided_at, s.answers FROM cases_case c
		JOIN cases_snapshot s ON s.case_id = c.id AND s.data_version = c.data_version
		WHERE c.party_kind=$1 AND c.party_id=$2 AND c.outcome IN ('granted','partly') AND c.parent_id='' ORDER BY c.decided_at DESC, c.id DESC LIMIT $3`,
		string(k.Party.Kind), k.Party.ID, mostFormer)
	if err != nil {
		return nil, fmt.Errorf("cases: former cases: %w", err)
	}
	who, err := s.Identity.ActAs(ctx, k.AccountID)
	if err != nil {
		return nil, fmt.Errorf("cases: former cases: %w", err)
	}
	list = slices.DeleteFunc(list, func(x former) bool { // what he may not read fills in nothing
		return k.Party.ID != who.ID && !who.May(k.Party.ID, auth.ModuleCases, x.item, false)
	})
	if list == nil {
		list = []former{}
	}
	return list, nil
}

// prefiller fills in a form.
type prefiller struct {
	typed    Typed
	source   map[string]string
	today    string
	account  string
	held     map[string]identity.Certificate
	former   []former
	versions map[string]*catalogue.Item
}

func (p *prefiller) field(f catalogue.Field, known map[string]any) {
	if kind, what, ok := catalogue.PrefillCertificate(f.Prefill); ok {
		if c, ok := p.held[kind]; ok {
			p.put(f.ID, certificateField(c, what), Source{"certificate", c.Number, c.ValidFrom})
		}
		return
	}
	item, id, ofCase := catalogue.PrefillCase(f.Prefill)
	if f.Prefill == catalogue.FormerPrefill {
		id, ofCase = f.ID, true
	}
	if ofCase {
		for _, x := range p.former {
			v, answered := x.answers[id]
			was, same := p.versions[x.version].Field(id)
			if !answered || !same || was.Type != f.Type || item != "" && item != x.item || f.Type.OfPerson() && x.account != p.account {
				continue
			}
			p.typed[f.ID], p.source[f.ID] = forms.FromAnswers(map[string]any{f.ID: v})[f.ID], Source{"case", x.number, x.day}.Text()
			return
		}
		return
	}
	kind, _, _ := strings.Cut(f.Prefill, ".")
	if f.Type == catalogue.FieldAddress { // the division of the file, and what its address says beyond it
		code, _ := known[kind+".region"].(string)
		whole, _ := known[f.Prefill].(string)
		if whole != "" {
			p.typed[f.ID], p.source[f.ID] = forms.TypedAddress(code, division.Known().Rest(code, whole)), Source{Kind: kind, Day: p.today}.Text()
		}
		return
	}
	switch v := known[f.Prefill].(type) {
	case string:
		p.put(f.ID, v, Source{Kind: kind, Day: p.today})
	case float64: // figures and money come without needless decimals
		p.put(f.ID, strconv.FormatFloat(v, 'f', -1, 64), Source{Kind: kind, Day: p.today})
	}
}

func (p *prefiller) put(id, value string, from Source) {
	if value != "" {
		p.typed[id], p.source[id] = []string{value}, from.Text()
	}
}

// rows takes the rows of a former case over, those fields of them that are asked
// for in the same way now.
func (p *prefiller) rows(s catalogue.Section) {
	item, key, ofCase := catalogue.PrefillCase(s.Repeat.Prefill)
	if s.Repeat.Prefill == catalogue.FormerPrefill {
		key, ofCase = s.Key, true
	}
	if !ofCase {
		return
	}
	for _, x := range p.former {
		was, same := p.versions[x.version].Group(key)
		rows := forms.RowsOf(x.answers[key])
		if !same || len(rows) == 0 || item != "" && item != x.item {
			continue
		}
		list := make([]any, 0, len(rows))
		for _, row := range rows {
			now := map[string]any{catalogue.RowKey: forms.RowID(row)}
			for _, f := range s.Fields {
				old, ok := was.Field(f.ID)
				if ok && old.Type == f.Type && f.Formula == "" && (!f.Type.OfPerson() || x.account == p.account) {
					now[f.ID] = row[f.ID]
				}
			}
			list = append(list, now)
		}
		for name, values := range forms.FromAnswers(map[string]any{s.Key: list}) {
			p.typed[name] = values
		}
		p.source[s.Key] = Source{"case", x.number, x.day}.Text()
		return
	}
}

func certificateField(c identity.Certificate, what string) string {
	switch what {
	case "number":
		return c.Number
	case "title":
		return c.Title.In(i18n.Chinese)
	case "valid_from":
		return c.ValidFrom
	case "valid_to":
		return c.ValidTo
	}
	return ""
}

// FormVersion is the name under which a page says which version of the form it
// shows.
const FormVersion = "form_version"

// moved brings what is typed over to the form of a draft as it is published now:
// what the buffer holds, or what is posted from a page that shows the form of
// before. typed is what a save has to keep then.
func (s *Service) moved(ctx context.Context, k *Case, item *catalogue.Item, b Buffer, posted url.Values) (out Buffer, typed Typed, err error) {
	typed = KeepKnown(item, posted)
	if k.State != Draft {
		return b, typed, nil
	}
	from, page := cmp.Or(b.VersionID, k.ItemVersionID), posted.Get(FormVersion)
	ofBefore := page != "" && page != item.VersionID
	if ofBefore {
		from = page
	}
	b.VersionID = item.VersionID
	if from == item.VersionID {
		return b, typed, nil
	}
	old, err := s.Catalogue.Version(ctx, from)
	if err != nil || old.ID != item.ID { // composed in memory and never kept: there is nothing to compare with
		return b, typed, nil //nolint:nilerr // the draft is shown as it stands
	}
	was := b.Typed
	if ofBefore {
		was = KeepKnown(old, posted)
	}
	kept, aside := forms.Move(old, item, was)
	if ofBefore {
		typed = KeepKnown(item, url.Values(kept))
	} else {
		b.Typed = kept
	}
	for _, a := range aside {
		i := slices.IndexFunc(b.Aside, func(x forms.Aside) bool { return x.Name == a.Name })
		if i < 0 {
			b.Aside = append(b.Aside, a)
			continue
		}
		b.Aside = slices.Clone(b.Aside)
		b.Aside[i] = a
	}
	return b, typed, nil
}

// DropAside forgets the answers that a newer form had no place for, once the
// applicant has seen them.
func (s *Service) DropAside(ctx context.Context, actor auth.Actor, id ID) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, _, err := s.lockedEditable(ctx, actor, id); err != nil {
			return err
		}
		_, err := s.DB.Exec(ctx, `UPDATE cases_buffer SET aside='[]' WHERE case_id=$1`, string(id))
		return err
	})
}
