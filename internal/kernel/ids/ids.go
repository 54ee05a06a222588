// Package ids makes identifiers: UUID version 7 (RFC 9562) as text, so that
// they sort by the time they were made on both databases, and secret tokens.
package ids

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"time"
)

// counter is what was given out for one millisecond.
type counter struct {
	ms    int64
	carry int64 // milliseconds borrowed from the future
	seq   uint16
}

var (
	mu sync.Mutex
	// Some instants back, since a process may have more than one clock: one
	// that steps back, or the standing clocks of tests that run side by side.
	counters [64]counter
	last     int // the counter asked last
	next     int // the one forgotten next
)

// count returns the millisecond and the number within it for an identifier;
// seed starts a new millisecond.
func count(ms int64, seed uint16) (int64, uint16) {
	mu.Lock()
	defer mu.Unlock()
	if counters[last].ms != ms {
		found := -1
		for i := range counters {
			if counters[i].ms == ms {
				found = i
				break
			}
		}
		if found < 0 {
			found, next = next, (next+1)%len(counters)
			last = found
			counters[found] = counter{ms: ms, seq: seed & 0x07ff} // half the range is left to count up
			return ms, counters[found].seq
		}
		last = found
	}
	c := &counters[last]
	if c.seq == 0x0fff { // a clock that stands still: the time is advanced, as section 6.2 allows
		c.carry, c.seq = c.carry+1, 0
	} else {
		c.seq++
	}
	return ms + c.carry, c.seq
}

// New returns a UUIDv7 for the instant now. Identifiers made in one process
// for one millisecond keep their order (RFC 9562 section 6.2, method 1: the
// twelve bits after the version count up from a random start).
func New(now time.Time) string {
	var b [16]byte
	if _, err := rand.Read(b[6:]); err != nil {
		panic("ids: no randomness: " + err.Error()) // crypto/rand never fails on a sane system
	}
	ms, seq := count(now.UnixMilli(), binary.BigEndian.Uint16(b[6:8]))
	binary.BigEndian.PutUint64(b[0:8], uint64(ms)<<16|uint64(0x7000|seq))
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	out[8] = '-'
	hex.Encode(out[9:13], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:18], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:23], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:36], b[10:16])
	return string(out[:])
}

// Token returns 160 random bits in lower-case base32: for links and API keys.
func Token() string {
	var b [20]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("ids: no randomness: " + err.Error())
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

// Digits returns n random decimal digits: for pick-up codes that a person
// reads out. They are only ever accepted together with a case number and
// under a throttle.
func Digits(n int) string {
	out := make([]byte, 0, n)
	var b [1]byte
	for len(out) < n {
		if _, err := rand.Read(b[:]); err != nil {
			panic("ids: no randomness: " + err.Error())
		}
		if b[0] < 250 { // 250 = 25*10: no digit is likelier than another
			out = append(out, '0'+b[0]%10)
		}
	}
	return string(out)
}
