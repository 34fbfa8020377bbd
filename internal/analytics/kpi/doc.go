// Package kpi is the contract of the figures: definitions.md says which rows each of them
// counts, and the tests of this package compute all of them again from raw rows and
// compare. The figures themselves are SQL functions, in functions/, because they
// must work without the sidecar. It holds no code that runs.
package kpi
