package worklist

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Input of a command that many cases get alike.
type Input struct {
	Reason  string        `json:"reason,omitempty"`
	Outcome cases.Outcome `json:"outcome,omitempty"` // decide
	Object  bool          `json:"object,omitempty"`  // endorse
	Days    int           `json:"days,omitempty"`    // extend
	Kind    string        `json:"kind,omitempty"`    // pause
	Until   string        `json:"until,omitempty"`   // pause: expected end
	To      string        `json:"to,omitempty"`      // reassign: account
}

// BatchCommands are the commands that can be given to many cases alike, in the
// order of the buttons. What names papers of one case is not among them.
var BatchCommands = []cases.Command{
	cases.CmdAccept, cases.CmdClaim, cases.CmdEndorse, cases.CmdDecide, cases.CmdPause, cases.CmdResume, cases.CmdExtend, cases.CmdReassign, cases.CmdRelease, cases.CmdNote, cases.CmdRefuse,
}

// check refuses what no case could take, before any is touched.
func (in Input) check(c cases.Command) error {
	why := strings.TrimSpace(in.Reason)
	if utf8.RuneCountInString(why) > 1000 || why == "" && (c.NeedsReason() || c == cases.CmdDecide && in.Outcome.NeedsReason() || c == cases.CmdEndorse && in.Object) {
		return cases.ErrReason.At("reason", cases.ErrReason.Code)
	}
	switch {
	case c == cases.CmdDecide && !slices.Contains(cases.Outcomes, in.Outcome):
		return ErrCommand.At("outcome", ErrCommand.Code)
	case c == cases.CmdReassign && in.To == "":
		return cases.ErrColleague.At("to", cases.ErrColleague.Code)
	case c == cases.CmdExtend && (in.Days < 1 || in.Days > cases.MaxExtension):
		return cases.ErrExtension.At("days", cases.ErrExtension.Code)
	}
	return nil
}

// give gives the command to one case.
func (s *Service) give(ctx context.Context, a auth.Actor, c cases.Command, ref cases.Ref, in Input) (err error) {
	switch c {
	case cases.CmdAccept:
		_, err = s.Cases.Accept(ctx, a, ref)
	case cases.CmdClaim:
		_, err = s.Cases.Claim(ctx, a, ref)
	case cases.CmdRelease:
		_, err = s.Cases.Release(ctx, a, ref)
	case cases.CmdEndorse:
		_, err = s.Cases.Endorse(ctx, a, ref, cases.EndorseInput{Object: in.Object, Opinion: in.Reason})
	case cases.CmdDecide:
		_, err = s.Cases.Decide(ctx, a, ref, cases.DecideInput{Outcome: in.Outcome, Reason: in.Reason, Alike: true})
	case cases.CmdPause:
		_, err = s.Cases.PauseFor(ctx, a, ref, cases.PauseInput{Kind: in.Kind, Until: in.Until, Reason: in.Reason})
	case cases.CmdResume:
		_, err = s.Cases.Resume(ctx, a, ref, in.Reason)
	case cases.CmdExtend:
		_, err = s.Cases.Extend(ctx, a, ref, in.Days, in.Reason)
	case cases.CmdReassign:
		_, err = s.Cases.Reassign(ctx, a, ref, cases.ReassignInput{To: in.To, Reason: in.Reason})
	case cases.CmdNote:
		_, err = s.Cases.Note(ctx, a, ref, in.Reason)
	case cases.CmdRefuse:
		_, err = s.Cases.Refuse(ctx, a, ref, in.Reason)
	default:
		err = ErrCommand
	}
	return err
}
