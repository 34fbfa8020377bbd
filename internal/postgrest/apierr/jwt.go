package apierr

import "strconv"

// The PGRST3xx errors: the caller is not known.

// JWTSecretMissing is PGRST300: a token came, but no key is configured.
func JWTSecretMissing() *Error {
	return &Error{Status: 500, Code: "PGRST300", Message: "Server lacks JWT secret"}
}

// JWTMalformed is PGRST301 with a message of the caller's.
//
// details is shown when not "". Neither may hold any part of the token.
func JWTMalformed(message, details string) *Error {
	e := invalidToken("PGRST301", message)
	if details != "" {
		e.Details = Text(details)
	}
	return e
}

// JWTEmpty is PGRST301: the Authorization header has a scheme and no token.
func JWTEmpty() *Error { return JWTMalformed("Empty JWT is sent in Authorization header", "") }

// JWTParts is PGRST301: the token has not three parts.
func JWTParts(got int) *Error {
	return JWTMalformed("Expected 3 parts in JWT; got "+strconv.Itoa(got), "")
}

// JWTNoSuitableKey is PGRST301: no key verifies the token.
func JWTNoSuitableKey(details string) *Error {
	return JWTMalformed("No suitable key or wrong key type", details)
}

// JWTBadAlgorithm is PGRST301.
func JWTBadAlgorithm(details string) *Error {
	return JWTMalformed("Wrong or unsupported encoding algorithm", details)
}

// JWTBadCrypto is PGRST301: the signature or the token's parts are broken.
func JWTBadCrypto() *Error { return JWTMalformed("JWT cryptographic operation failed", "") }

// JWTRequired is PGRST302: no token, and no role for those without one.
func JWTRequired() *Error {
	return &Error{
		Status: 401, Code: "PGRST302", Message: "Anonymous access is disabled",
		Header: []Header{{"WWW-Authenticate", "Bearer"}},
	}
}

// Claim is a reason to refuse a verified token's claims; its text is the
// message that the client sees.
type Claim string

// The reasons of JWTClaims.
const (
	ClaimExpired       Claim = "JWT expired"
	ClaimNotYetValid   Claim = "JWT not yet valid"
	ClaimIssuedLater   Claim = "JWT issued at future"
	ClaimNotInAudience Claim = "JWT not in audience"
	ClaimsUnreadable   Claim = "Parsing claims failed"
	ClaimExpNoNumber   Claim = "The JWT 'exp' claim must be a number"
	ClaimNbfNoNumber   Claim = "The JWT 'nbf' claim must be a number"
	ClaimIatNoNumber   Claim = "The JWT 'iat' claim must be a number"
	ClaimAudNoString   Claim = "The JWT 'aud' claim must be a string or an array of strings"
)

// JWTClaims is PGRST303: the token is genuine and its claims are refused.
func JWTClaims(why Claim) *Error { return invalidToken("PGRST303", string(why)) }

func invalidToken(code, message string) *Error {
	return &Error{
		Status: 401, Code: code, Message: message,
		Header: []Header{{"WWW-Authenticate", `Bearer error="invalid_token", error_description=` + strconv.Quote(message)}},
	}
}
