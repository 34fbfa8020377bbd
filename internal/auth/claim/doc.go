// Package claim reads and writes the JSON object inside a token, keeping
// numbers exact, so that what is checked is byte for byte what the database
// is told.
//
// Values are map[string]any, []any, string, Number, bool and nil. The package
// knows nothing of signatures and never judges a claim.
package claim
