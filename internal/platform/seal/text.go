package seal

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const (
	textMark = "tb1." // begins sealed text; the number is that of its form
	// prefixLen is the length of "tb1.aes.k3f2a91.": form, suite and key.
	prefixLen = len(textMark) + 4 + 8
	indexLen  = 16 // bytes of the keyed hash that a blind index keeps
)

var b64 = base64.RawURLEncoding

// ErrOpen says that sealed text is not of this place, was changed, or that its key is gone.
var ErrOpen = errors.New("seal: the text cannot be opened")

var sealedText = regexp.MustCompile(`tb1\.(?:aes|sm4)\.k[0-9a-f]{6}\.[A-Za-z0-9_-]+`)

// Sealed says whether a text is sealed.
func Sealed(text string) bool { return strings.HasPrefix(text, textMark) }

// Seal makes a text unreadable for everybody without the ring. It can be opened
// with the same purpose ("identity_account.phone") and row only. Nothing stays
// nothing, so that an empty column shows as one.
func (r *Ring) Seal(purpose, row, plain string) string {
	if plain == "" {
		return ""
	}
	return r.current().write.seal(purpose, row, plain)
}

func (k dataKey) seal(purpose, row, plain string) string {
	nonce := random(k.aead.NonceSize())
	return textMark + k.suite.Mark() + "." + k.ID + "." + b64.EncodeToString(k.aead.Seal(nonce, nonce, []byte(plain), bound(k.suite, k.ID, purpose, row)))
}

// Open reads sealed text again. Text that is not sealed is returned as it is:
// an older release may have written it, and Keeper has not come to it yet.
func (r *Ring) Open(purpose, row, text string) (string, error) {
	if !Sealed(text) {
		return text, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return "", fmt.Errorf("%w (%s)", ErrOpen, purpose)
	}
	k, ok := r.current().data[parts[2]]
	if !ok { // another process may have made it this moment
		_ = r.reread(true)
		if k, ok = r.now.Load().data[parts[2]]; !ok {
			return "", fmt.Errorf("%w: the ring has no key %.7q (%s)", ErrOpen, parts[2], purpose)
		}
	}
	raw, err := b64.DecodeString(parts[3])
	n := k.aead.NonceSize()
	if err != nil || len(raw) < n || parts[1] != k.suite.Mark() {
		return "", fmt.Errorf("%w (%s)", ErrOpen, purpose)
	}
	plain, err := k.aead.Open(nil, raw[:n], raw[n:], bound(k.suite, k.ID, purpose, row))
	if err != nil {
		return "", fmt.Errorf("%w (%s)", ErrOpen, purpose)
	}
	return string(plain), nil
}

// bound is the additional data of a sealed text: each part with its length
// before it, so that no two places have the same bytes.
func bound(s Suite, key, purpose, row string) []byte {
	return joined("tongban sealed text", s.Name(), key, purpose, row)
}

func joined(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(p))), p...) //nolint:gosec // no text here is near four gigabytes
	}
	return out
}

// Index is the blind index of a value, which must be in its one form. Nothing
// has none.
func (r *Ring) Index(purpose, value string) string {
	if value == "" {
		return ""
	}
	return r.current().indexKey(r.clock.Now()).blind(purpose, value)
}

// Indexes are the forms under which a value may be found: one, and one more for
// each index key that is being replaced. They are never none, so that a list of
// arguments can be made of them; nothing is found under its own.
func (r *Ring) Indexes(purpose, value string) []string {
	s := r.current()
	out := make([]string, len(s.index))
	for i, k := range s.index {
		if out[i] = k.blind(purpose, value); value == "" {
			out[i] = "-" // which nothing has
		}
	}
	return out
}

func (k macKey) blind(purpose, value string) string {
	m := k.suite.MAC(k.secret)
	_, _ = m.Write(joined("tongban blind index", purpose, value))
	return k.ID + "." + b64.EncodeToString(m.Sum(nil)[:indexLen])
}

// Sign signs a message for a purpose; Verify knows every signing key of the ring.
func (r *Ring) Sign(purpose string, message []byte) (string, error) {
	s := r.current()
	k := s.sign[len(s.sign)-1]
	sig, err := k.suite.Sign(k.secret, joined("tongban signature", purpose, string(message)))
	if err != nil {
		return "", err
	}
	return k.ID + "." + b64.EncodeToString(sig), nil
}

// Verify says whether a signature of Sign fits.
func (r *Ring) Verify(purpose string, message []byte, signature string) bool {
	id, text, ok := strings.Cut(signature, ".")
	if !ok {
		return false
	}
	for _, k := range r.current().sign {
		if k.ID != id {
			continue
		}
		sig, err := b64.DecodeString(text)
		public, err2 := k.suite.Public(k.secret)
		return err == nil && err2 == nil && k.suite.Verify(public, joined("tongban signature", purpose, string(message)), sig)
	}
	return false
}
