package casesweb

import (
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// formPages are the pages of a form in hand, for the applicant or, with the
// base work, for a clerk who files for a visitor.
type formPages struct {
	*Pages
	base string
}

// uploadRoom is how many files of the largest size one request may carry:
// without script all files chosen on the page come along with the one sent.
const uploadRoom = 4

func (p formPages) routes(need auth.Need) []httpx.Route {
	at := p.base + "/cases/{id}"
	upload := uploadRoom*p.MaxUpload + 1<<20
	return []httpx.Route{
		httpx.Get(at+"/form", need, p.show),
		httpx.Post(at+"/form", need, p.save),
		httpx.Post(at+"/form/part", need, p.part),
		httpx.Post(at+"/autosave", need, p.autosave),
		httpx.Post(at+"/materials/{key}", need, p.upload).WithMaxBody(upload),
		httpx.Post(at+"/materials/{key}/mark", need, p.mark),
		httpx.Post(at+"/materials/{key}/remove/{file}", need, p.remove),
		httpx.Post(at+"/materials/{key}/until", need, p.until),
		httpx.Post(at+"/materials/{key}/reuse", need, p.reuse),
		httpx.Post(at+"/materials/{key}/uploads", need, p.uploadBegin),
		httpx.Get(at+"/uploads/{upload}", need, p.uploadAt),
		httpx.Post(at+"/uploads/{upload}", need, p.uploadPiece).WithMaxBody(files.Piece + 1<<10),
		httpx.Get(at+"/later", need, p.later),
		httpx.Post(at+"/later/{key}/uploads", need, p.lateBegin),
		httpx.Post(at+"/later/{key}", need, p.handIn).WithMaxBody(upload),
		httpx.Get(at+"/review", need, p.review),
		httpx.Post(at+"/submit", need, p.submit),
	}
}
