package cases

import (
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/seal"
)

// sealedPartyCode is the purpose of sealing the identity number of a person who
// asks. It is bound to the person, not to the case: it says the same in each of
// his. The credit code of a firm is public and stays readable.
const sealedPartyCode = "cases_case.party_code"

// partyCode is the code of who asks as the database holds it.
func (s store) partyCode(p identity.Party) string {
	if p.Kind != identity.HolderPerson {
		return p.Code
	}
	return s.ring.Seal(sealedPartyCode, p.ID, p.Code)
}

// SealedColumns lists what the keeper of the keys has to look after.
func (s *Service) SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "cases_case", ID: "id", Row: "party_id", Text: "party_code", Purpose: sealedPartyCode, Where: "party_kind='person'"},
	}
}
