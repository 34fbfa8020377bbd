// Package claim reads and writes the JSON object inside a token, keeping
// numbers exact, so that the database gets the very bytes that were
// checked.
//
// Values are map[string]any, []any, string, Number, bool and nil. The package
// knows nothing of signatures and never judges a claim.
package claim
