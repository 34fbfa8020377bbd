//go:build race

package postgrest_test

// raceAllocs: under the race detector a sync.Pool forgets things at random.
const raceAllocs = 6
