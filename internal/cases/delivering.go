package cases

import (
	"bytes"
	"context"
	"image/png"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/files"
)

// Errors of a hand-over.
var (
	errSignature = errs.Define(errs.Invalid, "cases.signature")      // not a drawing of a signature
	errTracking  = errs.Define(errs.Invalid, "cases.field.tracking") // posted without a number
)

// maxSignature bounds a drawn signature: its bytes, and its sides in pixels.
const (
	maxSignature     = 160 << 10
	maxSignatureSide = 2400
)

// keepSignature puts the drawing of a signature on disk, before the transaction;
// when that fails it is an orphan and swept.
func (s *Service) keepSignature(ctx context.Context, drawn []byte) (*files.Blob, error) {
	if len(drawn) == 0 {
		return nil, nil //nolint:nilnil // nothing was drawn
	}
	c, err := png.DecodeConfig(bytes.NewReader(drawn))
	if err != nil || len(drawn) > maxSignature || c.Width > maxSignatureSide || c.Height > maxSignatureSide {
		return nil, errSignature.At("signature", errSignature.Code)
	}
	b, err := s.Files.Put(ctx, bytes.NewReader(drawn), "signature.png", maxSignature)
	if err != nil {
		return nil, errSignature.At("signature", errSignature.Code)
	}
	return &b, nil
}

// check tidies a hand-over by post: to whom, by whom and under which number it
// was sent. A window needs the name of who took the result.
func (in *DeliverInput) check(k *Case) error {
	in.Receiver, in.Carrier, in.Tracking = strings.TrimSpace(in.Receiver), strings.TrimSpace(in.Carrier), strings.TrimSpace(in.Tracking)
	if in.How == ByPost {
		if in.Tracking == "" || utf8.RuneCountInString(in.Tracking) > 50 {
			return ErrReason.At("tracking", errTracking.Code)
		}
		if in.Receiver == "" {
			in.Receiver = k.Party.Name.ZH
		}
	} else {
		in.Carrier, in.Tracking = "", ""
	}
	if in.Receiver == "" || utf8.RuneCountInString(in.Receiver) > 100 {
		return ErrReason.At("receiver", errRequired.Code)
	}
	if utf8.RuneCountInString(in.Carrier) > 50 {
		return ErrReason.At("carrier", errLong.Code, "max", 50, "have", utf8.RuneCountInString(in.Carrier))
	}
	return nil
}

// prove keeps with the delivery what proves it.
func (w *work) prove(ctx context.Context, in DeliverInput, drawn *files.Blob) error {
	signature := ""
	if drawn != nil && in.How == AtWindow {
		f, err := w.svc.Files.Register(ctx, *drawn, "signature.png", w.actor.ID)
		if err != nil {
			return err
		}
		signature = f.ID
	}
	for name, s := range map[string]string{"carrier": in.Carrier, "tracking": in.Tracking, "signature": signature} {
		if s != "" {
			w.detail[name] = s
		}
	}
	if in.Carrier == "" && in.Tracking == "" && signature == "" {
		return nil
	}
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_delivery SET carrier=$2, tracking=$3, signature=$4 WHERE case_id=$1`, string(w.ID), in.Carrier, in.Tracking, signature)
	return err
}
