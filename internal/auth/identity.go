package auth

import "github.com/romashka/sidecar/internal/auth/claim"

// Identity is who a request runs as. It may be shared between requests: read only.
type Identity struct {
	// Role is the database role, as the token has it: it need not exist.
	Role string
	// Claims is the value of request.jwt.claims: the token's claims as a
	// compact JSON object with "role" set to Role; {"role":"anon"} without a token.
	Claims []byte
	// Authenticated is false when Role is the anonymous role: a refusal of the
	// database (42501) is then 401, not 403. Source: PostgREST 16, App module.
	Authenticated bool
	// Subject is the claim "sub" where it is a string, else "".
	Subject string
	Session Session
}

// Session is the session that a token of Supabase Auth names; the zero value
// without one.
type Session struct {
	ID       string // claim "session_id": the same over refreshes of the token
	Method   string // how its user signed in, the first of "amr": "password", "oauth", ...
	Expires  int64  // of the token, in seconds since 1970; 0 = never
	Lifetime int64  // of the token, in seconds; 0 = not known
}

// readSession reads the claims of a session.
func readSession(claims map[string]any) (s Session) {
	if s.ID, _ = claims["session_id"].(string); s.ID == "" {
		return Session{}
	}
	var issued int64
	readTime(claims["exp"], &s.Expires)
	readTime(claims["iat"], &issued)
	if s.Expires > 0 && issued > 0 {
		s.Lifetime = max(0, s.Expires-issued)
	}
	methods, _ := claims["amr"].([]any)
	for _, m := range methods {
		if of, ok := m.(map[string]any); ok && s.Method == "" {
			s.Method, _ = of["method"].(string)
		}
	}
	return s
}

// newIdentity puts role into claims, which becomes its own.
func newIdentity(role, anonRole string, claims map[string]any) Identity {
	subject, _ := claims["sub"].(string)
	session := readSession(claims)
	claims["role"] = role
	return Identity{
		Role:          role,
		Claims:        claim.Encode(claims),
		Authenticated: role != anonRole,
		Subject:       subject,
		Session:       session,
	}
}
