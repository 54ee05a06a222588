package casesweb

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
)

// A large file comes in pieces, in the spirit of tus: begin, then each piece at
// the offset that the server names, then the usual request for the material
// with the id of the upload in place of the file. Asking where it stands is a
// GET; a piece at another offset is refused with 409.

// uploadState answers where an upload stands.
type uploadState struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
	Piece  int64  `json:"piece"`
}

func tellUpload(w http.ResponseWriter, status int, u files.Upload) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(uploadState{ID: u.ID, Offset: u.Received, Size: u.Size, Piece: files.Piece})
}

// uploadBegin announces a file.
func (p formPages) uploadBegin(w http.ResponseWriter, r *http.Request) error {
	return p.begin(w, r, p.Service.BeginUpload)
}

func (p formPages) begin(w http.ResponseWriter, r *http.Request, start func(ctx context.Context, actor auth.Actor, id cases.ID, key, name, mark string, size, limit int64) (files.Upload, error)) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	size, _ := strconv.ParseInt(f.Value("size"), 10, 64)
	u, err := start(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("key"), f.Value("name"), f.Value("mark"), size, p.MaxUpload)
	if err != nil {
		return err
	}
	return tellUpload(w, http.StatusCreated, u)
}

// uploadAt says where it stands.
func (p formPages) uploadAt(w http.ResponseWriter, r *http.Request) error {
	u, err := p.Service.UploadOf(r.Context(), auth.From(r.Context()), r.PathValue("upload"))
	if err != nil {
		return err
	}
	return tellUpload(w, http.StatusOK, u)
}

// uploadPiece takes a piece in.
func (p formPages) uploadPiece(w http.ResponseWriter, r *http.Request) error {
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		offset = -1
	}
	u, err := p.Service.AppendUpload(r.Context(), auth.From(r.Context()), r.PathValue("upload"), offset, r.Body)
	if err != nil {
		return err
	}
	return tellUpload(w, http.StatusOK, u)
}
