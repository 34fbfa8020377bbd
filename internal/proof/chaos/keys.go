package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/romashka/sidecar/internal/auth"
)

// tokenLife is short, so that a clock that jumps by an hour leaves it.
const tokenLife = 30 * time.Minute

// keyring signs the tokens of the clients, half of them with a secret that the
// sidecar shares, half with a key of which it gets the public part.
type keyring struct {
	file string // that the sidecar reads the secret from

	mu        sync.Mutex
	secret    string
	key       *ecdsa.PrivateKey
	published *ecdsa.PrivateKey // the key set holds its public part
	skew      time.Duration     // of the issuer's clock
	tokens    map[int]string    // by user; dropped when anything of the above changes
}

func newKeyring(file string) (*keyring, error) {
	k := &keyring{file: file}
	if err := k.newSecret(); err != nil {
		return nil, err
	}
	if err := k.newKey(); err != nil {
		return nil, err
	}
	return k, k.storeSecret()
}

// newSecret signs with another secret from now on.
func (k *keyring) newSecret() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secret, k.tokens = rand.Text()+rand.Text(), map[int]string{}
	return nil
}

// storeSecret puts the secret where the sidecar reads it.
func (k *keyring) storeSecret() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	next := k.file + ".next"
	if err := os.WriteFile(next, []byte(k.secret), 0o600); err != nil {
		return fmt.Errorf("store secret: %w", err)
	}
	return os.Rename(next, k.file)
}

// newKey publishes another key; tokens are signed with it after useKey.
func (k *keyring) newKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.published = key; k.key == nil {
		k.key = key
	}
	return nil
}

func (k *keyring) useKey() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key, k.tokens = k.published, map[int]string{}
}

// jump sets the issuer's clock off by skew.
func (k *keyring) jump(skew time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.skew, k.tokens = skew, map[int]string{}
}

// token is a user's. Even users have one that is signed with the secret.
func (k *keyring) token(user int) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t, ok := k.tokens[user]; ok {
		return t, nil
	}
	now := time.Now().Add(k.skew)
	c := claims{
		Issuer: "chaos", Subject: userID(user), Audience: "authenticated", Role: "authenticated",
		Issued: now.Unix(), Expires: now.Add(tokenLife).Unix(),
	}
	sign := func() (string, error) { return auth.Sign([]byte(k.secret), c) }
	if user%2 == 1 {
		sign = func() (string, error) { return signES256(k.key, c) }
	}
	t, err := sign()
	if err == nil {
		k.tokens[user] = t
	}
	return t, err
}

type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Role     string `json:"role"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// keySet is the set of keys that the project publishes.
func (k *keyring) keySet() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	point, err := k.published.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	const size = 32
	type jwk map[string]string
	return json.Marshal(map[string][]jwk{"keys": {{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": keyID(k.published),
		"x": encode(point[1 : 1+size]), "y": encode(point[1+size:]),
	}}})
}

func signES256(key *ecdsa.PrivateKey, c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	text := encode([]byte(`{"alg":"ES256","typ":"JWT","kid":"`+keyID(key)+`"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	const size = 32
	signature := append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	return text + "." + encode(signature), nil
}

// keyID is the key's id.
func keyID(key *ecdsa.PrivateKey) string {
	sum := sha256.Sum256(key.X.Bytes())
	return encode(sum[:6])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// userID is as schema.sql makes it.
func userID(user int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", user) }
