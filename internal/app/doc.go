// Package app wires the sidecar: it makes the parts that settings ask for, in
// the order in which they need each other, runs them, hands new settings to
// those that can change, and stops them in reverse.
//
// [App] serves a database that exists; [RunDev] brings one of its own. The
// binary and the end-to-end tests run the same code.
//
// It never does a part's work: code that is not wiring belongs into that part.
package app
