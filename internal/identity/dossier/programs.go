package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ErrKeyReused: something else was said under the same key.
var ErrKeyReused = errs.Define(errs.Conflict, "dossier.key_reused")

// saidKept is how long the key of a request is known again.
const saidKept = 30 * 24 * time.Hour

// FactSaid is a fact as a program says it: money in yuan, everything else as
// people write it.
type FactSaid struct {
	Key   string
	Year  int
	Value string
}

// RegisterSaid is what one register says of one firm for one day.
type RegisterSaid struct {
	USCC      string
	Confirmed bool // a code that fails the check was really issued
	Register  string
	AsOf      string
	Region    string // of a firm that has no file, where the facts do not say it
	Facts     []FactSaid
	Key       string // of the request, "" for none
}

// RegisterResult is what that did.
type RegisterResult struct {
	Kind string   `json:"kind"` // RowNew, RowChanged, RowSame or RowConflict
	Keys []string `json:"keys"` // facts that changed, or differ
}

// Say takes in what a program says for a register, by the rules of sheets. A
// program speaks for the registers that its department keeps, of firms in the
// region of that department; a program of no department speaks for none. The same request once more does nothing and has the same answer. Fields of errors
// are uscc, register, as_of, region and facts.<n>.
func (s *Service) Say(ctx context.Context, actor auth.Actor, in RegisterSaid) (out RegisterResult, e identity.Enterprise, err error) {
	if actor.Kind != auth.Client || !actor.HasScope(auth.ScopeFirmsWrite) {
		return out, e, ErrForbidden
	}
	opening, err := s.saidBy(in)
	if err != nil {
		return out, e, err
	}
	dir := s.Identity.Directory()
	if r, _ := s.vocab.Register(in.Register); r.Department != actor.DepartmentID || !dir.HasDepartment(actor.DepartmentID) {
		return out, e, ErrInvalid.At("register", ErrNotYours.Code)
	}
	reach := auth.Reach(dir.Department(actor.DepartmentID).Region)
	sum, err := json.Marshal(opening)
	if err != nil {
		return out, e, err
	}
	digest := sha256.Sum256(sum)
	mark := hex.EncodeToString(digest[:])
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if in.Key != "" {
			type line struct {
				firm, digest string
				result       RegisterResult
			}
			old, ok, err := db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (x line, err error) {
				return x, r.Scan(&x.firm, &x.digest, db.JSON[RegisterResult]{V: &x.result})
			}, `SELECT enterprise_id, digest, result FROM identity_said WHERE client_id=$1 AND key=$2`, actor.ID, in.Key)
			if err != nil {
				return fmt.Errorf("dossier: said: %w", err)
			}
			if ok && old.digest != mark {
				return ErrKeyReused
			}
			if ok {
				out = old.result
				e, err = s.Identity.Enterprise(ctx, old.firm)
				return err
			}
		}
		field := "uscc"
		if e, err = s.Identity.EnterpriseByUSCC(ctx, opening.USCC); isNotFound(err) {
			field = "region"
		} else if err != nil {
			return err
		} else if !strings.HasPrefix(e.Region, reach) {
			return ErrInvalid.At(field, ErrNotYours.Code)
		}
		row := SheetRow{USCC: opening.USCC}
		if err := s.judge(ctx, auth.SystemActor(), &row, opening); err != nil {
			return err
		}
		if row.Kind == RowWrong {
			return ErrInvalid.At("region", ErrOutside.Code)
		}
		if e, _, err = s.take(ctx, actor, opening); err != nil {
			return err
		}
		if field == "region" && !strings.HasPrefix(e.Region, reach) { // a firm that had no file
			return ErrInvalid.At(field, ErrNotYours.Code)
		}
		out = RegisterResult{Kind: row.Kind, Keys: append([]string{}, row.Keys...)}
		if in.Key == "" {
			return nil
		}
		if _, err := s.DB.Exec(ctx, `DELETE FROM identity_said WHERE at < $1`, db.MS(s.Clock.Now().Add(-saidKept))); err != nil {
			return err
		}
		n, err := s.DB.Exec(ctx, `INSERT INTO identity_said (client_id, key, enterprise_id, digest, result, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING`,
			actor.ID, in.Key, e.ID, mark, db.ToJSON(out), db.MS(s.Clock.Now()))
		if err == nil && n == 0 {
			err = ErrStale // the same request at the same time: it may be sent again
		}
		return err
	})
	return out, e, err
}

