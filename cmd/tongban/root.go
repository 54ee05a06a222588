package main

import (
	"errors"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/logx"
)

// exit is an error with an exit code of its own.
type exit struct {
	code int
	err  error
}

// Error is "" when there is nothing more to say.
func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func exitCode(err error) int {
	if e, ok := errors.AsType[exit](err); ok {
		return e.code
	}
	return 1
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tongban",
		Short: "One-stop service platform for a science-and-technology zone (通办)",
		Long: `Tongban (通办) is the service platform of a science-and-technology zone: find a
service, order it, hand in each paper once, follow an honest clock, get the
result and rate it.

Settings come from flags, from the environment (TONGBAN_…) and from a file
(--config), in this order of strength. Try:

  tongban demo        a living demonstration zone on http://127.0.0.1:8080`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(demoCommand(), serveCommand(), migrateCommand(), adminCommand(), auditCommand(), backupCommand(), keysCommand(), importCommand(), exportCommand(), workdayCommand(), checkCommand(), catalogueCommand(), openapiCommand(), searchCommand(), loadCommand(), versionCommand())
	return cmd
}

// settings binds the flags of a command to the configuration and returns a
// function that reads file and environment, lets flags win, and checks all.
// What a command wants otherwise than the default, it sets before all of them.
func settings(cmd *cobra.Command, otherwise ...func(*config.Config)) func() (config.Config, *slog.Logger, error) {
	cfg := config.Default()
	for _, f := range otherwise {
		f(&cfg)
	}
	file := cmd.Flags().String("config", os.Getenv("TONGBAN_CONFIG"), "settings file (YAML)")
	flags := map[string]string{}
	for _, f := range cfg.Fields() {
		cmd.Flags().Var(recorded{f, flags}, f.Name, f.Help+" ["+f.Env+"]")
		if f.Type() == "bool" {
			cmd.Flags().Lookup(f.Name).NoOptDefVal = "true"
		}
	}
	return func() (config.Config, *slog.Logger, error) {
		if err := cfg.Load(*file, os.Getenv); err != nil {
			return cfg, nil, err
		}
		for _, f := range cfg.Fields() {
			if v, given := flags[f.Name]; given {
				if err := f.Set(v); err != nil {
					return cfg, nil, err
				}
			}
		}
		if err := cfg.Validate(); err != nil {
			return cfg, nil, err
		}
		return cfg, logx.New(os.Stderr, cfg.LogFormat, cfg.LogLevel), nil
	}
}

// expendable is for data that can be made again: no waiting for the disk.
func expendable(c *config.Config) { c.Durable = false }

// recorded notes which flags were given, since those beat file and environment.
type recorded struct {
	config.Field
	given map[string]string
}

func (r recorded) Set(s string) error {
	r.given[r.Name] = s
	return r.Field.Set(s)
}
