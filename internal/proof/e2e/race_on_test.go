//go:build race

package e2e_test

// raceDetector reports whether the tests were built with it; so is the binary
// then, whose packages are compiled already.
const raceDetector = true
