package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/kernel/clock"
)

// Key is one key of the ring as its file has it.
type Key struct {
	ID    string    `yaml:"id"`
	Suite string    `yaml:"suite"`
	Made  time.Time `yaml:"made"`
	// From is when an index key begins to be written with: by then every process has
	// read the file again and looks for values under it too.
	From   time.Time `yaml:"from,omitempty"`
	Secret string    `yaml:"key"` // base64
}

// keyFile is keys.yaml. The last of a list is the newest.
type keyFile struct {
	Write string `yaml:"write"` // data key that new text is sealed with
	Data  []Key  `yaml:"data"`
	Index []Key  `yaml:"index"`
	Sign  []Key  `yaml:"sign"`
}

const head = `# Keys of this installation. Whoever has them and the database can read what is sealed in it;
# without them nobody can. Keep a copy apart from the copies of the database. Change it only with
# "tongban keys …".
`

// The letter says what a key is for.
var keyID = regexp.MustCompile(`^[kis][0-9a-f]{6}$`)

func newKey(letter string, s Suite, now time.Time, secret []byte) Key {
	return Key{ID: letter + hex.EncodeToString(random(3)), Suite: s.Name(), Made: now.UTC(), Secret: base64.StdEncoding.EncodeToString(secret)}
}

// macKeySize is that of index keys: as long as the hash of either suite.
const macKeySize = 32

// newKeys is the file of a new installation.
func newKeys(s Suite, c clock.Clock) (keyFile, error) {
	now := c.Now()
	signer, err := s.NewSigner()
	if err != nil {
		return keyFile{}, err
	}
	f := keyFile{
		Data: []Key{newKey("k", s, now, random(s.KeySize()))}, Index: []Key{newKey("i", s, now, random(macKeySize))}, Sign: []Key{newKey("s", s, now, signer)},
	}
	f.Write = f.Data[0].ID
	return f, nil
}

// NewText is the text of a new ring, for installations that hand the keys in as
// a secret.
func NewText(suite string, c clock.Clock) (string, error) {
	s, err := SuiteOf(suite)
	if err != nil {
		return "", err
	}
	f, err := newKeys(s, c)
	if err != nil {
		return "", err
	}
	b, err := f.text()
	return string(b), err
}

func (f keyFile) text() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(f); err != nil {
		return nil, fmt.Errorf("seal: keys: %w", err)
	}
	return b.Bytes(), nil
}

func parse(text []byte) (keyFile, error) {
	var f keyFile
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, errors.New("seal: the keys are not the YAML that they were written as") // the cause may quote a key
	}
	if len(f.Data) == 0 || len(f.Index) == 0 || len(f.Sign) == 0 {
		return f, errors.New("seal: the ring needs at least one data, one index and one signing key")
	}
	return f, nil
}

// save replaces the file at once, so that a reader sees the old or the new one;
// the first takes its place only when there is none.
func save(file string, f keyFile, first bool) error {
	b, err := f.text()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("seal: keys: %w", err)
	}
	t, err := os.CreateTemp(filepath.Dir(file), ".keys-*") // made with 0600
	if err != nil {
		return fmt.Errorf("seal: keys: %w", err)
	}
	_, err = t.Write(b)
	err = errors.Join(err, t.Sync(), t.Close())
	if err == nil && first {
		if err = os.Link(t.Name(), file); err == nil || errors.Is(err, fs.ErrExist) { // another process was quicker: its keys count
			return os.Remove(t.Name())
		}
	} else if err == nil {
		err = os.Rename(t.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("seal: keys: %w", errors.Join(err, os.Remove(t.Name())))
	}
	return nil
}

// load reads the file, and refuses one that others on the machine can read.
func load(file string) (keyFile, os.FileInfo, error) {
	info, err := os.Stat(file)
	if err != nil {
		return keyFile{}, nil, fmt.Errorf("seal: keys: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return keyFile{}, nil, fmt.Errorf("seal: others can read %s (mode %04o): chmod 600 it, and rotate the keys if somebody may have", file, info.Mode().Perm())
	}
	b, err := os.ReadFile(file) //nolint:gosec // the file that the settings name
	if err != nil {
		return keyFile{}, nil, fmt.Errorf("seal: keys: %w", err)
	}
	f, err := parse(b)
	if err != nil {
		return f, nil, fmt.Errorf("%w (%s)", err, file)
	}
	return f, info, nil
}
