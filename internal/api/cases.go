package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// CreateCase is a case to file.
type CreateCase struct {
	Item           string         `json:"item" minLength:"1" maxLength:"60"`
	EnterpriseUSCC string         `json:"enterprise_uscc" minLength:"1" maxLength:"40"`
	Answers        map[string]any `json:"answers"`
	Collect        string         `json:"collect,omitempty" enum:"electronic,window,post"`
	Submit         bool           `json:"submit,omitempty"`
}

type createCaseInput struct {
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"200" pattern:"^[!-~]+$"`
	Body CreateCase
}

type createCaseOutput struct {
	Status   int
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Case
}

type caseOutput struct {
	ETag string `header:"ETag"`
	Body Case
}

type listCasesInput struct {
	State string    `query:"state" enum:"draft,submitted,supplementing,refused,handling,decided,delivered,withdrawn,revoked"`
	Item  string    `query:"item" maxLength:"60"`
	Since time.Time `query:"updated_since"`
	Paging
}

// CaseList is one page of cases, the newest first.
type CaseList struct {
	Cases []CaseSummary `json:"cases"`
	Next  string        `json:"next,omitempty"`
}

type listCasesOutput struct{ Body CaseList }

type caseInput struct {
	ID string `path:"id" maxLength:"64"`
}

// Answers replaces the answers of a case in hand.
type Answers struct {
	Answers map[string]any `json:"answers"`
	Collect string         `json:"collect,omitempty" enum:"electronic,window,post"`
}

type saveAnswersInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body Answers
}

// UploadForm is a multipart form with one file.
type UploadForm struct {
	File huma.FormFile `form:"file" required:"true"`
}

type attachInput struct {
	ID      string `path:"id" maxLength:"64"`
	Key     string `path:"key" maxLength:"60"`
	RawBody huma.MultipartFormFiles[UploadForm]
}

type fileOutput struct {
	Status int
	Body   CaseFile
}

type submitInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"40"`
}

// Withdrawal says why a case is withdrawn.
type Withdrawal struct {
	Reason string `json:"reason,omitempty" maxLength:"1000"`
}

type withdrawInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"40"`
	Body    *Withdrawal
}

// EventList is what happened to a case, the first thing first.
type EventList struct {
	Events []Event `json:"events"`
}

type eventsOutput struct{ Body EventList }

type certificateOutput struct{ Body Certificate }

func (s *server) cases() {
	tag := []string{"cases"}
	write, read := auth.ScopeCasesWrite, auth.ScopeCasesRead
	add(s, write, huma.Operation{
		OperationID: "create-case", Method: http.MethodPost, Path: "/cases", Tags: tag, DefaultStatus: http.StatusCreated,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, s.createCase)
	add(s, read, huma.Operation{OperationID: "list-cases", Method: http.MethodGet, Path: "/cases", Tags: tag}, s.listCases)
	add(s, read, huma.Operation{OperationID: "get-case", Method: http.MethodGet, Path: "/cases/{id}", Tags: tag, Errors: []int{http.StatusNotFound}}, s.getCase)
	add(s, write, huma.Operation{
		OperationID: "save-answers", Method: http.MethodPut, Path: "/cases/{id}/answers", Tags: tag,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, s.saveAnswers)
	add(s, write, huma.Operation{
		OperationID: "attach-file", Method: http.MethodPost, Path: "/cases/{id}/materials/{key}", Tags: tag, DefaultStatus: http.StatusCreated,
		MaxBodyBytes: s.MaxUpload + maxJSON, // the form around the file
		Errors:       []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, s.attach)
	add(s, write, huma.Operation{
		OperationID: "submit-case", Method: http.MethodPost, Path: "/cases/{id}/submit", Tags: tag,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, s.submit)
	add(s, write, huma.Operation{
		OperationID: "withdraw-case", Method: http.MethodPost, Path: "/cases/{id}/withdraw", Tags: tag,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, s.withdraw)
	add(s, read, huma.Operation{OperationID: "list-events", Method: http.MethodGet, Path: "/cases/{id}/events", Tags: tag, Errors: []int{http.StatusNotFound}}, s.events)
	add(s, read, huma.Operation{OperationID: "get-certificate", Method: http.MethodGet, Path: "/cases/{id}/certificate", Tags: tag, Errors: []int{http.StatusNotFound}}, s.certificate)
}

func (s *server) createCase(ctx context.Context, in *createCaseInput) (*createCaseOutput, error) {
	b := in.Body
	uscc := idcode.CheckUSCC(b.EnterpriseUSCC)
	if !uscc.OK(true) {
		return nil, ErrInvalid.At("body.enterprise_uscc", "cases.field.uscc")
	}
	item, err := s.Catalogue.Item(b.Item)
	if err != nil {
		return nil, err
	}
	if err := checkAnswers(item, b.Answers); err != nil {
		return nil, err
	}
	k, again, err := s.Cases.Lodge(ctx, auth.From(ctx), cases.LodgeInput{
		StartInput: cases.StartInput{ItemCode: b.Item, USCC: uscc.Normalised, Idempotency: in.Key},
		Answers:    b.Answers, Collect: cases.Collect(b.Collect), Submit: b.Submit,
	})
	switch {
	case errors.Is(err, identity.ErrNotFound):
		return nil, ErrInvalid.At("body.enterprise_uscc", errFirm.Code)
	case err != nil:
		return nil, located(err, "body.answers")
	case again && (k.ItemCode != item.Code || k.Party.Code != uscc.Normalised):
		return nil, ErrKeyReused
	}
	out, err := s.show(ctx, k.ID)
	if err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if again {
		status = http.StatusOK
	}
	return &createCaseOutput{Status: status, Location: Prefix + "/cases/" + string(k.ID), ETag: out.ETag, Body: out.Body}, nil
}

// checkAnswers refuses what the form does not ask for and what is of another
// kind; whether an answer fits is said when the case is submitted.
func checkAnswers(item *catalogue.Item, answers map[string]any) error {
	e := ErrInvalid
	for id, v := range answers {
		f, ok := item.Field(id)
		group, rows := item.Group(id)
		switch {
		case rows && v != nil:
			e = checkRows(e, group, v)
		case f.Formula != "": // worked out here; what an answer of ours held is let pass
		case !ok && !rows:
			e = e.At("body.answers."+id, errAnswer.Code)
		case v != nil && !fits(f, v):
			e = e.At("body.answers."+id, errKind.Code)
		}
	}
	return e.OrNil()
}

// checkRows wants a list of objects whose keys are the fields of the section, and
// "row" for the name that a row had in an answer of ours.
func checkRows(e *errs.Error, s catalogue.Section, v any) *errs.Error {
	at := "body.answers." + s.Key
	list, ok := v.([]any)
	if !ok {
		return e.At(at, errKind.Code)
	}
	for i, x := range list {
		row, ok := x.(map[string]any)
		if !ok {
			e = e.At(fmt.Sprintf("%s[%d]", at, i), errKind.Code)
			continue
		}
		for id, v := range row {
			f, ok := s.Field(id)
			where := fmt.Sprintf("%s[%d].%s", at, i, id)
			switch {
			case id == catalogue.RowKey:
				if _, text := v.(string); !text {
					e = e.At(where, errKind.Code)
				}
			case f.Formula != "": // worked out here; what an answer of ours held is let pass
			case !ok:
				e = e.At(where, errAnswer.Code)
			case v != nil && !fits(f, v):
				e = e.At(where, errKind.Code)
			}
		}
	}
	return e
}

func fits(f catalogue.Field, v any) bool {
	switch f.Type {
	case catalogue.FieldNumber, catalogue.FieldMoney, catalogue.FieldPercent:
		_, ok := v.(float64)
		return ok
	case catalogue.FieldMulti:
		all, ok := v.([]any)
		for _, x := range all {
			_, text := x.(string)
			ok = ok && text
		}
		return ok
	case catalogue.FieldAddress:
		parts, ok := v.(map[string]any)
		_, code := parts["code"].(string)
		_, detail := parts["detail"].(string)
		return ok && code && detail
	default:
		_, ok := v.(string)
		return ok
	}
}

func (s *server) listCases(ctx context.Context, in *listCasesInput) (*listCasesOutput, error) {
	res, err := s.Cases.List(ctx, auth.From(ctx), cases.Filter{
		List: cases.ListApplicant, Item: in.Item, State: cases.State(in.State), Since: in.Since, Request: page.Request{After: in.After, Size: in.Limit},
	})
	if err != nil {
		return nil, err
	}
	out := &listCasesOutput{Body: CaseList{Cases: []CaseSummary{}, Next: res.Next}}
	for i := range res.Rows {
		out.Body.Cases = append(out.Body.Cases, summaryOf(&res.Rows[i].Case))
	}
	return out, nil
}

func (s *server) getCase(ctx context.Context, in *caseInput) (*caseOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, v)
}

var caseKey = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// find returns a case of the client by id or public number.
func (s *server) find(ctx context.Context, id string) (*cases.View, error) {
	if caseKey.MatchString(id) {
		return s.Cases.View(ctx, auth.From(ctx), cases.ID(id))
	}
	if id = strings.ToUpper(strings.TrimSpace(id)); id == "" {
		return nil, cases.ErrNotFound
	}
	return s.Cases.ViewByNumber(ctx, auth.From(ctx), id)
}

func (s *server) show(ctx context.Context, id cases.ID) (*caseOutput, error) {
	v, err := s.Cases.View(ctx, auth.From(ctx), id)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, v)
}

func (s *server) shown(ctx context.Context, v *cases.View) (*caseOutput, error) {
	var form *cases.Form
	if v.May(cases.CmdSubmit) || v.May(cases.CmdReply) {
		f, err := s.Cases.Form(ctx, auth.From(ctx), v.ID)
		if err != nil {
			return nil, err
		}
		form = &f
	}
	return &caseOutput{ETag: strconv.Quote(strconv.Itoa(v.Version)), Body: s.caseOf(ctx, v, form)}, nil
}

func (s *server) saveAnswers(ctx context.Context, in *saveAnswersInput) (*caseOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := checkAnswers(v.Item, in.Body.Answers); err != nil {
		return nil, err
	}
	if _, err := s.Cases.SaveAnswers(ctx, auth.From(ctx), v.ID, in.Body.Answers, cases.Collect(in.Body.Collect)); err != nil {
		return nil, located(err, "body.answers")
	}
	return s.show(ctx, v.ID)
}

func (s *server) attach(ctx context.Context, in *attachInput) (*fileOutput, error) {
	upload := in.RawBody.Data().File
	defer func() { _ = upload.Close() }()
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	f, err := s.Cases.Attach(ctx, auth.From(ctx), v.ID, in.Key, upload.Filename, upload, s.MaxUpload)
	switch {
	case errors.Is(err, files.ErrTooLarge):
		return nil, ErrTooLarge
	case errors.Is(err, cases.ErrMaterial):
		return nil, ErrInvalid.At("path.key", cases.ErrMaterial.Code)
	case err != nil:
		if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid && len(e.Fields) == 0 {
			return nil, e.At("body.file", e.Code)
		}
		return nil, err
	}
	return &fileOutput{Status: http.StatusCreated, Body: CaseFile{f.ID, f.Name, f.MediaType, f.Size, f.SHA256}}, nil
}

// ref names a case as the client saw it; without If-Match as it is now.
func ref(v *cases.View, ifMatch string) (cases.Ref, error) {
	r := cases.Ref{ID: v.ID}
	tag := strings.Trim(strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/"), `"`)
	if tag == "" || tag == "*" {
		return r, nil
	}
	n, err := strconv.Atoi(tag)
	if err != nil || n < 1 {
		return r, ErrInvalid.At("header.If-Match", errFormat.Code)
	}
	r.Version = n
	return r, nil
}

