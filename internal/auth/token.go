package auth

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// encoding is base64url without padding. Strict: of the texts that mean the
// same bytes only one is accepted. Read-only.
var encoding = base64.RawURLEncoding.Strict()

// PostgREST's details of PGRST301. Source: PostgREST 16 answers.
const (
	detailUnsecured = "JWT is unsecured but expected 'alg' was not 'none'"
	detailNoKey     = "No suitable key was found to decode the JWT"
	detailNoneFits  = "None of the keys was able to decode the JWT"
)

// token is a signed JWT in its parts, nothing of it believed yet.
type token struct {
	algorithm string
	keyID     string
	hasKeyID  bool
	signed    string // header and payload as sent, over which the signature is made
	payload   []byte
	signature []byte
}

// parseToken takes s apart.
//
// As in PostgREST, every flaw in the header or the encoding is the same
// PGRST301. Unlike there, "crit" is one: it names extensions that must be
// understood, and none is.
func parseToken(s string) (token, error) {
	if s == "" {
		return token{}, apierr.JWTEmpty()
	}
	if parts := strings.Count(s, ".") + 1; parts != 3 {
		return token{}, apierr.JWTParts(parts)
	}
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return token{}, apierr.JWTBadCrypto()
	}
	dot := strings.LastIndexByte(s, '.')
	header, payload, _ := strings.Cut(s[:dot], ".")
	t := token{signed: s[:dot]}
	if err := t.readHeader(header); err != nil {
		return token{}, err
	}
	var err error
	if t.payload, err = encoding.DecodeString(payload); err != nil {
		return token{}, apierr.JWTBadCrypto()
	}
	if t.algorithm == "none" {
		return token{}, apierr.JWTBadAlgorithm(detailUnsecured)
	}
	if t.signature, err = encoding.DecodeString(s[dot+1:]); err != nil {
		return token{}, apierr.JWTBadCrypto()
	}
	return t, nil
}

func (t *token) readHeader(encoded string) error {
	text, err := encoding.DecodeString(encoded)
	if err != nil {
		return apierr.JWTBadCrypto()
	}
	header, err := claim.Decode(text)
	if err != nil {
		return apierr.JWTBadCrypto()
	}
	t.algorithm, _ = header["alg"].(string)
	if t.algorithm == "none" {
		return nil
	}
	_, encrypted := header["enc"]
	_, critical := header["crit"]
	if encrypted || critical || !known(t.algorithm) {
		return apierr.JWTBadCrypto()
	}
	for _, name := range [...]string{"typ", "cty", "kid"} {
		text, isText := header[name].(string)
		if !isText && header[name] != nil {
			return apierr.JWTBadCrypto()
		}
		if name == "kid" {
			t.keyID, t.hasKeyID = text, isText
		}
	}
	return nil
}

// known reports whether alg signs a token; which key may verify it is the key's to say.
func known(alg string) bool {
	switch alg {
	case "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
		"ES256", "ES384", "ES512", "EdDSA":
		return true
	default:
		return false
	}
}

// symmetric reports whether t claims to be signed with a shared secret.
func (t token) symmetric() bool { return strings.HasPrefix(t.algorithm, "HS") }

// verify checks the signature of t with each of keys that suits it.
func (t token) verify(keys []key) error {
	suitable, named := false, t.named(keys)
	for _, k := range keys {
		if !k.suits(t, named) {
			continue
		}
		suitable = true
		if k.verifier(t.algorithm).Verify([]byte(t.signed), t.signature, k.material) == nil {
			return nil
		}
	}
	if !suitable {
		return apierr.JWTNoSuitableKey(detailNoKey)
	}
	return apierr.JWTNoSuitableKey(detailNoneFits)
}

// suitable reports whether any of keys may verify t.
func (t token) suitable(keys []key) bool {
	named := t.named(keys)
	return slices.ContainsFunc(keys, func(k key) bool { return k.suits(t, named) })
}

// named reports whether t names one of keys.
func (t token) named(keys []key) bool {
	return t.hasKeyID && slices.ContainsFunc(keys, func(k key) bool { return k.hasID && k.id == t.keyID })
}
