package demo

import "github.com/tongban/tongban/internal/matching/policy"

// Matter is one thing that waits for somebody when the demonstration opens;
// exactly one of its parts is there.
type Matter struct {
	Said        *FirmSaid        `yaml:"said"`
	Declared    *FirmDeclared    `yaml:"declared"`
	Claim       *FirmClaim       `yaml:"claim"`
	Unverified  *FirmUnverified  `yaml:"unverified"`
	Objection   *FirmObjection   `yaml:"objection"`
	Certificate *FirmEndingPaper `yaml:"certificate"`
	Drafted     *PolicyDrafted   `yaml:"drafted"`
	Revised     *PolicyRevised   `yaml:"revised"`
}

// PolicyDrafted is a document with clauses that somebody is writing; they need not
// be sound yet.
type PolicyDrafted struct {
	By       string      `yaml:"by"`
	Document policy.Seed `yaml:"document"`
}

// PolicyRevised is a published clause that somebody has changed and that waits to be
// published.
type PolicyRevised struct {
	Clause     string  `yaml:"clause"`
	By         string  `yaml:"by"`
	ProposedBy string  `yaml:"proposed_by"`
	Reason     string  `yaml:"reason"`
	Rate       float64 `yaml:"rate"` // percent, instead of what it is
}

// FirmSaid is what another register says of a firm than the one that keeps the fact.
type FirmSaid struct {
	Firm     string `yaml:"firm"` // credit code, as in all of these
	Register string `yaml:"register"`
	DaysAgo  int    `yaml:"days_ago"`
	Facts    []struct {
		Key   string `yaml:"key"`
		Year  int    `yaml:"year"`
		Value string `yaml:"value"` // as people write it, money in 10,000 yuan
	} `yaml:"facts"`
}

// FirmDeclared is what somebody of a firm declares of it.
type FirmDeclared struct {
	Firm   string `yaml:"firm"`
	By     string `yaml:"by"` // login, as in all of these
	Key    string `yaml:"key"`
	Year   int    `yaml:"year"`
	Value  string `yaml:"value"`
	Reason string `yaml:"reason"`
	Paper  string `yaml:"paper"` // title of a paper that is handed in with it, as in all of these
}

// FirmClaim is somebody who wants to act for a firm that has a file.
type FirmClaim struct {
	Firm  string `yaml:"firm"`
	By    string `yaml:"by"`
	Paper string `yaml:"paper"`
}

// FirmUnverified is a firm that somebody added while the register of companies
// did not answer.
type FirmUnverified struct {
	USCC           string `yaml:"uscc"`
	By             string `yaml:"by"`
	Name           string `yaml:"name"`
	Representative string `yaml:"representative"` // "" for who adds it
	Region         string `yaml:"region"`
	Address        string `yaml:"address"`
	Paper          string `yaml:"paper"`
	Silent         bool   `yaml:"silent"` // the register does not answer about it until it is told to
	Item           string `yaml:"item"`   // code of an item that is asked for on behalf of it, accepted and not decided
}

// FirmObjection is an objection of a firm to its first credit record of a department.
type FirmObjection struct {
	Firm  string `yaml:"firm"`
	By    string `yaml:"by"`
	Text  string `yaml:"text"`
	Paper string `yaml:"paper"`
}

// FirmEndingPaper is a certificate whose end lies near the day of the demonstration.
type FirmEndingPaper struct {
	Firm    string `yaml:"firm"`
	Type    string `yaml:"type"`
	Number  string `yaml:"number"`
	DaysAgo int    `yaml:"days_ago"` // when it was issued
	Days    int    `yaml:"days"`     // until its end; negative when it is over
}
