package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/logx"
)

func loadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Fill an empty data folder with very many cases, to measure",
		Long: `Fill a database with the zone of the demonstration and very many cases. The
engine lives through --originals of them as for the demonstration; the rest are
copies with numbers, instants and deadlines of their own, made with the rows that
the engine left, events, tasks, notices and the audit trail included, so that

  tongban audit verify

holds. A load that was stopped goes on where it was; the same --seed gives the
same cases. The folder can then be served with "tongban demo --cases 0".`,
		Args: cobra.NoArgs,
	}
	l := app.Load{}
	cmd.Flags().IntVar(&l.Cases, "cases", 1_000_000, "how many cases in all")
	cmd.Flags().IntVar(&l.Originals, "originals", 300, "how many of them the engine lives through")
	cmd.Flags().Uint64Var(&l.Seed, "seed", 1, "draws the same cases again")
	load := settings(cmd, expendable)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		if cfg.LogLevel == "info" && !cmd.Flags().Changed("log-level") {
			log = logx.New(cmd.ErrOrStderr(), cfg.LogFormat, "warn") // the terminal shows the progress
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		began, copying, from, told := a.Clock.Now(), a.Clock.Now(), 0, 0
		l.Progress = func(done, total int) {
			if done <= l.Originals {
				copying, from = a.Clock.Now(), done
			}
			if done/10_000 == told && done != total {
				return
			}
			told = done / 10_000
			now := a.Clock.Now()
			rate := float64(done-from) / max(now.Sub(copying).Seconds(), 0.001)
			_, _ = fmt.Fprintf(out, "%9d / %d cases, %.0f s, %.0f copies a second\n", done, total, now.Sub(began).Seconds(), rate)
		}
		return errors.Join(a.LoadCases(cmd.Context(), l), a.Close())
	}
	return cmd
}