// saidBy checks what was said and brings it into the form in which it is kept.
func (s *Service) saidBy(in RegisterSaid) (Opening, error) {
	bad, wrong := ErrInvalid, false
	complain := func(field string, e *errs.Error) {
		bad, wrong = bad.At(field, e.Code, pairs(e.Params)...), true
	}
	code := idcode.CheckUSCC(in.USCC)
	if !code.OK(true) {
		complain("uscc", ErrUSCC)
	} else if !code.OK(in.Confirmed) {
		complain("uscc", ErrConfirm)
	}
	if _, ok := s.vocab.Register(in.Register); !ok {
		complain("register", ErrChoose)
	}
	day, err := parseDate(in.AsOf)
	if err != nil || day == "" {
		complain("as_of", errDate)
	} else if day > s.today() {
		complain("as_of", ErrFuture)
	}
	out := Opening{USCC: code.Normalised, Confirmed: in.Confirmed, Region: in.Region}
	if in.Region != "" {
		if at, ok := s.regionHere(in.Region); ok {
			out.Region = at
		} else {
			complain("region", ErrOutside)
		}
	}
	if len(in.Facts) == 0 {
		complain("facts", ErrEmpty)
	}
	for i, f := range in.Facts {
		at := "facts." + strconv.Itoa(i)
		d := s.vocab.Def(f.Key)
		switch {
		case d == nil || !d.By(Registry):
			complain(at, ErrNotSaid)
			continue
		case d.Yearly != (f.Year != 0) || d.Yearly && !s.yearOK(f.Year):
			complain(at, ErrYear.With("from", firstYear).With("to", s.closedYear()+1))
			continue
		}
		value, err := d.Yuan(f.Value)
		if d.Type != Money {
			value, err = d.Parse(f.Value)
		}
		if x, ok := errors.AsType[*errs.Error](err); ok {
			complain(at, x)
			continue
		}
		if err != nil {
			return out, err
		}
		if value == "" {
			complain(at, ErrEmpty)
			continue
		}
		out.Words = append(out.Words, Word{Key: f.Key, Year: f.Year, Value: value, Source: Registry, Origin: in.Register, Ref: "api", AsOf: day})
	}
	if wrong {
		return out, bad
	}
	return out, nil
}

// ForProgram returns what a program reads of a firm: its present facts without
// what is personal, and how the file stands.
func (s *Service) ForProgram(ctx context.Context, actor auth.Actor, uscc string) (identity.Enterprise, File, []Fact, error) {
	if actor.Kind != auth.Client || !actor.HasScope(auth.ScopeFirmsRead) && !actor.HasScope(auth.ScopeFirmsWrite) {
		return identity.Enterprise{}, File{}, nil, ErrForbidden
	}
	e, err := s.Identity.EnterpriseByUSCC(ctx, idcode.CheckUSCC(uscc).Normalised)
	if isNotFound(err) {
		err = ErrNotFound
	}
	if err != nil {
		return e, File{}, nil, err
	}
	f, ok, err := s.store.file(ctx, e.ID)
	if err != nil {
		return e, f, nil, err
	}
	if !ok {
		f.Register = RegisterKnown
	}
	all, err := s.FirmFacts(ctx, e.ID)
	var out []Fact
	for _, x := range all.Facts {
		if d := s.vocab.Def(x.Key); d != nil && !d.Personal {
			out = append(out, x)
		}
	}
	return e, f, out, err
}
