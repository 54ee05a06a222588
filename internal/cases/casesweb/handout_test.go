package casesweb_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestStaffTakeMarkedCopies: what staff take carries who, when and for which
// case, and stands in the audit trail; the applicant gets what he handed in, and
// the store keeps it.
func TestStaffTakeMarkedCopies(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	var photo bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 600, 400))
	img.Set(5, 5, color.White)
	if err := png.Encode(&photo, img); err != nil {
		t.Fatal(err)
	}
	who := b.Actor(t, "applicant")
	k := b.started("applicant", "KJ-0002")
	f, err := b.Cases.Form(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	key := ""
	for _, m := range f.Materials {
		if m.How == cases.Missing {
			key = m.Key
		}
	}
	b.fill(who, k.ID)
	c := b.As(t, "applicant")
	c.Upload(myPath(k, "/materials/"+key), nil, webtest.File{Field: "material." + key, Name: "现场.png", Content: photo.Bytes()})
	if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	clerk := b.Actor(t, "clerk")
	v, err := b.Cases.View(b.ctx, clerk, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	var file files.File
	lent := ""
	for _, m := range v.Materials {
		for _, x := range m.Files {
			if x.Name == "现场.png" {
				file = x
			}
		}
		if m.How == cases.ByCertificate {
			lent = m.Key
		}
	}
	if file.ID == "" || lent == "" {
		t.Fatalf("%+v", v.Materials)
	}
	if got := c.Get(myPath(k, "/files/"+file.ID)).Body; got != photo.String() {
		t.Error("the applicant got another file than he handed in")
	}
	desk := b.As(t, "clerk")
	p := desk.Get(workPath(k, "/files/"+file.ID))
	marked, err := png.Decode(bytes.NewReader([]byte(p.Body)))
	if err != nil || p.Body == photo.String() || marked.Bounds() != img.Bounds() || p.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("the clerk: %v %v", err, p.Header)
	}
	r, err := b.Files.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	stored, _ := io.ReadAll(r)
	_ = r.Close()
	if !bytes.Equal(stored, photo.Bytes()) {
		t.Error("the stored file changed")
	}
	// Another certificate of the firm bears the same number: it is not the one.
	i := slices.IndexFunc(v.Materials, func(m cases.MaterialState) bool { return m.Key == lent })
	if _, err := b.Identity.Issue(b.ctx, auth.SystemActor(), identity.IssueInput{Type: "gazelle", Number: v.Materials[i].Ref, Holder: v.Party}); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Cases.Lent(b.ctx, clerk, k.ID, lent); err != nil || c.Type != v.Materials[i].Material.SatisfiedBy {
		t.Errorf("lent is %s of %s, %v", c.Type, c.Number, err)
	}
	if list, err := b.Cases.OnFile(b.ctx, &v.Case); err != nil || list[lent].Type != v.Materials[i].Material.SatisfiedBy {
		t.Errorf("on file is %+v, %v", list[lent], err)
	}
	p = desk.Get(workPath(k, "/lent/"+lent))
	want(t, p, http.StatusOK)
	if !bytes.HasPrefix([]byte(p.Body), []byte("%PDF-")) {
		t.Error("no certificate")
	}
	want(t, desk.Get(workPath(k, "/lent/"+key)), http.StatusNotFound) // handed in, not lent
	want(t, b.As(t, "handler-gx").Get(workPath(k, "/lent/"+lent)), http.StatusNotFound)
	n, err := db.One(context.Background(), b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='cases.read_file' AND name=$1 AND change LIKE '%"marked":true%'`, clerk.Name)
	if err != nil || n != 2 {
		t.Errorf("%d in the audit trail, %v", n, err)
	}
}
