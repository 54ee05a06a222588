// Command tongban is the whole of Tongban in one program: it serves the site,
// keeps its database, and fills a demonstration. Flags only; everything it
// does lives in internal/app.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tongban:", err)
		os.Exit(exitCode(err))
	}
}
