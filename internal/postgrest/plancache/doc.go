// Package plancache keeps the plan and the SQL of requests for others that
// differ from them in values alone.
//
// The values that make no difference are found by trial: a probe, the same
// request with other values, is planned too, and where the two scripts differ
// in nothing but the arguments that are these values the script becomes a
// template. It never plans, and never runs a script.
package plancache
