package app

import (
	"bytes"
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
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
