package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// notices says which events the applicant is told of; true when he has to do
// something. How to add one: docs/architecture.md, "Where to add".
var notices = map[Command]bool{
	CmdSubmit:        false,
	CmdAskSupplement: true,
	CmdAccept:        false,
	CmdRefuse:        false,
	CmdSendBack:      true,
	CmdRecall:        false,
	CmdPause:         false,
	CmdResume:        false,
	CmdExtend:        false,
	CmdTransfer:      false,
	CmdMove:          false,
	CmdCalendar:      false,
	CmdArrange:       false,
	CmdPublicise:     false,
	CmdRemind:        true,
	CmdExpire:        false,
	CmdDecide:        false,
	CmdIssue:         false,
	CmdAward:         false,
	CmdWaive:         false,
	CmdLapse:         false,
	CmdVerify:        false,
	CmdRevoke:        false,
}

// told by law: what opens, stops, moves or ends a procedure (行政许可法 art. 32,
// 38, 42, 45). The reader cannot switch these off altogether.
var toldByLaw = []Command{CmdAskSupplement, CmdAccept, CmdRefuse, CmdPause, CmdExtend, CmdDecide, CmdAward, CmdRevoke}

// classOf is what the reader has preferences for.
func classOf(c Command, needsYou bool) notify.Class {
	switch {
	case needsYou:
		return notify.Action
	case c == CmdRefuse || c == CmdDecide || c == CmdAward || c == CmdIssue || c == CmdRevoke:
		return notify.Result
	default:
		return notify.Progress
	}
}

// notDue stands for a limit that has not begun.
var notDue = i18n.Text{ZH: "受理后开始计时", EN: "counted from acceptance"}

// tell writes the notices of an event into the feeds of those concerned, in
// the transaction of the command: the person who acts, and for what needs doing
// in a firm's case everybody who acts for the firm.
func (s *Service) tell(ctx context.Context, k *Case, e Event) error {
	needsYou, ok := notices[e.Command]
	if !ok {
		return nil
	}
	if e.Command == CmdAccept && e.Detail["automatic"] == true || e.Command == CmdSubmit && k.State.Ended() {
		return nil // an instant item tells its result only
	}
	if e.Command == CmdAccept && k.ParentID != "" {
		return nil // an order is accepted once for all its steps
	}
	readers, err := s.readers(ctx, k, needsYou)
	if err != nil {
		return fmt.Errorf("cases: whom to tell: %w", err)
	}
	params := map[string]any{"item": k.ItemName, "number": k.Number, "applicant": k.Party.Name, "reason": strings.TrimRight(e.Reason, "。.； ")}
	kind := "case_" + string(e.Command)
	switch e.Command {
	case CmdCalendar:
		params["due"] = lastMoment(k.DueAt)
	case CmdMove:
		if e.Detail["sooner"] != true {
			return nil // nothing changes for the applicant
		}
		params["due"] = lastMoment(k.DueAt)
	case CmdResume:
		params["due"] = lastMoment(k.DueAt)
		if planned := e.Instant("planned"); !planned.IsZero() { // by itself; something else may keep the clock still
			kind += "_planned"
			params["day"] = lastMoment(planned)
		}
	case CmdAccept, CmdExtend:
		params["due"] = lastMoment(k.DueAt)
	case CmdRemind, CmdExpire:
		if due := e.Instant("due"); !due.IsZero() {
			params["due"] = lastMoment(due)
		}
	case CmdArrange:
		params["day"], params["place"] = e.Detail["on"], e.Detail["place"]
		if on, err := workday.Parse(fmt.Sprint(e.Detail["on"])); err == nil {
			day := workday.StartOf(on)
			params["day"] = i18n.Text{ZH: i18n.Date(i18n.Chinese, day), EN: i18n.Date(i18n.English, day)}
		}
	case CmdPause:
		if task := e.Text("task"); !task.IsZero() { // stopped by a task, not by a word
			params["reason"] = task
		}
	case CmdTransfer:
		params["from"], params["to"], params["due"] = e.Detail["from_name"], e.Detail["to_name"], notDue
		if !k.DueAt.IsZero() {
			params["due"] = lastMoment(k.DueAt)
		}
	case CmdAskSupplement, CmdSendBack:
		points, _ := e.Detail["points"].([]Point)
		params["n"] = max(len(points), 1)
		if due := e.Instant("due"); !due.IsZero() {
			params["due"] = lastMoment(due)
		}
	case CmdWaive:
		params["material"] = e.Detail["material"]
	case CmdLapse:
		kind += "_" + string(k.State)
	case CmdDecide:
		kind += "_" + string(k.Outcome)
	case CmdVerify:
		result := e.Word("result")
		if result == string(Broken) {
			return nil // the revocation is told
		}
		kind += "_" + result
		needsYou = result == string(Mend)
		params["until"] = e.Word("until")
	case CmdAward:
		a := e.Award()
		params["amount"], params["reason"] = a.Amount.String(), i18n.Text{ZH: strings.TrimRight(a.Basis.ZH, "。.； "), EN: strings.TrimRight(a.Basis.EN, "。.； ")}
	case CmdIssue:
		params["certificate"], params["certificate_number"] = e.Detail["title"], e.Detail["number"]
	}
	for _, a := range readers {
		if err := s.Notify.Tell(ctx, a.Reader(), notify.News{
			Key: fmt.Sprintf("case:%s:%d", k.ID, e.Seq), Kind: kind, Params: params, Link: "/my/cases/" + string(k.ID), NeedsYou: needsYou,
			Class: classOf(e.Command, needsYou), Legal: slices.Contains(toldByLaw, e.Command),
		}); err != nil {
			return err
		}
	}
	return nil
}

// lastMoment writes a due time in both languages.
func lastMoment(due time.Time) i18n.Text {
	return i18n.Moment(i18n.LastMoment, due)
}

// readers are those who are told: the person who acts, and for what needs
// doing in a firm's case, or in one that a program filed, all who act for the firm.
func (s *Service) readers(ctx context.Context, k *Case, needsYou bool) ([]identity.Account, error) {
	type key struct {
		id  ID
		all bool
	}
	return db.Memo(ctx, key{k.ID, needsYou}, func(ctx context.Context) ([]identity.Account, error) { return s.lookUpReaders(ctx, k, needsYou) })
}

func (s *Service) lookUpReaders(ctx context.Context, k *Case, needsYou bool) ([]identity.Account, error) {
	if k.Party.Kind == identity.HolderEnterprise && (needsYou || k.AccountID == "") {
		return s.agents(ctx, k, true)
	}
	if k.AccountID == "" {
		return nil, nil
	}
	a, err := s.Identity.Account(ctx, k.AccountID)
	return []identity.Account{a}, err
}

// NoticeKinds lists every kind that the engine can write; a test looks for the texts.
func NoticeKinds() []string {
	out := []string{kindGap, kindMoved, kindRenewal, kindSpecialOver, kindReturnOver, kindStillLong, kindOffered, kindTaken, kindDeclined, kindDraftEnds, "case_resume_planned", "case_lapse_withdrawn", "case_lapse_refused"}
	for c := range notices {
		if c == CmdLapse {
			continue
		}
		if c == CmdDecide {
			for _, o := range Outcomes {
				out = append(out, "case_decide_"+string(o))
			}
			continue
		}
		if c == CmdVerify {
			out = append(out, "case_verify_kept", "case_verify_mend")
			continue
		}
		out = append(out, "case_"+string(c))
	}
	return out
}
