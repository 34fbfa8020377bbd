package auth

import "github.com/romashka/sidecar/internal/auth/claim"

// Identity is who a request runs as. It may be shared between requests: read only.
type Identity struct {
	// Role is the database role, as the token has it: it need not exist.
	Role string
	// Claims is what request.jwt.claims is set to: the token's claims as a
	// compact JSON object with "role" set to Role; {"role":"anon"} without a token.
	Claims []byte
	// Authenticated is false when Role is the anonymous role: a refusal by the
	// database (42501) is then 401, not 403. Source: PostgREST 16, App module.
	Authenticated bool
	// Subject is the claim "sub" where it is a string, else "".
	Subject string
	// Session is the claim "session_id" of Supabase Auth where it is a string,
	// else "": the same over refreshes of the token.
	Session string
}

// newIdentity puts role into claims, which becomes its own.
func newIdentity(role, anonRole string, claims map[string]any) Identity {
	subject, _ := claims["sub"].(string)
	session, _ := claims["session_id"].(string)
	claims["role"] = role
	return Identity{
		Role:          role,
		Claims:        claim.Encode(claims),
		Authenticated: role != anonRole,
		Subject:       subject,
		Session:       session,
	}
}
