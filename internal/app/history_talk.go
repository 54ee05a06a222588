package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// line of a conversation: who says what, how long before now.
type line struct {
	staff bool
	ago   time.Duration
	asks  int // days for a reply
	text  string
}

// conversations in the demonstration. One that asks waits for an answer.
var conversations = [][]line{
	{
		{true, 3 * time.Hour, 4, "您填的联系电话打不通。请回复一个能打通的号码，不用重新提交。"},
	},
	{
		{false, 50 * time.Hour, 0, "请问现场核查大概什么时候来？我们好安排人。"},
		{true, 47 * time.Hour, 0, "您好，初步安排在下周，具体时间我们提前一天打电话确认。"},
		{false, 3 * time.Hour, 0, "收到，谢谢。停车请从东门进。"},
	},
	{
		{false, 80 * time.Hour, 0, "能不能改成到窗口领取？"},
		{true, 76 * time.Hour, 0, "可以，办好以后凭取件码到任意一个综合窗口领取。"},
	},
}

// converse puts conversations into running cases, first those of the account
// that newcomers try.
func (h *history) converse(ctx context.Context) error {
	n, done := 0, map[cases.ID]bool{} // two people of a firm have the same cases
	for _, who := range h.people {
		list, err := h.Cases.List(ctx, who, cases.Filter{List: cases.ListRunning, Request: page.Request{Size: 30}})
		if err != nil {
			return err
		}
		for _, k := range list.Rows {
			lines := conversations[n%len(conversations)]
			if n >= 4*len(conversations) || done[k.ID] || k.Bundle || k.NeedsApplicant || k.SubmittedAt.After(h.now.Add(-lines[0].ago)) {
				continue
			}
			said, err := h.conversation(ctx, who, k.ID, lines)
			if err != nil {
				return err
			}
			if done[k.ID] = true; said {
				n++
			}
		}
	}
	return nil
}

// conversation writes the lines; false when no desk of ours answers.
func (h *history) conversation(ctx context.Context, who auth.Actor, id cases.ID, lines []line) (bool, error) {
	desk, ok, err := h.deskOf(ctx, id)
	if err != nil || !ok {
		return false, err
	}
	for i, m := range lines {
		h.clock.Set(h.now.Add(-m.ago))
		actor, in := who, talk.Input{Text: m.text, Once: string(rune('a' + i))}
		if m.staff {
			actor = desk
		}
		if m.asks > 0 {
			in.ReplyBy = workday.DateOf(h.now).AddDays(m.asks).String()
		}
		if err := h.Talk.Read(ctx, actor, id); err != nil {
			return false, err
		}
		if _, err := h.Talk.Write(ctx, actor, id, in); err != nil {
			return false, err
		}
	}
	return true, nil
}

// deskOf finds somebody whose desk or window may answer.
func (h *history) deskOf(ctx context.Context, id cases.ID) (auth.Actor, bool, error) {
	var all []auth.Actor
	for _, key := range slices.Sorted(maps.Keys(h.staff)) { // two demonstrations of one day are alike
		if strings.HasSuffix(key, "/"+string(auth.Handler)) {
			all = append(all, h.staff[key]...)
		}
	}
	for _, a := range append(all, h.clerks...) {
		_, v, err := h.Cases.Voice(ctx, a, id)
		if err == nil && v.Writes && v.Desk {
			return a, true, nil
		}
		if err != nil && !errors.Is(err, cases.ErrNotFound) {
			return a, false, err
		}
	}
	return auth.Actor{}, false, nil
}
