package app

import (
	"bytes"
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// settle readies the papers of a case for its decision: originals that were not
// seen are seen, what was tolerated comes, or a desk lets go of it.
func (c *course) settle(ctx context.Context) error {
	v, err := c.Cases.View(ctx, auth.SystemActor(), c.k.ID)
	if err != nil {
		return err
	}
	for _, m := range v.Materials {
		if m.Trust == paper.Uploaded && (m.Material.Original || c.chance(20)) {
			if _, err := c.Cases.CheckOriginal(ctx, c.one(c.clerks), c.ref(), m.Key); err != nil {
				return err
			}
		}
	}
	t, err := c.nextTask(ctx)
	if err != nil || t == nil {
		return err
	}
	for _, g := range v.OpenGaps() {
		if c.chance(15) {
			if _, err := c.Cases.Waive(ctx, c.one(c.staff[t.DepartmentID+"/"+t.Role]), c.ref(), g.Key, "数据共享已经核实，不用再交。"); err != nil {
				return err
			}
			continue
		}
		in, err := c.Cases.Receive(ctx, c.who, c.k.ID, g.Key, g.Name.ZH+".pdf", bytes.NewReader(samplePDF(g.Name.In("en"))), 1<<20)
		if err != nil {
			return err
		}
		if _, err := c.Cases.HandIn(ctx, c.who, c.ref(), cases.HandInInput{Key: g.Key, Files: []cases.Received{in}, Until: c.lastDay()}); err != nil {
			return err
		}
	}
	return nil
}

// lastDay of a paper that is handed in now: some are good for years, some nearly over.
func (c *course) lastDay() string { return workday.DateOf(c.at).AddMonths(3 + c.rng.IntN(20)).String() }

// correct adds to what was written in words, or mends a phone number, so that the
// two submissions of a case differ in more than its papers.
func (c *course) correct(ctx context.Context) error {
	f, err := c.Cases.Form(ctx, c.who, c.k.ID)
	if err != nil {
		return err
	}
	typed := url.Values{}
	for name, v := range f.Buffer.Typed {
		typed[name] = v
	}
	for _, s := range f.Item.Form.Sections {
		for _, x := range s.Fields {
			old := typed.Get(x.ID)
			if s.Repeat != nil || x.Formula != "" || old == "" {
				continue
			}
			now := old
			switch x.Type {
			case catalogue.FieldTextarea:
				now += "（已按通知核对补充）"
			case catalogue.FieldPhone:
				now = strings.TrimSuffix(old, old[len(old)-1:]) + strconv.Itoa((int(old[len(old)-1])-'0'+1)%10)
			default:
				continue
			}
			typed.Set(x.ID, now)
			if again, bad := cases.Answers(f.Item, cases.Typed(typed), workday.DateOf(c.at).String()); len(bad) == len(f.Bad) && again[x.ID] != nil {
				_, err := c.Cases.SaveTyped(ctx, c.who, c.k.ID, f.Buffer.Rev, typed)
				return err
			}
			typed.Set(x.ID, old) // it does not fit
		}
	}
	return nil
}
