// Package demo makes up a demo tenant: ninety days of a help desk with its
// customers, conversations, messages, ratings, sessions, API logs and incidents.
// All of it follows from one number and one day, so that two databases filled
// alike are alike. It is for demonstrations and load tests; nothing here is
// measured, and the service never runs it by itself.
package demo
