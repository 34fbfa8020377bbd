// Package devauth is the sign-in of the development server: Supabase's /auth/v1
// as supabase-js uses it. A user signs up, in and out, by password, by a code or
// link in a mail, or as a guest; changes his address, password and metadata; has
// second factors; and the project's server administers users.
//
// It keeps users, sessions, factors and tokens where Supabase keeps them, in
// schema auth, and answers in its words. Mails go into an [Outbox]. A user who
// signs up with a password counts as confirmed, as in a local Supabase; phones,
// OAuth, SSO and passkeys are refused, in so many words. It is never mounted
// against a real Supabase project, and never logs a password or token.
package devauth
