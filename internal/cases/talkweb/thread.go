package talkweb

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/handout"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/view"
)

// thread is the conversation from one of its sides.
type thread struct {
	*Pages
	base string
}

// threadPage is a conversation with the form below it.
type threadPage struct {
	*talk.Thread
	base    string
	f       *form.Form
	waiting []talk.Message // questions without a reply
	phrases []talk.Phrase
	max     int64
	today   string
	last    string // day by which a reply may be asked for
}

func (t thread) path(r *http.Request) string {
	return Path(t.base, cases.ID(r.PathValue("id")))
}

// Path is the address of the conversation about a case below /my or /work.
func Path(base string, id cases.ID) string { return base + "/cases/" + string(id) + "/messages" }

func (t thread) show(w http.ResponseWriter, r *http.Request) error {
	return t.page(w, r, form.New("once", ids.New(t.Clock.Now())))
}

// page shows the conversation; seeing it is reading it.
func (t thread) page(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	x, err := t.Talk.Thread(ctx, actor, id, r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	d := threadPage{Thread: x, base: t.base, f: f, max: t.MaxUpload}
	today := workday.DateOf(t.Clock.Now())
	d.today, d.last = today.String(), today.AddDays(talk.MaxDue).String()
	all, err := t.Talk.Open(ctx, actor, id)
	if err != nil {
		return err
	}
	d.waiting = all
	if f.Value("answers") == "" && len(all) > 0 && t.base == my {
		f.Values().Set("answers", all[0].ID)
	}
	if t.base == work && x.Writes {
		if d.phrases, err = t.Talk.PhrasesFor(ctx, actor, talk.ForMessage); err != nil {
			return err
		}
	}
	if r.Method == http.MethodGet && r.URL.Query().Get("before") == "" {
		if err := t.Talk.Read(ctx, actor, id); err != nil {
			return err
		}
	}
	return view.Render(w, r, f.Status(), threadView(d))
}

// write sends a message, or puts a canned text into what is being written.
func (t thread) write(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New("once", ids.New(t.Clock.Now()))
		f.Complain("files", files.ErrTooLarge.Code, map[string]any{"mb": t.MaxUpload >> 20})
		return t.page(w, r, f)
	}
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	if f.Value("insert") != "" {
		return t.insert(w, r, f)
	}
	in := talk.Input{
		Text: f.Text("text", form.Max(talk.MaxText)), Limit: t.MaxUpload, Once: f.Text("once", form.Max(64)),
		Answers: strings.TrimPrefix(f.Text("answers", form.Max(64)), noQuestion), ReplyBy: f.Text("reply_by", form.Max(10)),
	}
	if f.OK() {
		closeAll, err := openAll(r, &in)
		defer closeAll()
		if err == nil {
			_, err = t.Talk.Write(ctx, actor, cases.ID(r.PathValue("id")), in)
		}
		if err == nil {
			t.Sessions.Flash(ctx, "talk.sent")
			return httpx.SeeOther(w, r, t.path(r)+"#end")
		}
		if e, ok := errors.AsType[*errs.Error](err); ok && (strings.HasPrefix(e.Code, "files.") || errors.Is(err, quota.ErrFiles) || errors.Is(err, quota.ErrBytes)) {
			f.Complain("files", e.Code, e.Params)
		} else if !f.Reject(err) {
			return err
		}
	}
	return t.page(w, r, f)
}

// noQuestion is the choice to write something else than a reply.
const noQuestion = "-"

// insert appends the chosen canned text, filled with the facts of the case.
func (t thread) insert(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	list, err := t.Talk.PhrasesFor(ctx, actor, talk.ForMessage)
	if err != nil {
		return err
	}
	x, err := t.Talk.Thread(ctx, actor, cases.ID(r.PathValue("id")), "")
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(p talk.Phrase) bool { return p.ID == f.Value("phrase") }); i >= 0 {
		text := strings.TrimSpace(f.Value("text"))
		if text != "" {
			text += "\n"
		}
		f.Values().Set("text", text+talk.Fill(list[i].Text, &x.Case))
	}
	return t.page(w, r, f)
}

