package api_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/platform/files"
)

func materialOf(t *testing.T, k api.Case, key string) api.CaseMaterial {
	t.Helper()
	for _, m := range k.Materials {
		if m.Key == key {
			return m
		}
	}
	t.Fatalf("no material %s", key)
	return api.CaseMaterial{}
}

// TestPapersOfAProgram: a file in pieces, a paper given before, the day that one
// is valid until, and a file taken off again.
func TestPapersOfAProgram(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "WJ-0101", "enterprise_uscc": firm, "answers": b.filled(t, "WJ-0101", nil)}).want(http.StatusCreated))
	at := v1 + "/cases/" + k.ID
	health := at + "/materials/health"
	whole := append(bytes.Clone(pdf), make([]byte, files.Piece+10)...)

	b.post(t, at+"/materials/no_such/uploads", object{"name": "a.pdf", "size": 10}).problem(http.StatusUnprocessableEntity, "api.invalid", "path.key")
	b.post(t, health+"/uploads", object{"name": "a.pdf", "size": 400 << 20}).want(http.StatusRequestEntityTooLarge)
	u := into[api.UploadState](b.post(t, health+"/uploads", object{"name": "健康证.pdf", "size": len(whole), "mark": "1"}).want(http.StatusCreated))
	up := at + "/uploads/" + u.ID
	piece := func(offset int, part []byte) answer {
		return b.do(t, http.MethodPut, up+"?offset="+strconv.Itoa(offset), b.token, bytes.NewReader(part), "Content-Type", "application/octet-stream")
	}
	piece(0, whole[:u.Piece]).want(http.StatusOK)
	piece(0, whole[:10]).want(http.StatusConflict)
	if x := into[api.UploadState](b.get(t, up).want(http.StatusOK)); x.Offset != u.Piece {
		t.Fatalf("%+v", x)
	}
	b.post(t, health+"/uploads/"+u.ID, nil).want(http.StatusUnprocessableEntity) // not all of it came
	piece(int(u.Piece), whole[u.Piece:]).want(http.StatusOK)
	f := into[api.CaseFile](b.post(t, health+"/uploads/"+u.ID, nil).want(http.StatusCreated))
	if f.Name != "健康证.pdf" || f.Size != int64(len(whole)) {
		t.Fatalf("%+v", f)
	}

	set := func(v any) answer { return b.send(t, http.MethodPut, health, v) }
	set(object{}).problem(http.StatusUnprocessableEntity, "api.invalid", "body")
	set(object{"until": "2020-01-01"}).problem(http.StatusUnprocessableEntity, "cases.paper_ended", "body.until")
	set(object{"commitment": true}).problem(http.StatusUnprocessableEntity, "api.invalid", "path.key") // the item does not allow it
	k = into[api.Case](set(object{"until": "2026-12-31"}).want(http.StatusOK))
	if m := materialOf(t, k, "health"); m.How != "upload" || m.Until != "2026-12-31" {
		t.Fatalf("%+v", m)
	}

	// Another application of the firm uses it again, and gives it back.
	k2 := into[api.Case](b.post(t, v1+"/cases", object{"item": "WJ-0101", "enterprise_uscc": firm, "answers": object{}}, "Idempotency-Key", "second").want(http.StatusCreated))
	m := materialOf(t, k2, "health")
	if len(m.Earlier) != 1 || m.Earlier[0].Case != k.ID || m.Earlier[0].Until != "2026-12-31" {
		t.Fatalf("%+v", m)
	}
	health = v1 + "/cases/" + k2.ID + "/materials/health"
	set(object{"reuse": object{"case": "x", "key": "health", "until": ""}}).want(http.StatusNotFound)
	k2 = into[api.Case](set(object{"reuse": m.Earlier[0]}).want(http.StatusOK))
	if m = materialOf(t, k2, "health"); m.How != "earlier" || len(m.Files) != 1 {
		t.Fatalf("%+v", m)
	}
	k2 = into[api.Case](b.do(t, http.MethodDelete, health+"/files/"+m.Files[0].ID, b.token, nil).want(http.StatusOK))
	if m = materialOf(t, k2, "health"); len(m.Files) != 0 {
		t.Fatalf("%+v", m)
	}
	b.do(t, http.MethodDelete, health+"/files/"+f.ID, b.token, nil).want(http.StatusNotFound)
}
