// Package devauth is the sign-in of the development server: as much of
// Supabase's /auth/v1 as supabase-js needs to sign a user up, in and out, to
// keep him signed in and to change his password or metadata.
//
// It keeps users, sessions and refresh tokens where Supabase keeps them, in
// schema auth, and answers in its words. It sends no mail, so a new address
// counts as confirmed; it knows no OAuth, phone, magic link or MFA. It is never
// mounted against a real Supabase project, and never logs a password or token.
package devauth
