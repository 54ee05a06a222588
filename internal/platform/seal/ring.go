package seal

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
)

// Source says where the keys of an installation are.
type Source struct {
	File  string // made when it is missing
	Text  string // the keys themselves, instead of a file; they cannot be changed from here
	Suite string // to write with; "" leaves it to the ring, and is standard for a new one
}

// ErrNoKeys says that there is no file of keys yet.
var ErrNoKeys = errors.New("seal: there is no file of keys")

// ErrFixed says that a ring that was handed in as text cannot be changed here.
var ErrFixed = errors.New("seal: the keys were handed in by the environment; change them where they come from")

const (
	lookAgain = 2 * time.Second  // how old a ring may be before the file is looked at
	settle    = 30 * time.Second // after which every process reads with a new key
)

// Ring holds the keys in memory. It is safe for many goroutines, and follows its
// file when another process changes it.
type Ring struct {
	file  string
	clock clock.Clock
	mu    sync.Mutex // of reading and writing the file
	now   atomic.Pointer[state]
	seen  atomic.Int64 // when the file was last looked at, unix ms
	stamp time.Time    // of the file that was read
}

type dataKey struct {
	Key
	suite Suite
	aead  cipher.AEAD
}

type macKey struct {
	Key
	suite  Suite
	secret []byte
}

type state struct {
	file  keyFile
	data  map[string]dataKey
	write dataKey
	index []macKey // oldest first
	sign  []macKey
}

func build(f keyFile) (*state, error) {
	s := &state{file: f, data: map[string]dataKey{}}
	used := map[string]bool{}
	read := func(letter string, k Key) (Suite, []byte, error) {
		suite, err := SuiteOf(k.Suite)
		if err != nil {
			return nil, nil, err
		}
		if !keyID.MatchString(k.ID) || k.ID[:1] != letter || used[k.ID] {
			return nil, nil, fmt.Errorf("seal: %q cannot name a key here", k.ID)
		}
		used[k.ID] = true
		secret, err := base64.StdEncoding.DecodeString(k.Secret)
		if err != nil {
			return nil, nil, fmt.Errorf("seal: key %s is not base64", k.ID)
		}
		return suite, secret, nil
	}
	for _, k := range f.Data {
		suite, secret, err := read("k", k)
		if err != nil {
			return nil, err
		}
		aead, err := suite.AEAD(secret)
		if err != nil {
			return nil, fmt.Errorf("%w (%s)", err, k.ID)
		}
		s.data[k.ID] = dataKey{k, suite, aead}
	}
	for _, k := range f.Index {
		suite, secret, err := read("i", k)
		if err != nil {
			return nil, err
		}
		if len(secret) != macKeySize {
			return nil, fmt.Errorf("seal: an index key of %d bytes (%s)", len(secret), k.ID)
		}
		s.index = append(s.index, macKey{k, suite, secret})
	}
	for _, k := range f.Sign {
		suite, secret, err := read("s", k)
		if err != nil {
			return nil, err
		}
		if _, err := suite.Public(secret); err != nil {
			return nil, err
		}
		s.sign = append(s.sign, macKey{k, suite, secret})
	}
	w, ok := s.data[f.Write]
	if !ok {
		return nil, fmt.Errorf("seal: the ring is to write with %q, which it does not have", f.Write)
	}
	s.write = w
	return s, nil
}

// Read returns the ring of a source; ErrNoKeys when its file is missing.
func Read(src Source, c clock.Clock) (*Ring, error) {
	r := &Ring{file: src.File, clock: c}
	var f keyFile
	var err error
	if src.Text != "" {
		r.file = ""
		f, err = parse([]byte(src.Text))
	} else {
		var info os.FileInfo
		f, info, err = load(src.File)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNoKeys
		}
		if err == nil {
			r.stamp = info.ModTime()
		}
	}
	if err != nil {
		return nil, err
	}
	s, err := build(f)
	if err != nil {
		return nil, err
	}
	r.now.Store(s)
	r.seen.Store(c.Now().UnixMilli())
	if src.Suite != "" && s.write.suite.Name() != src.Suite {
		return r, r.Switch(src.Suite)
	}
	return r, nil
}

// Make is Read that makes the file when it is missing.
func Make(src Source, c clock.Clock) (*Ring, error) {
	r, err := Read(src, c)
	if !errors.Is(err, ErrNoKeys) {
		return r, err
	}
	name := src.Suite
	if name == "" {
		name = StandardName
	}
	suite, err := SuiteOf(name)
	if err != nil {
		return nil, err
	}
	f, err := newKeys(suite, c)
	if err != nil {
		return nil, err
	}
	if err := save(src.File, f, true); err != nil {
		return nil, err
	}
	return Read(src, c)
}

// current is the ring as the file has it, at most lookAgain old. A file that
// cannot be read any more leaves the ring as it is: work goes on.
func (r *Ring) current() *state {
	if r.file != "" && r.clock.Now().UnixMilli()-r.seen.Load() >= lookAgain.Milliseconds() {
		_ = r.reread(false)
	}
	return r.now.Load()
}

