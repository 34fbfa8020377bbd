package trail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Keys sign states of the chain, and know whose signatures count. The zero value
// signs nothing and knows nobody.
type Keys struct {
	own   ed25519.PrivateKey
	known []ed25519.PublicKey
}

// NewKeys derives keys from secrets: the first that is not empty signs, signatures
// of all count. No way leads from a signature to a secret.
func NewKeys(secrets ...string) (k Keys) {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("romashka audit"))
		key := ed25519.NewKeyFromSeed(mac.Sum(nil))
		if k.own == nil {
			k.own = key
		}
		k.known = append(k.known, ed25519.PublicKey(key[ed25519.SeedSize:]))
	}
	return k
}

// Trust adds a public key whose signatures count, in hexadecimal digits.
func (k *Keys) Trust(text string) error {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%q is no public key of %d hexadecimal digits", text, 2*ed25519.PublicKeySize)
	}
	k.known = append(k.known, key)
	return nil
}

// Signs reports whether there is a key to sign with.
func (k *Keys) Signs() bool { return k.own != nil }

// Verifies reports whether any signature can be judged.
func (k *Keys) Verifies() bool { return len(k.known) > 0 }

// sign returns nil twice where there is no key.
func (k *Keys) sign(message []byte) (public, signature []byte) {
	if k.own == nil {
		return nil, nil
	}
	return k.own[ed25519.SeedSize:], ed25519.Sign(k.own, message)
}

// judge returns the fault of a signature, "" for none.
func (k *Keys) judge(public, message, signature []byte) string {
	for _, key := range k.known {
		if !bytes.Equal(key, public) {
			continue
		}
		if !ed25519.Verify(key, message, signature) {
			return "the signature is wrong"
		}
		return ""
	}
	return "it is signed with a key that the settings do not have"
}

// Kinds of states that are signed.
const (
	checkpoint = "checkpoint"
	cut        = "cut"
)

// messageOf is the signed text of a state of the chain.
func messageOf(kind string, seq int64, hash []byte, at time.Time) []byte {
	return fmt.Appendf(nil, "romashka audit %s 1\n%d\n%x\n%d\n", kind, seq, hash, at.UnixMicro())
}
