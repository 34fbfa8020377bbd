// Package observe holds the sidecar's reports on itself: the log, the
// request id that ties its lines together, the series of /metrics and traces.
//
// It never decides which events are worth telling, never sends anything over a network
// but traces, where a collector is named, and never lets a secret through:
// [NewLogger] blanks attributes whose key names one, as a second line of
// defence behind the callers.
package observe
