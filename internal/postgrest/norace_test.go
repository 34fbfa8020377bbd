//go:build !race

package postgrest_test

const raceAllocs = 0
