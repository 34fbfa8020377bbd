package auth

import (
	"math"
	"slices"

	"github.com/romashka/sidecar/internal/auth/claim"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// window is when a token is good, in seconds since 1970. It is kept with a
// verified token and looked at each time that one is used.
type window struct{ expires, notBefore, issued int64 }

// always is the window of a token without times. Read-only.
var always = window{expires: math.MaxInt64, notBefore: math.MinInt64, issued: math.MinInt64}

// check refuses a time outside of w, skew seconds granted at either end.
func (w window) check(now, skew int64) error {
	switch {
	case w.expires < now-skew:
		return apierr.JWTClaims(apierr.ClaimExpired)
	case w.notBefore > now+skew:
		return apierr.JWTClaims(apierr.ClaimNotYetValid)
	case w.issued > now+skew:
		return apierr.JWTClaims(apierr.ClaimIssuedLater)
	default:
		return nil
	}
}

// checkClaims checks the registered claims in PostgREST's order, each fully before
// the next, and returns the window that has to be checked again later.
//
// Source: PostgREST 16, Auth.Jwt module.
func (s *state) checkClaims(claims map[string]any) (window, error) {
	w := always
	for _, c := range [...]struct {
		name  string
		at    *int64
		wrong apierr.Claim
	}{
		{"exp", &w.expires, apierr.ClaimExpNoNumber},
		{"nbf", &w.notBefore, apierr.ClaimNbfNoNumber},
		{"iat", &w.issued, apierr.ClaimIatNoNumber},
	} {
		if !readTime(claims[c.name], c.at) {
			return w, apierr.JWTClaims(c.wrong)
		}
		if err := w.check(s.now(), s.skew); err != nil {
			return w, err
		}
	}
	return w, s.checkAudience(claims["aud"])
}

// readTime sets at to a number v and leaves it if v is missing or null; it
// reports whether v was one of these. As in PostgREST, a value that is no whole
// number of 64 bits counts as 0.
func readTime(v any, at *int64) bool {
	switch v := v.(type) {
	case nil:
		return true
	case claim.Number:
		*at, _ = claim.Int64(v)
		return true
	default:
		return false
	}
}

// checkAudience accepts a token for everybody: one without aud, or an empty list.
func (s *state) checkAudience(v any) error {
	var audiences []string
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		audiences = []string{v}
	case []any:
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return apierr.JWTClaims(apierr.ClaimAudNoString)
			}
			audiences = append(audiences, text)
		}
		if len(audiences) == 0 {
			return nil
		}
	default:
		return apierr.JWTClaims(apierr.ClaimAudNoString)
	}
	if s.Audience != "" && !slices.Contains(audiences, s.Audience) {
		return apierr.JWTClaims(apierr.ClaimNotInAudience)
	}
	return nil
}

// role returns the database role that claims name, the anonymous one where
// they name none. As in PostgREST, a claim that is not a string is taken as its JSON.
func (s *state) role(claims map[string]any) (string, error) {
	v, ok := s.path.Find(claims)
	if !ok {
		if s.AnonRole == "" {
			return "", apierr.JWTRequired()
		}
		return s.AnonRole, nil
	}
	if text, ok := v.(string); ok {
		return text, nil
	}
	return string(claim.Encode(v)), nil
}
