//go:build !race

package e2e_test

// raceDetector reports whether the tests were built with it.
const raceDetector = false
