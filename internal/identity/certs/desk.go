package certs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Paper is a certificate that somebody puts on file.
type Paper struct {
	Type   string
	Number string
	Code   string // identifier of GB/T 36904, "" when none is on it
	Issuer string // as the paper says
	From   string
	Until  string // "" for one without an end
	File   io.Reader
	Name   string // of the file, "" without one
}

// MaxFile is how large the file of a certificate may be.
const MaxFile = 20 << 20

// fileKinds are what the file of a certificate may be.
var fileKinds = []string{"application/pdf", "application/ofd", "image/jpeg", "image/png"}

// checkPaper looks the shape of a paper over and makes it alike.
func (s *Service) checkPaper(p *Paper, holder identity.HolderKind) error {
	bad, ok := ErrInvalid, false
	t, known := s.Identity.Directory().CertificateType(p.Type)
	if !known || holder != "" && t.Holder != holder {
		bad = bad.At("type", errType.Code)
	}
	if p.Number, ok = words(p.Number, 100); !ok {
		bad = bad.At("number", errNumber.Code)
	}
	if p.Code != "" {
		r := idcode.CheckCertificateID(p.Code)
		if !r.OK(true) {
			bad = bad.At("code", errCode.Code)
		}
		p.Code = r.Normalised
	}
	if p.Issuer != "" {
		if p.Issuer, ok = words(p.Issuer, 100); !ok {
			bad = bad.At("issuer", errText.Code)
		}
	}
	from, err := workday.Parse(p.From)
	if err != nil {
		bad = bad.At("from", errDay.Code)
	} else {
		p.From = from.String()
	}
	if p.Until != "" {
		until, err := workday.Parse(p.Until)
		switch {
		case err != nil:
			bad = bad.At("until", errDay.Code)
		case until.Before(from):
			bad = bad.At("until", errOrder.Code)
		default:
			p.Until = until.String()
		}
	}
	return bad.OrNil()
}

// takeFile keeps the bytes of a file, before any transaction.
func (s *Service) takeFile(ctx context.Context, p *Paper) (files.Blob, error) {
	if p.Name == "" || p.File == nil {
		return files.Blob{}, nil
	}
	b, err := s.Files.Put(ctx, p.File, p.Name, MaxFile)
	if err != nil {
		if code := errs.CodeOf(err); errs.KindOf(err) == errs.Invalid && code != "" {
			return b, ErrInvalid.At("file", code)
		}
		return b, err
	}
	if !slices.Contains(fileKinds, b.MediaType) {
		return b, ErrInvalid.At("file", errFile.Code)
	}
	return b, nil
}

// put writes a paper into the register. A number that is on file already is a
// complaint about the number.
func (s *Service) put(ctx context.Context, actor auth.Actor, p Paper, blob files.Blob, in identity.IssueInput) (identity.Certificate, error) {
	var c identity.Certificate
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if blob.SHA256 != "" {
			f, err := s.Files.Register(ctx, blob, p.Name, actor.ID)
			if err != nil {
				return err
			}
			in.FileID = f.ID
		}
		in.Type, in.Number, in.Code, in.IssuerName, in.From, in.Until = p.Type, p.Number, p.Code, p.Issuer, p.From, p.Until
		taken, err := s.taken(ctx, p, in)
		if err != nil {
			return err
		}
		if taken {
			return ErrInvalid.At("number", errTaken.Code)
		}
		c, err = s.Identity.Issue(ctx, actor, in)
		if errors.Is(err, db.ErrDuplicate) {
			return ErrInvalid.At("number", errTaken.Code)
		}
		return err
	})
	return c, err
}

