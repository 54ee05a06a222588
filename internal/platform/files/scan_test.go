package files_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// The test file that every scanner knows, in two parts so that this source is none.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// fakeClamd speaks INSTREAM and finds the test file.
func fakeClamd(t *testing.T) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answer := func(c net.Conn) {
		defer func() { _ = c.Close() }()
		word := make([]byte, len("zINSTREAM\x00"))
		if _, err := io.ReadFull(c, word); err != nil || string(word) != "zINSTREAM\x00" {
			_, _ = c.Write([]byte("UNKNOWN COMMAND\x00"))
			return
		}
		var all bytes.Buffer
		for {
			var n uint32
			if binary.Read(c, binary.BigEndian, &n) != nil {
				return
			}
			if n == 0 {
				break
			}
			if _, err := io.CopyN(&all, c, int64(n)); err != nil {
				return
			}
		}
		said := "stream: OK\x00"
		if bytes.Contains(all.Bytes(), []byte(eicar)) {
			said = "stream: Win.Test.EICAR_HDB-1 FOUND\x00"
		}
		_, _ = c.Write([]byte(said))
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	stop = func() { _ = l.Close() }
	t.Cleanup(stop)
	return "tcp://" + l.Addr().String(), stop
}

// TestScan: what is infected is refused by name; while the scanner is away files
// are refused or wait, and nothing that nobody looked at leaves the house.
func TestScan(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := store(t, d, clock.At(time.Now()), t.TempDir(), keys(t, clock.At(time.Now())))
		put := func(text string) (files.File, error) {
			b, err := s.Put(ctx, strings.NewReader(string(pdf)+text), "a.pdf", 1<<20)
			if err != nil {
				return files.File{}, err
			}
			var f files.File
			return f, d.InTx(ctx, func(ctx context.Context) (err error) {
				f, err = s.Register(ctx, b, "a.pdf", "me")
				return err
			})
		}
		opens := func(f files.File) error {
			r, err := s.Open(f)
			if err == nil {
				err = r.Close()
			}
			return err
		}
		before, err := put("from before there was a scanner " + eicar)
		if err != nil {
			t.Fatal(err)
		}
		address, stop := fakeClamd(t)
		clam, err := files.NewClamd(address)
		if err != nil {
			t.Fatal(err)
		}
		s.Guard(clam, false)
		clean, err := put(strings.Repeat("clean ", 40_000)) // several chunks
		if err != nil || opens(clean) != nil {
			t.Fatal(err, opens(clean))
		}
		if _, err := put(eicar); !errors.Is(err, files.ErrInfected) {
			t.Fatalf("infected: %v", err)
		}
		if err := opens(before); !errors.Is(err, files.ErrUnscanned) {
			t.Fatalf("unseen, and it left: %v", err)
		}
		if n, err := s.ScanWaitingFiles(ctx); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if err := opens(before); !errors.Is(err, files.ErrInfected) {
			t.Fatal(err)
		}
		if rows, err := s.FindAll(ctx, []string{before.ID, clean.ID}); err != nil || rows[before.ID].Scan != files.ScanInfected || rows[clean.ID].Scan != "" {
			t.Fatal(rows, err)
		}
		stop()
		if _, err := put("while it is away"); !errors.Is(err, files.ErrScanner) {
			t.Fatal(err)
		}
		s.Guard(clam, true)
		waiting, err := put("while it is away")
		if err != nil {
			t.Fatal(err)
		}
		if err := opens(waiting); !errors.Is(err, files.ErrUnscanned) {
			t.Fatal(err)
		}
		if rows, err := s.FindAll(ctx, []string{waiting.ID}); err != nil || rows[waiting.ID].Scan != files.ScanWaiting {
			t.Fatal(rows, err)
		}
		if _, err := s.ScanWaitingFiles(ctx); !errors.Is(err, files.ErrScanner) {
			t.Fatal(err)
		}
		address, _ = fakeClamd(t)
		if clam, err = files.NewClamd(address); err != nil {
			t.Fatal(err)
		}
		s.Guard(clam, true)
		if n, err := s.ScanWaitingFiles(ctx); err != nil || n != 1 || opens(waiting) != nil {
			t.Fatal(n, err, opens(waiting))
		}
	})
	for _, bad := range []string{"", "127.0.0.1:3310", "tcp://host", "http://host:1", "unix:"} {
		if _, err := files.NewClamd(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