func (r *Ring) reread(force bool) error {
	if r.file == "" {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.Store(r.clock.Now().UnixMilli())
	info, err := os.Stat(r.file)
	if err != nil || !force && info.ModTime().Equal(r.stamp) {
		return err
	}
	return r.take()
}

// take reads the file, under the lock.
func (r *Ring) take() error {
	f, info, err := load(r.file)
	if err != nil {
		return err
	}
	s, err := build(f)
	if err != nil {
		return err
	}
	r.stamp = info.ModTime()
	r.now.Store(s)
	return nil
}

// change edits the file under a lock that other processes respect too.
func (r *Ring) change(edit func(f *keyFile) error) error {
	if r.file == "" {
		return ErrFixed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lock := r.file + ".lock"
	l, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("seal: another process changes the keys (if none does, remove %s): %w", lock, err)
	}
	defer func() { _, _ = l.Close(), os.Remove(lock) }()
	f, _, err := load(r.file)
	if err != nil {
		return err
	}
	if err := edit(&f); err != nil {
		return err
	}
	if _, err := build(f); err != nil {
		return err
	}
	if err := save(r.file, f, false); err != nil {
		return err
	}
	return r.take()
}

// Suite that is written with.
func (r *Ring) Suite() Suite { return r.current().write.suite }

// Rotate makes a new data key of the suite that is written with, and writes with
// it from now on.
func (r *Ring) Rotate() (string, error) { return r.newWriter(r.Suite()) }

// Switch writes with a suite from now on: with the newest key of it, or a new
// one, and signs with it. The index keeps its keys; RotateIndex replaces them.
func (r *Ring) Switch(name string) error {
	suite, err := SuiteOf(name)
	if err != nil {
		return err
	}
	s := r.current()
	if s.write.suite == suite {
		return nil
	}
	if r.file == "" {
		for _, k := range slices.Backward(s.file.Data) {
			if k.Suite == name {
				f := s.file
				f.Write = k.ID
				if s, err = build(f); err == nil {
					r.now.Store(s)
				}
				return err
			}
		}
	}
	_, err = r.newWriter(suite)
	return err
}

func (r *Ring) newWriter(suite Suite) (id string, err error) {
	signer, err := suite.NewSigner()
	if err != nil {
		return "", err
	}
	return id, r.change(func(f *keyFile) error {
		now := r.clock.Now()
		k := newKey("k", suite, now, random(suite.KeySize()))
		id, f.Write = k.ID, k.ID
		f.Data = append(f.Data, k)
		f.Sign = append(f.Sign, newKey("s", suite, now, signer))
		return nil
	})
}

// RotateIndex adds an index key of the suite that is written with. Every process
// searches with it at once and writes with it half a minute later.
func (r *Ring) RotateIndex() (id string, err error) {
	suite := r.Suite()
	return id, r.change(func(f *keyFile) error {
		now := r.clock.Now()
		k := newKey("i", suite, now, random(macKeySize))
		k.From = now.Add(settle).UTC()
		id, f.Index = k.ID, append(f.Index, k)
		return nil
	})
}

// Settled is when a new index key is written with by every process; zero when it is.
func (r *Ring) Settled() time.Time {
	s := r.current()
	if from := s.index[len(s.index)-1].From; from.After(r.clock.Now()) {
		return from
	}
	return time.Time{}
}

// drop takes a key out of the ring; what it sealed can never be read again.
func (r *Ring) drop(id string) error {
	return r.change(func(f *keyFile) error {
		now := r.clock.Now()
		of := func(list []Key) ([]Key, bool) {
			i := slices.IndexFunc(list, func(k Key) bool { return k.ID == id })
			if i < 0 {
				return list, false
			}
			return slices.Delete(slices.Clone(list), i, i+1), true
		}
		newest := func(list []Key) Key { return list[len(list)-1] }
		var ok bool
		switch {
		case id == f.Write, id == newest(f.Index).ID, id == newest(f.Sign).ID:
			return fmt.Errorf("seal: %s is written with", id)
		case now.Sub(newest(f.Data).Made) < 2*settle, now.Sub(newest(f.Index).Made) < 2*settle && len(f.Index) > 1:
			return fmt.Errorf("seal: keys were changed just now; try again in a minute, when every process writes with the new ones")
		}
		if f.Data, ok = of(f.Data); ok {
			return nil
		}
		if f.Index, ok = of(f.Index); ok {
			return nil
		}
		if f.Sign, ok = of(f.Sign); !ok {
			return fmt.Errorf("seal: there is no key %q", id)
		}
		return nil
	})
}

// KeyInfo is a key without what is secret of it.
type KeyInfo struct {
	ID          string
	For         string // data, index, sign
	Suite       string
	Made        time.Time
	Writes      bool
	fingerprint string
}

// Keys lists the ring, oldest first.
func (r *Ring) Keys() []KeyInfo {
	s := r.current()
	var out []KeyInfo
	add := func(list []Key, what, writes string) {
		for _, k := range list {
			suite, _ := SuiteOf(k.Suite)
			secret, _ := base64.StdEncoding.DecodeString(k.Secret)
			m := suite.MAC(secret)
			_, _ = m.Write([]byte("tongban fingerprint of a key"))
			out = append(out, KeyInfo{ID: k.ID, For: what, Suite: k.Suite, Made: k.Made, Writes: k.ID == writes, fingerprint: hex.EncodeToString(m.Sum(nil)[:8])})
		}
	}
	add(s.file.Data, "data", s.write.ID)
	add(s.file.Index, "index", s.indexKey(r.clock.Now()).ID)
	add(s.file.Sign, "sign", s.sign[len(s.sign)-1].ID)
	return out
}

// indexKey is the newest that is written with.
func (s *state) indexKey(now time.Time) macKey {
	for _, k := range slices.Backward(s.index) {
		if !k.From.After(now) {
			return k
		}
	}
	return s.index[0]
}