// submit hands in a draft or what was asked for after it.
func (s *server) submit(ctx context.Context, in *submitInput) (*caseOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	r, err := ref(v, in.IfMatch)
	if err != nil {
		return nil, err
	}
	hand := s.Cases.Submit
	if v.State == cases.Handling && v.NeedsApplicant {
		hand = s.Cases.Reply
	}
	if _, err := hand(ctx, auth.From(ctx), r); err != nil {
		return nil, located(err, "answers")
	}
	return s.show(ctx, v.ID)
}

func (s *server) withdraw(ctx context.Context, in *withdrawInput) (*caseOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	r, err := ref(v, in.IfMatch)
	if err != nil {
		return nil, err
	}
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	if _, err := s.Cases.Withdraw(ctx, auth.From(ctx), r, reason); err != nil {
		return nil, located(err, "body")
	}
	return s.show(ctx, v.ID)
}

func (s *server) events(ctx context.Context, in *caseInput) (*eventsOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &eventsOutput{Body: EventList{Events: []Event{}}}
	for _, e := range v.Events {
		out.Body.Events = append(out.Body.Events, eventOf(e))
	}
	return out, nil
}

func (s *server) certificate(ctx context.Context, in *caseInput) (*certificateOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c, ok, err := s.Cases.Certificate(ctx, v)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoCertificate
	}
	return &certificateOutput{s.certificateOf(c)}, nil
}
