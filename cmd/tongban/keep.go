package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// withApp runs f on the installation that the settings name.
func withApp(cmd *cobra.Command, f func(ctx context.Context, a *app.App) error) {
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		return errors.Join(f(cmd.Context(), a), a.Close())
	}
}

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the database schema up to date", Args: cobra.NoArgs}
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := load()
		if err != nil {
			return err
		}
		d, err := db.Open(cmd.Context(), cfg.DatabaseDSN(), db.Options{Durable: cfg.Durable})
		if err != nil {
			return err
		}
		if err := app.Migrate(cmd.Context(), d); err != nil {
			return errors.Join(err, d.Close())
		}
		have, _, err := d.SchemaVersion(cmd.Context())
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s: schema is at version %d\n", d.Dialect(), have)
		return errors.Join(err, d.Close())
	}
	return cmd
}

func adminCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "admin", Short: "Accounts and tokens from the command line"}
	cmd.AddCommand(loadZoneCommand(), createUserCommand(), createTokenCommand())
	return cmd
}

func loadZoneCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "load-zone DIR",
		Short: "Load the frame of a zone from YAML files",
		Long: `Load regions, departments, halls, certificate types, shelves and items from a
folder laid out like demo/ (see docs/demo-data.md). What is known is changed,
nothing is removed, people and firms are not touched. Do this first in a new
installation: accounts and posts refer to departments and regions.`,
		Args: cobra.ExactArgs(1),
	}
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := load()
		if err != nil {
			return err
		}
		z, err := demo.LoadFrom(os.DirFS(args[0]))
		if err != nil {
			return err
		}
		if len(z.Departments) == 0 && len(z.Items) == 0 {
			return fmt.Errorf("%s holds neither zone/departments.yaml nor catalogue/", args[0])
		}
		a, err := app.New(cmd.Context(), cfg, log, clock.System{})
		if err != nil {
			return err
		}
		r, err := a.LoadFrame(cmd.Context(), z)
		if err == nil {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d departments, %d halls; items: %d created, %d updated, %d unchanged\n",
				len(z.Departments), len(z.Halls), r.Created, r.Updated, r.Unchanged)
		}
		return errors.Join(err, a.Close())
	}
	return cmd
}

func createUserCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create-user",
		Short: "Open a staff account",
		Long: `Open a staff account with one post. The password is read from the first line of
standard input, so that it stands in no shell history.

A post of approver, head, leader or of one of the three administrators waits for
the security administrator, who confirms it on the page of proposed posts. A new
installation has none yet: open its first administrators with
--without-confirmation, which the audit trail keeps.

  echo 'a long password' | tongban admin create-user --login root --name 管理员 --role system_admin --department zw --region 371671 --without-confirmation`,
		Args: cobra.NoArgs,
	}
	roles := make([]string, len(auth.Roles))
	for i, r := range auth.Roles {
		roles[i] = string(r)
	}
	login := cmd.Flags().String("login", "", "login name")
	name := cmd.Flags().String("name", "", "name as shown")
	role := cmd.Flags().String("role", "", "one of "+strings.Join(roles, ", "))
	department := cmd.Flags().String("department", "", "key of the department")
	region := cmd.Flags().String("region", "", "division code of the post")
	hall := cmd.Flags().String("hall", "", "key of the hall (clerks)")
	window := cmd.Flags().String("window", "", "number of the window (clerks)")
	alone := cmd.Flags().Bool("without-confirmation", false, "give the post without a second person (for the first administrators)")
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		password, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		if password = strings.TrimRight(password, "\r\n"); password == "" {
			return fmt.Errorf("no password on standard input (%w)", err)
		}
		post := auth.Post{Role: auth.Role(*role), DepartmentID: *department, Region: *region, HallID: *hall}
		if *window != "" {
			post.WindowID = *hall + "/" + *window
		}
		in := identity.StaffInput{Login: *login, Name: i18n.Text{ZH: *name}, Password: password, Posts: []auth.Post{post}}
		acc, proposed, err := a.Offices.CreateFromConsole(ctx, in, *alone)
		if errors.Is(err, organisation.ErrNobody) {
			return fmt.Errorf("%w: nobody could confirm this post; for the first administrators use --without-confirmation", err)
		}
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "created %s (%s)\n", acc.Login, acc.ID)
		if proposed {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "the post waits for the security administrator: %s/admin/posts\n", a.Config.BaseURL)
		}
		return nil
	})
	return cmd
}

func createTokenCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "create-token", Short: "Register an API client and print its token once", Args: cobra.NoArgs}
	name := cmd.Flags().String("name", "", "name of the client")
	scopes := cmd.Flags().StringSlice("scope", []string{string(auth.ScopeItems)}, "items:read, cases:read, cases:write (may be repeated)")
	days := cmd.Flags().Int("days", 365, "days until it expires, at most 18 months")
	department := cmd.Flags().String("department", "", "department that it works for: whose certificates it issues, and for whose registers it speaks")
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		list := make([]auth.Scope, len(*scopes))
		for i, s := range *scopes {
			list[i] = auth.Scope(s)
		}
		c, token, err := a.Identity.CreateClientFor(ctx, auth.SystemActor(), *name, *department, list, a.Clock.Now().Add(time.Duration(*days)*24*time.Hour))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", token)
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "client %s, expires %s; the token is not shown again\n", c.Name, i18n.ShortDate(c.ExpiresAt))
		return nil
	})
	return cmd
}

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "The audit trail"}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Walk the hash chains and name the first broken link",
		Long:  "Walk the hash chains of the audit trail. Ends with 0 when every link holds, 1 when one is broken. Keep what it prints elsewhere: with --heads FILE it proves later that nothing was cut off or written anew since.",
		Args:  cobra.NoArgs,
	}
	heads := verify.Flags().String("heads", "", "what an earlier run printed; its heads have to be in the chains still")
	withApp(verify, func(ctx context.Context, a *app.App) error {
		r, err := a.Audit.Verify(ctx)
		if err != nil {
			return err
		}
		if *heads != "" && r.Broken == nil {
			kept, err := keptHeads(*heads)
			if err != nil {
				return err
			}
			if r.Broken, err = a.Audit.Compare(ctx, kept); err != nil {
				return err
			}
		}
		if r.Broken != nil {
			return exit{1, fmt.Errorf("BROKEN after %d entries: %s", r.Entries, r.Broken)}
		}
		out := verify.OutOrStdout()
		_, _ = fmt.Fprintf(out, "%d entries, all links hold\n", r.Entries)
		chains := make([]int, 0, len(r.Heads))
		for c := range r.Heads {
			chains = append(chains, c)
		}
		slices.Sort(chains)
		for _, c := range chains {
			_, _ = fmt.Fprintf(out, "chain %2d  %6d  %s\n", c, r.Heads[c].Seq, r.Heads[c].Hash)
		}
		return nil
	})
	cmd.AddCommand(verify)
	return cmd
}

// keptHeads reads the heads that an earlier run printed.
func keptHeads(name string) ([]audit.Kept, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var out []audit.Kept
	for line := range strings.Lines(string(b)) {
		var k audit.Kept
		if n, err := fmt.Sscanf(line, "chain %d %d %s", &k.Chain, &k.Seq, &k.Hash); n == 3 && err == nil {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no heads of chains", name)
	}
	return out, nil
}

func backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the embedded database while it runs",
		Long:  "Write a consistent copy of the SQLite database to FILE, which must not exist. Uploads lie in the folder files/ of the data folder and are never changed once written: copy that folder after the database. The keys (keys.yaml) are needed to read what is sealed: keep a copy of them apart from this one. For PostgreSQL use pg_dump.",
		Args:  cobra.ExactArgs(1),
	}
	load := settings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, _, err := load()
		if err != nil {
			return err
		}
		d, err := db.Open(cmd.Context(), cfg.DatabaseDSN(), db.Options{})
		if err != nil {
			return err
		}
		if err := d.Backup(cmd.Context(), args[0]); err != nil {
			return errors.Join(err, d.Close())
		}
		info, err := os.Stat(args[0])
		if err == nil {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes\n", args[0], info.Size())
			where := cfg.KeyFile()
			if cfg.KeyRing != "" {
				where = "in the secret TONGBAN_KEY_RING"
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "The keys are not in it (%s): keep a copy of them, apart from this one.\n", where)
		}
		return errors.Join(err, d.Close())
	}
	return cmd
}

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the OpenAPI 3.1 description of /api/v1", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := api.OpenAPI()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", b)
			return err
		},
	}
}

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			goVersion := "go"
			if info, ok := debug.ReadBuildInfo(); ok {
				goVersion = info.GoVersion
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "tongban %s (%s)\n", version, goVersion)
			return err
		},
	}
}