// taken says whether a number of its type or an identifier is in the register
// already: what somebody uploaded and nobody has seen does not count. Who uploads
// is told of the own papers only, not whether others have one of this number.
func (s *Service) taken(ctx context.Context, p Paper, in identity.IssueInput) (bool, error) {
	number := s.Identity.KeptNumber(p.Number)
	cond, args := `(type=$1 AND number=$2 OR code=$3 AND code <> '') AND state IN ('valid', 'suspended') AND level IN ('', 'A', 'B')`, []any{p.Type, number, p.Code}
	if in.Source == "holder" {
		cond, args = `type=$1 AND (number=$2 OR paper_number=$2) AND holder_id=$3`, []any{p.Type, number, in.Holder.ID}
	}
	n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_certificate WHERE `+cond, args...)
	if err != nil {
		return false, fmt.Errorf("certs: %w", err)
	}
	return n > 0, nil
}

// HolderOf finds the holder that a clerk names by credit code or identity number.
func (s *Service) HolderOf(ctx context.Context, actor auth.Actor, code string) (identity.Party, error) {
	if idcode.CheckUSCC(code).OK(true) {
		e, err := s.Identity.EnterpriseByUSCC(ctx, code)
		if err == nil {
			return e.Party(), nil
		}
		if !errors.Is(err, identity.ErrNotFound) {
			return identity.Party{}, err
		}
	}
	if r := idcode.CheckResidentID(code); r.OK(true) && actor.Has(auth.Clerk) {
		list, err := s.Identity.FindVisitor(ctx, actor, r.Normalised)
		if err != nil {
			return identity.Party{}, err
		}
		for _, v := range list {
			if v.Account.IDNumber == r.Normalised {
				return v.Account.Party(), nil
			}
		}
	}
	return identity.Party{}, ErrInvalid.At("holder", errHolder.Code)
}

// clerkAt is the post at which a clerk takes a paper in.
func clerkAt(a auth.Actor) (auth.Post, bool) {
	posts := a.PostsOf(auth.Clerk)
	if a.Kind != auth.Staff || len(posts) == 0 {
		return auth.Post{}, false
	}
	return posts[0], true
}

// TakeIn puts a certificate that was issued elsewhere on file at a window: the
// clerk has its original in hand and says so (level B).
func (s *Service) TakeIn(ctx context.Context, actor auth.Actor, holder string, p Paper, original bool) (identity.Certificate, error) {
	post, ok := clerkAt(actor)
	if !ok {
		return identity.Certificate{}, ErrForbidden
	}
	party, err := s.HolderOf(ctx, actor, holder)
	if err != nil && errs.KindOf(err) != errs.Invalid {
		return identity.Certificate{}, err
	}
	bad := ErrInvalid
	if err != nil {
		bad = bad.At("holder", errHolder.Code)
	}
	bad = also(bad, s.checkPaper(&p, party.Kind))
	if !original {
		bad = bad.At("original", errOriginal.Code)
	}
	if p.Until != "" && p.Until < s.Identity.Today() {
		bad = bad.At("until", errEnded.Code)
	}
	if err := bad.OrNil(); err != nil {
		return identity.Certificate{}, err
	}
	blob, err := s.takeFile(ctx, &p)
	if err != nil {
		return identity.Certificate{}, err
	}
	return s.put(ctx, actor, p, blob, identity.IssueInput{
		Holder: party, Level: "B", Source: "window", KeeperID: post.DepartmentID, Checked: identity.Checked{By: actor.ID, At: s.now(), Window: post.WindowID},
	})
}

// also takes the complaints of another error over.
func also(e *errs.Error, err error) *errs.Error {
	for _, f := range errs.FieldsOf(err) {
		e = e.At(f.Name, f.Code)
	}
	return e
}

// Bring takes a certificate from its holder: a scan of the original, which is to
// be checked at a window before it serves (level C), or what the holder made
// himself and promises to be true (level D).
func (s *Service) Bring(ctx context.Context, actor auth.Actor, holderID string, p Paper, own, promise bool) (identity.Certificate, error) {
	parties, err := s.Identity.PartiesFor(ctx, actor, auth.ModuleFile, "")
	if err != nil {
		return identity.Certificate{}, err
	}
	i := slices.IndexFunc(parties, func(x identity.Party) bool { return x.ID == holderID })
	if i < 0 {
		return identity.Certificate{}, ErrNotFound
	}
	p.Code = "" // a clerk reads it off the original; anybody can work one out
	bad := also(ErrInvalid, s.checkPaper(&p, parties[i].Kind))
	if p.Name == "" {
		bad = bad.At("file", errFile.Code)
	}
	if own && !promise {
		bad = bad.At("promise", errPromise.Code)
	}
	if err := bad.OrNil(); err != nil {
		return identity.Certificate{}, err
	}
	blob, err := s.takeFile(ctx, &p)
	if err != nil {
		return identity.Certificate{}, err
	}
	in := identity.IssueInput{Holder: parties[i], Level: "C", Source: "holder", State: identity.CertUnchecked}
	if own {
		in.Level, in.State = "D", identity.CertDeclared
	}
	return s.put(ctx, actor, p, blob, in)
}

// Check says that a clerk held an uploaded certificate against its original: it
// serves from now on (level B).
func (s *Service) Check(ctx context.Context, actor auth.Actor, id string, version int, original bool) error {
	post, ok := clerkAt(actor)
	if !ok {
		return ErrForbidden
	}
	if !original {
		return ErrInvalid.At("original", errOriginal.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.certificate(ctx, id)
		if err != nil {
			return err
		}
		if c.State != identity.CertUnchecked {
			return ErrState
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_certificate SET state='valid', level='B', number=CASE WHEN paper_number <> '' THEN paper_number ELSE number END, paper_number='', keeper_id=$3, checked_by=$4, checked_at=$5, checked_window=$6,
			version=version+1 WHERE id=$1 AND version=$2 AND state='unchecked'`, id, version, post.DepartmentID, actor.ID, db.MS(s.now()), post.WindowID); err != nil {
			if errors.Is(err, db.ErrDuplicate) { // the paper of this number is in the register: one of the two is not genuine
				return ErrInvalid.At("original", errTaken.Code)
			}
			return staleOr(err)
		}
		if err := s.Identity.HeldChanged(ctx, c.HolderKind, c.HolderID); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "certs.check", Object: "certificate:" + id, Change: map[string]any{"window": post.WindowID}}); err != nil {
			return err
		}
		return s.tellHolder(ctx, &c, notify.News{
			Key: "certs_check:" + id, Kind: "certs_check", Link: PathOf(id), Class: notify.Progress, Params: map[string]any{"title": c.Title, "number": number(&c)},
		})
	})
}

// File opens the file of a certificate; ok is false where its sheet is set from
// the data. Rights are the caller's: Held and Kept have them.
func (s *Service) File(ctx context.Context, c *identity.Certificate) (f files.File, r io.ReadSeekCloser, ok bool, err error) {
	if c.FileID == "" {
		return f, nil, false, nil
	}
	if f, err = s.Files.Find(ctx, c.FileID); err != nil {
		return f, nil, false, fmt.Errorf("certs: file: %w", err)
	}
	r, err = s.Files.Open(f)
	return f, r, err == nil, err
}
