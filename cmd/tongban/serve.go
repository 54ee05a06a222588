package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/demo/firms"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/logx"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the site",
		Long:  "Serve the site on --listen. The schema is brought up to date first. SIGTERM and Ctrl-C stop it gracefully: requests and jobs in hand are finished.",
		Args:  cobra.NoArgs,
	}
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		if cfg.RegisterURL == config.Memory { // anybody with an account would be the owner of a firm that it makes up
			return errors.New("register-url: memory: is the register of a demonstration; leave it empty and firms are verified by hand")
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		return errors.Join(a.Serve(cmd.Context(), nil), a.Close())
	}
	return cmd
}

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve a demonstration zone with a year of history",
		Long: `Serve a demonstration zone. The first start fills an empty data folder: the
zone at once, then, while the site already answers, its many small firms and a
year of cases, lived through by the engine itself. Later starts keep the data. To begin anew, delete the folder.`,
		Args: cobra.NoArgs,
	}
	history := cmd.Flags().Int("cases", app.DemoCases, "how many past cases to live through")
	all := cmd.Flags().Int("firms", firms.All, "how many firms there are in the zone")
	load := settings(cmd, expendable)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		if cfg.LogLevel == "info" && !cmd.Flags().Changed("log-level") {
			log = logx.New(os.Stderr, cfg.LogFormat, "warn") // the terminal is for the reader here
		}
		a, err := app.NewDemo(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		a.Filling.Plan(*all, *history)
		out := cmd.OutOrStdout()
		_, _ = fmt.Fprint(out, a.Welcome())
		err = a.Serve(cmd.Context(), func(ctx context.Context) error {
			err := a.FillFirms(ctx, *all, func(done, total int) {
				_, _ = fmt.Fprintf(out, "\r  %d / %d firms are there.", done, total)
				if done == total {
					_, _ = fmt.Fprintln(out)
				}
			})
			if err != nil {
				return err
			}
			err = a.FillHistory(ctx, *history, func(done, total int) {
				if done == total {
					_, _ = fmt.Fprintf(out, "\r  %d / %d cases of history are there.      \n", done, total)
				} else if done%20 == 0 {
					_, _ = fmt.Fprintf(out, "\r  living through the past year: %d / %d cases", done, total)
				}
			})
			if past := new(app.PastFailedError); errors.As(err, &past) {
				_, _ = fmt.Fprintf(out, "\n  %v\n", past) // a demonstration with a gap is better than none
				err = nil
			}
			if err == nil && ctx.Err() == nil {
				err = a.FillFlow(ctx)
			}
			return err
		})
		return errors.Join(err, a.Close())
	}
	return cmd
}
