package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
)

// EnterpriseFact is what is known of a firm in one place of its file.
type EnterpriseFact struct {
	Key      string `json:"key"`
	Year     int    `json:"year,omitempty"`
	Value    string `json:"value"`
	Source   string `json:"source" enum:"registry,certificate,officer,declared,computed"`
	AsOf     string `json:"as_of,omitempty"`
	Disputed bool   `json:"disputed"`
}

// Enterprise is the file of a firm.
type Enterprise struct {
	USCC     string           `json:"uscc"`
	Name     i18n.Text        `json:"name"`
	Region   string           `json:"region"`
	Register string           `json:"register" enum:"known,waiting,unknown,by_hand,rejected"`
	Score    int              `json:"score"`
	Facts    []EnterpriseFact `json:"facts"`
}

type enterpriseInput struct {
	USCC string `path:"uscc" minLength:"18" maxLength:"18"`
}

type enterpriseOutput struct{ Body Enterprise }

// FactSaid is a fact that a register says.
type FactSaid struct {
	Key   string `json:"key" minLength:"1" maxLength:"50"`
	Year  int    `json:"year,omitempty" minimum:"0" maximum:"9999"`
	Value string `json:"value" minLength:"1" maxLength:"20000"`
}

// EnterpriseSaid is what one register says of one firm.
type EnterpriseSaid struct {
	USCC      string     `json:"uscc" minLength:"1" maxLength:"30"`
	Confirmed bool       `json:"confirmed,omitempty"`
	Register  string     `json:"register" minLength:"1" maxLength:"30"`
	AsOf      string     `json:"as_of" minLength:"1" maxLength:"30"`
	Region    string     `json:"region,omitempty" maxLength:"12"`
	Facts     []FactSaid `json:"facts" minItems:"1" maxItems:"300" nullable:"false"`
}

type sayInput struct {
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"200" pattern:"^[!-~]+$"`
	Body EnterpriseSaid
}

// EnterpriseTaken is what that did to the file.
type EnterpriseTaken struct {
	USCC    string   `json:"uscc"`
	Result  string   `json:"result" enum:"new,changed,same,conflict"`
	Changed []string `json:"changed"`
}

type sayOutput struct{ Body EnterpriseTaken }

func (s *server) enterprises() {
	tag := []string{"enterprises"}
	add(s, auth.ScopeFirmsRead, huma.Operation{
		OperationID: "get-enterprise", Method: http.MethodGet, Path: "/enterprises/{uscc}", Tags: tag, Errors: []int{http.StatusNotFound},
	}, s.getEnterprise)
	add(s, auth.ScopeFirmsWrite, huma.Operation{
		OperationID: "say-enterprise", Method: http.MethodPost, Path: "/enterprises", Tags: tag, Errors: []int{http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, s.sayEnterprise)
}

func (s *server) getEnterprise(ctx context.Context, in *enterpriseInput) (*enterpriseOutput, error) {
	e, f, facts, err := s.Dossier.ForProgram(ctx, auth.From(ctx), in.USCC)
	if err != nil {
		return nil, err
	}
	out := &enterpriseOutput{Body: Enterprise{USCC: e.USCC, Name: e.Name, Region: e.Region, Register: f.Register, Score: f.Score, Facts: []EnterpriseFact{}}}
	for _, x := range facts {
		out.Body.Facts = append(out.Body.Facts, EnterpriseFact{x.Key, x.Year, valueOf(x), string(x.Source), x.AsOf, x.Disputed})
	}
	return out, nil
}

// valueOf writes money in yuan, everything else as it is kept.
func valueOf(x dossier.Fact) string {
	d := dossier.Published().Def(x.Key)
	if n, err := strconv.ParseInt(x.Value, 10, 64); err == nil && d.Type == dossier.Money {
		return strings.ReplaceAll(money.Fen(n).String(), ",", "")
	}
	return x.Value
}

func (s *server) sayEnterprise(ctx context.Context, in *sayInput) (*sayOutput, error) {
	b := in.Body
	said := dossier.RegisterSaid{USCC: b.USCC, Confirmed: b.Confirmed, Register: b.Register, AsOf: b.AsOf, Region: b.Region, Key: in.Key}
	for _, f := range b.Facts {
		said.Facts = append(said.Facts, dossier.FactSaid{Key: f.Key, Year: f.Year, Value: f.Value})
	}
	done, e, err := s.Dossier.Say(ctx, auth.From(ctx), said)
	if err != nil {
		return nil, located(err, "body")
	}
	return &sayOutput{Body: EnterpriseTaken{USCC: e.USCC, Result: done.Kind, Changed: done.Keys}}, nil
}
