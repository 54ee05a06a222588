package cases

import (
	"slices"
)

// Command names what can be done to a case.
type Command string

// The commands.
const (
	CmdSubmit        Command = "submit"
	CmdReceive       Command = "receive"
	CmdWithdraw      Command = "withdraw"
	CmdAccept        Command = "accept"
	CmdAskSupplement Command = "ask_supplement"
	CmdRefuse        Command = "refuse"
	CmdClaim         Command = "claim"
	CmdRelease       Command = "release"
	CmdEndorse       Command = "endorse"
	CmdSendBack      Command = "send_back"
	CmdReply         Command = "reply"
	CmdRecall        Command = "recall"
	CmdPause         Command = "pause"
	CmdResume        Command = "resume"
	CmdExtend        Command = "extend"
	CmdDecide        Command = "decide"
	CmdDeliver       Command = "deliver"
	CmdNote          Command = "note"
	CmdCheck         Command = "check"     // a copy was held against its original
	CmdHandIn        Command = "hand_in"   // a tolerated material comes
	CmdWaive         Command = "waive"     // a tolerated material is not needed after all
	CmdVerify        Command = "verify"    // of a commitment, after the decision
	CmdRevoke        Command = "revoke"    // of a decision
	CmdTransfer      Command = "transfer"  // to another deciding department
	CmdReassign      Command = "reassign"  // of a task to a named colleague
	CmdHandOver      Command = "hand_over" // to a colleague of the same firm
	CmdTakeOver      Command = "take_over" // by that colleague
	CmdDecline       Command = "decline"   // what was offered
	CmdReturn        Command = "return"    // to a desk that was done, which does it again
	CmdArrange       Command = "arrange"   // a site inspection: officers and day
	CmdObject        Command = "object"    // an objection against a publicity, written down by staff or filed by anybody
	CmdAnswer        Command = "answer"    // an objection is decided

	// Left by the engine itself, never given by a person.
	CmdIssue     Command = "issue"     // a certificate was issued
	CmdSkip      Command = "skip"      // a task whose condition did not hold
	CmdLapse     Command = "lapse"     // a tolerated material did not come in time
	CmdOpen      Command = "open"      // the applicant opened a result that was delivered electronically
	CmdRemind    Command = "remind"    // a supplement notice is nearly over
	CmdExpire    Command = "expire"    // nobody answered it in time
	CmdPublicise Command = "publicise" // a publicity began
	CmdMove      Command = "move"      // to another version of its item, by who keeps the catalogue: see MoveCases
	CmdCalendar  Command = "calendar"  // the calendar changed, and with it the due day
	CmdAward     Command = "award"     // opened and granted without an application, see Award
	CmdStep      Command = "step"      // of an order: something happened to one of its steps, see StepNews
)

// need for a reason.
type need int

const (
	none need = iota
	optional
	required
)

// commandRule says when a command can be given and what it leaves behind. Who
// may give it stands in rights.go.
type commandRule struct {
	from   []State
	reason need
	public bool // the applicant sees the event
	task   bool // works on an open task of the actor's department
}

// inHands are the states in which an applicant has a case in his hands.
var inHands = []State{Draft, Submitted, Supplementing, Handling, Decided}

// commands is the table of the engine: a command that is not in it does not exist.
var commands = map[Command]commandRule{
	CmdSubmit:        {from: []State{Draft, Supplementing}, public: true},
	CmdReceive:       {from: []State{Draft}, public: true},
	CmdWithdraw:      {from: []State{Draft, Submitted, Supplementing, Handling}, reason: optional, public: true},
	CmdAccept:        {from: []State{Submitted}, public: true},
	CmdAskSupplement: {from: []State{Submitted}, reason: optional, public: true},
	CmdRefuse:        {from: []State{Submitted, Supplementing}, reason: required, public: true},
	CmdClaim:         {from: []State{Handling}, task: true},
	CmdRelease:       {from: []State{Handling}},
	CmdEndorse:       {from: []State{Handling}, reason: optional, task: true},
	CmdSendBack:      {from: []State{Handling}, reason: optional, public: true, task: true},
	CmdReply:         {from: []State{Handling}, public: true},
	CmdRecall:        {from: []State{Handling}, reason: required, public: true, task: true},
	CmdPause:         {from: []State{Handling}, reason: required, public: true, task: true},
	CmdResume:        {from: []State{Handling}, reason: optional, public: true, task: true},
	CmdExtend:        {from: []State{Handling}, reason: required, public: true},
	CmdDecide:        {from: []State{Handling}, public: true, task: true},
	CmdDeliver:       {from: []State{Decided}, public: true},
	CmdNote:          {from: []State{Submitted, Supplementing, Handling, Decided, Delivered, Refused, Withdrawn, Revoked}, reason: required},
	CmdVerify:        {from: []State{Decided, Delivered}, reason: required, public: true},
	CmdRevoke:        {from: []State{Decided, Delivered}, reason: required, public: true},
	CmdTransfer:      {from: []State{Submitted, Handling}, reason: required, public: true},
	CmdReassign:      {from: []State{Handling}, reason: optional},
	CmdRemind:        {from: []State{Supplementing}, public: true},
	CmdExpire:        {from: []State{Supplementing}, public: true},
	CmdReturn:        {from: []State{Handling}, reason: required, task: true},
	CmdArrange:       {from: []State{Handling}, reason: optional, public: true, task: true},
	CmdObject:        {from: []State{Handling}, task: true},
	CmdAnswer:        {from: []State{Handling}, reason: required, task: true},
	CmdHandOver:      {from: inHands, reason: optional, public: true},
	CmdTakeOver:      {from: inHands, public: true},
	CmdDecline:       {from: inHands, reason: optional, public: true},
	CmdCheck:         {from: []State{Submitted, Supplementing, Handling}, public: true},
	CmdHandIn:        {from: []State{Handling}, public: true},
	CmdWaive:         {from: []State{Handling}, reason: required, public: true},
	CmdLapse:         {from: []State{Handling}, public: true},
	CmdMove:          {from: movable, reason: required, public: true},
	CmdCalendar:      {from: []State{Handling}, public: true},
}

// Commands lists the commands in a fixed order, for tables and tests.
var Commands = []Command{
	CmdReceive,
	CmdSubmit, CmdWithdraw, CmdAccept, CmdAskSupplement, CmdRefuse, CmdClaim, CmdRelease, CmdEndorse, CmdSendBack, CmdReply, CmdRecall,
	CmdPause, CmdResume, CmdExtend, CmdDecide, CmdDeliver, CmdTransfer, CmdReassign, CmdReturn, CmdArrange, CmdObject, CmdAnswer, CmdNote, CmdVerify, CmdRevoke,
	CmdHandOver, CmdTakeOver, CmdDecline,
	CmdCheck, CmdHandIn, CmdWaive,
}

// EventKinds lists everything that can stand in a timeline.
var EventKinds = append(slices.Clone(Commands), CmdIssue, CmdSkip, CmdOpen, CmdPublicise, CmdRemind, CmdExpire, CmdLapse, CmdMove, CmdCalendar, CmdStep, CmdAward)

// NeedsReason says whether a command is refused without a reason.
func (c Command) NeedsReason() bool { return commands[c].reason == required }

// possible says whether the state of the case lets the command through.
func (c Command) possible(k *Case) bool {
	return slices.Contains(commands[c].from, k.State)
}
