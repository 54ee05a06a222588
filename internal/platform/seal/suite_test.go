package seal_test

import (
	"bytes"
	"crypto/aes"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm4"

	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors are those that the standards print: NIST SP 800-38D (test case 16
// of its reference), RFC 8998 A.1, FIPS 180-4, GB/T 32905 A.1 and A.2, RFC 4231,
// GB/T 32918.5 A.2, RFC 8032 7.1; HMAC-SM3 is that of GM/T 0042, which openssl confirms.
func TestSealingVectors(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		suite                                     seal.Suite
		key, nonce, plain, extra, sealed, sealTag string
	}{
		"AES-256-GCM": {
			seal.Standard, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
			"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
			"feedfacedeadbeeffeedfacedeadbeefabaddad2",
			"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
			"76fc6ece0f4e1768cddf8853bb2d551b",
		},
		"SM4-GCM": {
			seal.National, "0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
			"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
			"feedfacedeadbeeffeedfacedeadbeefabaddad2",
			"17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
			"83de3541e4c2b58177e065a9bf7b62ec",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, err := x.suite.AEAD(unhex(t, x.key))
			if err != nil {
				t.Fatal(err)
			}
			got := box.Seal(nil, unhex(t, x.nonce), unhex(t, x.plain), unhex(t, x.extra))
			if want := x.sealed + x.sealTag; hex.EncodeToString(got) != want {
				t.Errorf("sealed %x, want %s", got, want)
			}
			got[3] ^= 1
			if _, err := box.Open(nil, unhex(t, x.nonce), got, unhex(t, x.extra)); err == nil {
				t.Error("changed text opens")
			}
		})
	}
	if _, err := seal.Standard.AEAD(make([]byte, 16)); err == nil {
		t.Error("the standard suite takes a short key")
	}
	if _, err := seal.National.AEAD(make([]byte, 32)); err == nil {
		t.Error("the national suite takes a key of another length")
	}
}

// TestSM4Block is GB/T 32907 A.1 and A.2: one block once, and a million times over.
func TestSM4Block(t *testing.T) {
	t.Parallel()
	block := unhex(t, "0123456789abcdeffedcba9876543210")
	c, err := sm4.NewCipher(block)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, aes.BlockSize)
	c.Encrypt(out, block)
	if got := hex.EncodeToString(out); got != "681edf34d206965e86b3e94f536e4246" {
		t.Errorf("once: %s", got)
	}
	if testing.Short() {
		t.Skip("a million rounds take a while")
	}
	for range 999_999 {
		c.Encrypt(out, out)
	}
	if got := hex.EncodeToString(out); got != "595298c7c6fd271f0402f804c33d3f66" {
		t.Errorf("a million times: %s", got)
	}
}

func TestHashVectors(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name  string
		suite seal.Suite
		text  string
		want  string
	}{
		{"SHA-256", seal.Standard, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"SM3", seal.National, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
		{"SM3, 64 bytes", seal.National, string(bytes.Repeat([]byte("abcd"), 16)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
	} {
		h := x.suite.Hash()
		_, _ = h.Write([]byte(x.text))
		if got := hex.EncodeToString(h.Sum(nil)); got != x.want {
			t.Errorf("%s: %s", x.name, got)
		}
	}
}

func TestMACVectors(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i + 1)
	}
	for _, x := range []struct {
		name  string
		suite seal.Suite
		key   []byte
		text  string
		want  string
	}{
		{"HMAC-SHA-256", seal.Standard, []byte("Jefe"), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"HMAC-SM3", seal.National, key, strings.Repeat("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 2), "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"},
	} {
		h := x.suite.MAC(x.key)
		_, _ = h.Write([]byte(x.text))
		if got := hex.EncodeToString(h.Sum(nil)); got != x.want {
			t.Errorf("%s: %s", x.name, got)
		}
	}
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	number := func(s string) *big.Int { return new(big.Int).SetBytes(unhex(t, s)) }
	sm2Sig, err := asn1.Marshal(struct{ R, S *big.Int }{
		number("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"), number("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		suite           seal.Suite
		private, public string
		message         []byte
		signature       []byte
	}{
		"Ed25519": {
			seal.Standard, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
			[]byte{0x72},
			unhex(t, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
		},
		"SM2": {
			seal.National, "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
			"0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
			[]byte("message digest"), sm2Sig,
		},
	} {
		public, err := x.suite.Public(unhex(t, x.private))
		if err != nil || hex.EncodeToString(public) != x.public {
			t.Errorf("%s: public key %x (%v)", name, public, err)
		}
		if !x.suite.Verify(public, x.message, x.signature) {
			t.Errorf("%s: the signature of the standard does not fit", name)
		}
		if x.suite.Verify(public, append([]byte("x"), x.message...), x.signature) {
			t.Errorf("%s: the signature fits another message", name)
		}
		key, err := x.suite.NewSigner()
		if err != nil {
			t.Fatal(err)
		}
		own, err := x.suite.Public(key)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := x.suite.Sign(key, x.message)
		if err != nil || !x.suite.Verify(own, x.message, sig) || x.suite.Verify(public, x.message, sig) {
			t.Errorf("%s: own signature: %v", name, err)
		}
	}
}
