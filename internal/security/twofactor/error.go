package twofactor

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgerrcode"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// The ROM44x errors: ROM440 is raised by romashka.second_factor_passed() too.

func refusal(status int, code, message, hint string) *apierr.Error {
	e := &apierr.Error{Status: status, Code: code, Message: message}
	if hint != "" {
		e.Hint = apierr.Text(hint)
	}
	return e
}

// notFresh is ROM440: factors are changed only by who has just shown one.
func notFresh() *apierr.Error {
	return refusal(403, "ROM440", "A second factor must have been shown in the last minutes.",
		"Call rpc/two_factor_verify with a code of a factor that is enabled, then try again.")
}

// wrongCode is ROM441, whatever was wrong: the code, its age, the factor, whose it is.
func wrongCode() *apierr.Error {
	return refusal(400, "ROM441", "The code is wrong, used or expired.", "")
}

// noFactor is ROM442: there is no factor of that id that codes are sent for.
func noFactor() *apierr.Error {
	return refusal(400, "ROM442", "There is no such factor to send a code for.", "")
}

// noSession is ROM443: the token names no session that could be marked.
func noSession() *apierr.Error {
	return refusal(400, "ROM443", "The token has no session_id, so that nothing can be marked as verified.", "Sign in with Supabase Auth.")
}

// wrongArgument is ROM444.
func wrongArgument(message string) *apierr.Error { return refusal(400, "ROM444", message, "") }

// notSetUp is ROM445: a setting is missing.
func notSetUp(what, hint string) *apierr.Error {
	return refusal(501, "ROM445", what+" not set up here.", hint)
}

// notSent is ROM446: the receiver's server did not take the code.
func notSent() *apierr.Error {
	return refusal(502, "ROM446", "The code could not be sent.", "Try again in a minute.")
}

// tooMany is ROM447: the limit on wrong codes or on codes that are sent.
func tooMany(what string, wait time.Duration) *apierr.Error {
	seconds := int(math.Ceil(wait.Seconds()))
	e := refusal(429, "ROM447", "Too many "+what+".", fmt.Sprintf("Try again in %d s.", seconds))
	e.Header = []apierr.Header{{Name: "Retry-After", Value: strconv.Itoa(seconds)}}
	return e
}

// denied is PostgreSQL's error for a function that the role may not call.
func denied(function string, anonymous bool) *apierr.Error {
	return apierr.FromPostgres(apierr.Postgres{Code: pgerrcode.InsufficientPrivilege, Message: "permission denied for function " + function}, !anonymous)
}
