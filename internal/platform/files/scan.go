package files

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
)

// Errors of the virus scan.
var (
	ErrInfected  = errs.Define(errs.Invalid, "files.infected")      // param found
	ErrScanner   = errs.Define(errs.Unavailable, "files.scanner")   // nobody can look at it now
	ErrUnscanned = errs.Define(errs.Unavailable, "files.unscanned") // nobody has looked at it yet
)

// Scanner looks for viruses: found names what it found, "" for nothing.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) (found string, err error)
}

// States of the scan of a file; "" without a scanner and when it is clean.
const (
	ScanWaiting  = "waiting"
	ScanInfected = "infected"
	scanClean    = "clean"
)

// Guard has every file looked at before it is kept, and lets none out that was
// not. When the scanner cannot be reached files are refused or, with quarantine,
// kept unseen until ScanWaitingFiles has had them looked at.
func (s *Store) Guard(sc Scanner, quarantine bool) { s.scanner, s.quarantine = sc, quarantine }

// Guarded says whether a scanner looks at the files.
func (s *Store) Guarded() bool { return s.scanner != nil }

// examine looks at what came in; waiting says that nobody could.
func (s *Store) examine(ctx context.Context, r io.ReaderAt, size int64) (state string, err error) {
	if s.scanner == nil {
		return "", nil
	}
	found, err := s.scanner.Scan(ctx, io.NewSectionReader(r, 0, size))
	switch {
	case err != nil && s.quarantine:
		return ScanWaiting, nil
	case err != nil:
		return "", ErrScanner.Because(err)
	case found != "":
		return "", ErrInfected.With("found", found)
	}
	return scanClean, nil
}

// scanned keeps what is known about bytes. A verdict is never made weaker.
func (s *Store) scanned(ctx context.Context, sum, state, found string) error {
	if state == "" {
		return nil
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `INSERT INTO files_scan (sha256, state, found, scanned_at) VALUES ($1,$2,$3,$4)
			ON CONFLICT (sha256) DO UPDATE SET state=excluded.state, found=excluded.found, scanned_at=excluded.scanned_at WHERE files_scan.state='waiting' OR excluded.state='infected'`,
			sum, state, found, db.MS(s.clock.Now()))
		return err
	})
}

// mayLeave refuses to give out what was not looked at, or is infected.
func (s *Store) mayLeave(ctx context.Context, sum string) error {
	if s.scanner == nil {
		return nil
	}
	state, _, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT state FROM files_scan WHERE sha256=$1`, sum)
	switch {
	case err != nil:
		return err
	case state == ScanInfected:
		return ErrInfected.With("found", "")
	case state != scanClean:
		return ErrUnscanned
	}
	return nil
}

// ScanWaitingFiles looks at what nobody has looked at yet: what was kept while
// the scanner was away, and what came before there was one.
func (s *Store) ScanWaitingFiles(ctx context.Context) (done int, err error) {
	if s.scanner == nil {
		return 0, nil
	}
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT DISTINCT f.sha256 FROM files_file f LEFT JOIN files_scan x ON x.sha256=f.sha256
		WHERE x.sha256 IS NULL OR x.state='waiting' ORDER BY f.sha256 LIMIT 500`)
	if err != nil {
		return 0, fmt.Errorf("files: waiting for the scanner: %w", err)
	}
	for _, sum := range list {
		if err := s.rescan(ctx, sum); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (s *Store) rescan(ctx context.Context, sum string) error {
	f, err := s.open(sum)
	if err != nil {
		return gone(err) // no bytes, nothing to look at
	}
	defer func() { _ = f.Close() }()
	found, err := s.scanner.Scan(ctx, f)
	if err != nil {
		return ErrScanner.Because(err)
	}
	state := scanClean
	if found != "" {
		state = ScanInfected
	}
	return s.scanned(ctx, sum, state, found)
}

// Clamd speaks to a ClamAV daemon (INSTREAM).
type Clamd struct {
	Network, Address string
	Timeout          time.Duration // of one file
}

// NewClamd reads tcp://host:port or unix:/path.
func NewClamd(address string) (*Clamd, error) {
	u, err := url.Parse(address)
	switch {
	case err == nil && u.Scheme == "tcp" && u.Port() != "":
		return &Clamd{Network: "tcp", Address: u.Host, Timeout: time.Minute}, nil
	case err == nil && u.Scheme == "unix" && u.Path != "":
		return &Clamd{Network: "unix", Address: u.Path, Timeout: time.Minute}, nil
	}
	return nil, fmt.Errorf("files: %q is neither tcp://host:port nor unix:/path", address)
}

// Scan sends the bytes in chunks, each after its length, and reads the verdict.
func (c *Clamd) Scan(ctx context.Context, r io.Reader) (string, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return "", fmt.Errorf("files: clamd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return "", fmt.Errorf("files: clamd: %w", err)
		}
	}
	if _, err := conn.Write([]byte("zINSTREAM\x00")); err != nil {
		return "", fmt.Errorf("files: clamd: %w", err)
	}
	buf := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(r, buf[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n)) //nolint:gosec // at most 64 KB
			if _, err := conn.Write(buf[:4+n]); err != nil {
				break // it may have answered already that this is too much; that is read below
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = conn.Write([]byte{0, 0, 0, 0})
	b, err := io.ReadAll(io.LimitReader(conn, 4096))
	answer := strings.TrimSpace(strings.TrimRight(string(b), "\x00"))
	answer = strings.TrimPrefix(answer, "stream: ")
	switch found, is := strings.CutSuffix(answer, " FOUND"); {
	case answer == "OK":
		return "", nil
	case is:
		return found, nil
	case err != nil:
		return "", fmt.Errorf("files: clamd: %w", err)
	default:
		return "", fmt.Errorf("files: clamd says %q", answer)
	}
}
