package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/seal"
)

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Keys that personal data is sealed with",
		Long: `Keys that identity numbers, telephones, answers and files are sealed with. They lie in
keys.yaml of the data folder (--keys, or TONGBAN_KEY_RING with the text itself),
never in the database. Keep a copy apart from the copies of the database: without
it nobody can read what is sealed.

  tongban keys list                what there is, and what uses it
  tongban keys rotate              write with a new key from now on
  tongban keys rotate --index      find numbers by a new key from now on
  tongban keys switch sm           write with SM4, SM3 and SM2 from now on
  tongban keys reseal              rewrite what older keys sealed, while the site runs
  tongban keys reseal --vacuum     and leave nothing from before in the file of a SQLite database
  tongban keys retire ID           take a key away that nothing uses`,
	}
	cmd.AddCommand(keysList(), keysRotate(), keysSwitch(), keysReseal(), keysRetire(), keysMake())
	return cmd
}

func keysList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the keys and what uses them", Args: cobra.NoArgs}
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		uses, err := a.Keeper.Uses(ctx)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		for _, k := range a.Seal.Keys() {
			writes := ""
			if k.Writes {
				writes = "  written with"
			}
			_, _ = fmt.Fprintf(out, "%s  %-5s  %-8s  made %s%s\n", k.ID, k.For, k.Suite, k.Made.Format(time.DateOnly), writes)
			for _, u := range uses {
				if u.Key == k.ID {
					_, _ = fmt.Fprintf(out, "         %8d of %s\n", u.Rows, u.Column)
				}
			}
		}
		return nil
	})
	return cmd
}

// told says what became of a change to the ring.
func told(ctx context.Context, cmd *cobra.Command, a *app.App) error {
	if err := a.Keeper.Note(ctx); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, k := range a.Seal.Keys() {
		if k.Writes {
			_, _ = fmt.Fprintf(out, "%-5s is written with %s (%s)\n", k.For, k.ID, k.Suite)
		}
	}
	if at := a.Seal.Settled(); !at.IsZero() {
		_, _ = fmt.Fprintf(out, "the new index key is searched with at once and written with from %s\n", at.Local().Format(time.TimeOnly))
	}
	_, _ = fmt.Fprintln(out, "Running processes follow by themselves. Copy the file of keys now, then run tongban keys reseal.")
	return nil
}

func keysRotate() *cobra.Command {
	cmd := &cobra.Command{Use: "rotate", Short: "Write with a new key from now on", Args: cobra.NoArgs}
	index := cmd.Flags().Bool("index", false, "replace the key by which numbers are found, instead of the one that seals them")
	withApp(cmd, func(ctx context.Context, a *app.App) (err error) {
		if *index {
			_, err = a.Seal.RotateIndex()
		} else {
			_, err = a.Seal.Rotate()
		}
		if err != nil {
			return err
		}
		return told(ctx, cmd, a)
	})
	return cmd
}

func keysSwitch() *cobra.Command {
	cmd := &cobra.Command{
		Use: "switch SUITE", Short: "Write with the other suite from now on", ValidArgs: []string{seal.StandardName, seal.NationalName},
		Long: "Write with standard (AES-256-GCM, SHA-256, Ed25519) or sm (SM4-GCM, SM3, SM2) from now on; the audit chain goes on with its hash. What is there stays readable. The setting crypto, where it is given, must say the same.",
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
	}
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		suite := cmd.Flags().Arg(0)
		if a.Config.Crypto != "" && a.Config.Crypto != suite {
			return fmt.Errorf("the setting crypto says %s: change it there, the next start follows", a.Config.Crypto)
		}
		if err := a.Seal.Switch(suite); err != nil {
			return err
		}
		return told(ctx, cmd, a)
	})
	return cmd
}

func keysReseal() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reseal", Short: "Rewrite what older keys sealed or indexed", Args: cobra.NoArgs,
		Long: `Rewrite what older keys sealed or indexed, in small transactions while the site runs.
It may be stopped and run again. A running site does the same each night, for a while.

With --vacuum a SQLite database is then written anew without its free pages, in which what an older release
wrote in clear, or what was deleted, can still be read by whoever has the file. It is refused while something
stands in clear. Writers wait meanwhile; the disk needs room for the database once more.`,
	}
	vacuum := cmd.Flags().Bool("vacuum", false, "then write a SQLite database anew, so that its free pages hold nothing from before")
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		out := cmd.OutOrStdout()
		n, err := a.Keeper.Reseal(ctx, func(column string, rows int) { _, _ = fmt.Fprintf(out, "%8d of %s\n", rows, column) })
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%8d in all; tongban keys list says which keys nothing uses any more\n", n)
		if !*vacuum {
			return nil
		}
		plain, err := a.Keeper.Plain(ctx)
		if err != nil {
			return err
		}
		if len(plain) > 0 {
			return fmt.Errorf("something may still stand in clear in %s; start the site once and try again", strings.Join(plain, ", "))
		}
		if err := a.DB.Vacuum(ctx); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, "the database was written anew; copies from before still hold what it held")
		return nil
	})
	return cmd
}

func keysRetire() *cobra.Command {
	cmd := &cobra.Command{
		Use: "retire ID", Short: "Take a key away that nothing uses any more", Args: cobra.ExactArgs(1),
		Long: "Take a key away that nothing uses any more. Older copies of the database still need it: keep a copy of the keys as long as you keep those.",
	}
	withApp(cmd, func(ctx context.Context, a *app.App) error {
		if err := a.Keeper.Retire(ctx, cmd.Flags().Arg(0)); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s is gone\n", cmd.Flags().Arg(0))
		return nil
	})
	return cmd
}

func keysMake() *cobra.Command {
	cmd := &cobra.Command{
		Use: "make", Short: "Print new keys for a new installation in containers", Args: cobra.NoArgs,
		Long: "Print a ring of new keys, to be handed to every process of a new installation as the secret TONGBAN_KEY_RING, or as a file of mode 0600 that --keys names. A data folder makes its own keys at the first start and needs none of this.",
	}
	suite := cmd.Flags().String("suite", seal.StandardName, "standard or sm")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		text, err := seal.NewText(*suite, clock.System{})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprint(cmd.OutOrStdout(), text)
		return nil
	}
	return cmd
}
