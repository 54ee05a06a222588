package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// EarlierPaper is a paper that the party gave in another case and that would do.
type EarlierPaper struct {
	Case   string `json:"case"` // id of that case
	Key    string `json:"key"`  // of the material there
	Number string `json:"number,omitempty"`
	Until  string `json:"until"` // last day on which it serves
}

// MaterialChange says how a material is satisfied without a new file, or until
// when the file that was uploaded is valid. Exactly one of the three is given.
type MaterialChange struct {
	Commitment *bool         `json:"commitment,omitempty"`
	Earlier    *EarlierPaper `json:"reuse,omitempty"`
	Until      string        `json:"until,omitempty" maxLength:"10"`
}

type setMaterialInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `path:"key" maxLength:"60"`
	Body MaterialChange
}

type removeFileInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `path:"key" maxLength:"60"`
	File string `path:"file" maxLength:"64"`
}

// UploadStart announces a file that comes in pieces. The same name, size and
// mark take up again one that rests half way.
type UploadStart struct {
	Name string `json:"name" minLength:"1" maxLength:"255"`
	Size int64  `json:"size" minimum:"1"`
	Mark string `json:"mark,omitempty" maxLength:"64"`
}

// UploadState is where a file on its way stands.
type UploadState struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"` // where the next piece begins
	Size   int64  `json:"size"`
	Piece  int64  `json:"piece"` // most bytes of one piece
}

type beginUploadInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `path:"key" maxLength:"60"`
	Body UploadStart
}

type uploadInput struct {
	ID     string `path:"id" maxLength:"64"`
	Upload string `path:"upload" maxLength:"64"`
}

type pieceInput struct {
	ID      string `path:"id" maxLength:"64"`
	Upload  string `path:"upload" maxLength:"64"`
	Offset  int64  `query:"offset" required:"true" minimum:"0"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type finishUploadInput struct {
	ID     string `path:"id" maxLength:"64"`
	Key    string `path:"key" maxLength:"60"`
	Upload string `path:"upload" maxLength:"64"`
}

type uploadOutput struct{ Body UploadState }

// papers are the commands on the materials of a case in hand.
func (s *server) papers() {
	tag := []string{"materials"}
	write := auth.ScopeCasesWrite
	inHand := []int{http.StatusNotFound, http.StatusConflict}
	sent := append([]int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}, inHand...)
	add(s, write, huma.Operation{OperationID: "set-material", Method: http.MethodPut, Path: "/cases/{id}/materials/{key}", Tags: tag, Errors: sent}, s.setMaterial)
	add(s, write, huma.Operation{OperationID: "remove-file", Method: http.MethodDelete, Path: "/cases/{id}/materials/{key}/files/{file}", Tags: tag, Errors: inHand}, s.removeFile)
	add(s, write, huma.Operation{OperationID: "begin-upload", Method: http.MethodPost, Path: "/cases/{id}/materials/{key}/uploads", Tags: tag, DefaultStatus: http.StatusCreated, Errors: sent}, s.beginUpload)
	add(s, write, huma.Operation{OperationID: "get-upload", Method: http.MethodGet, Path: "/cases/{id}/uploads/{upload}", Tags: tag, Errors: []int{http.StatusNotFound}}, s.getUpload)
	add(s, write, huma.Operation{OperationID: "send-piece", Method: http.MethodPut, Path: "/cases/{id}/uploads/{upload}", Tags: tag, MaxBodyBytes: files.Piece + 1<<10, Errors: sent}, s.sendPiece)
	add(s, write, huma.Operation{OperationID: "finish-upload", Method: http.MethodPost, Path: "/cases/{id}/materials/{key}/uploads/{upload}", Tags: tag, DefaultStatus: http.StatusCreated, Errors: inHand}, s.finishUpload)
}

// material places the errors about a material and a file of it.
func material(err error) error {
	switch {
	case errors.Is(err, files.ErrTooLarge):
		return ErrTooLarge
	case errors.Is(err, cases.ErrMaterial):
		return ErrInvalid.At("path.key", cases.ErrMaterial.Code)
	}
	return err
}

func (s *server) setMaterial(ctx context.Context, in *setMaterialInput) (*caseOutput, error) {
	b, given := in.Body, 0
	for _, x := range []bool{b.Commitment != nil, b.Earlier != nil, b.Until != ""} {
		if x {
			given++
		}
	}
	if given != 1 {
		return nil, ErrInvalid.At("body", errFormat.Code)
	}
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	actor := auth.From(ctx)
	switch {
	case b.Earlier != nil:
		err = s.Cases.Reuse(ctx, actor, v.ID, in.Key, cases.ID(b.Earlier.Case), b.Earlier.Key)
	case b.Commitment != nil && *b.Commitment:
		err = s.Cases.Mark(ctx, actor, v.ID, in.Key, cases.ByCommitment)
	case b.Commitment != nil:
		err = s.Cases.Mark(ctx, actor, v.ID, in.Key, "")
	case b.Until == "forever":
		err = s.Cases.SetUntil(ctx, actor, v.ID, in.Key, paper.Forever)
	default:
		err = s.Cases.SetUntil(ctx, actor, v.ID, in.Key, b.Until)
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) == 1 && b.Until != "" {
		return nil, e.At("body.until", e.Code)
	}
	if err != nil {
		return nil, material(err)
	}
	return s.show(ctx, v.ID)
}

func (s *server) removeFile(ctx context.Context, in *removeFileInput) (*caseOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Cases.Detach(ctx, auth.From(ctx), v.ID, in.File); err != nil {
		return nil, err
	}
	return s.show(ctx, v.ID)
}

func stateOf(u files.Upload) *uploadOutput {
	return &uploadOutput{UploadState{ID: u.ID, Offset: u.Received, Size: u.Size, Piece: files.Piece}}
}

func (s *server) beginUpload(ctx context.Context, in *beginUploadInput) (*uploadOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	u, err := s.Cases.BeginUpload(ctx, auth.From(ctx), v.ID, in.Key, in.Body.Name, in.Body.Mark, in.Body.Size, s.MaxUpload)
	if err != nil {
		return nil, material(err)
	}
	return stateOf(u), nil
}

func (s *server) getUpload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	if _, err := s.find(ctx, in.ID); err != nil {
		return nil, err
	}
	u, err := s.Cases.UploadOf(ctx, auth.From(ctx), in.Upload)
	if err != nil {
		return nil, err
	}
	return stateOf(u), nil
}

func (s *server) sendPiece(ctx context.Context, in *pieceInput) (*uploadOutput, error) {
	if _, err := s.find(ctx, in.ID); err != nil {
		return nil, err
	}
	u, err := s.Cases.AppendUpload(ctx, auth.From(ctx), in.Upload, in.Offset, bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	return stateOf(u), nil
}

func (s *server) finishUpload(ctx context.Context, in *finishUploadInput) (*fileOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	f, err := s.Cases.AttachUpload(ctx, auth.From(ctx), v.ID, in.Key, in.Upload, s.MaxUpload)
	if err != nil {
		return nil, material(err)
	}
	return &fileOutput{Status: http.StatusCreated, Body: CaseFile{f.ID, f.Name, f.MediaType, f.Size, f.SHA256}}, nil
}
