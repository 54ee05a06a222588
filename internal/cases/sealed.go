package cases

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// sealedPartyCode is the purpose of sealing the identity number of a person who
// asks. It is bound to the person, not to the case: it says the same in each of
// his. The credit code of a firm is public and stays readable.
const sealedPartyCode = "cases_case.party_code"

// sealedContact is the purpose of sealing where somebody who objected is reached.
const sealedContact = "cases_objection.contact"

// partyCode is the code of who asks as the database holds it.
func (s store) partyCode(p identity.Party) string {
	if p.Kind != identity.HolderPerson {
		return p.Code
	}
	return s.ring.Seal(sealedPartyCode, p.ID, p.Code)
}

// SealedColumns lists what the keeper of the keys has to look after.
func (s *Service) SealedColumns() []seal.Column {
	answers := func(table, column, part string) seal.Column {
		return seal.Column{
			Table: table, ID: "case_id", Part: part, Row: "case_id", Text: column, Purpose: sealedAnswers, JSON: true,
			Plain: func(_ context.Context, id, text string) (string, error) { return s.store.sealJSON(ID(id), text), nil },
		}
	}
	return []seal.Column{
		answers("cases_snapshot", "answers", "data_version"), answers("cases_buffer", "typed", ""), answers("cases_buffer", "prefill", ""), answers("cases_buffer", "aside", ""),
		{Table: "cases_case", ID: "id", Row: "party_id", Text: "party_code", Purpose: sealedPartyCode, Where: "party_kind='person'"},
		{Table: "cases_objection", ID: "id", Row: "id", Text: "contact", Purpose: sealedContact},
	}
}

// sealedAnswers is the purpose of sealing what people type into forms, bound to
// the case.
const sealedAnswers = "cases.answers"

// personalNumber finds what must not stand in clear in an answer, whatever type
// its field has: people write telephones into remarks too. Identity numbers of
// 18 and 15 figures, mobile and other telephones, accounts of banks; and what
// looks like sealed text, which would else be taken for some.
var personalNumber = regexp.MustCompile(`(?:^|[^0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{12,30}|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|0[0-9]{2,3}[ -]?[0-9]{7,8})(?:$|[^0-9])|tb1\.`)

var (
	jsonLeaf   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(?:\s*:)?`)
	sealedLeaf = regexp.MustCompile(`"tb1\.[a-z0-9]{3}\.k[0-9a-f]{6}\.[A-Za-z0-9_-]+"`)
)

// sealJSON seals the texts of a JSON value that hold somebody's number. This and
// openJSON are the only way for answers to and from the database.
func (s store) sealJSON(id ID, text string) string {
	if !personalNumber.MatchString(text) {
		return text
	}
	return jsonLeaf.ReplaceAllStringFunc(text, func(leaf string) string {
		if strings.HasSuffix(leaf, ":") || !personalNumber.MatchString(leaf) || sealedLeaf.MatchString(leaf) && s.opens(id, leaf) {
			return leaf // a name, nothing personal, or sealed before
		}
		var plain string
		if err := json.Unmarshal([]byte(leaf), &plain); err != nil {
			return leaf
		}
		return db.ToJSON(s.ring.Seal(sealedAnswers, string(id), plain))
	})
}

func (s store) opens(id ID, leaf string) bool {
	_, err := s.ring.Open(sealedAnswers, string(id), leaf[1:len(leaf)-1])
	return err == nil
}

// openJSON reads a JSON value that sealJSON wrote into v.
func (s store) openJSON(id ID, text string, v any) error {
	var failed error
	if strings.Contains(text, "tb1.") {
		text = sealedLeaf.ReplaceAllStringFunc(text, func(leaf string) string {
			plain, err := s.ring.Open(sealedAnswers, string(id), leaf[1:len(leaf)-1])
			if err != nil {
				failed = errors.Join(failed, err)
				return leaf
			}
			return db.ToJSON(plain)
		})
	}
	if text == "" || failed != nil {
		return failed
	}
	return json.Unmarshal([]byte(text), v)
}

// Open and Seal let copies of cases take what is sealed along.
func (s store) Open(id, text string) (string, bool) {
	plain, err := s.ring.Open(sealedAnswers, id, text)
	return plain, err == nil
}

// Seal seals a text for a case.
func (s store) Seal(id, plain string) string { return s.ring.Seal(sealedAnswers, id, plain) }
