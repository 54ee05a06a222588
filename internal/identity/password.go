package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"github.com/tongban/tongban/internal/platform/db"
)

// Parameters of argon2id: the second choice of OWASP's password storage
// guidance (19 MiB, two passes, one lane), which a small server bears when many
// sign in at nine in the morning.
const (
	argonTime   = 2
	argonMemory = 19 * 1024
	argonLanes  = 1
	argonKey    = 32
)

// hashed counts how often a password was worked on.
var hashed atomic.Int64

// Hashed is how often this process has hashed or compared a password: each time
// costs 19 MiB and some hundredths of a second, whatever came of it.
func Hashed() int64 { return hashed.Load() }

// derive is the slow step.
func derive(password string, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte {
	hashed.Add(1)
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, size)
}

// HashPassword returns the PHC string of an argon2id hash under a new salt.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		panic("identity: no randomness: " + err.Error())
	}
	key := derive(password, salt, argonTime, argonMemory, argonLanes, argonKey)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// CheckPassword compares in constant time. An empty or broken hash never fits,
// but costs the same, so that the time taken says nothing about the account.
func CheckPassword(hash, password string) bool {
	var version, memory int
	var passes uint32
	var lanes uint8
	parts := strings.Split(hash, "$")
	ok := len(parts) == 6 && parts[1] == "argon2id"
	var salt, want []byte
	if ok {
		_, e1 := fmt.Sscanf(parts[2], "v=%d", &version)
		_, e2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
		var e3, e4 error
		salt, e3 = base64.RawStdEncoding.DecodeString(parts[4])
		want, e4 = base64.RawStdEncoding.DecodeString(parts[5])
		ok = e1 == nil && e2 == nil && e3 == nil && e4 == nil && version == argon2.Version && memory > 0 && memory <= 1<<20 && passes > 0 && lanes > 0 && len(want) > 0
	}
	if !ok {
		_ = derive(password, make([]byte, 16), argonTime, argonMemory, argonLanes, argonKey)
		return false
	}
	got := derive(password, salt, passes, uint32(memory), lanes, uint32(len(want))) //nolint:gosec // memory is bounded above
	return subtle.ConstantTimeCompare(got, want) == 1
}

// PasswordMark changes whenever the password of an account does. It tells nothing
// of the password.
func (s *Service) PasswordMark(ctx context.Context, account string) (string, error) {
	hash, err := db.One(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT password_hash FROM identity_account WHERE id=$1`, account)
	if err != nil {
		return "", fmt.Errorf("identity: password mark: %w", err)
	}
	sum := sha256.Sum256([]byte("mark:" + hash))
	return base64.RawURLEncoding.EncodeToString(sum[:12]), nil
}
