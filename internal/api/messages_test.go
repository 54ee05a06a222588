package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/platform/auth"
)

// lodged is a case of the client, handed in.
func (b bench) lodged(t *testing.T) api.Case {
	t.Helper()
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "KJ-0001", "enterprise_uscc": firm, "answers": b.filled(t, "KJ-0001", nil), "collect": "electronic"}, "Idempotency-Key", "m-1").want(http.StatusCreated))
	for _, d := range k.ToDo {
		b.upload(t, v1+"/cases/"+k.ID+"/"+strings.Replace(d.Location, ".", "/", 1), "材料.pdf", pdf).want(http.StatusCreated)
	}
	return into[api.Case](b.post(t, v1+"/cases/"+k.ID+"/submit", nil).want(http.StatusOK))
}

func (b bench) say(t *testing.T, token, id string, fields map[string]string, file string, header ...string) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part, err := w.CreateFormFile("files", file)
		if err == nil {
			_, err = part.Write(pdf)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.do(t, http.MethodPost, v1+"/cases/"+id+"/messages", token, &body, append([]string{"Content-Type", w.FormDataContentType()}, header...)...)
}

// TestMessagesOfACase: a program talks with the office about its own case, with
// the rights that the pages give.
func TestMessagesOfACase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := b.lodged(t)
	at := v1 + "/cases/" + k.Number + "/messages"
	if l := into[api.MessageList](b.get(t, at).want(http.StatusOK)); len(l.Messages) != 0 || !l.Writable {
		t.Fatalf("%+v", l)
	}
	m := into[api.Message](b.say(t, b.token, k.ID, map[string]string{"text": "请问什么时候安排现场核查？"}, "平面图.pdf", "Idempotency-Key", "q1").want(http.StatusCreated))
	if !m.Mine || m.Side != "party" || m.By.Kind != "client" || len(m.Files) != 1 || m.ReadAt != nil {
		t.Fatalf("%+v", m)
	}
	if again := into[api.Message](b.say(t, b.token, k.ID, map[string]string{"text": "请问什么时候安排现场核查？"}, "", "Idempotency-Key", "q1").want(http.StatusCreated)); again.ID != m.ID {
		t.Errorf("sent twice, written twice: %s, %s", m.ID, again.ID)
	}
	if f := b.get(t, at+"/files/"+m.Files[0].ID).want(http.StatusOK); f.Body != string(pdf) || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("%q %v", f.Body, f.Header)
	}
	b.say(t, b.token, k.ID, nil, "").problem(http.StatusUnprocessableEntity, "talk.nothing", "body.text")
	b.say(t, b.token, k.ID, map[string]string{"text": "a\x00b"}, "").problem(http.StatusBadRequest, "api.unreadable", "")

	clerk := b.Actor(t, "clerk")
	id, err := b.Talk.Write(t.Context(), clerk, cases.ID(k.ID), talk.Input{Text: "下周二上午可以吗？", ReplyBy: "2026-03-06"})
	if err != nil {
		t.Fatal(err)
	}
	l := into[api.MessageList](b.get(t, at).want(http.StatusOK))
	if len(l.Messages) != 2 || l.Messages[1].Side != "staff" || l.Messages[1].By.Kind != "staff" || l.Messages[1].Ask == nil || l.Messages[1].Ask.State != "open" || l.Messages[1].ReadAt != nil {
		t.Fatalf("%+v", l)
	}
	if strings.Contains(b.get(t, at).Body, clerk.Name) {
		t.Error("the name of the clerk goes out")
	}
	b.post(t, at+"/read", nil).want(http.StatusNoContent)
	if l = into[api.MessageList](b.get(t, at).want(http.StatusOK)); l.Messages[1].ReadAt == nil {
		t.Error("read, but not marked as read")
	}
	r := into[api.Message](b.say(t, b.token, k.ID, map[string]string{"text": "可以。", "answers_to": id}, "").want(http.StatusCreated))
	if r.AnswersTo != id {
		t.Errorf("%+v", r)
	}
	b.say(t, b.token, k.ID, map[string]string{"text": "再说一次。", "answers_to": id}, "").problem(http.StatusConflict, "talk.no_ask", "")

	// Whose case it is not, and who may only read.
	_, stranger := b.newClient(t, auth.Scopes...)
	for _, path := range []string{at, at + "/files/" + m.Files[0].ID, v1 + "/cases/" + k.ID + "/documents", v1 + "/cases/" + k.ID + "/documents/receipt/1"} {
		b.do(t, http.MethodGet, path, stranger, nil).problem(http.StatusNotFound, "cases.not_found", "")
	}
	b.say(t, stranger, k.ID, map[string]string{"text": "？"}, "").problem(http.StatusNotFound, "cases.not_found", "")
	b.do(t, http.MethodPost, at+"/read", stranger, nil).problem(http.StatusNotFound, "cases.not_found", "")
	_, reader := b.newClient(t, auth.ScopeCasesRead)
	b.say(t, reader, k.ID, map[string]string{"text": "？"}, "").problem(http.StatusForbidden, "api.scope", "")
}

// TestDocumentsOfACase: its papers as PDF.
func TestDocumentsOfACase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := b.lodged(t)
	at := v1 + "/cases/" + k.Number + "/documents"
	l := into[api.DocumentList](b.get(t, at).want(http.StatusOK))
	if len(l.Documents) != 1 || l.Documents[0].Kind != "receipt" || l.Documents[0].No != 1 || l.Documents[0].Title.ZH == "" {
		t.Fatalf("%+v", l)
	}
	f := b.get(t, l.Documents[0].Href+"?lang=en").want(http.StatusOK)
	if !strings.HasPrefix(f.Body, "%PDF-") || f.Header.Get("Content-Type") != "application/pdf" || !strings.HasSuffix(f.Header.Get("Content-Disposition"), ".pdf") {
		t.Errorf("%.20q %v", f.Body, f.Header)
	}
	b.get(t, at+"/grant/1").problem(http.StatusNotFound, "cases.not_found", "")
	b.get(t, at+"/receipt/2").problem(http.StatusNotFound, "cases.not_found", "")
	b.get(t, at+"/receipt/0").problem(http.StatusUnprocessableEntity, "api.invalid", "path.no")
}
