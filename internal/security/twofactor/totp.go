package twofactor

import "time"

// TOTP is a new secret for an authenticator app, for those who keep factors of
// their own: as text, as the URI that an app reads, and as its QR code.
type TOTP struct{ Secret, URI, SVG string }

// NewTOTP makes a secret.
func NewTOTP(issuer, account string) (TOTP, error) {
	secret := newSecret()
	t := TOTP{Secret: encoding.EncodeToString(secret), URI: totpURI(issuer, account, secret)}
	var err error
	t.SVG, err = svgOf(t.URI)
	return t, err
}

// CheckTOTP reports whether a code is that of the secret's text at a time, or of
// the step before or after it.
func CheckTOTP(secret, code string, now time.Time) bool {
	raw, err := encoding.DecodeString(secret)
	if err != nil {
		return false
	}
	_, ok := totpStep(raw, readCode(code).code, now)
	return ok
}
