//go:build race

package main

// raceDetector says whether the tests were built with it; so is the binary then.
const raceDetector = true
