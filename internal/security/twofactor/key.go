package twofactor

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// keyBytes is the length of a key: AES-256.
const keyBytes = 32

// Keyring holds the key that encrypts, and the one before while keys are
// changed. A nil Keyring has none. It is safe for concurrent use.
type Keyring struct {
	current *key
	byID    map[string]*key
}

// key is one key with the keys derived from it.
type key struct {
	id    string
	aead  cipher.AEAD
	codes []byte // for hashes of codes that were sent
}

// errUnknownKey is a secret under a key that the settings do not have.
var errUnknownKey = errors.New("it is encrypted with a key that is neither romashka-secret-key nor romashka-secret-key-previous")

// NewKeyring reads keys of 32 bytes in base64. Both may be "", current only
// where previous is; then the Keyring is nil. Errors hold nothing of a key.
func NewKeyring(current, previous string) (*Keyring, error) {
	if current == "" {
		if previous != "" {
			return nil, errors.New("romashka-secret-key-previous is set, and romashka-secret-key is not")
		}
		return nil, nil
	}
	k := &Keyring{byID: map[string]*key{}}
	for _, s := range []struct{ setting, text string }{
		{"romashka-secret-key-previous", previous}, {"romashka-secret-key", current},
	} {
		if s.text == "" {
			continue
		}
		made, err := newKey(s.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.setting, err)
		}
		k.byID[made.id], k.current = made, made
	}
	return k, nil
}

func newKey(text string) (*key, error) {
	raw, err := decodeKey(text)
	if err != nil || len(raw) != keyBytes {
		return nil, errors.New("want 32 bytes in base64, as `openssl rand -base64 32` prints them")
	}
	parts := map[string][]byte{}
	for _, purpose := range []string{"encrypt", "codes", "id"} {
		if parts[purpose], err = hkdf.Key(sha256.New, raw, nil, "romashka second factors: "+purpose, keyBytes); err != nil {
			return nil, err
		}
	}
	block, err := aes.NewCipher(parts["encrypt"])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	const shown = 8 // bytes of the id: enough to tell keys apart, nothing to find one by
	return &key{id: hex.EncodeToString(parts["id"][:shown]), aead: aead, codes: parts["codes"]}, nil
}

func decodeKey(text string) ([]byte, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	if strings.ContainsAny(text, "-_") {
		return base64.RawURLEncoding.DecodeString(text)
	}
	return base64.RawStdEncoding.DecodeString(text)
}

// CurrentID names the key that encrypts; "" without one.
func (k *Keyring) CurrentID() string {
	if k == nil {
		return ""
	}
	return k.current.id
}

// IDs name all its keys, in order.
func (k *Keyring) IDs() []string {
	if k == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(k.byID))
}

// Has reports whether secrets under the key of that id can be read.
func (k *Keyring) Has(id string) bool { return k != nil && k.byID[id] != nil }

// seal encrypts a secret of a user's; nobody else's row can hold it.
func (k *Keyring) seal(user uuid.UUID, plain []byte) (id string, sealed []byte) {
	nonce := make([]byte, k.current.aead.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return k.current.id, k.current.aead.Seal(nonce, nonce, plain, user[:])
}

func (k *Keyring) open(user uuid.UUID, id string, sealed []byte) ([]byte, error) {
	if !k.Has(id) {
		return nil, errUnknownKey
	}
	aead := k.byID[id].aead
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("a secret is too short")
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], user[:])
	if err != nil {
		return nil, errors.New("a secret does not belong to its row")
	}
	return plain, nil
}

// hash is the stored form of a code that was sent for a factor: without the key,
// a million tries would find it.
func (k *Keyring) hash(id string, factor uuid.UUID, code string) []byte {
	if !k.Has(id) {
		id = k.current.id // it will not match
	}
	mac := hmac.New(sha256.New, k.byID[id].codes)
	mac.Write(factor[:])
	mac.Write([]byte(code))
	return mac.Sum(nil)
}
