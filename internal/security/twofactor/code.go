package twofactor

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"image/color"
	"math/big"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/errgroup"
)

// The parameters that apps use without being told. Source: RFC 6238; Google Authenticator,
// "Key Uri Format".
const (
	digits      = otp.DigitsSix
	period      = 30 // seconds
	secretBytes = 20 // as long as SHA-1's result, RFC 4226, section 4
	skew        = 1  // steps that a clock may be off, RFC 6238, section 5.2
)

// encoding is that of secrets in apps.
var encoding = base32.StdEncoding.WithPadding(base32.NoPadding) // read-only

func newSecret() []byte {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails
	return secret
}

// totpURI is the text that an app reads from the picture.
func totpURI(issuer, account string, secret []byte) string {
	issuer = strings.ReplaceAll(issuer, ":", "") // which separates it from the account
	q := url.Values{"secret": {encoding.EncodeToString(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	// Spaces as %20: some apps show a plus.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// totpStep returns the time step whose code this is, among now's and its
// neighbors; ok is false for none of them.
func totpStep(secret []byte, code string, now time.Time) (step int64, ok bool) {
	current := now.Unix() / period
	text := encoding.EncodeToString(secret)
	for s := current - skew; s <= current+skew; s++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(max(s, 0)), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true // the others are computed all the same
		}
	}
	return step, ok
}

// pictureOf is a QR code as a data URL of an SVG.
func pictureOf(text string) (string, error) {
	svg, err := svgOf(text)
	if err != nil {
		return "", err
	}
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)), nil
}

func svgOf(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw the QR code: %w", err)
	}
	const quiet = 4 // modules around it, ISO/IEC 18004
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges">`+
		`<rect width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="%s"/></svg>`, size+2*quiet, path.String()), nil
}

// newCode makes the six digits that are sent.
func newCode() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // it never fails
	return fmt.Sprintf("%06d", n)
}

// Backup codes have a letter for their position and eleven random ones of 32:
// 55 bits.
const (
	backupCodes   = 10
	backupLetters = "ABCDEFGHJKMNPQRSTVWXYZ0123456789" // none that looks like another; 32
	backupRandom  = 11
	backupGroup   = 4 // letters between dashes
)

func newBackupCode(position int) string {
	raw := make([]byte, backupRandom)
	_, _ = rand.Read(raw) // it never fails
	letters := []byte{backupLetters[position]}
	for _, b := range raw {
		letters = append(letters, backupLetters[int(b)%len(backupLetters)])
	}
	return string(letters)
}

// shown writes a backup code for people: ABCD-EFGH-JKMN.
func shown(code string) string {
	return code[:backupGroup] + "-" + code[backupGroup:2*backupGroup] + "-" + code[2*backupGroup:]
}

// newBackupCodes makes ten codes, as they are shown, and their hashes at a cost of bcrypt's.
func newBackupCodes(cost int) (codes, hashes []string, err error) {
	codes, hashes = make([]string, backupCodes), make([]string, backupCodes)
	var g errgroup.Group
	for i := range codes {
		code := newBackupCode(i)
		codes[i] = shown(code)
		g.Go(func() error {
			hash, err := bcrypt.GenerateFromPassword([]byte(code), cost)
			hashes[i] = string(hash)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, fmt.Errorf("hash backup codes: %w", err)
	}
	return codes, hashes, nil
}

// given is a code as somebody typed it.
type given struct {
	code     string
	position int // of a backup code
	kind     kind
}

type kind uint8

const (
	malformed kind = iota
	sixDigits
	backup
)

// readCode takes a code with the spaces and dashes that people put into it.
func readCode(text string) given {
	const longest = 64
	if len(text) > longest {
		return given{}
	}
	text = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
	switch {
	case len(text) == int(digits) && strings.Trim(text, "0123456789") == "":
		return given{code: text, kind: sixDigits}
	case len(text) == 1+backupRandom && strings.Trim(text, backupLetters) == "":
		if at := strings.IndexByte(backupLetters, text[0]); at < backupCodes {
			return given{code: text, position: at, kind: backup}
		}
	}
	return given{code: text}
}
