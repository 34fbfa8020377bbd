package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// minSecretBytes is PostgREST's bound for a plain secret, and ours for every
// symmetric key: a shorter one can be found by trying.
const minSecretBytes = 32

// key verifies signatures. Which algorithms it may be used with is fixed by
// its own type when it is read, never by the token that asks for it.
type key struct {
	id        string
	hasID     bool
	material  any // []byte, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	verifiers []jws.Verifier
	names     []string // the algorithms of verifiers

	// legacy marks the secret of a Supabase project, which has no id: tokens
	// that it signed may name one all the same.
	legacy bool
}

// verifier returns the check of alg with this key, nil where it must not be used so.
func (k key) verifier(alg string) jws.Verifier {
	for i, name := range k.names {
		if name == alg {
			return k.verifiers[i]
		}
	}
	return nil
}

// suits reports whether k may verify t: PostgREST takes a key without an id
// only for tokens without one. Supabase's legacy secret is also taken for tokens
// whose id belongs to no known key (named is false).
func (k key) suits(t token, named bool) bool {
	if k.verifier(t.algorithm) == nil {
		return false
	}
	if !t.hasKeyID || k.hasID && k.id == t.keyID {
		return true
	}
	return k.legacy && !named
}

// symmetric reports whether k signs as well as it verifies.
func (k key) symmetric() bool {
	_, secret := k.material.([]byte)
	return secret
}

// newKey allows k the algorithms of its type, or only the one it names.
func newKey(material any, only string) (key, error) {
	k := key{material: material}
	for _, alg := range algorithms(material) {
		if only != "" && only != alg.String() {
			continue
		}
		v, err := jws.NewVerifier(alg)
		if err != nil {
			return key{}, fmt.Errorf("verifier of %s: %w", alg, err)
		}
		k.verifiers = append(k.verifiers, v)
		k.names = append(k.names, alg.String())
	}
	return k, nil
}

func algorithms(material any) []jwa.SignatureAlgorithm {
	switch m := material.(type) {
	case []byte:
		return []jwa.SignatureAlgorithm{jwa.HS256, jwa.HS384, jwa.HS512}
	case *rsa.PublicKey:
		return []jwa.SignatureAlgorithm{jwa.RS256, jwa.RS384, jwa.RS512, jwa.PS256, jwa.PS384, jwa.PS512}
	case *ecdsa.PublicKey:
		switch m.Curve.Params().BitSize {
		case 256:
			return []jwa.SignatureAlgorithm{jwa.ES256}
		case 384:
			return []jwa.SignatureAlgorithm{jwa.ES384}
		case 521:
			return []jwa.SignatureAlgorithm{jwa.ES512}
		}
	case ed25519.PublicKey:
		return []jwa.SignatureAlgorithm{jwa.EdDSA}
	}
	return nil
}

// keySet is as much of a JWK set as can be used.
type keySet struct {
	keys   []key
	faults []error // of members that cannot be used; none shows a part of one
}

// parseSecret reads the setting jwt-secret: a key, a key set, or plain text.
//
// JSON objects and PEM blocks are never plain text: a public key with a flaw
// would become an HMAC secret that everybody knows. Errors quote nothing.
func parseSecret(secret string) (keySet, error) {
	switch trimmed := strings.TrimSpace(secret); {
	case secret == "":
		return keySet{}, nil
	case strings.HasPrefix(trimmed, "{"):
		return parseStaticKeys([]byte(trimmed))
	case strings.HasPrefix(trimmed, "-----BEGIN "):
		return keySet{}, errors.New(`is a PEM block; give the key as a JWK: {"kty":"RSA","n":"...","e":"AQAB"}`)
	case len(secret) < minSecretBytes:
		return keySet{}, errors.New("must be at least 32 characters long")
	}
	k, err := newKey([]byte(secret), jwa.HS256.String())
	return keySet{keys: []key{k}}, err
}

func parseStaticKeys(text []byte) (keySet, error) {
	set, err := parseKeys(text)
	switch {
	case err != nil:
		return keySet{}, err
	case len(set.keys) == 0 && len(set.faults) > 0:
		return keySet{}, set.faults[0]
	case len(set.keys) == 0:
		return keySet{}, errors.New("holds no key that verifies signatures")
	}
	return set, nil
}

// parseKeys reads a JWK set or one JWK. Keys of unknown types and those for
// encryption are left out, as RFC 7517 asks, and so are those that cannot be
// used: one of them does not take the others with it.
func parseKeys(text []byte) (keySet, error) {
	var members struct {
		Keys []json.RawMessage `json:"keys"`
		Type string            `json:"kty"`
	}
	if err := json.Unmarshal(text, &members); err != nil {
		return keySet{}, errors.New("is neither a JWK nor a JWK set: broken JSON")
	}
	if members.Type != "" {
		members.Keys = []json.RawMessage{text}
	} else if members.Keys == nil {
		return keySet{}, errors.New(`is neither a JWK nor a JWK set: no "kty" and no "keys"`)
	}
	var set keySet
	for i, raw := range members.Keys {
		k, err := parseKey(raw)
		if err != nil {
			set.faults = append(set.faults, fmt.Errorf("key %d of the set: %w", i+1, err))
		} else if len(k.verifiers) > 0 {
			set.keys = append(set.keys, k)
		}
	}
	return set, nil
}

// parseKey reads a JWK; of a private one only the public half is kept. The
// result has no verifiers where the key is not for signatures.
func parseKey(raw []byte) (key, error) {
	var head struct {
		Type string `json:"kty"`
	}
	if json.Unmarshal(raw, &head) != nil {
		return key{}, errors.New("is not a JWK")
	}
	switch head.Type {
	case "RSA", "EC", "OKP", "oct":
	default:
		return key{}, nil
	}
	invalid := fmt.Errorf("is not a valid %s key", head.Type) // jwx's own text could quote the key
	parsed, err := jwk.ParseKey(raw)
	if err != nil {
		return key{}, invalid
	}
	public, err := parsed.PublicKey()
	if err != nil {
		return key{}, invalid
	}
	var material any
	if err := public.Raw(&material); err != nil {
		return key{}, invalid
	}
	switch m := material.(type) {
	case []byte:
		if len(m) < minSecretBytes {
			return key{}, errors.New("is a secret of less than 32 bytes")
		}
	case *ecdsa.PublicKey:
		if _, err := m.ECDH(); err != nil { // not a point of its curve
			return key{}, invalid
		}
	}
	if parsed.KeyUsage() == "enc" {
		return key{}, nil
	}
	k, err := newKey(material, algorithmOf(parsed))
	_, k.hasID = parsed.Get(jwk.KeyIDKey)
	k.id = parsed.KeyID()
	return k, err
}

// algorithmOf returns the alg of a JWK, "" where it has none.
func algorithmOf(k jwk.Key) string {
	if alg := k.Algorithm(); alg != nil {
		return alg.String()
	}
	return ""
}

// publicOnly leaves out HMAC secrets: a key that a URL publishes is no secret.
func publicOnly(keys []key) []key {
	var list []key
	for _, k := range keys {
		if !k.symmetric() {
			list = append(list, k)
		}
	}
	return list
}
