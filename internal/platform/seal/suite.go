package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Names of the suites, as the setting crypto has them.
const (
	StandardName = "standard"
	NationalName = "sm"
)

// Suite is a set of algorithms that belong together.
type Suite interface {
	Name() string
	// Mark stands in sealed text; three letters.
	Mark() string
	// KeySize of sealing, in bytes.
	KeySize() int
	// AEAD seals and opens under a key of KeySize bytes.
	AEAD(key []byte) (cipher.AEAD, error)
	Hash() hash.Hash
	// MAC is the keyed hash of the suite.
	MAC(key []byte) hash.Hash
	// NewSigner makes a private key for Sign.
	NewSigner() ([]byte, error)
	// Public is the public half of a private key.
	Public(private []byte) ([]byte, error)
	Sign(private, message []byte) ([]byte, error)
	Verify(public, message, signature []byte) bool
}

// The suites.
var (
	Standard Suite = standard{}
	National Suite = national{}
)

// Suites in the order of their names in settings.
var Suites = []Suite{Standard, National}

// SuiteOf returns the suite with a name.
func SuiteOf(name string) (Suite, error) {
	for _, s := range Suites {
		if s.Name() == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("seal: %q is neither %s nor %s", name, StandardName, NationalName)
}

// random bytes; the reader of crypto/rand never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// standard is what the rest of the world uses.
type standard struct{}

func (standard) Name() string             { return StandardName }
func (standard) Mark() string             { return "aes" }
func (standard) KeySize() int             { return 32 }
func (standard) Hash() hash.Hash          { return sha256.New() }
func (standard) MAC(key []byte) hash.Hash { return hmac.New(sha256.New, key) }

func (standard) AEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("seal: a key of %d bytes", len(key))
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCM(b)
}

func (standard) NewSigner() ([]byte, error) { return random(ed25519.SeedSize), nil }

func (standard) Public(private []byte) ([]byte, error) {
	if len(private) != ed25519.SeedSize {
		return nil, fmt.Errorf("seal: a signing key of %d bytes", len(private))
	}
	return ed25519.NewKeyFromSeed(private)[ed25519.SeedSize:], nil
}

func (standard) Sign(private, message []byte) ([]byte, error) {
	if len(private) != ed25519.SeedSize {
		return nil, fmt.Errorf("seal: a signing key of %d bytes", len(private))
	}
	return ed25519.Sign(ed25519.NewKeyFromSeed(private), message), nil
}

func (standard) Verify(public, message, signature []byte) bool {
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, signature)
}

// national is what rules on commercial cryptography ask for.
type national struct{}

func (national) Name() string             { return NationalName }
func (national) Mark() string             { return "sm4" }
func (national) KeySize() int             { return sm4.BlockSize }
func (national) Hash() hash.Hash          { return sm3.New() }
func (national) MAC(key []byte) hash.Hash { return hmac.New(sm3.New, key) }

func (national) AEAD(key []byte) (cipher.AEAD, error) {
	b, err := sm4.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCM(b)
}

func (national) NewSigner() ([]byte, error) {
	k, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return k.D.FillBytes(make([]byte, 32)), nil
}

func (national) Public(private []byte) ([]byte, error) {
	k, err := sm2.NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	out := make([]byte, 65) // uncompressed, as GB/T 32918.1 4.2.9 has it
	out[0] = 4
	k.X.FillBytes(out[1:33])
	k.Y.FillBytes(out[33:])
	return out, nil
}

func (national) Sign(private, message []byte) ([]byte, error) {
	k, err := sm2.NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return k.SignWithSM2(rand.Reader, nil, message)
}

func (national) Verify(public, message, signature []byte) bool {
	k, err := sm2.NewPublicKey(public)
	return err == nil && sm2.VerifyASN1WithSM2(k, nil, message, signature)
}
