package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/sheets"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// Message is one message of the conversation about a case.
type Message struct {
	ID          string     `json:"id"`
	Side        string     `json:"side" enum:"party,staff"`
	By          EventBy    `json:"by"`
	Mine        bool       `json:"mine"`
	Text        string     `json:"text"`
	AnswersTo   string     `json:"answers_to,omitempty"`
	Files       []CaseFile `json:"files"`
	WrittenAt   time.Time  `json:"written_at"`
	ReadAt      *time.Time `json:"read_at,omitempty"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
	Ask         *Ask       `json:"ask,omitempty"`
}

// Ask is a reply that the office waits for.
type Ask struct {
	State string    `json:"state" enum:"open,answered,dropped"`
	DueAt time.Time `json:"due_at"`
}

// MessageList is a page of a conversation, the oldest first. Before names the
// first one shown when there are earlier ones.
type MessageList struct {
	Messages []Message `json:"messages"`
	Writable bool      `json:"writable"`
	Earlier  string    `json:"earlier,omitempty"`
}

type messagesInput struct {
	ID     string `path:"id" maxLength:"64"`
	Before string `query:"before" maxLength:"64"`
}

type messagesOutput struct{ Body MessageList }

// MessageForm is a multipart form with a message and the files that go along.
type MessageForm struct {
	Text      string          `form:"text" maxLength:"2000" required:"false"`
	AnswersTo string          `form:"answers_to" maxLength:"64" required:"false"`
	Files     []huma.FormFile `form:"files" required:"false"`
}

type writeInput struct {
	ID      string `path:"id" maxLength:"64"`
	Key     string `header:"Idempotency-Key" maxLength:"64" pattern:"^[!-~]*$"`
	RawBody huma.MultipartFormFiles[MessageForm]
}

type writeOutput struct {
	Status int
	Body   Message
}

type messageFileInput struct {
	ID   string `path:"id" maxLength:"64"`
	File string `path:"file" maxLength:"64"`
}

// Document is a paper that exists for a case.
type Document struct {
	Kind   string    `json:"kind"`
	No     int       `json:"no"`
	Number string    `json:"number"`
	Title  i18n.Text `json:"title"`
	At     time.Time `json:"at"`
	Href   string    `json:"href"`
}

// DocumentList is the papers of a case, in the order of its life.
type DocumentList struct {
	Documents []Document `json:"documents"`
}

type documentsOutput struct{ Body DocumentList }

type documentInput struct {
	ID   string `path:"id" maxLength:"64"`
	Kind string `path:"kind" maxLength:"40"`
	No   int    `path:"no" minimum:"1" maximum:"1000"`
	Lang string `query:"lang" enum:"zh-CN,en"`
}

type download struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) messages() {
	tag := []string{"messages"}
	write, read := auth.ScopeCasesWrite, auth.ScopeCasesRead
	gone := []int{http.StatusNotFound}
	add(s, read, huma.Operation{OperationID: "list-messages", Method: http.MethodGet, Path: "/cases/{id}/messages", Tags: tag, Errors: gone}, s.listMessages)
	add(s, write, huma.Operation{
		OperationID: "write-message", Method: http.MethodPost, Path: "/cases/{id}/messages", Tags: tag, DefaultStatus: http.StatusCreated,
		MaxBodyBytes: talk.MaxFiles*s.MaxUpload + maxJSON,
		Errors:       []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, s.writeMessage)
	add(s, write, huma.Operation{OperationID: "read-messages", Method: http.MethodPost, Path: "/cases/{id}/messages/read", Tags: tag, DefaultStatus: http.StatusNoContent, Errors: gone}, s.readMessages)
	add(s, read, huma.Operation{OperationID: "get-message-file", Method: http.MethodGet, Path: "/cases/{id}/messages/files/{file}", Tags: tag, Errors: gone}, s.messageFile)
	tag = []string{"documents"}
	add(s, read, huma.Operation{OperationID: "list-documents", Method: http.MethodGet, Path: "/cases/{id}/documents", Tags: tag, Errors: gone}, s.listDocuments)
	add(s, read, huma.Operation{OperationID: "get-document", Method: http.MethodGet, Path: "/cases/{id}/documents/{kind}/{no}", Tags: tag, Errors: gone}, s.document)
}

// threadOf is the conversation about a case of the client.
func (s *server) threadOf(ctx context.Context, id, before string) (*talk.Thread, error) {
	v, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.Talk.Thread(ctx, auth.From(ctx), v.ID, before)
}

func (s *server) listMessages(ctx context.Context, in *messagesInput) (*messagesOutput, error) {
	t, err := s.threadOf(ctx, in.ID, in.Before)
	if err != nil {
		return nil, err
	}
	out := MessageList{Messages: []Message{}, Writable: t.Writes, Earlier: t.Earlier}
	for _, m := range t.Messages {
		out.Messages = append(out.Messages, messageOf(m))
	}
	return &messagesOutput{out}, nil
}

func messageOf(m talk.Message) Message {
	out := Message{
		ID: m.ID, Side: string(m.Side), By: EventBy{Kind: "client", Role: m.AuthorRole, Place: m.Place}, Mine: m.Mine, Text: m.Text, AnswersTo: m.Answers,
		Files: []CaseFile{}, WrittenAt: m.WrittenAt.In(zone), ReadAt: at(m.ReadAt), WithdrawnAt: at(m.WithdrawnAt),
	}
	switch {
	case m.Side == cases.StaffSide:
		out.By.Kind = "staff"
	case !m.Mine: // a colleague at the firm
		out.By.Kind = "person"
	}
	for _, f := range m.Files {
		out.Files = append(out.Files, CaseFile{f.ID, f.Name, f.MediaType, f.Size, f.SHA256})
	}
	if m.Ask != nil {
		out.Ask = &Ask{m.Ask.State, m.Ask.DueAt.In(zone)}
	}
	return out
}

func (s *server) writeMessage(ctx context.Context, in *writeInput) (*writeOutput, error) {
	b := in.RawBody.Data()
	defer func() {
		for _, f := range b.Files {
			_ = f.Close()
		}
	}()
	if !clean(b.Text) || !clean(b.AnswersTo) {
		return nil, ErrUnreadable
	}
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	m := talk.Input{Text: b.Text, Limit: s.MaxUpload, Answers: b.AnswersTo, Once: in.Key}
	for _, f := range b.Files {
		m.Files = append(m.Files, talk.Upload{Name: f.Filename, Content: f})
	}
	id, err := s.Talk.Write(ctx, auth.From(ctx), v.ID, m)
	switch e, ours := errors.AsType[*errs.Error](err); {
	case errors.Is(err, files.ErrTooLarge):
		return nil, ErrTooLarge
	case ours && e.Kind == errs.Invalid && len(e.Fields) == 0: // of one of the files
		return nil, e.At("body.files", e.Code)
	case err != nil:
		return nil, located(err, "body")
	}
	t, err := s.Talk.Thread(ctx, auth.From(ctx), v.ID, id+"~") // it and what stands before it
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(t.Messages, func(x talk.Message) bool { return x.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("api: message %s is not in its conversation", id)
	}
	return &writeOutput{http.StatusCreated, messageOf(t.Messages[i])}, nil
}

// readMessages notes that the client has seen the conversation: reading it with
// GET changes nothing.
func (s *server) readMessages(ctx context.Context, in *caseInput) (*struct{}, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.Talk.Read(ctx, auth.From(ctx), v.ID)
}

func (s *server) messageFile(ctx context.Context, in *messageFileInput) (*huma.StreamResponse, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	f, err := s.Talk.File(ctx, auth.From(ctx), v.ID, in.File)
	if err != nil {
		return nil, err
	}
	r, err := s.Talk.Files.Open(f)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) { // never whole in memory
		defer func() { _ = r.Close() }()
		c.SetHeader("Content-Type", f.MediaType)
		c.SetHeader("Content-Disposition", attachment(f.Name))
		c.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
		c.SetHeader("X-Content-Type-Options", "nosniff")
		_, _ = io.Copy(c.BodyWriter(), r) // a reader who left is no error of ours
	}}, nil
}

func attachment(name string) string { return "attachment; filename*=UTF-8''" + url.PathEscape(name) }

// papersOf lists the papers of a case of the client.
func (s *server) papersOf(ctx context.Context, id string) (*cases.View, []cases.Paper, error) {
	v, err := s.find(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	list, err := s.Cases.Papers(ctx, auth.From(ctx), v)
	return v, list, err
}

func (s *server) listDocuments(ctx context.Context, in *caseInput) (*documentsOutput, error) {
	v, list, err := s.papersOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &documentsOutput{DocumentList{Documents: []Document{}}}
	for _, p := range list {
		out.Body.Documents = append(out.Body.Documents, Document{
			Kind: p.Key, No: p.No, Number: p.Number, Title: p.Title, At: p.Event.At.In(zone),
			Href: strings.Join([]string{Prefix, "cases", string(v.ID), "documents", p.Key, strconv.Itoa(p.No)}, "/"),
		})
	}
	return out, nil
}

// document is a paper as PDF, in the language asked for, else that of the request.
func (s *server) document(ctx context.Context, in *documentInput) (*download, error) {
	v, list, err := s.papersOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(p cases.Paper) bool { return p.Key == in.Kind && p.No == in.No })
	if i < 0 {
		return nil, cases.ErrNotFound
	}
	d, err := s.Cases.Issue(ctx, v, list[i])
	if err != nil {
		return nil, err
	}
	if l, ok := i18n.Parse(in.Lang); ok {
		ctx = i18n.In(ctx, l)
	}
	name, file, err := sheets.Maker{Cases: s.Cases, BaseURL: s.BaseURL}.PDF(ctx, d, map[string]i18n.Text{"pickup": {ZH: v.PickupCode}})
	if err != nil {
		return nil, err
	}
	return &download{"application/pdf", attachment(name + ".pdf"), file}, nil
}
