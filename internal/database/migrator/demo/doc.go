// Package demo makes up a demo tenant: ninety days of a help desk with its
// customers, conversations, messages, ratings, sessions, and an API log with attacks.
// What the product computes of such rows (figures, sentiment, journeys, incidents,
// compliance results) is not made up: it comes from the product, or is not there.
// All of it follows from one number and one day, so that two databases filled
// alike are alike. It is for demonstrations and load tests; nothing here is
// measured, and the service never runs it by itself.
package demo
