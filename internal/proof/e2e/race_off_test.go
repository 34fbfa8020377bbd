//go:build !race

package e2e_test

// raceDetector says whether the tests were built with it.
const raceDetector = false