// openAll opens the files that came along.
func openAll(r *http.Request, in *talk.Input) (closeAll func(), err error) {
	var opened []multipart.File
	closeAll = func() {
		for _, f := range opened {
			_ = f.Close()
		}
	}
	if r.MultipartForm == nil {
		return closeAll, nil
	}
	for _, h := range r.MultipartForm.File["files"] {
		if h.Filename == "" && h.Size == 0 {
			continue // none was chosen
		}
		f, err := h.Open()
		if err != nil {
			return closeAll, err
		}
		opened = append(opened, f)
		in.Files = append(in.Files, talk.Upload{Name: h.Filename, Content: f})
	}
	return closeAll, nil
}

func (t thread) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := t.Talk.Withdraw(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("message")); err != nil {
		return err
	}
	t.Sessions.Flash(r.Context(), "talk.withdrew")
	return httpx.SeeOther(w, r, t.path(r)+"#end")
}

func (t thread) drop(w http.ResponseWriter, r *http.Request) error {
	if err := t.Talk.Drop(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("message")); err != nil {
		return err
	}
	t.Sessions.Flash(r.Context(), "talk.dropped")
	return httpx.SeeOther(w, r, t.path(r)+"#end")
}

// file sends a file of the conversation, always as a download.
func (t thread) file(w http.ResponseWriter, r *http.Request) error {
	f, err := t.Talk.File(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	return handout.Desk{Cases: t.Talk.Cases}.Send(w, r, cases.ID(r.PathValue("id")), f)
}

func (d threadPage) crumbs(ctx context.Context) []view.Link {
	return []view.Link{{Href: "/my/cases", Text: i18n.T(ctx, "cases.my.title")}, {Href: my + "/cases/" + string(d.Case.ID), Text: d.Case.ItemName.For(ctx)}}
}

// who wrote a message, in words: applicants read the office.
func (d threadPage) who(ctx context.Context, m talk.Message) string {
	switch {
	case m.Mine:
		return i18n.T(ctx, "talk.you")
	case m.Side == cases.PartySide:
		return m.AuthorName
	default:
		return strings.TrimSpace(m.Place.For(ctx) + " " + i18n.T(ctx, "role."+m.AuthorRole) + " " + m.AuthorName)
	}
}

// questions are the open questions to choose from.
func (d threadPage) questions(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, m := range d.waiting {
		out = append(out, view.Opt{Value: m.ID, Label: i18n.T(ctx, "talk.answers_to", "day", i18n.FormatLastMoment(ctx, m.Ask.DueAt), "text", short(m.Text))})
	}
	return append(out, view.Opt{Value: noQuestion, Label: i18n.T(ctx, "talk.answers_none")})
}

// short is the beginning of a text, for a choice.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return string(r)
}

func (d threadPage) over(m talk.Message) bool {
	return m.Ask.Open() && d.today > workday.DateOf(m.Ask.DueAt.Add(-1)).String()
}

func side(base string) string {
	if base == work {
		return string(cases.StaffSide)
	}
	return string(cases.PartySide)
}

func (d threadPage) lead(ctx context.Context) string {
	return strings.Join([]string{d.Case.ItemName.For(ctx), d.Case.Number, d.Case.Party.Name.For(ctx)}, " · ")
}

func (d threadPage) textIn(ctx context.Context) view.In {
	return view.In{Name: "text", Label: i18n.T(ctx, "talk.text."+side(d.base)), Hint: i18n.T(ctx, "talk.text_hint."+side(d.base)), Rows: 4, MaxLength: talk.MaxText}
}

func (d threadPage) filesIn(ctx context.Context) view.In {
	return view.In{
		Name: "files", Label: i18n.T(ctx, "talk.files", "max", talk.MaxFiles), Optional: true, MaxBytes: d.max,
		Accept: ".pdf,.jpg,.jpeg,.png,.docx,.xlsx", Attrs: map[string]any{"multiple": true},
	}
}

func (d threadPage) dueIn(ctx context.Context) view.In {
	return view.In{
		Name: "reply_by", Label: i18n.T(ctx, "talk.reply_by"), Hint: i18n.T(ctx, "talk.reply_by_hint"), Type: "date", Optional: true, Width: "sm",
		Attrs: map[string]any{"min": d.today, "max": d.last},
	}
}

func (d threadPage) ins(ctx context.Context) []view.In {
	return []view.In{d.textIn(ctx), d.filesIn(ctx), d.dueIn(ctx)}
}

// TodoWords says by when a reply is waited for.
func TodoWords(ctx context.Context, t cases.Talk) string {
	return i18n.T(ctx, "talk.todo", "day", i18n.FormatLastMoment(ctx, t.By))
}
